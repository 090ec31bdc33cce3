"""One change, carried out where nothing breaks: what is sent, what that makes, and who else may have written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from assistant_sync.model.change import Action
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.canonical import digest
from tests.applying.kinds import ADOPTED, KINDS, NEW, OLD, TAGGED, THEIR_ID
from tests.applying.memory_deployment import (
    COMMIT,
    ONE,
    SEARCH,
    VERSIONS,
    MemoryDeployment,
    landed,
    status,
    unmirrored,
)
from tests.builders import PROJECT, TARGET, make_desired
from tests.servers.fake_deployment import meanwhile

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.outcome import Outcome
    from tests.servers.fake_deployment import Row
    from tests.servers.recording import Proceed

CHANGED = [kind for kind in KINDS if kind not in ("create", "delete")]


def conflict(outcome: Outcome) -> str:
    """What a conflict says."""
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind, outcome.error.exit_code) == ("failed", "Conflict", 7)
    return outcome.error.message


SENT: dict[str, tuple[list[str], list[str]]] = {
    "create": (["POST"], ["GET"]),
    "update": (["PATCH"], ["GET", "GET"]),
    "adopt": (["PATCH"], ["GET", "GET"]),
    "activate": (["POST latest"], ["GET", "GET", "POST versions", "GET"]),
    "heal": (["POST latest", "PATCH"], ["GET", "GET", "GET"]),
    "delete": (["DELETE"], ["GET", "GET", "POST count", "POST search"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_one_write_and_few_reads(kind: str) -> None:
    case = KINDS[kind]()
    result = case.memory.apply(case.plan)
    assert (case.memory.sent, case.memory.asked, result.converged) == (*SENT[kind], True)
    assert case.has_landed


OUTCOMES: dict[str, tuple[Action, int | None, int | None]] = {
    "create": (Action.CREATE, None, 1),
    "update": (Action.UPDATE, 1, 2),
    "adopt": (Action.ADOPT, 1, 2),
    "activate": (Action.ACTIVATE, 2, 1),
    "heal": (Action.ACTIVATE, 2, 3),
    "delete": (Action.DELETE, 1, None),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_outcome_carries_the_change_and_the_versions_before_and_after(kind: str) -> None:
    case = KINDS[kind]()
    outcome = case.memory.one(case.plan)
    assert (outcome.action, outcome.version_before, outcome.version_after) == OUTCOMES[kind]
    assert (outcome.key, outcome.assistant_id) == (case.change.key, case.change.assistant_id)
    assert (outcome.outside_versions, outcome.outside, outcome.lost, outcome.error) == ((), (), (), None)
    assert outcome.source == (None if kind == "delete" else case.change.source)
    assert outcome.healed_from == (1 if kind == "heal" else None)


@pytest.mark.parametrize("kind", ["create", "update", "adopt", "heal"])
def test_a_write_stamps_itself_with_whose_it_is_and_the_version_it_makes(kind: str) -> None:
    case = KINDS[kind]()
    case.memory.apply(case.plan)
    (desired,) = case.desired
    row = case.memory.deployment.get(desired.assistant_id)
    stamp = Stamp.read(row["metadata"])
    assert stamp is not None
    assert stamp == Stamp(
        project=PROJECT, target=TARGET, key=desired.key, id=desired.assistant_id, digest=digest(desired.content),
        write=stamp.write, version=row["version"], commit=COMMIT, source=desired.source,
        metadata_keys=desired.metadata_keys,
    )  # fmt: skip
    assert stamp.write


def test_each_write_has_an_id_of_its_own() -> None:
    memory = MemoryDeployment()
    memory.settle(make_desired("a"), make_desired("b"))
    memory.settle(make_desired("a", description="x"), make_desired("b", description="x"))
    rows = [row for one in memory.deployment.users() for row in memory.deployment.versions(one["assistant_id"])]
    assert len({row["metadata"][STAMP_KEY]["write"] for row in rows}) == 4


def test_an_update_removes_what_it_owned_and_leaves_what_others_keep() -> None:
    memory = MemoryDeployment()
    memory.settle(OLD)
    memory.deployment.patch(OLD.assistant_id, metadata={"theirs": 1})
    outcome = memory.one(memory.plan(NEW))
    metadata = memory.deployment.get(NEW.assistant_id)["metadata"]
    assert {key: value for key, value in metadata.items() if key != STAMP_KEY} == {"team": None, "theirs": 1, "tier": 1}
    assert (outcome.status.value, outcome.lost) == ("updated", ())


def test_a_version_is_expected_above_the_highest_and_not_above_the_active_one() -> None:
    memory = MemoryDeployment()
    memory.settle(OLD)
    memory.settle(TAGGED)
    memory.settle(OLD)
    assert memory.deployment.get(OLD.assistant_id)["version"] == 1
    outcome = memory.one(memory.plan(NEW))
    assert (outcome.version_before, outcome.version_after, outcome.outside_versions) == (1, 3, ())
    assert memory.deployment.get(OLD.assistant_id)["metadata"][STAMP_KEY]["version"] == 3
    assert "POST versions" not in memory.asked


@pytest.mark.parametrize("kind", ["create", "update", "adopt", "heal"])
def test_what_the_deployment_does_not_take_over_is_noted_and_is_no_convergence(kind: str) -> None:
    case = KINDS[kind]()
    case.memory.deployment.quirk = lambda row: row.update(config={}, name="odd")
    result = case.memory.apply(case.plan)
    (outcome,) = result.outcomes
    assert outcome.status.value == case.done
    assert any(note.startswith("the server did not take over: name, ") for note in outcome.notes)
    assert not result.converged
    assert result.differences[0].paths[0] == "name"


@pytest.mark.parametrize("kind", ["update", "adopt"])
def test_unowned_metadata_that_a_server_throws_away_is_noted_and_is_no_convergence(kind: str) -> None:
    case = KINDS[kind]()
    case.memory.deployment.patch(case.change.assistant_id, metadata={"theirs": 1})
    plan = case.memory.plan(*case.desired, **case.policy)
    case.memory.deployment.quirk = lambda row: row["metadata"].pop("theirs", None)
    result = case.memory.apply(plan)
    (outcome,) = result.outcomes
    assert (outcome.status.value, outcome.lost) == (case.done, ("metadata.theirs",))
    assert "the server changed metadata that this project does not own: metadata.theirs" in outcome.notes
    assert [difference.paths for difference in result.differences] == [("metadata.theirs",)]


@pytest.mark.parametrize("kind", ["update", "adopt", "heal"])
def test_a_version_between_base_and_ours_is_named_and_nothing_of_it_is_lost(kind: str) -> None:
    case = KINDS[kind]()
    own_id = case.change.assistant_id

    def theirs() -> None:
        case.memory.deployment.patch(own_id, name="Theirs", metadata={"note": 1})

    outcome = case.memory.one(case.plan, meanwhile("PATCH", ONE, theirs))
    number = case.before[-1] + 1
    assert (outcome.status.value, outcome.version_after) == (case.done, number + 1)
    assert outcome.outside_versions == (number,)
    (one,) = outcome.outside
    assert (one.version, one.attribution) == (number, Attribution.OUTSIDE)
    told = {".".join(map(str, field.path)) for field in one.fields}
    # Of a mixture that is being healed, it is told what differs from what the plan saw.
    assert told >= {"name", "metadata.note"} if kind == "heal" else told == {"name", "metadata.note"}
    assert case.memory.deployment.versions(own_id)[1]["name"] == "Theirs"
    assert case.memory.deployment.get(own_id)["metadata"]["note"] == 1
    assert outcome.lost == ()


def test_several_versions_between_are_named_in_rising_order() -> None:
    case = KINDS["update"]()

    def theirs() -> None:
        for name in ("One", "Two"):
            case.memory.deployment.patch(case.change.assistant_id, name=name)

    outcome = case.memory.one(case.plan, meanwhile("PATCH", ONE, theirs))
    assert (outcome.outside_versions, outcome.version_after) == ((2, 3), 4)


def test_a_version_between_that_cannot_be_looked_for_is_noted() -> None:
    case = KINDS["update"]()
    theirs = meanwhile("PATCH", ONE, lambda: case.memory.deployment.patch(case.change.assistant_id, name="Theirs"))
    outcome = case.memory.one(case.plan, theirs, status(403, "POST", VERSIONS))
    assert (outcome.status.value, outcome.version_after, outcome.outside_versions) == ("updated", 3, ())
    assert outcome.notes[0].startswith("whether somebody else wrote meanwhile could not be read: ")


@pytest.mark.parametrize("kind", CHANGED)
def test_an_assistant_that_is_deleted_under_our_hands_is_a_conflict(kind: str) -> None:
    case = KINDS[kind]()
    gone = meanwhile(*case.write, lambda: case.memory.deployment.delete(case.change.assistant_id))
    outcome = case.memory.one(case.plan, gone)
    assert conflict(outcome) == "somebody else has deleted it since the plan; nothing was written"


@pytest.mark.parametrize("kind", ["update", "adopt", "activate"])
def test_a_refusal_with_404_although_the_assistant_is_there_is_the_servers(kind: str) -> None:
    case = KINDS[kind]()
    outcome = case.memory.one(case.plan, status(404, *case.write))
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind, outcome.error.exit_code) == ("failed", "NotFound", 1)


@pytest.mark.parametrize("kind", ["update", "adopt"])
def test_a_graph_that_is_gone_is_no_deletion(kind: str) -> None:
    """GET answers 404 then, although the row is still there."""
    case = KINDS[kind]()
    case.memory.deployment.graphs.remove("agent")
    outcome = case.memory.one(case.plan)
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind) == ("failed", "NotFound")


@pytest.mark.parametrize("answer_is_lost", [False, True])
def test_an_orphan_of_a_graph_that_is_gone_is_found_by_its_stamp_and_written(answer_is_lost: bool) -> None:
    memory = MemoryDeployment()
    desired = make_desired(graph_id="research")
    memory.settle(desired)
    memory.deployment.graphs.remove("research")
    plan = memory.plan(make_desired(description="moved"))

    async def orphaned(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        """GET finds it neither before nor after: the new graph, too, is one that the key may not see."""
        return httpx.Response(404) if request.method == "GET" else await proceed()

    faults = [orphaned, landed("PATCH", ONE)] if answer_is_lost else [orphaned]
    assert memory.one(plan, *faults).status.value == "updated"
    searches = [one.body["metadata"] for one in memory.transport.exchanges if one.path == SEARCH]
    assert searches == [{STAMP_KEY: {"id": desired.assistant_id}}] * (3 if answer_is_lost else 2)


def test_an_unmanaged_assistant_of_a_graph_that_is_gone_is_found_and_adopted() -> None:
    case = KINDS["adopt"]()
    case.memory.deployment.graphs.append("other")
    case.memory.deployment.patch(THEIR_ID, graph_id="other")
    plan = case.memory.plan(ADOPTED)
    case.memory.deployment.graphs.remove("other")
    assert case.memory.one(plan).status.value == "adopted"


def test_a_deployment_that_mirrors_nothing_is_written_and_read_as_it_is() -> None:
    memory = MemoryDeployment()
    memory.deployment.quirk = unmirrored
    for value in (1, 2, 1):
        desired = make_desired(context={"m": value})
        plan = memory.plan(desired)
        (outcome,) = memory.apply(plan).outcomes
        assert (outcome.error, outcome.notes) == (None, ())
        assert memory.plan(desired).writes == ()
    assert plan.mirroring is Mirroring.NO
    assert memory.numbers(desired.assistant_id) == [1, 2, 3]


@pytest.mark.parametrize(("quirk", "sent"), [(unmirrored, {}), (lambda _: None, None)])
def test_a_context_that_configurable_replaces_is_emptied_where_the_deployment_mirrors_nothing(
    quirk: Callable[[Row], object], sent: dict[str, object] | None
) -> None:
    memory = MemoryDeployment()
    memory.deployment.quirk = quirk
    memory.settle(make_desired(context={"m": 1}))
    memory.apply(memory.plan(make_desired(configurable={"m": 2})))
    (exchange,) = memory.transport.writes
    assert exchange.body.get("context") == sent


@pytest.mark.parametrize("kind", ["create", "update", "adopt", "heal"])
def test_a_server_that_drops_stamps_is_told_of_as_that(kind: str) -> None:
    case = KINDS[kind]()
    case.memory.deployment.quirk = lambda row: row["metadata"].pop(STAMP_KEY)
    result = case.memory.apply(case.plan)
    (outcome,) = result.outcomes
    assert (outcome.status.value, outcome.outside_versions) == (case.done, ())
    assert "the server did not take over: metadata.assistant_sync" in outcome.notes
    assert [difference.paths for difference in result.differences] == [("metadata.assistant_sync",)]
