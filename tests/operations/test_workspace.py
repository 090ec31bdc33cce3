from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from assistant_sync.errors import InvalidFiles, UnknownName
from assistant_sync.model.project import Project, Target
from assistant_sync.model.provenance import Commit
from assistant_sync.operations.workspace import (
    Settings,
    Workspace,
    choose_target,
    open_project,
    open_workspace,
)
from tests.operations.memory_project import URL
from tests.project_fixture import PROJECT, ProjectFixture


@pytest.fixture
def project(tmp_path: Path) -> ProjectFixture:
    """A project with one manifest that includes a text, committed."""
    project = ProjectFixture(tmp_path, URL)
    project.write("prompts/support.md", "Be kind.\n")
    project.manifest("support", context={"prompt": {"$file": "../prompts/support.md"}})
    project.commit()
    return project


def settings(project: ProjectFixture, **members: Any) -> Settings:
    return Settings(**{"environ": {}, "folder": project.folder, **members})


def opened(project: ProjectFixture, *, prune: bool | None = None, **members: Any) -> Workspace:
    return open_workspace(settings(project, **members), prune=prune)


def commit_of(project: ProjectFixture) -> Commit:
    commit = opened(project).commit
    assert commit is not None
    return commit


# The settings


@pytest.mark.parametrize(
    ("value", "in_ci"),
    [
        (None, False),
        ("", False),
        ("0", False),
        ("false", False),
        (" No ", False),
        ("true", True),
        ("1", True),
        ("x", True),
    ],
)
def test_the_variable_ci_tells_continuous_integration(value: str | None, in_ci: bool) -> None:
    environ = {} if value is None else {"CI": value}
    assert Settings(environ=environ, folder=Path()).in_ci is in_ci


def test_the_environment_is_not_shown() -> None:
    assert "hunter2" not in repr(Settings(environ={"PASSWORD": "hunter2"}, folder=Path()))


# The project and its manifests


def test_a_project_without_changes_is_opened_as_it_was_committed(project: ProjectFixture) -> None:
    found = opened(project)
    assert (found.project.name, found.target.name, found.tree.top) == (PROJECT, "local", project.folder.resolve())
    assert [one.content.context for one in found.manifests.desired] == [{"prompt": "Be kind.\n"}]
    assert (found.manifests.problems, found.commit) == ((), Commit(project.git("rev-parse", "HEAD"), dirty=False))


def test_the_project_file_is_found_from_a_folder_below(project: ProjectFixture) -> None:
    assert opened(project, folder=project.folder / "assistants").project.folder == project.folder.resolve()


def test_another_project_file_may_be_named(project: ProjectFixture, tmp_path: Path) -> None:
    project.write("other.yaml", f"version: 1\nproject: other\ntargets: {{local: {{url: '{URL}'}}}}\n")
    other, _ = open_project(settings(project, config=tmp_path / "other.yaml"))
    assert (other.name, other.file) == ("other", "other.yaml")


def test_a_missing_project_file_is_a_problem_of_the_files(project: ProjectFixture) -> None:
    (project.folder / "assistant-sync.yaml").unlink()
    with pytest.raises(InvalidFiles) as caught:
        opened(project)
    assert [problem.file for problem in caught.value.problems] == ["assistant-sync.yaml"]


def test_all_problems_of_all_manifests_are_named_with_the_warnings(project: ProjectFixture) -> None:
    project.write("assistants/a.yaml", "graph_id: 1\n")
    project.write("assistants/b.yaml", "graph_id: [\n")
    with pytest.raises(InvalidFiles) as caught:
        opened(project)
    problems = {(problem.file, problem.is_error) for problem in caught.value.problems}
    assert problems == {
        ("assistants/a.yaml", True),
        ("assistants/a.yaml", False),
        ("assistants/b.yaml", True),
        ("assistants/b.yaml", False),
    }


@pytest.mark.parametrize(
    ("environ", "in_ci"),
    [
        ({"TF_BUILD": "True"}, True),
        ({"CODEBUILD_BUILD_ID": "project:1"}, True),
        ({"TEAMCITY_VERSION": "2024.1"}, True),
        ({"JENKINS_URL": "https://ci.example"}, True),
        ({"TF_BUILD": ""}, False),
        ({"CI": "false", "TF_BUILD": "True"}, False),
        ({"CI": "", "TF_BUILD": "True"}, True),
        ({"BUILD_NUMBER": "7"}, False),
    ],
)
def test_services_that_do_not_set_ci_are_known_by_what_they_document(environ: dict[str, str], in_ci: bool) -> None:
    assert Settings(environ=environ, folder=Path()).in_ci is in_ci


@pytest.mark.parametrize("ci", [False, True])
def test_an_untracked_manifest_is_an_error_in_ci_alone(ci: bool, project: ProjectFixture) -> None:
    project.manifest("late")
    if ci:
        with pytest.raises(InvalidFiles):
            opened(project, environ={"CI": "true"})
    else:
        assert [problem.file for problem in opened(project).manifests.problems] == ["assistants/late.yaml"]


@pytest.mark.parametrize(
    ("target", "asked", "is_error"),
    [(False, None, False), (True, None, True), (False, True, True), (True, False, False)],
)
def test_an_empty_manifest_is_an_error_if_its_assistant_would_be_deleted(
    target: bool, asked: bool | None, is_error: bool, project: ProjectFixture
) -> None:
    project.configure(URL, prune=target)
    project.write("assistants/support.yaml", "# empty\n")
    if is_error:
        with pytest.raises(InvalidFiles):
            opened(project, prune=asked)
    else:
        assert opened(project, prune=asked).manifests.desired == ()


def test_the_overlay_of_the_target_applies(project: ProjectFixture) -> None:
    project.configure(URL, overlay="overlays/local")
    project.write("overlays/local/support.yaml", "name: Local\n")
    assert [one.content.name for one in opened(project).manifests.desired] == ["Local"]


# The commit


def test_before_the_first_commit_there_is_none(tmp_path: Path) -> None:
    project = ProjectFixture(tmp_path, URL)
    project.manifest("support")
    assert opened(project).commit is None


def test_a_plain_folder_has_no_commit(project: ProjectFixture) -> None:
    (project.folder / ".git").rename(project.folder / "no-git")
    assert opened(project).commit is None


@pytest.mark.parametrize("path", ["assistants/support.yaml", "prompts/support.md", "assistant-sync.yaml"])
def test_an_edit_of_what_is_read_makes_the_commit_dirty(path: str, project: ProjectFixture) -> None:
    project.write(path, (project.folder / path).read_text("utf-8") + "\n")
    assert commit_of(project).dirty


def test_a_manifest_that_was_removed_makes_the_commit_dirty(project: ProjectFixture) -> None:
    project.manifest("other")
    project.commit()
    project.remove("other")
    assert commit_of(project).dirty


def test_an_overlay_that_was_removed_makes_the_commit_dirty(project: ProjectFixture) -> None:
    project.configure(URL, overlay="overlays/local")
    project.write("overlays/local/.gitkeep", "")
    project.write("overlays/local/support.yaml", "name: Local\n")
    project.commit()
    (project.folder / "overlays/local/support.yaml").unlink()
    assert commit_of(project).dirty


@pytest.mark.parametrize("path", ["README.md", "assistants/README.md", "prompts/other.md"])
def test_an_edit_of_anything_else_does_not(path: str, project: ProjectFixture) -> None:
    project.write(path, "one\n")
    project.commit()
    project.write(path, "two\n")
    assert not commit_of(project).dirty


# The target


def project_with(*targets: str, default: str | None = None) -> Project:
    known = MappingProxyType({name: Target(name, URL) for name in targets})
    return Project(PROJECT, Path("/p"), "assistant-sync.yaml", "assistants", None, default, known)


def test_without_a_name_the_default_target_is_chosen() -> None:
    assert choose_target(project_with("staging", "production", default="production"), None).name == "production"


def test_the_target_that_is_named_comes_before_the_default() -> None:
    assert choose_target(project_with("staging", "production", default="production"), "staging").name == "staging"


def test_the_only_target_of_a_project_file_is_its_default(project: ProjectFixture) -> None:
    project.write("assistant-sync.yaml", f"version: 1\nproject: {PROJECT}\ntargets: {{only: {{url: '{URL}'}}}}\n")
    assert opened(project).target.name == "only"


@pytest.mark.parametrize(
    ("project", "name", "message", "hint"),
    [
        (project_with("staging", "production"), "prodution", "has no target 'prodution'", "did you mean 'production'?"),
        (project_with("staging", "production"), "x", "has no target 'x'", "it has staging, production"),
        (
            project_with("staging", "production"),
            None,
            "has no default_target",
            "Name one with --target: staging, production",
        ),
        (
            project_with(),
            None,
            "has no targets",
            "Name a deployment there: targets: {local: {url: http://127.0.0.1:2024}}",
        ),
    ],
    ids=["a name that is near", "a name that is not", "no default", "no targets"],
)
def test_a_target_that_does_not_exist_names_the_way_out(
    project: Project, name: str | None, message: str, hint: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        choose_target(project, name)
    assert (caught.value.message, caught.value.hint) == (f"assistant-sync.yaml {message}", hint)
