"""Validate: the checks beside the manifests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import UnknownName
from assistant_sync.model.selection import Selection
from assistant_sync.operations.validate import Validated, validate
from assistant_sync.operations.validate_online import validate_online
from assistant_sync.operations.workspace import Settings

if TYPE_CHECKING:
    from tests.operations.memory_project import MemoryProject

CASES = "cases:\n  - {name: greets, ask: {$file: ../prompts/hello.md}, expect: [{contains: hello}]}\n"
GOOD = f"assistants: a\n{CASES}"
WRONG = "assistants: a\ncases: []\n"


@pytest.fixture
def project(project: MemoryProject) -> MemoryProject:
    """A valid project with two manifests and a check."""
    project.manifest("a")
    project.manifest("b")
    project.write("prompts/hello.md", "Hello!\n")
    project.write("checks/a.yaml", GOOD)
    project.commit()
    return project


def checked(project: MemoryProject, *paths: str, selection: Selection | None = None, **settings: Any) -> Validated:
    asked = Settings(**{"environ": {}, "folder": project.folder, **settings})
    return validate(asked, [Path(path) for path in paths], selection=selection)


def lines(found: Validated) -> list[str]:
    return [str(problem) for problem in found.problems]


def test_valid_checks_are_no_problem_and_no_manifests(project: MemoryProject) -> None:
    found = checked(project)
    assert (found.problems, found.documents, found.is_valid) == ((), 2, True)


def test_an_error_in_a_check_is_an_error_beside_those_of_manifests(project: MemoryProject) -> None:
    project.write("assistants/b.yaml", "graph_id: 1\n")
    project.write("checks/a.yaml", WRONG)
    found = checked(project)
    assert lines(found) == [
        "assistants/b.yaml:1:11: graph_id must be non-empty text, not a number",
        "checks/a.yaml:2:8: cases must be a list of 1 to 1000 cases",
    ]
    assert (found.documents, found.is_valid) == (2, False)


def test_the_command_ends_with_the_code_of_invalid_files(project: MemoryProject) -> None:
    project.write("checks/a.yaml", WRONG)
    assert "checks/a.yaml:2:8: cases must be" in project.run("validate").expect(3).out


def test_a_plan_reads_no_checks(project: MemoryProject) -> None:
    project.write("checks/a.yaml", WRONG)
    assert len(project.planned().changes) == 2


def test_a_check_that_asks_nobody_is_a_warning(project: MemoryProject) -> None:
    project.write("checks/a.yaml", GOOD.replace("assistants: a", "assistants: 'a-*'"))
    found = checked(project)
    assert lines(found) == [
        "checks/a.yaml:1:13: warning: no manifest has a key that matches 'a-*', so this asks nobody"
    ]
    assert found.is_valid


@pytest.mark.parametrize("selection", [Selection(("b",)), Selection(graphs=("support_agent",))])
def test_whatever_is_selected_all_checks_are_checked_but_not_whom_they_ask(
    project: MemoryProject, selection: Selection
) -> None:
    project.write("checks/a.yaml", GOOD.replace("assistants: a", "assistants: 'c'"))
    assert checked(project, selection=selection).problems == ()
    project.write("checks/a.yaml", WRONG)
    assert len(checked(project, selection=selection).problems) == 1


def test_whom_they_ask_is_not_compared_with_manifests_that_are_not_valid(project: MemoryProject) -> None:
    project.write("assistants/a.yaml", "graph_id: 1\n")
    assert [one.file for one in checked(project).problems] == ["assistants/a.yaml"]


@pytest.mark.parametrize(("path", "expected"), [("checks", 1), ("checks/a.yaml", 1), ("prompts", 0), ("assistants", 0)])
def test_checks_and_their_texts_are_part_of_the_project(project: MemoryProject, path: str, expected: int) -> None:
    project.write("checks/a.yaml", GOOD.replace("hello}", "5}"))
    found = checked(project, path)
    assert len(found.problems) == expected
    assert found.documents == 2


def test_another_file_beside_them_is_no_part_of_the_project(project: MemoryProject) -> None:
    project.write("checks/notes.md", "text\n")
    with pytest.raises(UnknownName, match="no manifest, check, included text or overlay"):
        checked(project, "checks/notes.md")


def test_checks_in_the_manifests_folder_are_no_manifests(project: MemoryProject) -> None:
    text = (project.folder / "assistant-sync.yaml").read_text("utf-8")
    project.write("assistant-sync.yaml", f"manifests: .\n{text}")
    project.commit()
    found = checked(project)
    assert (lines(found), found.documents) == ([], 2)


@pytest.mark.parametrize(("ci", "is_valid"), [("", True), ("true", False)])
def test_an_untracked_check_is_a_warning_and_in_ci_an_error(project: MemoryProject, ci: str, is_valid: bool) -> None:
    project.write("checks/b.yaml", GOOD)
    found = checked(project, environ={"CI": ci})
    assert lines(found)[0].endswith("this file is not tracked by git; `git add` it")
    assert found.is_valid is is_valid


def test_online_they_are_checked_as_well(project: MemoryProject) -> None:
    project.write("checks/a.yaml", WRONG)
    found = project.run_at_once(validate_online(project.settings()))
    assert "checks/a.yaml:2:8: cases must be a list of 1 to 1000 cases" in lines(found)
