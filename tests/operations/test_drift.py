"""Drift: what was changed outside git, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.cause import Cause
from assistant_sync.model.drift import DriftKind
from assistant_sync.model.identity import derived_id
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.selection import Selection
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.operations.drift import drift
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.pull import PullRequest, pull
from assistant_sync.operations.rollback import RollbackRequest, rollback
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from assistant_sync.model.drift import Drifted, DriftReport
    from tests.operations.memory_project import MemoryProject

SUPPORT = derived_id(PROJECT, "support")


def found(project: MemoryProject, **request: Any) -> DriftReport:
    report = project.run_at_once(drift(PlanRequest(settings=project.settings(), **request)))
    assert project.transport.writes == [], "drift never writes"
    return report


def kinds(project: MemoryProject) -> dict[str, str]:
    return {one.key: one.kind.value for one in found(project).drifted}


def only(project: MemoryProject) -> Drifted:
    (one,) = found(project).drifted
    return one


@pytest.fixture
def applied(project: MemoryProject) -> MemoryProject:
    """One assistant, applied from a commit."""
    project.git("init", "--quiet")
    project.manifest("support", context={"model": "a", "temperature": 0.2})
    project.commit("one")
    project.settle()
    return project


def edit(project: MemoryProject, **fields: Any) -> None:
    """Somebody edits the assistant in the UI."""
    project.deployment.patch(SUPPORT, **fields)


def again(project: MemoryProject, model: str, message: str) -> None:
    """A merge that was applied."""
    project.manifest("support", context={"model": model, "temperature": 0.2})
    project.commit(message)
    project.settle()


def test_nothing_has_drifted_if_nothing_differs(applied: MemoryProject) -> None:
    report = found(applied)
    assert (report.drifted, report.pending, report.warnings, report.checked) == ((), (), (), 1)


def test_an_empty_deployment_and_no_manifests_have_no_drift(project: MemoryProject) -> None:
    project.write("assistants/.gitkeep", "")
    assert found(project).drifted == ()


def test_an_edit_is_shown_with_its_versions_and_the_whole_difference(applied: MemoryProject) -> None:
    edit(applied, context={"model": "a", "temperature": 0.9})
    edit(applied, name="By hand")
    one = only(applied)
    assert (one.kind, one.version, one.written_version) == (DriftKind.EDITED, 3, 1)
    assert [(version.version, version.attribution) for version in one.versions] == [
        (2, Attribution.OUTSIDE),
        (3, Attribution.OUTSIDE),
    ]
    assert [field.path for field in one.fields] == [("name",), ("context", "temperature")]
    assert one.fields[1].before == 0.2
    assert one.fields[1].after == 0.9


def test_an_edit_that_changes_nothing_is_no_drift(applied: MemoryProject) -> None:
    edit(applied)
    assert kinds(applied) == {}


def test_an_edit_that_git_has_taken_over_is_no_drift(applied: MemoryProject) -> None:
    edit(applied, context={"model": "a", "temperature": 0.9})
    applied.manifest("support", context={"model": "a", "temperature": 0.9})
    applied.commit("pulled")
    assert kinds(applied) == {}


def test_an_edit_that_git_has_taken_over_is_none_beside_a_merge_that_waits(applied: MemoryProject) -> None:
    edit(applied, context={"model": "a", "temperature": 0.9})
    applied.manifest("support", context={"model": "b", "temperature": 0.9})
    applied.commit("pulled, and another model")
    report = found(applied)
    assert (report.drifted, report.pending) == ((), ("support",))


def test_a_mixture_of_two_versions_is_named(applied: MemoryProject) -> None:
    again(applied, "b", "two")
    applied.deployment.set_latest(SUPPORT, 1)
    assert only(applied).is_mixed, "this server leaves the context as it was"
    (change,) = applied.planned().writes
    assert change.reason.startswith("it was set to version 1 outside git, ")
    assert change.reason.endswith("; this undoes that edit"), "the manifest is what was applied last"
    assert [field.path[:2] for field in only(applied).fields] == [("config", "configurable")]


def test_an_edit_of_metadata_that_git_does_not_own_is_no_drift(applied: MemoryProject) -> None:
    edit(applied, metadata={"note": "mine"})
    assert kinds(applied) == {}


def test_a_merge_that_waits_for_its_apply_is_no_drift(applied: MemoryProject) -> None:
    applied.manifest("support", context={"model": "b", "temperature": 0.2})
    applied.commit("two")
    report = found(applied)
    assert (report.drifted, report.pending) == ((), ("support",))


def test_an_edit_is_found_beside_a_merge_that_waits(applied: MemoryProject) -> None:
    edit(applied, context={"model": "a", "temperature": 0.9})
    applied.manifest("support", context={"model": "b", "temperature": 0.2})
    applied.commit("two")
    report = found(applied)
    assert [one.kind for one in report.drifted] == [DriftKind.EDITED]
    assert [field.path for field in report.drifted[0].fields] == [("context", "temperature")]
    assert report.pending == ()


def test_a_pointer_that_was_moved_by_hand_is_drift(applied: MemoryProject) -> None:
    again(applied, "b", "two")
    applied.deployment.set_latest(SUPPORT, 1)
    one = only(applied)
    assert (one.kind, one.version, one.written_version) == (DriftKind.MOVED, 1, 2)
    assert one.versions[-1].attribution is Attribution.ACTIVATED


def test_a_pointer_that_an_apply_of_a_revert_moved_is_none(applied: MemoryProject) -> None:
    edit_free = {"model": "a", "temperature": 0.2}
    applied.manifest("support", context=edit_free, name="Two")
    applied.commit("two")
    applied.settle()
    applied.manifest("support", context=edit_free)
    applied.commit("revert of two")
    applied.settle()
    assert applied.deployment.get(SUPPORT)["version"] == 1, "it was activated"
    assert kinds(applied) == {}
    applied.manifest("support", context=edit_free, name="Three")
    applied.commit("three, which waits")
    report = found(applied)
    assert (report.drifted, report.pending) == ((), ("support",)), "git wanted the active version after our last write"


def test_a_pointer_on_an_earlier_version_of_equal_content_is_none(applied: MemoryProject) -> None:
    again(applied, "b", "two")
    again(applied, "a", "three")
    assert applied.deployment.get(SUPPORT)["version"] == 3, "this server restores no context, so it was an update"
    applied.deployment.set_latest(SUPPORT, 1)
    applied.manifest("support", context={"model": "c", "temperature": 0.2})
    applied.commit("four, which waits")
    report = found(applied)
    assert (report.drifted, report.pending) == ((), ("support",))
    plan = applied.planned()
    assert (len(plan.writes), plan.edited) == (1, frozenset()), "a plan blames nobody either"


def test_a_server_that_lost_its_copy_of_the_context_has_a_mixture(applied: MemoryProject) -> None:
    edit(applied, config={"configurable": {}})
    assert only(applied).is_mixed, "no manifest is without the copy"


def test_a_pointer_back_on_our_last_version_is_none(applied: MemoryProject) -> None:
    edit(applied, name="By hand")
    applied.deployment.set_latest(SUPPORT, 1)
    assert kinds(applied) == {}


def test_a_version_made_by_hand_that_was_made_active_again_is_drift(applied: MemoryProject) -> None:
    edit(applied, name="One")
    edit(applied, name="Two")
    applied.deployment.set_latest(SUPPORT, 2)
    one = only(applied)
    assert (one.kind, one.version, one.name) == (DriftKind.MOVED, 2, "One")


def test_a_deleted_assistant_is_drift_if_git_knows_that_it_was_applied(applied: MemoryProject) -> None:
    applied.manifest("other")
    applied.commit("two")
    applied.settle()
    applied.deployment.delete(SUPPORT)
    one = only(applied)
    assert (one.kind, one.key, one.version) == (DriftKind.DELETED, "support", None)


def test_a_new_assistant_beside_it_is_no_drift(applied: MemoryProject) -> None:
    applied.manifest("new")
    applied.commit("two, which waits")
    report = found(applied)
    assert report.drifted == ()
    assert [note.split(":")[0] for note in report.warnings] == ["new"]


def test_an_assistant_that_may_never_have_been_applied_is_no_drift_but_noted(project: MemoryProject) -> None:
    project.manifest("support")
    report = found(project)
    assert report.drifted == ()
    assert "not applied yet, or was deleted outside git" in report.warnings[0]


def test_an_assistant_whose_stamp_was_removed_is_drift(applied: MemoryProject) -> None:
    edit(applied, metadata={STAMP_KEY: None})
    one = only(applied)
    assert (one.kind, one.has_manifest) == (DriftKind.UNSTAMPED, True)


def test_an_assistant_that_waits_for_its_adoption_is_none(project: MemoryProject) -> None:
    row = project.deployment.create(name="Theirs")
    project.manifest("support", assistant_id=row["assistant_id"])
    report = found(project)
    assert (report.drifted, report.pending) == ((), ("support",))


def test_an_assistant_without_its_graph_is_drift_although_it_is_equal(applied: MemoryProject) -> None:
    applied.deployment.graphs = ["research"]
    assert kinds(applied) == {"support": "graph-gone"}


def test_an_edit_of_an_assistant_without_a_manifest_is_drift(applied: MemoryProject) -> None:
    applied.manifest("other")
    applied.remove("support")
    applied.commit("two")
    applied.settle()
    assert kinds(applied) == {}
    edit(applied, name="By hand")
    one = only(applied)
    assert (one.kind, one.key, one.has_manifest) == (DriftKind.EDITED, "support", False)
    assert (one.written_version, [version.version for version in one.versions]) == (1, [2])


def test_a_graph_that_a_waiting_merge_no_longer_names_counts_while_it_runs(applied: MemoryProject) -> None:
    applied.manifest("support", graph_id="research_agent")
    applied.commit("another graph, which waits")
    applied.deployment.graphs = ["research_agent"]
    assert kinds(applied) == {"support": "graph-gone"}


def test_only_what_is_selected_is_looked_at(applied: MemoryProject) -> None:
    edit(applied, name="By hand")
    applied.manifest("other")
    applied.settle(selection=Selection(("other",)))
    report = found(applied, selection=Selection(("other",)))
    assert (report.drifted, report.checked) == ((), 1)


def test_what_changed_and_graphs_narrow_what_is_looked_at(applied: MemoryProject) -> None:
    edit(applied, name="By hand")
    applied.commit()
    report = found(applied, changed_since="HEAD")
    assert (report.drifted, report.checked, report.selection.changed) == ((), 0, frozenset())
    assert found(applied, selection=Selection(graphs=("support*",))).checked == 1
    applied.manifest("support", description="new")
    assert [one.key for one in found(applied, changed_since="HEAD").drifted] == ["support"]


def test_without_git_edits_are_found_all_the_same(project: MemoryProject) -> None:
    project.manifest("support")
    project.settle()
    edit(project, name="By hand")
    assert kinds(project) == {"support": "edited"}


def test_a_value_that_looks_like_a_credential_is_masked(applied: MemoryProject) -> None:
    edit(applied, context={"model": "a", "temperature": 0.2, "api_key": "sk-ant-0123456789abcdefghijABCDEFGHIJ"})
    one = only(applied)
    assert one.fields[0].sensitive
    assert "sk-ant" not in repr(one.fields[0].after)


# Rollbacks


def roll_back(project: MemoryProject, to: int) -> None:
    project.run_at_once(rollback(RollbackRequest(settings=project.settings(), key="support", to=to), project.ui()))


def test_a_rollback_is_shown_as_deliberate_with_what_git_wants(applied: MemoryProject) -> None:
    again(applied, "b", "two")
    roll_back(applied, 1)
    one = only(applied)
    assert (one.kind, one.version) == (DriftKind.ROLLED_BACK, 3)
    assert one.reason.startswith("was rolled back to version 1 on purpose")
    assert [(field.path, field.before, field.after) for field in one.fields] == [(("context", "model"), "b", "a")]


def test_a_rollback_that_git_has_made_too_is_no_drift(applied: MemoryProject) -> None:
    again(applied, "b", "two")
    roll_back(applied, 1)
    applied.git("revert", "--no-edit", "HEAD")
    assert kinds(applied) == {}


def test_an_edit_after_a_rollback_is_an_edit(applied: MemoryProject) -> None:
    again(applied, "b", "two")
    roll_back(applied, 1)
    edit(applied, name="By hand")
    assert kinds(applied) == {"support": "edited"}


# What git has taken over


@pytest.fixture
def taken(applied: MemoryProject) -> MemoryProject:
    """An edit that was pulled, committed, and edited in git since."""
    edit(applied, context={"model": "a", "temperature": 0.9})
    applied.manifest("support", context={"model": "a", "temperature": 0.9})
    applied.commit("take the edit over")
    applied.manifest("support", context={"model": "a", "temperature": 0.5})
    applied.commit("cooler, which waits")
    return applied


def test_a_later_change_of_the_same_field_in_git_is_no_drift(taken: MemoryProject) -> None:
    report = found(taken)
    assert (report.drifted, report.pending) == ((), ("support",))


def test_a_plan_does_not_blame_an_edit_that_git_has_taken_over(taken: MemoryProject) -> None:
    plan = taken.planned(base=taken.git("rev-parse", "HEAD~1"))
    (change,) = plan.writes
    assert change.reason == "the manifest has changed since it was last applied"
    assert plan.edited == frozenset()
    assert plan.causes[SUPPORT] == (Cause.BRANCH,)


def test_a_pull_leaves_a_later_change_in_git_alone(taken: MemoryProject) -> None:
    report = taken.run_at_once(pull(PullRequest(settings=taken.settings())))
    assert report.files == ()


def test_a_second_edit_is_compared_with_the_one_that_git_has(taken: MemoryProject) -> None:
    edit(taken, context={"model": "b", "temperature": 0.9})
    one = only(taken)
    assert [field.path for field in one.fields] == [("context", "model")]
    assert [version.version for version in one.versions] == [3]
    (item,) = taken.run_at_once(pull(PullRequest(settings=taken.settings()))).pulled
    assert item.notes == ()
    assert [field.path for field in item.fields] == [("context", "model")], "the temperature of git stays"


def test_a_rollback_that_git_agreed_with_is_none_later(applied: MemoryProject) -> None:
    again(applied, "b", "two")
    roll_back(applied, 1)
    applied.git("revert", "--no-edit", "HEAD")
    applied.manifest("support", context={"model": "c", "temperature": 0.2})
    applied.commit("three, which waits")
    assert kinds(applied) == {}
    assert applied.planned().rolled_back == frozenset()


def test_a_pointer_that_was_moved_by_hand_counts_as_an_edit_in_a_plan(applied: MemoryProject) -> None:
    applied.manifest("support", context={"model": "a", "temperature": 0.2}, description="two")
    applied.commit("two")
    applied.settle()
    applied.deployment.set_latest(SUPPORT, 1)
    plan = applied.planned()
    (change,) = plan.writes
    assert change.reason.startswith("it was set to version 1 outside git")
    assert plan.edited == {SUPPORT}
