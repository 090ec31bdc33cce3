"""The end of an apply: what is read once more, and what is told where that is not as the plan wanted it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from assistant_sync.applying.final_read import reconsider
from assistant_sync.applying.outcomes import done_as, with_archive
from assistant_sync.model.change import Op
from assistant_sync.model.cron import Cron
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import Archived, Attribution, Difference, Status
from assistant_sync.model.stamp import STAMP_KEY
from tests.applying.kinds import KINDS, Case
from tests.applying.memory_deployment import (
    ALL,
    COMMIT,
    LATEST,
    ONE,
    SEARCH,
    VERSIONS,
    MemoryDeployment,
    landed,
    lost,
    status,
    statuses,
    unmirrored,
)
from tests.builders import make_delete, make_desired, make_keep
from tests.servers.fake_deployment import meanwhile
from tests.servers.recording import answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.outcome import ApplyResult, Outcome
    from assistant_sync.model.plan import Plan
    from tests.servers.fake_deployment import Row
    from tests.servers.recording import Exchange

WRITTEN = [kind for kind in KINDS if kind != "delete"]


def after_the_write(case: Case, act: Callable[[], object]) -> ApplyResult:
    """Apply, and act when the change is done and the final read is still to come."""
    # An activation looks at the versions when it is done.
    last = ("POST", VERSIONS) if case.write[1] == LATEST else case.write
    return case.memory.apply(case.plan, meanwhile(*last, act, carried_out=True))


def test_where_nothing_was_done_nothing_is_read() -> None:
    memory = MemoryDeployment()
    result = memory.apply(memory.plan(make_desired("a")), status(403, "POST", ALL))
    assert (statuses(result), result.unread, result.differences) == ({"a": "failed"}, None, ())
    assert memory.asked == []


def test_few_changes_are_read_one_by_one_and_many_by_one_listing() -> None:
    memory = MemoryDeployment()
    memory.apply(memory.plan(*(make_desired(key) for key in "ab")))
    assert memory.asked == ["GET", "GET"]
    memory = MemoryDeployment()
    assert memory.apply(memory.plan(*(make_desired(key) for key in "abc"))).converged
    assert memory.asked == ["POST count", "POST search"]


def test_as_many_are_read_one_by_one_as_a_listing_of_the_fleet_takes_requests() -> None:
    memory = MemoryDeployment()
    plan = memory.plan(*map(make_desired, "abc"))
    fleet = replace(plan, changes=(*plan.changes, *[make_keep("k")] * 997))
    memory.apply(fleet)
    assert memory.asked == ["GET"] * 3


def test_a_listing_is_read_whole_where_one_is_not_among_ours() -> None:
    memory = MemoryDeployment()
    memory.deployment.quirk = lambda row: row["metadata"].pop(STAMP_KEY) if row["name"] == "b" else None
    result = memory.apply(memory.plan(*(make_desired(key) for key in "abc")))
    assert [(one.key, one.paths) for one in result.differences] == [("b", ("metadata.assistant_sync",))]
    assert memory.asked[-4:] == ["POST count", "POST search"] * 2


def test_what_was_deleted_is_not_looked_for_in_a_second_listing() -> None:
    memory = MemoryDeployment()
    memory.settle(*(make_desired(key) for key in "abcd"))
    assert memory.apply(memory.plan(make_desired("d"), prune=True), concurrency=1).converged
    assert memory.asked == ["GET"] * 3 + ["POST count", "POST search"]


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_is_gone_in_the_end_is_missing(kind: str) -> None:
    case = KINDS[kind]()
    result = after_the_write(case, lambda: case.memory.deployment.delete(case.change.assistant_id))
    assert statuses(result) == {case.change.key: case.done}
    written = result.outcomes[0].version_after
    assert result.differences == (Difference(case.change.key, ("missing",), written, source=case.change.source),)
    assert not result.converged


def test_what_is_there_again_after_its_delete_is_told_with_who_made_it() -> None:
    case = KINDS["delete"]()
    own_id = case.change.assistant_id
    result = after_the_write(
        case, lambda: case.memory.deployment.create(assistant_id=own_id, graph_id="agent", name="Theirs")
    )
    (difference,) = result.differences
    assert (difference.paths, difference.version_after, difference.is_explained) == (("still there",), None, True)
    assert [(one.version, one.attribution) for one in difference.outside] == [(1, Attribution.OUTSIDE)]


def test_what_a_server_did_not_delete_is_still_there() -> None:
    case = KINDS["delete"]()
    kept = case.memory.deployment._rows[case.change.assistant_id]  # noqa: SLF001, RUF100 - a server that keeps a row

    def keep() -> None:
        case.memory.deployment._rows[case.change.assistant_id] = kept  # noqa: SLF001, RUF100 - the same

    result = after_the_write(case, keep)
    (difference,) = result.differences
    assert (difference.paths, difference.outside, difference.is_explained) == (("still there",), (), False)


@pytest.mark.parametrize("kind", WRITTEN)
def test_what_somebody_else_wrote_after_us_is_a_difference_that_is_explained(kind: str) -> None:
    case = KINDS[kind]()
    edit = {"name": "Theirs", "metadata": {"note": 1}}
    result = after_the_write(case, lambda: case.memory.deployment.patch(case.change.assistant_id, **edit))
    (outcome,) = result.outcomes
    (difference,) = result.differences
    now = case.numbers[-1]
    assert outcome.status.value == case.done
    assert (difference.paths, difference.version_after, difference.is_explained) == (
        ("name",),
        outcome.version_after,
        True,
    )
    assert difference.version_now == now
    (theirs,) = difference.outside
    assert (theirs.version, theirs.attribution) == (now, Attribution.OUTSIDE)
    assert {(field.path, field.op) for field in theirs.fields} == {
        (("name",), Op.CHANGED), (("metadata", "note"), Op.ADDED)
    }  # fmt: skip


def test_what_somebody_else_wrote_after_us_that_is_as_we_want_it_is_no_difference() -> None:
    case = KINDS["update"]()
    note = {"metadata": {"note": 1}}
    result = after_the_write(case, lambda: case.memory.deployment.patch(case.change.assistant_id, **note))
    assert (result.converged, result.differences) == (True, ())
    assert result.outcomes[0].notes == ("version 3 is active by now, with the content of the manifest",)


def test_a_difference_that_the_deployment_made_is_not_explained_by_somebody_else() -> None:
    case = KINDS["update"]()
    case.memory.deployment.quirk = lambda row: row.update(description="odd")
    result = after_the_write(case, lambda: case.memory.deployment.patch(case.change.assistant_id, name="Theirs"))
    (difference,) = result.differences
    assert set(difference.paths) == {"name", "description"}
    assert not difference.is_explained


def test_a_final_read_that_fails_is_told_masked_and_is_no_convergence() -> None:
    case = KINDS["create"]()
    secret = "ghp_" + "a1B2" * 9
    result = case.memory.apply(case.plan, answered("GET", ONE, lambda: httpx.Response(403, json={"detail": secret})))
    assert (statuses(result), result.differences, result.converged) == ({"support": "created"}, (), False)
    assert result.unread is not None
    assert "403" in result.unread
    assert secret not in result.unread


def test_a_listing_that_fails_is_told_as_well() -> None:
    memory = MemoryDeployment()
    result = memory.apply(memory.plan(*(make_desired(key) for key in "abc")), status(403, "POST", SEARCH))
    assert result.unread is not None
    assert set(statuses(result).values()) == {"created"}


def test_a_difference_is_none_of_what_was_not_done() -> None:
    memory = MemoryDeployment()
    result = memory.apply(memory.plan(make_desired("a"), make_desired("b")), status(403, "POST", ALL))
    assert sorted(statuses(result).values()) == ["created", "failed"]
    assert result.differences == ()
    assert len(memory.asked) == 1


def test_what_another_apply_wrote_after_us_is_told_as_its() -> None:
    case = KINDS["update"]()
    later = case.again()
    later.memory.settle(*case.desired)
    theirs = make_desired(description="theirs")
    (body,) = (one.body for one in _writes_of(later, theirs))
    result = after_the_write(case, lambda: case.memory.deployment.patch(case.change.assistant_id, **body))
    (difference,) = result.differences
    assert [(one.attribution, one.commit) for one in difference.outside] == [(Attribution.APPLY, COMMIT)]
    assert difference.is_explained


def _writes_of(case: Case, *desired: Desired) -> list[Exchange]:
    case.memory.apply(case.memory.plan(*desired))
    return case.memory.transport.writes


def test_what_somebody_wrote_before_our_write_is_not_told_again_as_what_came_after() -> None:
    case = KINDS["activate"]()
    own_id = case.change.assistant_id

    def wrote(name: str) -> None:
        case.memory.deployment.patch(own_id, name=name)

    result = case.memory.apply(
        case.plan,
        meanwhile("POST", LATEST, lambda: wrote("Before")),
        meanwhile("POST", VERSIONS, lambda: wrote("After"), carried_out=True),
    )
    assert result.outcomes[0].outside_versions == (3,)
    (difference,) = result.differences
    assert [one.version for one in difference.outside] == [4]


def test_a_version_right_behind_an_activation_is_told_once_as_what_came_after() -> None:
    case = KINDS["activate"]()
    own_id = case.change.assistant_id

    def wrote(name: str) -> None:
        case.memory.deployment.patch(own_id, name=name)

    result = case.memory.apply(
        case.plan,
        meanwhile("POST", LATEST, lambda: wrote("Before")),
        meanwhile("POST", VERSIONS, lambda: wrote("After")),
    )
    (outcome,), (difference,) = result.outcomes, result.differences
    assert (outcome.status.value, outcome.version_after) == ("activated", 1)
    assert (outcome.outside_versions, [one.version for one in outcome.outside]) == ((3,), [3])
    assert [one.version for one in difference.outside] == [4]


def test_a_difference_whose_versions_cannot_be_read_is_told_without_them() -> None:
    case = KINDS["update"]()
    theirs = meanwhile(*case.write, lambda: case.memory.deployment.patch(case.change.assistant_id, name="Theirs"),
                       carried_out=True)  # fmt: skip
    result = case.memory.apply(case.plan, theirs, status(403, "POST", VERSIONS, 9))
    assert result.differences == (Difference("support", ("name",), 2, 3, source=case.change.source),)


def test_a_mirror_that_the_deployment_failed_to_make_is_not_somebody_elses_doing() -> None:
    memory = MemoryDeployment()
    memory.settle(make_desired(context={"m": 1}))
    plan = memory.plan(make_desired(context={"m": 2}))
    memory.deployment.quirk = unmirrored

    def theirs() -> None:
        memory.deployment.patch(plan.writes[0].assistant_id, name="Theirs")

    (difference,) = memory.apply(plan, meanwhile("PATCH", ONE, theirs, carried_out=True)).differences
    assert set(difference.paths) == {"name", "config.configurable"}
    assert not difference.is_explained


# One last look


def test_the_first_last_look_that_cannot_be_read_ends_them_all() -> None:
    """A deployment that does not answer must not hold up the report."""
    memory = MemoryDeployment()
    memory.settle(*map(make_desired, "abc"))
    plan = memory.plan(*(make_desired(key, description="x") for key in "abc"))
    unreadable = status(403, "POST", VERSIONS, 99)
    result = memory.apply(plan, unreadable, landed("PATCH", ONE, 3), concurrency=1)
    assert set(statuses(result).values()) == {"unconfirmed"}
    assert memory.asked.count("POST versions") == 3 * memory.looks + 1
    assert result.unread is None


def test_each_write_in_doubt_has_its_own_last_look() -> None:
    memory = MemoryDeployment()
    memory.settle(*map(make_desired, "abc"))
    plan = memory.plan(make_desired("0"), *(make_desired(key, description="x") for key in "abc"))
    unreadable = status(403, "POST", VERSIONS, 3 * memory.looks)
    last = lost("PATCH", f"/assistants/{make_desired('c').assistant_id}")
    result = memory.apply(plan, unreadable, last, landed("PATCH", ONE, 2), concurrency=1)
    assert statuses(result) == {"0": "created", "a": "updated", "b": "updated", "c": "unconfirmed"}
    assert (result.converged, result.differences) == (False, ())


# A server that keeps the manifest's metadata otherwise than it was sent


def lower(row: Row) -> None:
    if "team" in row["metadata"]:
        row["metadata"]["team"] = row["metadata"]["team"].lower()


def normalising() -> tuple[MemoryDeployment, Plan]:
    memory = MemoryDeployment()
    memory.deployment.quirk = lower
    return memory, memory.plan(make_desired("a", metadata={"team": "CX", "tier": 1}))


def test_metadata_that_the_server_normalised_is_a_note_and_no_difference() -> None:
    memory, plan = normalising()
    result = memory.apply(plan)
    assert (result.converged, result.differences) == (True, ())
    assert result.outcomes[0].notes == ("the server did not take over: metadata.team",)


def test_what_the_server_changed_beside_metadata_is_a_difference() -> None:
    memory, plan = normalising()

    def more(row: Row) -> None:
        lower(row)
        row["description"] = "by the server"

    memory.deployment.quirk = more
    (difference,) = memory.apply(plan).differences
    assert sorted(difference.paths) == ["description", "metadata.team"]


def test_metadata_that_somebody_changed_after_the_write_is_a_difference() -> None:
    memory, plan = normalising()
    own = plan.changes[0].assistant_id
    edit = meanwhile("POST", ALL, lambda: memory.deployment.patch(own, metadata={"tier": 2}), carried_out=True)
    (difference,) = memory.apply(plan, edit).differences
    assert (sorted(difference.paths), difference.version_now) == (["metadata.team", "metadata.tier"], 2)


def test_a_key_whose_name_only_begins_as_an_owned_one_is_none() -> None:
    memory = MemoryDeployment()
    desired = make_desired("a", metadata={"tea": "x"})
    memory.settle(make_desired("a", metadata={"tea": "x", "team": "CX"}))
    plan = memory.plan(desired)
    memory.deployment.quirk = lambda row: row["metadata"].update(team="CX")
    (difference,) = memory.apply(plan).differences
    assert difference.paths == ("metadata.team",)


def test_a_delete_that_was_in_doubt_and_landed_keeps_the_crons_that_went_with_it() -> None:
    change = make_delete("old", base_version=2)
    gone = done_as(change, Status.DELETED, None)
    crons = (Cron(cron_id="c", schedule="0 3 * * *", row={}),)
    doubtful = with_archive(replace(gone, status=Status.UNCONFIRMED), Archived("archive/x.json", crons))

    async def look() -> Outcome:
        return gone

    (found,) = asyncio.run(reconsider([doubtful], {gone.assistant_id: look}))
    assert (found.status, found.crons, found.notes) == (Status.DELETED, crons, doubtful.notes)
