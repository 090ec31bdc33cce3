from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.findings import Finding, Places, Spot
from assistant_sync.model.problem import Problem, Severity
from assistant_sync.repository.worktree import WorkTree
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path


def places(tmp_path: Path, folder: str = ".") -> Places:
    Repo(tmp_path).write("a.yaml", "x: 1\ny: {z: 2}\n")
    return Places(WorkTree.open(tmp_path), folder)


def test_no_findings_are_no_problems(tmp_path: Path) -> None:
    assert places(tmp_path).problems([]) == ()


def test_problems_are_sorted_by_place_and_told_once(tmp_path: Path) -> None:
    findings = [
        Finding(Spot("a.yaml", 0, ("y", "z")), "b"),
        Finding(Spot("a.yaml", 0, ("y", "z")), "a", Severity.WARNING),
        Finding(Spot("a.yaml", 0, ("x",), at_key=True), "c"),
        Finding(Spot("a.yaml", 0, ("x",), at_key=True), "c"),
        Finding(Spot("a.yaml"), "d"),
    ]
    assert places(tmp_path).problems(findings) == (
        Problem("a.yaml", 0, 0, "d"),
        Problem("a.yaml", 1, 1, "c"),
        Problem("a.yaml", 2, 8, "a", Severity.WARNING),
        Problem("a.yaml", 2, 8, "b"),
    )


def test_the_other_place_of_a_problem_is_named_in_its_message(tmp_path: Path) -> None:
    finding = Finding(Spot("a.yaml", 0), "see {other}", other=Spot("a.yaml", 0, ("y",)))
    assert places(tmp_path, "deploy").problems([finding]) == (Problem("../a.yaml", 1, 1, "see ../a.yaml:2"),)


def test_a_file_that_vanished_meanwhile_is_named_without_line(tmp_path: Path) -> None:
    assert places(tmp_path).problems([Finding(Spot("gone.yaml", 0), "a")]) == (Problem("gone.yaml", 0, 0, "a"),)
