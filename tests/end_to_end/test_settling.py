"""Writes without an answer that can be trusted: what is known of each, and what is only possible."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.fast_time import fast_time
from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Meddle, Proxy, Request

LOOKS = 6
NO_GRAPH = Answer(404, b'{"detail": "Graph \'support_agent\' not found. Expected one of: []"}')


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The wait for a write that never lands takes half a second, but a request still has ten."""
    monkeypatch.setenv("ASSISTANT_SYNC_TIMEOUT", "200")
    with fast_time(20):
        yield


@pytest.fixture
def project(project: ProjectFixture, proxy: Proxy) -> ProjectFixture:
    """Without the lock, whose lease would run out as fast."""
    project.configure(proxy.url, lock="off")
    return project


def updating(project: ProjectFixture) -> str:
    """A project whose next apply is an update of version 1."""
    own = project.manifest("support", config={"tags": ["a"]})
    project.apply()
    project.manifest("support", config={"tags": ["b"]})
    return own


def reverting(project: ProjectFixture) -> str:
    """A project whose next apply is an activation of version 1 of 2."""
    own = updating(project)
    project.apply()
    project.manifest("support", config={"tags": ["a"]})
    return own


def reverting_context(project: ProjectFixture, url: str) -> str:
    """A project whose next apply is an activation of version 1, of which the server restores a part only."""
    project.configure(url, activation="full", lock="off")
    own = project.manifest("support", context={"model_name": "a"})
    project.apply()
    project.manifest("support", context={"model_name": "b"})
    project.apply()
    project.manifest("support", context={"model_name": "a"})
    return own


def pruning(project: ProjectFixture) -> str:
    """A project whose next apply with pruning is one delete."""
    own = project.manifest("support")
    project.manifest("other")
    project.apply()
    project.remove("support")
    return own


def is_latest(request: Request) -> bool:
    return request.path.endswith("/latest")


def is_patch(request: Request) -> bool:
    return request.method == "PATCH"


def dropped(is_due: Callable[[Request], bool]) -> Meddle:
    """Keep what is due from the server, and break the connection."""
    return lambda request, forward: None if is_due(request) else forward(request)


def answered(is_due: Callable[[Request], bool], answer: Answer) -> Meddle:
    """Answer what is due without the server."""
    return lambda request, forward: answer if is_due(request) else forward(request)


def late(is_due: Callable[[Request], bool], own: str, looks: int) -> Meddle:
    """Hold a write back, and let it land just before that many looks at the assistant have been made."""
    held: list[Request] = []
    looked: list[Request] = []

    def meddle(request: Request, forward: Forward) -> Answer | None:
        if is_due(request):
            held.append(request)
            return None
        if held and request.path in (f"/assistants/{own}", f"/assistants/{own}/versions"):
            looked.append(request)
            if len(looked) == looks:
                forward(held[0])
        return forward(request)

    return meddle


# One last look


def test_an_update_that_lands_after_all_looks_is_found_by_the_last_one(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    proxy.meddle = late(is_patch, own, LOOKS + 1)
    result = project.apply()
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["version_after"], outcome["error"]) == ("updated", 2, None)
    assert result["converged"]
    assert [row["version"] for row in deployment.versions(own)] == [2, 1]


def test_a_create_that_lands_after_all_looks_is_found_by_the_last_one(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    # Each look is one at the versions, and one at the assistant where there are none.
    proxy.meddle = late(lambda request: request.is_write, own, 2 * LOOKS + 1)
    assert project.statuses() == {"support": "created"}
    assert [row["version"] for row in deployment.versions(own)] == [1]


def test_a_delete_that_lands_after_all_looks_is_found_by_the_last_one(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = pruning(project)
    proxy.meddle = late(lambda request: request.is_write, own, LOOKS + 1)
    (outcome,) = project.apply("--prune")["outcomes"]
    assert (outcome["status"], outcome["error"]) == ("deleted", None)
    assert not deployment.exists(own)
    assert outcome["notes"][0].startswith("kept in archive/")


def test_an_activation_that_lands_after_all_looks_and_restores_a_part_is_healed(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting_context(project, proxy.url)
    proxy.meddle = late(is_latest, own, LOOKS + 1)
    result = project.apply()
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["healed_from"], outcome["version_after"]) == ("updated", 1, 3)
    assert result["converged"]
    assert deployment.run(own)["seen"]["context"] == {"model_name": "a"}


def test_the_last_look_ends_where_the_deployment_does_not_answer(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    for number in range(3):
        project.manifest(f"a{number}")
    sent: list[Request] = []

    def gone(request: Request, forward: Forward) -> Answer | None:
        sent.extend([request] if request.is_write else [])
        return None if sent else forward(request)

    proxy.meddle = gone
    assert set(project.statuses(code=5).values()) == {"unconfirmed"}
    looks = [request for request in proxy.requests if request.path.endswith("/versions")]
    # Each of the three is looked for six times, with four tries each; then one last look, and no second one.
    assert len(looks) == 3 * LOOKS * 4 + 4


# Creates


def test_a_lost_create_that_somebody_has_deleted_since_is_not_called_created(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    sent: list[Request] = []

    def meddle(request: Request, forward: Forward) -> Answer | None:
        if not request.is_write:
            return forward(request)
        sent.append(request)
        if len(sent) == 1:
            forward(request)
            deployment.delete(own)
        return None

    proxy.meddle = meddle
    result = project.apply(code=5)
    assert [one["status"] for one in result["outcomes"]] == ["unconfirmed"]
    proxy.reset()
    assert project.statuses() == {"support": "created"}


def test_a_lost_create_on_an_id_that_somebody_else_has_is_a_conflict(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")

    def squat(request: Request, forward: Forward) -> Answer | None:
        if not request.is_write:
            return forward(request)
        if not deployment.exists(own):
            deployment.create(assistant_id=own, name="Squatter")
        return None

    proxy.meddle = squat
    (outcome,) = project.apply(code=7)["outcomes"]
    assert (outcome["status"], outcome["error"]["kind"]) == ("failed", "Conflict")
    assert [row["name"] for row in deployment.versions(own)] == ["Squatter"]


def test_an_id_that_is_taken_by_nothing_to_be_seen_is_a_conflict_that_claims_no_more(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("support")
    taken = Answer(409, b'{"detail": "graph and config are not unique"}')
    proxy.meddle = answered(lambda request: request.is_write, taken)
    (outcome,) = project.apply(code=7)["outcomes"]
    assert (outcome["status"], outcome["outside"]) == ("failed", [])
    message = outcome["error"]["message"]
    assert "graph and config are not unique" in message
    assert "with this id is visible" in message
    assert "nothing was written" not in message


def test_a_taken_id_of_which_nothing_can_be_read_is_unconfirmed(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")

    def meddle(request: Request, forward: Forward) -> Answer | None:
        if request.is_write:
            return Answer(409, b'{"detail": "taken"}')
        has_sent = any(passed.is_write for passed in proxy.requests)
        return Answer(503, b"later", "text/plain") if has_sent and own in request.path else forward(request)

    proxy.meddle = meddle
    assert project.statuses(code=5) == {"support": "unconfirmed"}


def test_a_create_whose_second_try_is_told_that_there_is_no_such_graph_may_have_landed_before(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    sent: list[Request] = []

    def meddle(request: Request, forward: Forward) -> Answer | None:
        if not request.is_write:
            return forward(request)
        sent.append(request)
        if len(sent) > 1:
            return NO_GRAPH
        forward(request)
        return None

    proxy.meddle = meddle
    assert project.statuses() == {"support": "created"}
    assert len(deployment.versions(own)) == 1


def test_a_create_whose_graph_the_server_does_not_have_is_deferred(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("support")
    proxy.meddle = answered(lambda request: request.is_write, NO_GRAPH)
    (outcome,) = project.apply(code=1)["outcomes"]
    assert (outcome["status"], outcome["error"]["kind"]) == ("not_attempted", "Deferred")
    assert "is not registered on this deployment (yet): " in outcome["error"]["message"]


def test_a_server_that_answers_a_create_with_what_was_there_before_has_not_created_it(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.apply()
    theirs = deployment.get(own)
    deployment.delete(own)

    def kept(request: Request, forward: Forward) -> Answer:
        if not request.is_write:
            return forward(request)
        if not deployment.exists(own):
            deployment.create(**{key: theirs[key] for key in ("assistant_id", "graph_id", "name", "metadata")})
        return Answer(200, json.dumps(deployment.get(own)).encode())

    proxy.meddle = kept
    assert project.statuses(code=7) == {"support": "failed"}


# Updates


def test_a_patch_that_finds_nothing_although_the_assistant_is_there_has_failed(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    proxy.meddle = answered(is_patch, NO_GRAPH)
    (outcome,) = project.apply(code=1)["outcomes"]
    assert (outcome["status"], outcome["error"]["kind"]) == ("failed", "NotFound")
    assert len(deployment.versions(own)) == 1


def test_a_lost_update_of_an_assistant_that_somebody_deletes_is_a_conflict(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)

    def vanish(request: Request, forward: Forward) -> Answer | None:
        if is_patch(request):
            forward(request)
            deployment.delete(own)
            return None
        return forward(request)

    proxy.meddle = vanish
    (outcome,) = project.apply(code=7)["outcomes"]
    assert (outcome["status"], outcome["error"]["message"]) == ("failed", "somebody else has deleted it meanwhile")


def test_a_version_that_the_server_listed_but_never_made_active_is_not_called_updated(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)

    def phantom(request: Request, forward: Forward) -> Answer:
        if is_patch(request):
            forward(request)
            deployment.set_latest(own, 1)
            return Answer(500, b"Internal Server Error", "text/plain")
        return forward(request)

    proxy.meddle = phantom
    assert project.statuses(code=5) == {"support": "unconfirmed"}
    proxy.reset()
    # That version has the manifest's content, so it needs no other one.
    assert project.statuses() == {"support": "activated"}


def test_an_update_that_landed_below_a_hand_edit_is_found_at_its_own_number(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)

    def overtaken(request: Request, forward: Forward) -> Answer | None:
        answer = forward(request)
        if is_patch(request):
            # The merge carries our stamp on, and the server answers with what is active by then.
            return Answer(200, json.dumps(deployment.patch(own, name="By hand")).encode())
        return answer

    proxy.meddle = overtaken
    result = project.apply(code=7)
    (outcome,) = result["outcomes"]
    assert (outcome["version_after"], outcome["outside_versions"], outcome["notes"]) == (2, [], [])
    assert [one["version"] for one in result["differences"][0]["outside"]] == [3]


# Activations


def test_an_activation_that_is_not_seen_but_made_by_somebody_else_is_done(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)

    def by_somebody_else(request: Request, forward: Forward) -> Answer | None:
        if is_latest(request):
            deployment.set_latest(own, 1)
            return None
        return forward(request)

    proxy.meddle = by_somebody_else
    result = project.apply()
    assert [(one["status"], one["version_after"]) for one in result["outcomes"]] == [("activated", 1)]


def test_an_activation_that_is_answered_but_moves_nothing_is_unconfirmed(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)
    row = json.dumps(deployment.get(own)).encode()
    proxy.meddle = answered(is_latest, Answer(200, row))
    (outcome,) = project.apply(code=5)["outcomes"]
    assert outcome["status"] == "unconfirmed"
    assert "version 2 is still active" in outcome["error"]["message"]


def test_a_version_that_is_not_there_to_be_activated_has_failed(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)
    proxy.meddle = answered(is_latest, Answer(404, b'{"detail": "Version 1 not found"}'))
    (outcome,) = project.apply(code=1)["outcomes"]
    assert (outcome["status"], outcome["error"]["kind"]) == ("failed", "NotFound")
    assert deployment.get(own)["version"] == 2


@pytest.mark.parametrize("is_made_anew", [False, True])
def test_an_assistant_that_goes_just_before_its_activation_is_a_conflict(
    is_made_anew: bool, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)

    def vanish(request: Request, forward: Forward) -> Answer | None:
        if is_latest(request):
            deployment.delete(own)
            if is_made_anew:
                deployment.create(assistant_id=own, name="Anew")
            return Answer(404, b'{"detail": "Version 1 not found"}')
        return forward(request)

    proxy.meddle = vanish
    (outcome,) = project.apply(code=7)["outcomes"]
    assert (outcome["status"], outcome["error"]["kind"]) == ("failed", "Conflict")


@pytest.mark.parametrize("is_lost", [False, True])
def test_an_assistant_that_goes_just_after_its_activation_is_a_conflict(
    is_lost: bool, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)

    def vanish(request: Request, forward: Forward) -> Answer | None:
        answer = forward(request)
        if is_latest(request):
            deployment.delete(own)
            return None if is_lost else answer
        return answer

    proxy.meddle = vanish
    (outcome,) = project.apply(code=7)["outcomes"]
    assert "deleted the assistant since" in outcome["error"]["message"]


# Healing


def test_a_heal_whose_answer_is_lost_is_found(project: ProjectFixture, deployment: Deployment, proxy: Proxy) -> None:
    own = reverting_context(project, proxy.url)

    def lost(request: Request, forward: Forward) -> Answer | None:
        answer = forward(request)
        return None if is_patch(request) else answer

    proxy.meddle = lost
    result = project.apply()
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["healed_from"], outcome["version_after"]) == ("updated", 1, 3)
    assert result["converged"]
    assert "restored version 1 only partially" in outcome["notes"][0]
    assert len(deployment.versions(own)) == 3


@pytest.mark.parametrize("landing", ["never", "late"])
def test_a_heal_that_is_not_seen_to_land_says_that_a_mixture_may_be_live(
    landing: str, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting_context(project, proxy.url)
    proxy.meddle = dropped(is_patch) if landing == "never" else late(is_patch, own, LOOKS + 1)
    result = project.apply(code=5 if landing == "never" else 0)
    (outcome,) = result["outcomes"]
    assert outcome["healed_from"] == 1
    (note,) = outcome["notes"]
    if landing == "late":
        assert (outcome["status"], outcome["version_after"], "one full update followed" in note) == ("updated", 3, True)
    else:
        assert (outcome["status"], outcome["version_after"], "a mix of two versions" in note) == (
            "unconfirmed", None, True
        )  # fmt: skip
        assert deployment.run(own)["seen"]["context"] == {"model_name": "b"}
        proxy.reset()
        assert project.statuses() == {"support": "updated"}
    assert deployment.run(own)["seen"]["context"] == {"model_name": "a"}
    assert project.actions() == {"support": "keep"}


def test_a_heal_of_what_somebody_deletes_is_a_conflict_without_a_mixture(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting_context(project, proxy.url)

    def vanish(request: Request, forward: Forward) -> Answer | None:
        if is_patch(request):
            deployment.delete(own)
        return forward(request)

    proxy.meddle = vanish
    (outcome,) = project.apply(code=7)["outcomes"]
    assert (outcome["status"], outcome["healed_from"], outcome["notes"]) == ("failed", 1, [])


def test_a_mixture_that_a_killed_apply_left_is_healed_by_the_next(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting_context(project, proxy.url)
    deployment.set_latest(own, 1)
    assert deployment.run(own)["seen"]["context"] == {"model_name": "b"}
    assert project.statuses() == {"support": "updated"}
    assert deployment.run(own)["seen"]["context"] == {"model_name": "a"}
    assert len(deployment.versions(own)) == 3
