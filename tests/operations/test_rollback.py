"""Rolling one assistant back, on a deployment in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import Locked, StalePlan, UnknownName
from assistant_sync.model.aftermath import GitState
from assistant_sync.model.change import Update
from assistant_sync.model.identity import derived_id
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.operations.rollback import RollbackRequest, rollback
from tests.applying.memory_deployment import ONE, THREADS, landed, status, statuses
from tests.operations.memory_project import URL
from tests.project_fixture import PROJECT
from tests.servers.fake_deployment import meanwhile

if TYPE_CHECKING:
    from assistant_sync.model.aftermath import GitView, RollbackReport
    from assistant_sync.operations.rollback import RollbackRun
    from tests.operations.memory_project import MemoryProject, ScriptedUI
    from tests.servers.fake_deployment import Row
    from tests.servers.recording import Fault

SUPPORT = derived_id(PROJECT, "support")


@pytest.fixture
def history(project: MemoryProject) -> MemoryProject:
    """Three applied commits: three versions."""
    for name in ("one", "two", "three"):
        project.manifest("support", context={"model": name}, metadata={"team": name})
        project.commit(name)
        project.settle()
    return project


def back(
    project: MemoryProject, *faults: Fault, ui: ScriptedUI | None = None, settings: Any = None, **request: Any
) -> RollbackRun:
    asked = RollbackRequest(settings=settings or project.settings(*faults), **{"key": "support", **request})
    return project.run_at_once(rollback(asked, ui or project.ui()))


def report_of(run: RollbackRun) -> RollbackReport:
    assert run.report is not None
    return run.report


def git_of(run: RollbackRun) -> GitView:
    git = report_of(run).git
    assert git is not None
    return git


def stamp(project: MemoryProject) -> Row:
    found: Row = project.deployment.get(SUPPORT)["metadata"][STAMP_KEY]
    return found


def test_what_is_live_already_is_not_written(history: MemoryProject) -> None:
    run = back(history, to=3)
    assert history.timeline == ["approve"]
    assert (report_of(run).result.outcomes, history.transport.writes) == ((), [])
    assert git_of(run).state is GitState.AGREES


def test_an_earlier_content_is_live_again_as_one_version_under_the_lock(history: MemoryProject) -> None:
    history.deployment.patch(SUPPORT, metadata={"unowned": 1})
    run = back(history, to=1)
    assert history.timeline == ["begin_writes", "lock", "approve", "PATCH", "unlock"]
    assert (statuses(report_of(run).result), history.numbers(SUPPORT)) == ({"support": "updated"}, [1, 2, 3, 4, 5])
    row = history.deployment.get(SUPPORT)
    assert (row["context"], row["metadata"]["team"], row["metadata"]["unowned"]) == ({"model": "one"}, "one", 1)
    assert report_of(run).result.converged


def test_the_stamp_has_the_provenance_of_the_version_and_says_that_it_is_a_rollback(history: MemoryProject) -> None:
    first = history.deployment.versions(SUPPORT)[-1]["metadata"][STAMP_KEY]
    back(history, to=1)
    now = stamp(history)
    assert now.pop("rollback") == {"to": 1}
    assert (now.pop("version"), first.pop("version")) == (4, 1)
    assert now.pop("write") != first.pop("write")
    assert now == first


def test_the_next_plan_undoes_it_and_says_so(history: MemoryProject) -> None:
    back(history, to=1)
    (change,) = history.planned().changes
    assert isinstance(change, Update)
    assert "it was rolled back to version 1 on purpose (version 4 of" in change.reason
    run = history.applied(unreviewed=True)
    assert (run.result, len(history.numbers(SUPPORT))) == (None, 4)
    history.settle()
    assert history.deployment.get(SUPPORT)["context"] == {"model": "three"}
    assert "rollback" not in stamp(history)


@pytest.mark.parametrize("length", [7, 12, 40])
def test_a_commit_names_its_highest_version(length: int, history: MemoryProject) -> None:
    sha = history.git("rev-parse", "HEAD~1")
    assert report_of(back(history, commit=sha[:length].upper())).to == 2
    assert report_of(back(history, to=1)).to == 1
    # The rollback to 2 is itself a version of ours from that commit.
    assert report_of(back(history, commit=sha)).to == 4


def test_a_commit_that_no_version_names_is_an_error_that_lists_those_that_they_do(history: MemoryProject) -> None:
    head = history.git("rev-parse", "HEAD")
    with pytest.raises(UnknownName, match="'support': no version was applied from 'ffff'") as caught:
        back(history, commit="ffff")
    assert f"its versions name {head[:12]} (version 3), " in (caught.value.hint or "")
    with pytest.raises(UnknownName, match="no version was applied from ''"):
        back(history, commit="")
    assert history.transport.writes == []


def test_a_prefix_of_several_commits_names_none(history: MemoryProject) -> None:
    for sha in ("abc1" * 10, "abc2" * 10):
        made = stamp(history) | {"write": sha, "commit": sha}
        history.deployment.patch(SUPPORT, metadata={STAMP_KEY: made})
    with pytest.raises(UnknownName, match="'support': several commits begin with 'abc'") as caught:
        back(history, commit="abc")
    assert (caught.value.hint or "").startswith(
        "its versions name abc2abc2abc2 (version 5), abc1abc1abc1 (version 4); or"
    )


def test_a_version_or_an_assistant_that_there_is_not_is_an_error(history: MemoryProject) -> None:
    with pytest.raises(UnknownName, match="'support' has no version 9") as caught:
        back(history, to=9)
    assert caught.value.hint == "it has versions 1 to 3"
    with pytest.raises(UnknownName, match="no live assistant with the key 'suport'"):
        back(history, to=1, key="suport")


def test_what_is_unmanaged_has_no_key(project: MemoryProject) -> None:
    project.deployment.create(assistant_id=SUPPORT)
    with pytest.raises(UnknownName, match="no live assistant with the key 'support'"):
        back(project, to=1)


def test_a_person_approves_before_the_lock_and_may_say_no(history: MemoryProject) -> None:
    run = back(history, ui=history.ui(asks=True, agrees=False), to=1)
    assert (history.timeline, run.report, history.transport.writes) == (["approve"], None, [])


def test_a_target_that_was_written_as_another_one_is_refused(history: MemoryProject) -> None:
    history.configure(URL, name="other")
    run = back(history, to=1)
    assert (run.run.planned.plan.is_refused, run.report, history.transport.writes) == (True, None, [])
    assert report_of(back(history, to=1, retarget=True)).result.converged


# Git


def test_git_that_wants_something_else_gets_both_ways_out(history: MemoryProject) -> None:
    git = git_of(back(history, to=2))
    head = history.git("rev-parse", "HEAD")
    assert (git.state, git.source) == (GitState.DIFFERS, "assistants/support.yaml")
    assert [way.command for way in git.ways] == ["assistant-sync pull support", f"git revert {head}"]


def test_the_revert_leads_to_what_is_live(history: MemoryProject) -> None:
    git = git_of(back(history, to=2))
    history.git(*git.ways[1].command.split()[1:], "--no-edit")
    assert history.planned().writes == ()


def test_a_revert_that_leads_elsewhere_is_not_shown(history: MemoryProject) -> None:
    git = git_of(back(history, to=1))
    assert [way.command for way in git.ways] == ["assistant-sync pull support"]


def test_the_way_out_names_the_target(history: MemoryProject) -> None:
    git = git_of(back(history, to=1, settings=history.settings(target="local")))
    assert [way.command for way in git.ways] == ["assistant-sync pull support --target local"]


def test_manifests_with_errors_stop_nothing(history: MemoryProject) -> None:
    history.write("assistants/bad.yaml", "graph_id: [")
    run = back(history, to=1)
    assert report_of(run).result.converged
    git = git_of(run)
    assert (git.state, git.because) == (GitState.UNKNOWN, "1 problem in the project's files")


def test_without_a_manifest_git_wants_nothing(history: MemoryProject) -> None:
    history.manifest("other")
    history.remove("support")
    assert git_of(back(history, to=1)).state is GitState.NO_MANIFEST


# Faults


def test_a_write_whose_answer_is_lost_is_found(history: MemoryProject) -> None:
    run = back(history, history.beside_the_lock(landed("PATCH", ONE)), to=1)
    assert (statuses(report_of(run).result), history.numbers(SUPPORT)) == ({"support": "updated"}, [1, 2, 3, 4])
    assert len([one for one in history.sent if one.method == "PATCH"]) == 1


def test_an_edit_between_the_plan_and_the_write_is_a_conflict(history: MemoryProject) -> None:
    def edit() -> None:
        history.deployment.patch(SUPPORT, description="by hand")

    after_planning = meanwhile("POST", THREADS, edit)
    with pytest.raises(StalePlan, match="the plan has changed since you approved it"):
        back(history, after_planning, ui=history.ui(asks=True), to=1)
    assert history.sent == []


def test_an_edit_right_before_the_write_is_not_overwritten(history: MemoryProject) -> None:
    history.configure(URL, lock="off")
    planned = meanwhile("GET", f"{ONE}/schemas", lambda: history.deployment.patch(SUPPORT, description="by hand"))
    run = back(history, planned, to=1)
    (outcome,) = report_of(run).result.outcomes
    assert (outcome.status.value, outcome.outside_versions, history.sent) == ("failed", (4,), [])
    assert report_of(run).git is None


def test_the_lock_of_an_apply_holds_it_off(history: MemoryProject) -> None:
    history.leave_lock()
    with pytest.raises(Locked):
        back(history, to=1, lock_timeout=5.0)
    assert history.sent == []


def test_a_deployment_that_refuses_it_is_a_failure(history: MemoryProject) -> None:
    run = back(history, history.beside_the_lock(status(403, "PATCH", ONE)), to=1)
    (outcome,) = report_of(run).result.outcomes
    assert (outcome.status.value, report_of(run).git) == ("failed", None)


def test_a_plan_is_of_one_assistant_whatever_the_limits_are(history: MemoryProject) -> None:
    history.configure(URL, limits={"updates": 0})
    run = back(history, to=1)
    assert len(run.run.planned.plan.changes) == 1
    assert report_of(run).result.converged
