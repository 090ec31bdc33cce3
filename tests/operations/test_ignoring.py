"""Fields that somebody else owns: set on create, and from then on never compared and never written over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.cause import Cause
from assistant_sync.model.identity import derived_id
from assistant_sync.operations.diff import DiffRequest, diff
from assistant_sync.operations.drift import drift
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.pull import PullRequest, pull
from assistant_sync.operations.rollback import RollbackRequest, rollback
from assistant_sync.report.json.plan import plan_json
from assistant_sync.report.text.plan import plan_text
from tests.applying.memory_deployment import unmirrored
from tests.project_fixture import PROJECT
from tests.servers.fake_deployment import meanwhile

if TYPE_CHECKING:
    from tests.operations.memory_project import MemoryProject

SUPPORT = derived_id(PROJECT, "support")
IGNORED = {"ignore_changes": ["context.temperature", "metadata.tier"]}


def write(project: MemoryProject, *, message: str = "edit", **fields: Any) -> None:
    content: dict[str, Any] = {"context": {"model": "a", "temperature": 0.2}, "metadata": {"team": "cx", "tier": 1}}
    project.manifest("support", **{**content, "lifecycle": IGNORED, **fields})
    project.commit(message)


def live(project: MemoryProject) -> Any:
    return project.deployment.get(SUPPORT)


def tune(project: MemoryProject, temperature: float = 0.7) -> None:
    """The UI changes the fields that it owns."""
    context = live(project)["context"] | {"temperature": temperature}
    project.deployment.patch(SUPPORT, context=context, metadata={"tier": 2})


@pytest.fixture(params=["mirrors", "does not mirror"])
def applied(project: MemoryProject, request: pytest.FixtureRequest) -> MemoryProject:
    if request.param != "mirrors":
        project.deployment.quirk = unmirrored
    write(project)
    project.settle()
    return project


def test_ignored_fields_are_set_on_create(applied: MemoryProject) -> None:
    row = live(applied)
    assert (row["context"], row["metadata"]["tier"]) == ({"model": "a", "temperature": 0.2}, 1)
    assert applied.planned().writes == ()


def test_an_edit_of_them_is_no_change_no_drift_and_nothing_to_pull(applied: MemoryProject) -> None:
    tune(applied)
    assert applied.planned().writes == ()
    report = applied.run_at_once(drift(PlanRequest(settings=applied.settings())))
    assert (report.drifted, report.pending) == ((), ())
    assert applied.run_at_once(pull(PullRequest(settings=applied.settings()))).files == ()
    assert applied.numbers(SUPPORT) == [1, 2]


def test_another_change_keeps_the_live_values_and_blames_nobody(applied: MemoryProject) -> None:
    tune(applied)
    write(applied, context={"model": "b", "temperature": 0.2}, message="two")
    plan = applied.planned()
    (change,) = plan.writes
    assert [field.path for field in change.fields] == [("context", "model")]
    assert change.reason == "the manifest has changed since it was last applied"
    assert plan.edited == frozenset()
    applied.settle()
    row = live(applied)
    assert (row["context"], row["metadata"]["tier"]) == ({"model": "b", "temperature": 0.7}, 2)
    assert applied.planned().writes == ()
    assert applied.numbers(SUPPORT) == [1, 2, 3]


def test_another_ignored_value_in_git_is_no_change(applied: MemoryProject) -> None:
    write(applied, context={"model": "a", "temperature": 0.9}, message="two")
    assert applied.planned().writes == ()


def test_the_plan_shows_what_is_ignored(applied: MemoryProject) -> None:
    tune(applied)
    write(applied, context={"model": "b", "temperature": 0.2}, message="two")
    plan = applied.planned()
    assert "context.temperature is ignored: it stays 0.7" in plan_text(plan).plain
    (change,) = plan_json(plan, created_at="", tool_version="")["changes"]
    shown = {tuple(one["path"]): (one["before"], one["after"]) for one in change["ignored"]}
    assert shown[("context", "temperature")] == (0.7, 0.2)
    assert shown[("metadata", "tier")] == (2, 1)


def test_a_kept_assistant_shows_it_too_if_it_is_asked(applied: MemoryProject) -> None:
    tune(applied)
    plan = applied.planned()
    assert "is ignored" not in plan_text(plan).plain
    assert "context.temperature is ignored: it stays 0.7" in plan_text(plan, verbose=True).plain


def test_a_real_edit_beside_them_is_drift_and_only_it_is_pulled(applied: MemoryProject) -> None:
    tune(applied)
    applied.deployment.patch(SUPPORT, name="By hand")
    report = applied.run_at_once(drift(PlanRequest(settings=applied.settings())))
    (one,) = report.drifted
    assert [field.path for field in one.fields] == [("name",)]
    (change,) = applied.planned().writes
    assert "the manifest has changed" not in change.reason
    pulled = applied.run_at_once(pull(PullRequest(settings=applied.settings())))
    assert [[field.path for field in item.fields] for item in pulled.pulled] == [[("name",)]]
    assert "0.2" in (applied.folder / "assistants/support.yaml").read_text()
    assert applied.planned().writes == ()


def test_a_version_with_other_ignored_values_is_not_activated(applied: MemoryProject) -> None:
    write(applied, name="Two", message="two")
    applied.settle()
    tune(applied)
    write(applied, message="revert")
    (change,) = applied.planned().writes
    assert change.action.value == "update", "version 1 has another temperature"
    applied.settle()
    assert live(applied)["context"]["temperature"] == 0.7


def test_fields_that_a_branch_begins_to_ignore_are_no_change(applied: MemoryProject) -> None:
    base = applied.commit("base")
    write(applied, lifecycle={"ignore_changes": ["context"]}, message="two")
    applied.deployment.patch(SUPPORT, context={"other": 1})
    plan = applied.planned(base=base)
    assert plan.writes == ()


def test_a_branch_that_begins_to_ignore_a_field_is_not_the_cause_of_other_changes(applied: MemoryProject) -> None:
    write(applied, context={"model": "b", "temperature": 0.2}, lifecycle={}, message="two, which waits")
    base = applied.git("rev-parse", "HEAD")
    write(applied, context={"model": "b", "temperature": 0.2}, message="ignore it again")
    tune(applied)
    plan = applied.planned(base=base)
    assert plan.causes[SUPPORT] == (Cause.PENDING,)


def test_a_value_that_an_apply_kept_does_not_look_like_a_merge_that_waits(applied: MemoryProject) -> None:
    tune(applied)
    write(applied, context={"model": "b", "temperature": 0.2}, message="two")
    applied.settle()
    base = applied.git("rev-parse", "HEAD")
    write(applied, context={"model": "c", "temperature": 0.2}, message="three")
    assert applied.planned(base=base).causes[SUPPORT] == (Cause.BRANCH,)


def test_a_value_that_was_tuned_again_after_an_apply_does_not_look_like_one_either(applied: MemoryProject) -> None:
    tune(applied)
    write(applied, context={"model": "b", "temperature": 0.2}, message="two")
    applied.settle()
    tune(applied, 0.9)
    base = applied.git("rev-parse", "HEAD")
    write(applied, context={"model": "c", "temperature": 0.2}, message="three")
    assert applied.planned(base=base).causes[SUPPORT] == (Cause.BRANCH,)


def test_an_edit_of_them_during_an_apply_does_not_spoil_its_proof(applied: MemoryProject) -> None:
    write(applied, context={"model": "b", "temperature": 0.2}, message="two")
    fault = meanwhile("PATCH", f"/assistants/{SUPPORT}", lambda: tune(applied, 0.9), carried_out=True)
    result = applied.applied(fault).result
    assert result is not None
    assert result.differences == ()
    assert live(applied)["context"]["temperature"] == 0.9


def test_a_mixture_in_them_alone_is_no_change(applied: MemoryProject) -> None:
    tune(applied)
    applied.deployment.set_latest(SUPPORT, 1)
    assert applied.planned().writes == ()


def test_an_adoption_keeps_the_live_values(project: MemoryProject) -> None:
    row = project.deployment.create(name="support", context={"model": "a", "temperature": 0.9})
    own = row["assistant_id"]
    project.manifest(
        "support", assistant_id=own, context={"model": "a", "temperature": 0.2},
        lifecycle={"ignore_changes": ["context.temperature"]},
    )  # fmt: skip
    (change,) = project.planned().writes
    assert change.fields == ()
    project.settle()
    assert project.deployment.get(own)["context"]["temperature"] == 0.9


def test_a_rollback_resets_them_and_says_so(applied: MemoryProject) -> None:
    tune(applied)
    ui = applied.ui()
    asked = RollbackRequest(settings=applied.settings(), key="support", to=1)
    run = applied.run_at_once(rollback(asked, ui))
    assert run.report is not None
    assert "context.temperature" in ui.plans[-1].warnings[0].message
    assert "ignore_changes" in ui.plans[-1].warnings[0].message
    assert live(applied)["context"]["temperature"] == 0.2
    assert applied.planned().writes == ()


def test_a_diff_leaves_them_out(applied: MemoryProject) -> None:
    tune(applied)
    compared = applied.run_at_once(diff(DiffRequest(settings=applied.settings(), left="support@live")))
    assert compared.fields == ()


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (["contxt.a"], "the path must begin with one of graph_id, name, description, context, config, metadata"),
        (["context..a"], "this must be a path such as"),
        ("context.a", "must be a list of paths"),
    ],
)
def test_a_path_that_is_none_is_an_error_at_its_place(project: MemoryProject, value: Any, problem: str) -> None:
    project.manifest("support", lifecycle={"ignore_changes": value})
    run = project.run("validate").expect(3)
    assert problem in run.err + run.out


def test_the_whole_config_can_be_ignored_beside_a_context_that_changes(project: MemoryProject) -> None:
    ignored = {"ignore_changes": ["config"]}
    write(project, config={"recursion_limit": 5}, lifecycle=ignored)
    project.settle()
    assert project.planned().writes == ()
    write(project, context={"model": "b", "temperature": 0.2}, config={"recursion_limit": 6}, lifecycle=ignored)
    project.settle()
    assert live(project)["context"]["model"] == "b"
    assert live(project)["config"]["recursion_limit"] == 5


def test_an_ignored_metadata_key_that_the_manifest_drops_stays_as_it_is(applied: MemoryProject) -> None:
    tune(applied)
    write(applied, metadata={"team": "other"}, message="drop tier")
    applied.settle()
    assert live(applied)["metadata"]["tier"] == 2
    assert applied.planned().writes == ()


def test_a_pull_writes_no_ignored_value_and_no_credential_that_hides_in_one(project: MemoryProject) -> None:
    ignored = {"ignore_changes": ["context.tools[0].token"]}
    tools = [{"name": "a", "token": "${TOKEN}"}, {"name": "b"}]
    write(project, context={"tools": tools}, metadata={}, lifecycle=ignored)
    project.settle()
    secret = "sk-ant-0123456789abcdefghijABCDEFGHIJ"
    project.deployment.patch(SUPPORT, context={"tools": [{"name": "z", "token": secret}]})
    report = project.run_at_once(pull(PullRequest(settings=project.settings())))
    assert secret not in (project.folder / "assistants/support.yaml").read_text()
    assert [note for one in report.pulled for note in one.notes] == []
