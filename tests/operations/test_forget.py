"""Letting go of an assistant: one version without the stamp, on a deployment in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import InvalidFiles, Locked, UnknownName
from assistant_sync.model.change import Action
from assistant_sync.model.identity import derived_id
from assistant_sync.model.outcome import ApplyResult, Outcome, Status
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.operations.forget import ForgetRequest, forget
from tests.applying.memory_deployment import ONE, VERSIONS, landed, late, lost, status, unmirrored
from tests.operations.memory_project import URL
from tests.project_fixture import PROJECT
from tests.servers.fake_deployment import meanwhile

if TYPE_CHECKING:
    from assistant_sync.operations.plan_run import ApplyRun
    from tests.operations.memory_project import MemoryProject, ScriptedUI
    from tests.servers.fake_deployment import Row
    from tests.servers.recording import Fault

SUPPORT = derived_id(PROJECT, "support")
FIELDS = ("graph_id", "name", "description", "context", "config")


@pytest.fixture
def orphan(project: MemoryProject) -> MemoryProject:
    """An owned assistant that no manifest has any more, beside one that one has."""
    project.manifest("other")
    project.manifest(
        "support", description="d", context={"model": "a"}, config={"tags": ["x"]}, metadata={"team": "cx"}
    )
    project.settle()
    project.deployment.patch(SUPPORT, metadata={"unowned": 1})
    project.remove("support")
    return project


def forgotten(
    project: MemoryProject, *faults: Fault, ui: ScriptedUI | None = None, key: str = "support", **request: Any
) -> ApplyRun:
    asked = ForgetRequest(settings=project.settings(*faults), key=key, **request)
    return project.run_at_once(forget(asked, ui or project.ui()))


def result_of(run: ApplyRun) -> ApplyResult:
    assert run.result is not None
    return run.result


def the_outcome(run: ApplyRun) -> Outcome:
    (outcome,) = result_of(run).outcomes
    return outcome


def patches(project: MemoryProject) -> int:
    return sum(one.method == "PATCH" for one in project.sent)


def content(row: Row) -> tuple[dict[str, Any], dict[str, Any]]:
    """All but the stamp."""
    return {name: row[name] for name in FIELDS}, {key: v for key, v in row["metadata"].items() if key != STAMP_KEY}


def test_what_is_not_ours_is_not_forgotten(project: MemoryProject) -> None:
    project.manifest("other")
    project.deployment.create(assistant_id=SUPPORT)
    with pytest.raises(UnknownName, match="no live assistant with the key 'support'"):
        forgotten(project)
    assert project.transport.writes == []


def test_it_is_unmanaged_after_one_version_that_changes_nothing_else(orphan: MemoryProject) -> None:
    before = orphan.deployment.get(SUPPORT)
    run = forgotten(orphan)
    assert orphan.timeline == ["begin_writes", "lock", "approve", "PATCH", "unlock"]
    after = orphan.deployment.get(SUPPORT)
    assert (after["metadata"][STAMP_KEY], orphan.numbers(SUPPORT)) == (None, [1, 2, 3])
    assert content(after) == content(before)
    outcome = the_outcome(run)
    assert (outcome.status, outcome.version_before, outcome.version_after) == (Status.UPDATED, 2, 3)
    assert (outcome.notes, result_of(run).converged) == (("it is unmanaged from now on",), True)


def test_no_later_plan_has_it(orphan: MemoryProject) -> None:
    forgotten(orphan)
    assert [change.key for change in orphan.planned(prune=True).changes] == ["other"]


def test_a_deployment_that_does_not_mirror_keeps_the_context_where_it_is(project: MemoryProject) -> None:
    project.deployment.quirk = unmirrored
    project.manifest("other")
    project.manifest("support", context={"model": "a"})
    project.settle()
    project.remove("support")
    before = project.deployment.get(SUPPORT)
    assert result_of(forgotten(project)).converged
    assert content(project.deployment.get(SUPPORT)) == content(before)


def test_a_configurable_stays_one(project: MemoryProject) -> None:
    project.manifest("other")
    project.manifest("support", config={"configurable": {"model": "a"}})
    project.settle()
    project.remove("support")
    before = project.deployment.get(SUPPORT)
    assert result_of(forgotten(project)).converged
    assert content(project.deployment.get(SUPPORT)) == content(before)


@pytest.mark.parametrize(("key", "fields"), [("support", {}), ("renamed", {"assistant_id": SUPPORT})])
def test_a_manifest_that_is_still_there_stops_it(key: str, fields: dict[str, Any], orphan: MemoryProject) -> None:
    orphan.manifest(key, **fields)
    run = forgotten(orphan)
    (change,) = run.planned.plan.changes
    assert (change.action, run.result, orphan.transport.writes) == (Action.REFUSE, None, [])
    assert change.reason.startswith(f"assistants/{key}.yaml still wants it; ")
    assert "Remove the manifest and merge that, with --no-prune" in change.reason


def test_manifests_that_cannot_be_read_may_be_its_own(orphan: MemoryProject) -> None:
    orphan.write("assistants/bad.yaml", "graph_id: [")
    with pytest.raises(InvalidFiles):
        forgotten(orphan)
    assert orphan.transport.requests == []


def test_a_mixture_is_refused_with_the_way_out(orphan: MemoryProject) -> None:
    orphan.deployment.patch(SUPPORT, config={"configurable": {"model": "b"}})
    row = orphan.deployment._rows[SUPPORT]
    row["context"] = {"model": "a"}
    (change,) = forgotten(orphan).planned.plan.changes
    assert change.action is Action.REFUSE
    assert "'assistant-sync rollback'" in change.reason


def test_a_person_who_says_no_leaves_the_stamp(orphan: MemoryProject) -> None:
    run = forgotten(orphan, ui=orphan.ui(asks=True, agrees=False))
    assert (orphan.timeline, run.result, orphan.transport.writes) == (["approve"], None, [])


def test_what_was_written_as_another_target_is_refused(orphan: MemoryProject) -> None:
    orphan.configure(URL, name="other")
    run = forgotten(orphan)
    assert (run.planned.plan.is_refused, orphan.transport.writes) == (True, [])
    assert result_of(forgotten(orphan, retarget=True)).converged


# Faults


@pytest.mark.parametrize("fault", [landed("PATCH", ONE), late("PATCH", ONE, after_reads=1)], ids=["landed", "late"])
def test_a_write_whose_answer_is_lost_is_found_and_not_sent_again(fault: Fault, orphan: MemoryProject) -> None:
    run = forgotten(orphan, orphan.beside_the_lock(fault))
    assert (the_outcome(run).status, patches(orphan), orphan.numbers(SUPPORT)) == (Status.UPDATED, 1, [1, 2, 3])
    assert the_outcome(run).version_after == 3


def test_a_write_that_does_not_land_is_unconfirmed_and_the_next_one_ends_it(orphan: MemoryProject) -> None:
    run = forgotten(orphan, orphan.beside_the_lock(lost("PATCH", ONE, 9)))
    assert (the_outcome(run).status, patches(orphan)) == (Status.UNCONFIRMED, 1)
    assert result_of(forgotten(orphan)).converged
    assert orphan.numbers(SUPPORT) == [1, 2, 3]


def test_an_edit_since_the_plan_is_a_conflict(orphan: MemoryProject) -> None:
    edit = meanwhile("POST", VERSIONS, lambda: orphan.deployment.patch(SUPPORT, name="by hand"), carried_out=True)
    orphan.configure(URL, lock="off")
    outcome = the_outcome(forgotten(orphan, edit))
    assert (outcome.status, outcome.outside_versions, patches(orphan)) == (Status.FAILED, (3,), 0)


def test_an_edit_right_before_the_write_is_named(orphan: MemoryProject) -> None:
    edit = meanwhile("PATCH", ONE, lambda: orphan.deployment.patch(SUPPORT, name="by hand"))
    outcome = the_outcome(forgotten(orphan, edit))
    assert (outcome.status, outcome.version_after, outcome.outside_versions) == (Status.UPDATED, 4, (3,))


def test_an_edit_right_after_the_write_is_no_fault_of_the_deployment(orphan: MemoryProject) -> None:
    edit = meanwhile("PATCH", ONE, lambda: orphan.deployment.patch(SUPPORT, name="by hand"), carried_out=True)
    result = result_of(forgotten(orphan, edit))
    (difference,) = result.differences
    assert (difference.paths, difference.version_now, difference.is_explained) == (("name",), 4, True)


def test_a_server_that_changes_the_content_has_not_converged(orphan: MemoryProject) -> None:
    orphan.deployment.quirk = lambda row: row.update(name="changed")
    result = result_of(forgotten(orphan))
    assert result.outcomes[0].notes == ("the server did not take over: name",)
    assert (result.converged, result.differences[0].is_explained) == (False, False)


def test_a_final_read_that_fails_says_so(orphan: MemoryProject) -> None:
    orphan.configure(URL, lock="off")
    fault = late_status(orphan)
    result = result_of(forgotten(orphan, fault))
    assert (result.outcomes[0].status, result.unread is not None) == (Status.UPDATED, True)


def late_status(project: MemoryProject) -> Fault:
    """After the write, the assistant cannot be read any more."""
    failing = status(500, "GET", ONE, times=99)

    async def fault(request: Any, proceed: Any) -> Any:
        return await (failing(request, proceed) if len(project.numbers(SUPPORT)) == 3 else proceed())

    return fault


def test_the_lock_of_an_apply_holds_it_off(orphan: MemoryProject) -> None:
    orphan.leave_lock()
    with pytest.raises(Locked):
        forgotten(orphan, lock_timeout=5.0)
    assert orphan.sent == []


def test_a_stop_before_the_write_writes_nothing(orphan: MemoryProject) -> None:
    orphan.configure(URL, lock="off")
    result = result_of(forgotten(orphan, ui=orphan.ui(stops_at="begin_writes")))
    assert (result.interrupted, result.outcomes[0].status, orphan.sent) == (True, Status.NOT_ATTEMPTED, [])


def test_an_assistant_that_is_deleted_meanwhile_is_a_conflict(orphan: MemoryProject) -> None:
    gone = meanwhile("PATCH", ONE, lambda: orphan.deployment.delete(SUPPORT))
    assert the_outcome(forgotten(orphan, gone)).status is Status.FAILED
