"""What the machine, the kills and the concurrent applies have found: each once more, by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.end_to_end.machine_truth import own_id
from tests.fast_time import fast_time
from tests.project_fixture import PROJECT
from tests.servers.proxy import RESET

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Answer, Forward, Meddle, Proxy, Request


def before(method: str, path: str, act: Callable[[], object]) -> Meddle:
    """Do something just before the first request of this kind is passed on."""
    left = [act]

    def meddle(request: Request, forward: Forward) -> Answer | None:
        if left and (request.method, request.path) == (method, path) and not request.is_lock:
            left.pop()()
        return forward(request)

    return meddle


def stamp(assistant_id: str, key: str) -> dict[str, Any]:
    """The metadata of an assistant that an apply of this project has made."""
    own = {"project": PROJECT, "target": "local", "key": key, "id": assistant_id, "write": key, "metadata_keys": []}
    return {"assistant_sync": own | {"digest": None, "version": 1, "commit": None, "source": None}}


def test_our_own_create_that_lands_while_a_plan_is_made_is_no_stranger(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("a")
    held: list[Callable[[], object]] = []

    def hold(request: Request, forward: Forward) -> Answer | None:
        if request.is_write:
            held.append(lambda: forward(request))
            return RESET
        return forward(request)

    proxy.meddle = hold
    with fast_time(50):
        assert project.statuses("--timeout", "600", code=5) == {"a": "unconfirmed"}
    # Killed, or given up on, the request is still on its way; the next plan has listed already and asks for the id.
    proxy.meddle = before("GET", f"/assistants/{own}", lambda: held[0]())
    assert project.actions() == {"a": "keep"}
    assert len(deployment.versions(own)) == 1


def test_assistants_that_others_make_while_a_listing_is_read_do_not_look_like_a_server_that_ignores_offsets(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    last, first = "ffffffff-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000000"

    def make(assistant_id: str) -> None:
        deployment.create(assistant_id=assistant_id, metadata=stamp(assistant_id, assistant_id[0]))

    project.manifest("a")
    project.apply()
    searches = 0

    def meddle(request: Request, forward: Forward) -> Answer | None:
        nonlocal searches
        answer = forward(request)
        if request.path.endswith("/count"):
            make(last) if not searches else None
        elif request.path.endswith("/search"):
            searches += 1
            if searches == 1:
                make(first)
        return answer

    proxy.meddle = meddle
    assert project.actions()["a"] == "keep"
    assert searches > 1
    assert deployment.exists(own_id(PROJECT, "a"))


def test_an_edit_between_the_last_look_and_a_safe_activation_is_named_as_what_made_the_mix(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = own_id(PROJECT, "a")
    for limit in (10, 20):
        project.manifest("a", context={"model_name": "ours"}, config={"recursion_limit": limit})
        project.commit()
        project.apply()
    project.revert()
    assert project.actions() == {"a": "activate"}
    theirs = {"context": {"model_name": "theirs"}, "config": {}}
    proxy.reset()
    proxy.meddle = before("POST", f"/assistants/{own}/latest", lambda: deployment.patch(own, **theirs))
    (outcome,) = project.apply(code=7)["outcomes"]
    assert (outcome["status"], outcome["healed_from"], outcome["version_after"]) == ("updated", 1, 4)
    assert outcome["outside_versions"] == [3]
    (note,) = outcome["notes"]
    assert note.startswith("somebody else changed this assistant at the same moment")
    assert "Set" not in note  # no setting of the target would have prevented it
    sent = [(one.method, one.path.rpartition("/")[2]) for one in proxy.writes if not one.is_lock]
    assert sent == [("POST", "latest"), ("PATCH", own)]
    assert (deployment.get(own)["version"], deployment.get(own)["context"]) == (4, {"model_name": "ours"})
