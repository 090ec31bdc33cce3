"""Apply, from the first plan to the result, on a deployment in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import Interrupted, Locked, PlanRefused, StalePlan, UnknownName, Unreachable
from assistant_sync.manifests.kept import KeptManifests
from assistant_sync.model.change import Activate, Adopt, Create, Delete, Update
from assistant_sync.model.identity import derived_id
from assistant_sync.model.lock import LOCK_KEY
from assistant_sync.model.outcome import ApplyResult, Status
from assistant_sync.model.progress import Progress
from assistant_sync.model.selection import Selection
from assistant_sync.operations.apply import ApplyRequest, apply
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.waiting import WaitOptions
from tests.applying.memory_deployment import ALL, ONE, THREAD, THREADS, landed, status, statuses, unmirrored
from tests.operations.memory_project import URL, ScriptedUI
from tests.project_fixture import PROJECT
from tests.servers.fake_deployment import meanwhile

if TYPE_CHECKING:
    import httpx

    from assistant_sync.model.change import Write
    from assistant_sync.model.outcome import Outcome
    from assistant_sync.operations.plan_run import ApplyRun
    from tests.operations.memory_project import MemoryProject
    from tests.servers.recording import Fault, Proceed

SUPPORT = derived_id(PROJECT, "support")
GONE = derived_id(PROJECT, "gone")


@pytest.fixture
def edited(project: MemoryProject) -> MemoryProject:
    """One assistant, and a manifest that wants it otherwise: one update."""
    project.manifest("support")
    project.settle()
    project.manifest("support", description="new")
    return project


@pytest.fixture
def pruned(project: MemoryProject) -> MemoryProject:
    """Two assistants, and one manifest: with ``prune`` one delete."""
    project.manifest("support")
    project.manifest("gone")
    project.settle()
    project.remove("gone")
    return project


@pytest.fixture
def new(project: MemoryProject) -> MemoryProject:
    """Three manifests: three creates."""
    for key in "abc":
        project.manifest(key)
    return project


def result_of(run: ApplyRun) -> ApplyResult:
    assert run.result is not None
    return run.result


def the_outcome(run: ApplyRun) -> Outcome:
    (outcome,) = result_of(run).outcomes
    return outcome


def by_hand(project: MemoryProject) -> Fault:
    """Somebody else changes the assistant just before the lock is made."""
    return meanwhile("POST", THREADS, lambda: project.deployment.patch(SUPPORT, name="by hand"))


# What is shown, locked and written, and in which order


@pytest.mark.parametrize("asks", [False, True])
def test_if_nothing_differs_the_plan_is_shown_and_nothing_is_locked_or_written(
    asks: bool, project: MemoryProject
) -> None:
    project.manifest("support")
    project.settle()
    run = project.applied(ui=project.ui(asks=asks))
    assert project.timeline == ["list", "approve"]
    assert project.transport.writes == []
    assert run.result == ApplyResult((), unchanged=1)


def test_unattended_the_plan_made_under_the_lock_is_shown_once_and_carried_out(edited: MemoryProject) -> None:
    ui = edited.ui()
    run = edited.applied(ui=ui)
    assert edited.timeline == ["list", "begin_writes", "lock", "list", "approve", "PATCH", "unlock"]
    assert ui.plans == [run.planned.plan]
    assert (statuses(result_of(run)), edited.numbers(SUPPORT)) == ({"support": "updated"}, [1, 2])


def test_a_person_approves_once_before_the_lock(edited: MemoryProject) -> None:
    ui = edited.ui(asks=True)
    run = edited.applied(ui=ui)
    assert edited.timeline == ["list", "approve", "begin_writes", "lock", "list", "PATCH", "unlock"]
    assert [plan.digest for plan in ui.plans] == [run.planned.plan.digest]
    assert (statuses(result_of(run)), edited.numbers(SUPPORT)) == ({"support": "updated"}, [1, 2])


def test_a_person_who_says_no_leaves_all_as_it_is(edited: MemoryProject) -> None:
    run = edited.applied(ui=edited.ui(asks=True, agrees=False))
    assert (edited.timeline, run.result) == (["list", "approve"], None)
    assert edited.transport.writes == []


@pytest.mark.parametrize("asks", [False, True])
def test_without_a_lock_the_plan_is_approved_once_and_not_made_again(asks: bool, edited: MemoryProject) -> None:
    edited.configure(URL, lock="off")
    assert result_of(edited.applied(ui=edited.ui(asks=asks))).converged
    assert edited.timeline == ["list", "approve", "begin_writes", "PATCH"]


@pytest.mark.parametrize("asks", [False, True])
def test_a_refused_plan_is_shown_and_goes_no_further(asks: bool, project: MemoryProject) -> None:
    project.deployment.create(assistant_id=project.manifest("support"))
    ui = project.ui(asks=asks)
    run = project.applied(ui=ui)
    assert (project.timeline, run.result) == (["list", "approve"], None)
    assert (ui.plans[0].is_refused, project.transport.writes) == (True, [])


# Somebody else writes between the first plan and the lock


def test_an_approved_plan_that_has_changed_is_not_carried_out(edited: MemoryProject) -> None:
    with pytest.raises(StalePlan, match="the plan has changed since you approved it; nothing was written") as caught:
        edited.applied(by_hand(edited), ui=edited.ui(asks=True))
    assert caught.value.differences == ("support: update, now from version 2 instead of 1",)
    assert (edited.sent, edited.lock_rows, edited.numbers(SUPPORT)) == ([], [], [1, 2])


def test_unattended_the_newer_plan_is_the_one_that_is_shown_and_carried_out(edited: MemoryProject) -> None:
    ui = edited.ui()
    run = edited.applied(by_hand(edited), ui=ui)
    assert [plan.changes[0].base_version for plan in ui.plans] == [2]
    assert (the_outcome(run).version_before, edited.numbers(SUPPORT)) == (2, [1, 2, 3])


def versions_asked(project: MemoryProject) -> int:
    return sum(path.endswith("/versions") for _, path in project.transport.requests)


def test_the_versions_of_an_assistant_that_stays_as_it_is_are_asked_for_once(edited: MemoryProject) -> None:
    run = edited.applied()
    assert (versions_asked(edited), the_outcome(run).version_after) == (1, 2)


def test_a_version_that_somebody_makes_and_leaves_before_the_lock_is_known_under_it(edited: MemoryProject) -> None:
    def there_and_back() -> None:
        edited.deployment.patch(SUPPORT, name="by hand")
        edited.deployment.set_latest(SUPPORT, 1)

    run = edited.applied(meanwhile("POST", THREADS, there_and_back))
    outcome = the_outcome(run)
    assert (versions_asked(edited), outcome.version_before, outcome.version_after) == (2, 1, 3)
    assert outcome.outside_versions == ()


def test_what_another_apply_has_done_meanwhile_is_not_done_again(edited: MemoryProject) -> None:
    other = meanwhile("POST", THREADS, lambda: edited.deployment.patch(SUPPORT, description="new"))
    run = edited.applied(other)
    assert edited.timeline == ["list", "begin_writes", "lock", "list", "approve", "unlock"]
    assert run.result == ApplyResult((), unchanged=1)


def test_a_plan_that_is_refused_under_the_lock_is_shown_and_not_carried_out(project: MemoryProject) -> None:
    own = project.manifest("support")
    ui = project.ui()
    run = project.applied(meanwhile("POST", THREADS, lambda: project.deployment.create(assistant_id=own)), ui=ui)
    assert ([plan.is_refused for plan in ui.plans], run.result) == ([True], None)
    assert (project.sent, project.lock_rows) == ([], [])


# A saved plan


def test_a_saved_plan_that_is_still_the_plan_is_carried_out(edited: MemoryProject) -> None:
    saved = edited.saved()
    assert statuses(result_of(edited.applied(saved=saved))) == {"support": "updated"}


def test_a_stale_saved_plan_is_neither_shown_nor_carried_out(edited: MemoryProject) -> None:
    saved = edited.saved()
    edited.manifest("support", description="newer")
    with pytest.raises(StalePlan, match="have changed since it was made; nothing was written") as caught:
        edited.applied(saved=saved)
    assert caught.value.differences == ("support: update, now with different content",)
    assert (edited.timeline, edited.transport.writes) == (["list"], [])


def test_a_saved_plan_that_grows_stale_before_the_lock_is_held_is_not_carried_out(edited: MemoryProject) -> None:
    saved = edited.saved()
    with pytest.raises(StalePlan, match="the saved plan is stale"):
        edited.applied(by_hand(edited), saved=saved)
    assert (edited.sent, edited.lock_rows) == ([], [])


def test_a_saved_plan_that_was_applied_is_not_applied_again(edited: MemoryProject) -> None:
    saved = edited.saved()
    edited.applied(saved=saved)
    with pytest.raises(StalePlan, match="nothing is left to do, so it may have been applied already"):
        edited.applied(saved=saved)
    assert edited.transport.writes == []


def test_parsed_manifests_that_are_kept_are_for_plans_alone(
    edited: MemoryProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr(KeptManifests, "open", lambda project, _: opened.append(project.folder / project.file))
    edited.planned(settings=edited.settings(keeps_built=True))
    assert opened == [edited.folder / "assistant-sync.yaml"]
    edited.applied(settings=edited.settings(keeps_built=True))
    assert len(opened) == 1


def test_a_saved_plan_for_a_target_that_is_gone_is_stale_before_any_request(edited: MemoryProject) -> None:
    saved = edited.saved()
    edited.configure(URL, name="other")
    with pytest.raises(StalePlan, match="a target or assistant it refers to no longer exists") as caught:
        edited.applied(saved=saved)
    assert "no target 'local'" in caught.value.differences[0]
    assert edited.transport.requests == []


def test_a_saved_plan_for_an_assistant_that_is_gone_is_stale(edited: MemoryProject) -> None:
    saved = edited.saved(selection=Selection(("support",)))
    edited.manifest("other")
    edited.remove("support")
    edited.deployment.delete(SUPPORT)
    with pytest.raises(StalePlan, match="a target or assistant it refers to no longer exists"):
        edited.applied(saved=saved)
    assert edited.transport.writes == []


def test_a_saved_plan_keeps_every_condition_of_its_selection(edited: MemoryProject) -> None:
    edited.commit()
    edited.manifest("support", description="newer")
    edited.manifest("other")
    saved = edited.saved(selection=Selection(graphs=("support*",)), changed_since="HEAD")
    assert saved.selected == Selection((), ("support*",), frozenset({"other", "support"}), "HEAD")
    edited.commit()  # nothing has changed since HEAD any more, and the plan is about the same keys
    run = edited.applied(saved=saved)
    assert run.planned.plan.selection == saved.selected
    assert sorted(one.key for one in run.planned.plan.changes) == ["other", "support"]


def test_a_saved_plan_of_nothing_that_changed_selects_nothing_again(edited: MemoryProject) -> None:
    edited.commit()
    saved = edited.saved(changed_since="HEAD")
    assert saved.selection_keys == ()
    run = edited.applied(saved=saved)
    assert run.planned.plan.changes == ()
    assert edited.transport.writes == []


def test_what_changed_is_the_same_for_all_plans_of_an_apply(edited: MemoryProject) -> None:
    edited.commit()
    edited.manifest("support", description="newer")

    class Committing(ScriptedUI):
        def begin_writes(self) -> None:
            edited.commit()

    run = edited.applied(changed_since="HEAD", ui=Committing(edited.timeline))
    assert [one.key for one in run.planned.plan.writes] == ["support"]


# A reviewed plan


def test_a_delete_that_nobody_reviewed_stops_the_apply(pruned: MemoryProject) -> None:
    reviewed = pruned.saved()
    run = pruned.applied(reviewed=reviewed, prune=True)
    assert [violation.guard for violation in run.planned.plan.guards] == ["reviewed"]
    assert (run.result, pruned.transport.writes) == (None, [])


def test_other_changes_that_nobody_reviewed_are_made_with_a_warning(edited: MemoryProject) -> None:
    reviewed = edited.saved()
    edited.manifest("late")
    run = edited.applied(reviewed=reviewed)
    assert "not in the reviewed plan" in run.planned.plan.warnings[-1].message
    assert "create 'late'" in run.planned.plan.warnings[-1].message
    assert statuses(result_of(run)) == {"late": "created", "support": "updated"}


def test_an_edit_between_plan_and_lock_that_nobody_reviewed_stops_the_apply(edited: MemoryProject) -> None:
    reviewed = edited.saved()
    run = edited.applied(by_hand(edited), reviewed=reviewed)
    assert [violation.guard for violation in run.planned.plan.guards] == ["reviewed"]
    assert (run.result, edited.sent, edited.lock_rows) == (None, [], [])


def test_the_plan_of_another_target_is_no_review(edited: MemoryProject) -> None:
    reviewed = edited.saved()
    edited.configure(URL, name="other")
    with pytest.raises(UnknownName, match="the reviewed plan is of acme-support on local"):
        edited.applied(reviewed=reviewed, retarget=True)
    assert edited.transport.writes == []


# Stopped


def test_an_apply_that_is_stopped_before_the_lock_writes_nothing(edited: MemoryProject) -> None:
    with pytest.raises(Interrupted, match="nothing was written"):
        edited.applied(ui=edited.ui(stops_at="begin_writes"))
    assert (edited.sent, edited.lock_rows) == ([], [])


def test_an_apply_that_is_stopped_while_it_plans_under_the_lock_writes_nothing(edited: MemoryProject) -> None:
    ui = edited.ui()

    async def stop(_: httpx.Request, proceed: Proceed) -> httpx.Response:
        if edited.timeline.count("list") > 1:
            ui.stop.set()
        return await proceed()

    with pytest.raises(Interrupted, match="nothing was written"):
        edited.applied(stop, ui=ui)
    assert (edited.sent, edited.lock_rows, ui.plans) == ([], [], [])


def test_a_stop_that_the_event_loop_does_not_know_yet_ends_the_comparison_under_the_lock(
    edited: MemoryProject,
) -> None:
    class Late(ScriptedUI):
        def is_stopping(self) -> bool:
            return "lock" in edited.timeline

    ui = Late(edited.timeline)
    with pytest.raises(Interrupted, match="nothing was written"):
        edited.applied(ui=ui)
    assert (edited.sent, edited.lock_rows, ui.plans) == ([], [], [])
    assert edited.timeline[-1] == "unlock"


def test_without_a_lock_too_nothing_is_begun_after_a_stop(edited: MemoryProject) -> None:
    edited.configure(URL, lock="off")
    run = edited.applied(ui=edited.ui(stops_at="begin_writes"))
    assert (the_outcome(run).status, result_of(run).interrupted) == (Status.NOT_ATTEMPTED, True)
    assert edited.transport.writes == []


def test_a_stop_while_writing_lets_what_is_in_flight_end_and_begins_nothing_new(new: MemoryProject) -> None:
    ui = new.ui()
    stop = new.beside_the_lock(meanwhile("POST", ALL, ui.stop.set, carried_out=True))
    result = result_of(new.applied(stop, ui=ui, concurrency=1))
    assert statuses(result) == {"a": "created", "b": "not_attempted", "c": "not_attempted"}
    assert (result.interrupted, len(new.sent), new.lock_rows) == (True, 1, [])


def test_after_a_stop_a_write_is_not_sent_again(new: MemoryProject) -> None:
    ui = new.ui()
    busy = status(503, "POST", ALL, times=9)

    async def stop(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == "POST" and request.url.path == ALL:
            ui.stop.set()
        return await busy(request, proceed)

    new.applied(new.beside_the_lock(stop), ui=ui, concurrency=1)
    assert len(new.sent) == 1


# The lock


def test_the_lock_is_held_by_this_job_while_it_writes(edited: MemoryProject) -> None:
    edited.environ["CI_JOB_URL"] = "https://ci.example/jobs/7"
    held: list[str] = []

    def look() -> None:
        held.extend(row["metadata"][LOCK_KEY]["by"] for row in edited.lock_rows)

    edited.applied(meanwhile("PATCH", ONE, look))
    assert held == ["https://ci.example/jobs/7"]
    assert edited.lock_rows == []


@pytest.mark.parametrize(
    ("asks", "timeline"),
    [
        (False, ["list", "begin_writes", "lock", "unlock", "list", "approve", "PATCH"]),
        (True, ["list", "approve", "begin_writes", "lock", "unlock", "list", "PATCH"]),
    ],
)
def test_a_deployment_that_refuses_the_lock_is_applied_to_with_a_warning(
    asks: bool, timeline: list[str], edited: MemoryProject
) -> None:
    ui = edited.ui(asks=asks)
    run = edited.applied(edited.on_the_lock(status(403, "POST", THREADS)), ui=ui)
    (warning,) = result_of(run).warnings
    assert warning.startswith("there is no lock against another apply at the same time: ")
    assert warning.endswith("set 'lock: off' on this target")
    assert (ui.statuses, edited.timeline) == ([f"Warning: {warning}"], timeline)


def test_without_the_lock_that_was_refused_an_approved_plan_must_not_have_changed_either(edited: MemoryProject) -> None:
    refuse = edited.on_the_lock(status(403, "POST", THREADS))
    with pytest.raises(StalePlan, match="the plan has changed since you approved it"):
        edited.applied(by_hand(edited), refuse, ui=edited.ui(asks=True))
    assert edited.sent == []


def test_the_warning_of_a_refused_lock_is_shown_of_a_refused_plan_too(project: MemoryProject) -> None:
    own = project.manifest("support")
    taken = meanwhile("POST", THREADS, lambda: project.deployment.create(assistant_id=own))
    ui = project.ui()
    run = project.applied(taken, project.on_the_lock(status(403, "POST", THREADS)), ui=ui)
    assert (run.result, [text.split(":")[0] for text in ui.statuses]) == (None, ["Warning"])


def test_once_the_lock_is_lost_nothing_new_is_begun(new: MemoryProject) -> None:
    async def remove_the_lock(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == "POST" and request.url.path == ALL:
            for row in new.lock_rows:
                new.deployment.delete_thread(row["thread_id"])
            await asyncio.sleep(25)  # a third of the lease is 20 s: it is renewed meanwhile
        return await proceed()

    result = result_of(new.applied(new.beside_the_lock(remove_the_lock), concurrency=1))
    assert statuses(result) == {"a": "created", "b": "not_attempted", "c": "not_attempted"}
    errors = [outcome.error for outcome in result.outcomes if outcome.error]
    assert [(error.kind, error.exit_code) for error in errors] == [("LockLost", 7)] * 2
    assert (len(new.sent), new.lock_rows) == (1, [])


def test_a_lock_that_cannot_be_given_back_is_a_warning(edited: MemoryProject) -> None:
    ui = edited.ui()
    run = edited.applied(edited.on_the_lock(status(500, "DELETE", THREAD, times=9)), ui=ui)
    (warning,) = result_of(run).warnings
    assert warning.startswith("the lock could not be released (")
    assert (ui.statuses, result_of(run).converged) == ([f"Warning: {warning}"], True)


@pytest.mark.parametrize("names_users", [False, True], ids=["shared assistants", "assistants apart, too"])
def test_threads_that_are_kept_apart_are_a_warning_if_assistants_are_not(
    names_users: bool, edited: MemoryProject
) -> None:
    edited.deployment.thread_quirk = lambda row: row["metadata"].update(owner="ann")
    if names_users:
        edited.deployment._rows[SUPPORT]["user_id"] = "ann"  # noqa: SLF001, RUF100 - as Aegra shows it
    warnings = result_of(edited.applied()).warnings
    assert [one.split(" (")[0] for one in warnings] == (
        [] if names_users else ["the deployment keeps threads apart by user"]
    )


def test_a_lock_whose_answer_is_lost_is_found_and_given_back(edited: MemoryProject) -> None:
    result = result_of(edited.applied(edited.on_the_lock(landed("POST", THREADS))))
    assert (result.converged, result.warnings, edited.lock_rows) == (True, (), [])


def test_the_lock_of_another_apply_is_waited_for_no_longer_than_asked(edited: MemoryProject) -> None:
    theirs = edited.leave_lock()
    with pytest.raises(Locked, match="bob@build"):
        edited.applied(lock_timeout=0)
    assert edited.sent == []
    assert [row["thread_id"] for row in edited.lock_rows] == [theirs]


def test_the_lock_of_a_dead_apply_is_waited_for_until_it_expires(edited: MemoryProject) -> None:
    edited.leave_lock()
    ui = edited.ui()
    assert result_of(edited.applied(ui=ui)).converged
    assert edited.clock.passed >= 59
    assert [text.split(" since ")[0] for text in ui.statuses] == ["Waiting for the lock of bob@build"]
    assert edited.lock_rows == []


def test_a_plan_whose_writes_are_all_deferred_is_reported_without_a_lock(project: MemoryProject) -> None:
    project.manifest("support", graph_id="later")
    run = project.applied()
    assert project.timeline == ["list", "approve", "begin_writes"]
    assert the_outcome(run).status is Status.NOT_ATTEMPTED
    assert project.transport.writes == []


# Waiting for the deployment


def a_wait(project: MemoryProject) -> WaitOptions:
    return WaitOptions(seconds=100, clock=lambda: project.clock.now)


def test_a_graph_that_is_being_built_is_waited_for(project: MemoryProject) -> None:
    project.manifest("support", graph_id="later")
    ui = project.ui()

    async def build(_: httpx.Request, proceed: Proceed) -> httpx.Response:
        if project.timeline.count("list") > 2 and "later" not in project.deployment.graphs:
            project.deployment.graphs.append("later")
        return await proceed()

    assert result_of(project.applied(build, ui=ui, wait=a_wait(project))).converged
    assert ui.statuses == ["Waiting for the deployment: it is missing the graph later."]
    assert project.timeline == ["list"] * 4 + ["begin_writes", "lock", "list", "approve", "POST", "unlock"]
    assert project.clock.passed == 20


def test_a_graph_that_never_comes_is_an_error_and_nothing_is_shown_or_written(project: MemoryProject) -> None:
    project.manifest("support", graph_id="later")
    project.manifest("other")
    with pytest.raises(Unreachable, match="still missing the graph later after 100 s; nothing was written"):
        project.applied(wait=a_wait(project))
    assert set(project.timeline) == {"list"}
    assert project.transport.writes == []


def test_a_plan_that_the_review_stops_is_not_waited_for(pruned: MemoryProject) -> None:
    reviewed = pruned.saved()
    pruned.manifest("late", graph_id="later")
    run = pruned.applied(reviewed=reviewed, prune=True, wait=a_wait(pruned))
    assert (run.result, pruned.clock.passed) == (None, 0)


# Deletes and their archive


def test_an_assistant_is_archived_before_its_delete_is_sent(pruned: MemoryProject) -> None:
    kept: list[str] = []

    def look() -> None:
        kept.extend(path.relative_to(pruned.folder).as_posix() for path in (pruned.folder / "archive").rglob("*.json"))

    outcome = the_outcome(pruned.applied(meanwhile("DELETE", f"{ALL}/{GONE}", look), prune=True))
    assert (outcome.status, pruned.deployment.exists(GONE)) == (Status.DELETED, False)
    assert outcome.notes == (f"kept in {kept[0]}",)


def test_what_cannot_be_archived_is_not_deleted_and_the_rest_is_done(pruned: MemoryProject) -> None:
    pruned.write("archive", "a file")
    pruned.manifest("support", description="new")
    result = result_of(pruned.applied(prune=True))
    assert statuses(result) == {"gone": "failed", "support": "updated"}
    assert "cannot be written" in str(result.outcomes[0].error)
    assert [one.method for one in pruned.sent] == ["PATCH"]
    assert pruned.deployment.exists(GONE)


# What is sent


def request_of(change: Write) -> tuple[str, str, str]:
    """The one request that a change stands for, and the assistant in its body."""
    path = f"{ALL}/{change.assistant_id}"
    match change:
        case Create():
            return "POST", ALL, change.assistant_id
        case Update() | Adopt():
            return "PATCH", path, ""
        case Activate():
            return "POST", f"{path}/latest", ""
        case Delete():
            return "DELETE", path, ""


def a_change_of_each_kind(project: MemoryProject) -> None:
    """All eight but a refusal, and a create that is deferred."""
    project.manifest("activate", config={"tags": ["a"]})
    for key in ("keep", "update", "delete"):
        project.manifest(key)
    project.settle()
    project.manifest("activate", config={"tags": ["b"]})
    project.settle()
    project.manifest("activate", config={"tags": ["a"]})
    project.manifest("update", description="new")
    project.manifest("adopt", assistant_id=project.deployment.create(name="by hand")["assistant_id"])
    project.manifest("create")
    project.manifest("defer", graph_id="later")
    project.remove("delete")


def test_each_change_of_the_plan_is_one_request_and_nothing_else_is_written(project: MemoryProject) -> None:
    a_change_of_each_kind(project)
    plan = project.applied(prune=True).planned.plan
    kinds = {change.key: change.action.value for change in plan.changes}
    assert all(kind == key for key, kind in kinds.items() if key != "defer")
    sent = [(one.method, one.path, (one.body or {}).get("assistant_id", "")) for one in project.sent]
    assert sorted(sent) == sorted(map(request_of, plan.sent))
    assert len(sent) == 5


def test_what_no_change_names_stays_as_it_is(project: MemoryProject) -> None:
    project.deployment.create(name="unmanaged")
    project.deployment.create(metadata={"assistant_sync": {"project": "other", "key": "a", "id": "x"}})
    a_change_of_each_kind(project)
    before = {row["assistant_id"]: row for row in project.deployment.users()}
    written = {change.assistant_id for change in project.applied().planned.plan.sent}
    after = {row["assistant_id"]: row for row in project.deployment.users()}
    assert len(before.keys() - written) == 4
    assert {own: row for own, row in after.items() if own not in written} == {
        own: row for own, row in before.items() if own not in written
    }


def test_a_write_is_stamped_with_project_target_and_commit(project: MemoryProject) -> None:
    project.manifest("support")
    sha = project.commit()
    project.settle()
    stamp = project.deployment.get(SUPPORT)["metadata"]["assistant_sync"]
    assert (stamp["project"], stamp["target"], stamp["commit"]) == (PROJECT, "local", sha)
    project.manifest("support", description="not committed")
    project.settle()
    assert project.deployment.get(SUPPORT)["metadata"]["assistant_sync"]["commit"] == f"{sha}-dirty"


def test_a_target_that_claims_full_activation_and_restores_a_part_is_healed_and_named(project: MemoryProject) -> None:
    project.configure(URL, activation="full")
    for model in ("1", "2", "1"):
        project.manifest("support", context={"model_name": model})
        outcome = the_outcome(project.applied())
    assert (outcome.healed_from, project.numbers(SUPPORT)) == (1, [1, 2, 3])
    assert "Set 'activation: safe' or 'activation: never' on this target" in outcome.notes[0]


def test_what_is_read_back_is_judged_by_what_the_deployment_was_seen_to_do(project: MemoryProject) -> None:
    project.manifest("other", context={"model_name": "1"})
    project.settle()
    project.manifest("support", context={"model_name": "1"})
    project.deployment.quirk = unmirrored  # it copied the context into configurable so far
    run = project.applied()
    (note,) = the_outcome(run).notes
    assert note.endswith(" did not take over: config.configurable")
    assert [(one.key, one.paths) for one in result_of(run).differences] == [("support", ("config.configurable",))]


def test_as_many_assistants_are_written_at_a_time_as_asked(new: MemoryProject) -> None:
    running, most = 0, 0

    async def slow(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        nonlocal running, most
        is_create = request.method == "POST" and request.url.path == ALL
        running += is_create
        most = max(most, running)
        await asyncio.sleep(1)
        running -= is_create
        return await proceed()

    new.applied(new.beside_the_lock(slow), concurrency=2)
    assert most == 2


def test_progress_is_reported_while_reading_and_while_writing(edited: MemoryProject) -> None:
    seen: list[Progress] = []
    request = ApplyRequest(plan=PlanRequest(settings=edited.settings()))
    edited.run_at_once(apply(request, edited.ui(), listener=seen.append))
    assert seen[0] == Progress("reading", 1, 1)
    assert Progress("applying", 1, 1, "support") in seen


# Before any request


def test_a_connection_that_is_not_the_trusted_commits_causes_no_request(edited: MemoryProject) -> None:
    edited.commit()
    edited.configure(f"{URL}/elsewhere")
    with pytest.raises(PlanRefused, match=r"\(url\)"):
        edited.applied(trusted_ref="main")
    assert (edited.transport.requests, edited.timeline) == ([], [])


def test_the_timeout_bounds_one_request(edited: MemoryProject) -> None:
    async def hang(_: httpx.Request, proceed: Proceed) -> httpx.Response:
        await asyncio.sleep(6)
        return await proceed()

    with pytest.raises(Unreachable):
        edited.applied(settings=edited.settings(hang, timeout=5))
    assert edited.transport.writes == []
