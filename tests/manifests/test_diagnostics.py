from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Diagnostic, SourceLocator, SourceRef
from assistant_sync.problem import Problem, Severity
from assistant_sync.repository.worktree import WorkTree
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path


def locator(tmp_path: Path, folder: str = ".") -> SourceLocator:
    Repo(tmp_path).write("a.yaml", "x: 1\ny: {z: 2}\n")
    return SourceLocator(WorkTree.open(tmp_path), folder)


def test_no_diagnostics_are_no_problems(tmp_path: Path) -> None:
    assert locator(tmp_path).problems([]) == ()


def test_problems_are_sorted_by_place_and_reported_once(tmp_path: Path) -> None:
    diagnostics = [
        Diagnostic(SourceRef("a.yaml", 0, ("y", "z")), "b"),
        Diagnostic(SourceRef("a.yaml", 0, ("y", "z")), "a", Severity.WARNING),
        Diagnostic(SourceRef("a.yaml", 0, ("x",), at_key=True), "c"),
        Diagnostic(SourceRef("a.yaml", 0, ("x",), at_key=True), "c"),
        Diagnostic(SourceRef("a.yaml"), "d"),
    ]
    assert locator(tmp_path).problems(diagnostics) == (
        Problem("a.yaml", 0, 0, "d"),
        Problem("a.yaml", 1, 1, "c"),
        Problem("a.yaml", 2, 8, "a", Severity.WARNING),
        Problem("a.yaml", 2, 8, "b"),
    )


def test_the_other_place_of_a_problem_is_named_in_its_message(tmp_path: Path) -> None:
    diagnostic = Diagnostic(SourceRef("a.yaml", 0), "see {other}", other=SourceRef("a.yaml", 0, ("y",)))
    assert locator(tmp_path, "deploy").problems([diagnostic]) == (Problem("../a.yaml", 1, 1, "see ../a.yaml:2"),)


def test_of_one_file_a_limited_number_of_problems_is_reported(tmp_path: Path) -> None:
    warnings = [Diagnostic(SourceRef("a.yaml", 0), f"{number:04}", Severity.WARNING) for number in range(200)]
    assert len(locator(tmp_path).problems(warnings)) == 200
    rest = [Diagnostic(SourceRef("a.yaml"), "warning", Severity.WARNING), Diagnostic(SourceRef("a.yaml"), "error")]
    problems = locator(tmp_path).problems([*warnings, *rest, Diagnostic(SourceRef("b.yaml"), "other")])
    assert len(problems) == 202
    assert problems[0] == Problem("a.yaml", 0, 0, "this file has at least 2 more problems")
    assert locator(tmp_path).problems([*warnings, rest[0]])[0].severity is Severity.WARNING


def test_a_file_that_vanished_meanwhile_is_named_without_line(tmp_path: Path) -> None:
    assert locator(tmp_path).problems([Diagnostic(SourceRef("gone.yaml", 0), "a")]) == (
        Problem("gone.yaml", 0, 0, "a"),
    )
