"""Where changes come from, in a scripted history: the branch, a merge to come, a hand edit, a branch that is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment


def causes(project: ProjectFixture, *arguments: str) -> dict[str, Any]:
    return {change["key"]: change["causes"] for change in project.plan(*arguments)["changes"]}


def write(project: ProjectFixture, **models: str) -> None:
    for key, model in models.items():
        project.manifest(key, context={"model_name": model})


@pytest.fixture
def applied(project: ProjectFixture) -> ProjectFixture:
    """Three assistants on main, applied."""
    write(project, a="1", b="1", c="1")
    project.commit("begin")
    project.apply()
    return project


def test_without_a_base_nothing_is_told_of_causes(applied: ProjectFixture) -> None:
    write(applied, a="2")
    applied.commit()
    plan = applied.plan()
    assert plan["base"] is None
    assert {change["causes"] for change in plan["changes"]} == {None}
    assert "introduced" not in applied.run("plan").out


def test_an_equal_deployment_has_no_causes(applied: ProjectFixture) -> None:
    plan = applied.plan("--base", "main")
    assert plan["base"] == applied.git("rev-parse", "HEAD")
    assert [change["causes"] for change in plan["changes"]] == [[], [], []]


def test_each_change_is_told_from_the_others(applied: ProjectFixture, deployment: Deployment) -> None:
    """An edit of the branch, a merge that nobody has applied, an edit by hand, and all three in one assistant."""
    write(applied, b="merged", c="merged")
    applied.commit("merged, not applied")
    applied.git("switch", "-q", "-c", "branch")
    ids = {key: applied.manifest(key, context={"model_name": "branch"}) for key in "ac"}
    ids["d"] = applied.manifest("d", context={"model_name": "branch"})
    applied.commit("branch")
    for row in deployment.users():
        if row["name"] == "c":
            deployment.patch(row["assistant_id"], context={"model_name": "hand"}, config={"configurable": {}})
    assert causes(applied, "--base", "main") == {
        "a": ["branch"],
        "b": ["pending"],
        "c": ["branch", "pending", "outside"],
        "d": ["branch"],
    }
    out = applied.run("plan", "--base", "main").expect(0).out
    assert "introduced by this branch, and merged earlier, not applied yet, and changed outside git" in out


def test_an_edit_by_hand_is_nobodys_commit(applied: ProjectFixture, deployment: Deployment) -> None:
    applied.git("switch", "-q", "-c", "branch")
    (row,) = (row for row in deployment.users() if row["name"] == "a")
    deployment.patch(row["assistant_id"], name="by hand")
    assert causes(applied, "--base", "main") == {"a": ["outside"], "b": [], "c": []}


def test_what_a_stale_branch_would_undo_is_said_loudly(applied: ProjectFixture) -> None:
    applied.git("switch", "-q", "-c", "branch")
    write(applied, a="branch")
    applied.commit("branch")
    applied.git("switch", "-q", "main")
    write(applied, b="newer", d="newer")
    applied.commit("merged meanwhile")
    applied.apply()
    applied.git("switch", "-q", "branch")
    plan = applied.plan("--base", "main", "--prune", "--allow-deletes", "1")
    assert {change["key"]: change["causes"] for change in plan["changes"]} == {
        "a": ["branch"], "b": ["behind"], "c": [], "d": ["behind"],
    }  # fmt: skip
    (warning,) = (one["message"] for one in plan["warnings"] if "This branch is behind" in one["message"])
    assert "(b, d)" in warning
    applied.git("merge", "-q", "--no-edit", "main")
    assert causes(applied, "--base", "main") == {"a": ["branch"], "b": [], "c": [], "d": []}


def test_a_removed_manifest_is_the_branchs_and_one_removed_before_is_not(applied: ProjectFixture) -> None:
    (applied.folder / "assistants" / "b.yaml").unlink()
    applied.commit("removed on main, not applied")
    applied.git("switch", "-q", "-c", "branch")
    (applied.folder / "assistants" / "a.yaml").unlink()
    applied.commit("removed on the branch")
    arguments = ("--base", "main", "--prune", "--allow-deletes", "2")
    assert causes(applied, *arguments) == {"a": ["branch"], "b": ["pending"], "c": []}


def test_in_a_pull_request_the_base_is_found_without_being_named(
    applied: ProjectFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied.git("update-ref", "refs/remotes/origin/main", "main")
    applied.git("switch", "-q", "-c", "branch")
    write(applied, a="branch")
    applied.commit("branch")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert causes(applied) == {"a": ["branch"], "b": [], "c": []}
    monkeypatch.setenv("GITHUB_BASE_REF", "gone")
    plan = applied.plan()
    assert plan["base"] is None
    assert any("origin/gone" in one["message"] for one in plan["warnings"])


def test_a_base_that_does_not_exist_is_a_usage_error(applied: ProjectFixture) -> None:
    assert "no commit 'nowhere'" in applied.run("plan", "--base", "nowhere").expect(64).err


def test_a_base_whose_files_have_problems_is_told(applied: ProjectFixture) -> None:
    applied.write("assistants/a.yaml", "graph_id: [")
    applied.commit("broken")
    applied.git("switch", "-q", "-c", "branch")
    write(applied, a="mended")
    applied.commit("mended")
    plan = applied.plan("--base", "main")
    assert any("have problems" in one["message"] for one in plan["warnings"])
    assert [change["causes"] for change in plan["changes"]] == [[], [], []]


def test_before_the_project_was_there_everything_is_the_branchs(project: ProjectFixture) -> None:
    project.git("commit", "-q", "--allow-empty", "-m", "empty")
    project.git("switch", "-q", "-c", "branch")
    write(project, a="1")
    project.commit("first")
    assert causes(project, "--base", "main") == {"a": ["branch"]}


def test_included_texts_and_overlays_are_read_at_the_base(applied: ProjectFixture) -> None:
    applied.write("prompts/a.md", "old prompt\n")
    applied.manifest("a", context={"system_prompt": {"$file": "../prompts/a.md"}})
    applied.commit("prompt")
    applied.apply()
    applied.git("switch", "-q", "-c", "branch")
    applied.write("prompts/a.md", "new prompt\n")
    applied.commit("only the text")
    assert causes(applied, "--base", "main") == {"a": ["branch"], "b": [], "c": []}
