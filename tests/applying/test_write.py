"""One change, carried out where nothing breaks: what is sent, what that makes, and who else may have written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.model.change import Action, Create, Op
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.canonical import digest
from tests.applying.kinds import ADOPTED, KINDS, NEW, OLD, TAGGED, THEIR_ID, Case
from tests.applying.memory_deployment import (
    ALL,
    COMMIT,
    LATEST,
    ONE,
    SEARCH,
    VERSIONS,
    MemoryDeployment,
    in_turn,
    landed,
    status,
    unmirrored,
)
from tests.builders import PROJECT, TARGET, make_desired, make_stamp
from tests.servers.fake_deployment import meanwhile
from tests.servers.recording import answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.outcome import Outcome
    from tests.servers.recording import Proceed

CHANGED = [kind for kind in KINDS if kind not in ("create", "delete")]


def conflict(outcome: Outcome) -> str:
    """What a conflict says."""
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind, outcome.error.exit_code) == ("failed", "Conflict", 7)
    return outcome.error.message


# What is sent

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


def test_a_healed_activation_tells_what_the_deployment_does_and_what_to_set() -> None:
    case = KINDS["heal"]()
    (note,) = case.memory.one(case.plan).notes
    assert note == (
        "the server restored version 1 only partially; one full update followed at once. "
        "Set 'activation: safe' or 'activation: never' on this target"
    )


def test_a_healing_that_fails_says_that_a_mixture_may_be_live() -> None:
    case = KINDS["heal"]()
    outcome = case.memory.one(case.plan, status(400, "PATCH", ONE))
    assert (outcome.status.value, outcome.healed_from, outcome.version_after) == ("failed", 1, 1)
    assert outcome.notes == ("activating version 1 left the live assistant a mix of two versions. Run apply again",)
    case.memory.settle(*case.desired)


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


# Somebody else, before the write

BEFORE: dict[str, Callable[[Case], object]] = {
    "wrote": lambda case: case.memory.deployment.patch(case.change.assistant_id, name="Theirs"),
    "wrote the same again": lambda case: case.memory.deployment.patch(case.change.assistant_id),
    "deleted it": lambda case: case.memory.deployment.delete(case.change.assistant_id),
}


@pytest.mark.parametrize("what", BEFORE)
@pytest.mark.parametrize("kind", [*CHANGED, "delete"])
def test_a_base_that_moved_since_the_plan_is_never_written_over(kind: str, what: str) -> None:
    case = KINDS[kind]()
    BEFORE[what](case)
    there = case.memory.deployment.versions(case.change.assistant_id)
    outcome = case.memory.one(case.plan)
    if (kind, what) == ("delete", "deleted it"):
        assert outcome.status.value == "deleted"
    else:
        assert conflict(outcome).endswith("nothing was written")
    assert case.memory.sent == []
    assert case.memory.deployment.versions(case.change.assistant_id) == there


@pytest.mark.parametrize("kind", ["update", "adopt", "activate", "heal"])
def test_a_conflict_tells_which_version_is_active_now_and_what_it_changed(kind: str) -> None:
    case = KINDS[kind]()
    case.memory.deployment.patch(case.change.assistant_id, name="Theirs")
    outcome = case.memory.one(case.plan)
    base, now = case.before[-1], case.before[-1] + 1
    assert conflict(outcome) == (
        f"somebody else has written since the plan: version {base} was active when the plan was made, "
        f"now version {now} is. Plan again; nothing was written"
    )
    (theirs,) = outcome.outside
    assert (theirs.version, theirs.attribution, outcome.outside_versions) == (now, Attribution.OUTSIDE, (now,))
    assert [(field.path, field.op, field.after) for field in theirs.fields] == [(("name",), Op.CHANGED, "Theirs")]


def test_a_conflict_over_a_pointer_that_was_moved_tells_what_that_changed() -> None:
    memory = MemoryDeployment()
    memory.settle(OLD)
    memory.settle(TAGGED)
    plan = memory.plan(NEW)
    memory.deployment.set_latest(OLD.assistant_id, 1)
    outcome = memory.one(plan)
    assert "version 2 was active when the plan was made, now version 1 is" in conflict(outcome)
    assert outcome.outside_versions == ()
    (theirs,) = outcome.outside
    assert (theirs.version, theirs.attribution) == (1, Attribution.ACTIVATED)
    assert [field.path for field in theirs.fields] == [("config", "tags", 0)]


def test_a_conflict_under_the_same_number_says_so() -> None:
    """A deletion and a new create bring the numbers back to 1."""
    memory = MemoryDeployment()
    memory.settle(OLD)
    plan = memory.plan(NEW)
    memory.deployment.delete(OLD.assistant_id)
    memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    assert "version 1 is not what it was when the plan was made" in conflict(memory.one(plan))


def test_a_conflict_is_told_although_its_versions_cannot_be_read() -> None:
    case = KINDS["update"]()
    case.memory.deployment.patch(case.change.assistant_id, name="Theirs")
    outcome = case.memory.one(case.plan, status(403, "POST", VERSIONS))
    assert "now version 2 is" in conflict(outcome)
    assert [one.version for one in outcome.outside] == [2]


def test_an_assistant_that_vanished_is_told_as_deleted() -> None:
    case = KINDS["update"]()
    case.memory.deployment.delete(case.change.assistant_id)
    assert conflict(case.memory.one(case.plan)) == ("somebody else has deleted it since the plan; nothing was written")


def test_an_id_that_somebody_took_since_the_plan_is_left_to_them() -> None:
    case = KINDS["create"]()
    row = case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    outcome = case.memory.one(case.plan)
    assert conflict(outcome) == ("somebody else has made an assistant with this id since the plan; nothing was written")
    assert outcome.outside_versions == (1,)
    assert [(one.version, one.attribution) for one in outcome.outside] == [(1, Attribution.OUTSIDE)]
    assert case.memory.deployment.get(OLD.assistant_id) == row
    assert case.memory.sent == ["POST"]


def test_an_id_that_another_apply_took_since_the_plan_is_told_as_its() -> None:
    case = KINDS["create"]()
    case.memory.apply(case.plan)
    outcome = case.memory.one(case.plan)
    assert conflict(outcome).startswith("another apply has made an assistant with this id since the plan")
    assert [(one.attribution, one.commit) for one in outcome.outside] == [(Attribution.APPLY, COMMIT)]
    assert case.numbers == [1]


def test_an_id_that_is_in_use_by_what_nobody_can_see_is_told_as_that() -> None:
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, status(409, "POST", ALL, 9))
    assert "no assistant with this id is visible" in conflict(outcome)
    assert "nothing was written" not in conflict(outcome)


def test_an_id_that_is_not_taken_after_all_names_the_assistant_with_the_same_config() -> None:
    case = KINDS["create"]()
    (change,) = case.plan.writes
    assert isinstance(change, Create)
    content = change.desired.content
    config = {**content.config, "configurable": content.configurable}
    same = {"graph_id": content.graph_id, "context": content.context, "config": config}
    other = case.memory.deployment.create(**same, name="by hand")
    case.memory.deployment.create(graph_id=content.graph_id, context={"model": "other"})
    message = conflict(case.memory.one(case.plan, status(409, "POST", ALL, 9)))
    assert f"allows one assistant per graph and config, which assistant {other['assistant_id']} ('by hand') has" in (
        message
    )


def test_a_taken_id_that_cannot_be_looked_at_is_unconfirmed() -> None:
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, status(409, "POST", ALL, 9), status(403, "GET|POST", f"{ONE}|{VERSIONS}", 99))
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind) == ("unconfirmed", "Taken")


def test_a_taken_id_that_can_be_looked_at_only_in_the_end_is_ours_or_theirs() -> None:
    case = KINDS["create"]()
    case.memory.looks = 6
    unreadable = status(403, "POST", VERSIONS, 4)
    outcome = case.memory.one(case.plan, unreadable, landed("POST", ALL))
    assert (outcome.status.value, outcome.version_after, case.numbers) == ("created", 1, [1])
    case = KINDS["create"]()
    case.memory.looks = 6
    case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    outcome = case.memory.one(case.plan, status(403, "POST", VERSIONS, 4))
    assert "somebody else has made an assistant with this id" in conflict(outcome)


def test_a_taken_id_is_looked_at_four_times_at_most() -> None:
    """What has it was there before the answer was given."""
    case = KINDS["create"]()
    case.memory.looks = 6
    case.memory.one(case.plan, status(409, "POST", ALL, 9))
    assert case.memory.asked == [*["POST versions", "GET"] * 4, "POST count", "POST search"]


def test_a_create_whose_answer_is_lost_is_version_1_although_somebody_wrote_since() -> None:
    case = KINDS["create"]()
    theirs = meanwhile("POST", ALL, lambda: case.memory.deployment.patch(OLD.assistant_id, name="T"), carried_out=True)
    (outcome,) = case.memory.apply(case.plan, landed("POST", ALL), theirs).outcomes
    assert (outcome.status.value, outcome.version_after, outcome.outside_versions) == ("created", 1, ())


def test_a_create_is_found_by_its_row_where_no_versions_are_shown() -> None:
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, landed("POST", ALL), status(404, "POST", VERSIONS, 99))
    assert (outcome.status.value, outcome.version_after) == ("created", 1)
    case = KINDS["create"]()
    case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    outcome = case.memory.one(case.plan, status(404, "POST", VERSIONS, 99))
    assert "somebody else has made an assistant with this id" in conflict(outcome)


def test_a_create_that_landed_although_its_second_try_says_that_there_is_no_graph_is_done() -> None:
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, in_turn("POST", ALL, landed("POST", ALL), status(404, "POST", ALL)))
    assert (outcome.status.value, case.memory.sent) == ("created", ["POST", "POST"])
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, status(404, "POST", ALL))
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind) == ("failed", "NotFound")


# Somebody else, between the re-read and the write


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


@pytest.mark.parametrize("carried_out", [False, True], ids=["before", "after"])
def test_a_version_beside_an_activation_is_named(carried_out: bool) -> None:
    case = KINDS["activate"]()

    def theirs() -> None:
        case.memory.deployment.patch(case.change.assistant_id, name="Theirs")

    outcome = case.memory.one(case.plan, meanwhile("POST", LATEST, theirs, carried_out=carried_out))
    assert outcome.outside_versions == (3,)
    (one,) = outcome.outside
    told = {".".join(map(str, field.path)) for field in one.fields}
    # After the activation, theirs is one of the activated content.
    assert (one.version, one.attribution, told) == (
        3,
        Attribution.OUTSIDE,
        {"name", "config.tags.0"} if carried_out else {"name"},
    )
    if carried_out:
        assert conflict(outcome) == "version 1 was activated, but somebody else has written since"
    else:
        assert (outcome.status.value, outcome.version_after) == ("activated", 1)


def test_a_version_beside_an_activation_that_cannot_be_looked_for_is_noted() -> None:
    case = KINDS["activate"]()
    outcome = case.memory.one(case.plan, status(403, "POST", VERSIONS))
    assert outcome.status.value == "activated"
    assert outcome.notes[0].startswith("whether somebody else wrote meanwhile could not be read: ")


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


def test_an_assistant_that_is_deleted_after_its_activation_is_a_conflict() -> None:
    case = KINDS["activate"]()
    gone = meanwhile(*case.write, lambda: case.memory.deployment.delete(case.change.assistant_id), carried_out=True)
    assert conflict(case.memory.one(case.plan, gone)) == (
        "version 1 was activated, but somebody else has deleted the assistant since"
    )


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


def test_an_assistant_that_was_made_anew_under_an_activation_is_a_conflict() -> None:
    case = KINDS["activate"]()

    def anew() -> None:
        case.memory.deployment.delete(OLD.assistant_id)
        for number in (1, 2):
            case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", if_exists="do_nothing")
            case.memory.deployment.patch(OLD.assistant_id, name=f"New {number}")
        case.memory.deployment._versions[OLD.assistant_id] = case.memory.deployment._versions[OLD.assistant_id][1:]  # noqa: SLF001, RUF100, E501 - without version 1

    outcome = case.memory.one(case.plan, meanwhile(*case.write, anew))
    assert "somebody else has written since the plan" in conflict(outcome)


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


# Answers that are not to be trusted


def test_an_answer_with_what_was_there_before_is_no_create() -> None:
    """A server may not know ``if_exists: raise`` and answer with whatever has the id."""
    case = KINDS["create"]()
    row = case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    case.memory.deployment.patch(OLD.assistant_id, metadata=stamped("theirs"))
    row = case.memory.deployment.get(OLD.assistant_id)
    outcome = case.memory.one(case.plan, answered("POST", ALL, lambda: httpx.Response(200, json=row)))
    assert "has made an assistant with this id since the plan" in conflict(outcome)


@pytest.mark.parametrize("kind", ["create", "update", "adopt", "heal"])
def test_a_server_that_drops_stamps_is_told_of_as_that(kind: str) -> None:
    case = KINDS[kind]()
    case.memory.deployment.quirk = lambda row: row["metadata"].pop(STAMP_KEY)
    result = case.memory.apply(case.plan)
    (outcome,) = result.outcomes
    assert (outcome.status.value, outcome.outside_versions) == (case.done, ())
    assert "the server did not take over: metadata.assistant_sync" in outcome.notes
    assert [difference.paths for difference in result.differences] == [("metadata.assistant_sync",)]


def stamped(write: str) -> dict[str, Any]:
    """Metadata with a stamp of ours."""
    return {STAMP_KEY: make_stamp(OLD.key, assistant_id=OLD.assistant_id, write=write).as_json()}
