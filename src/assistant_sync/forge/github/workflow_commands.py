"""Workflow commands of GitHub Actions: the annotations that show problems at their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.problem import Problem

MAX_ANNOTATIONS = 10
"""Errors, and warnings, that GitHub shows for one step."""

_TITLE = "assistant-sync"
_IN_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_IN_DATA, ":": "%3A", ",": "%2C"}


def annotation(problem: Problem, file: str) -> str:
    """Return the command that shows a problem at its line.

    Args:
        problem: Its message may hold any text.
        file: The problem's file as seen from the repository's top.
    """
    place = {"file": file, "line": problem.line or None, "col": (problem.line and problem.column) or None}
    properties = {**place, "title": _TITLE}
    listed = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTIES)}" for name, value in properties.items() if value)
    return f"::{problem.severity.value} {listed}::{_escaped(problem.message, _IN_DATA)}"


def select_annotations(problems: Sequence[Problem]) -> tuple[list[Problem], int]:
    """Return the problems that GitHub shows as annotations, and how many it would leave out."""
    errors = [one for one in problems if one.is_error]
    warnings = [one for one in problems if not one.is_error]
    chosen = errors[:MAX_ANNOTATIONS] + warnings[:MAX_ANNOTATIONS]
    return chosen, len(problems) - len(chosen)


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
