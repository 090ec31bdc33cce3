"""Workflow commands of GitHub Actions: writing them, and keeping the runner from obeying other text.

The runner reads both output streams line by line. After blanks at its beginning, ``::name key=value::data`` is a
command; ``##[name key=value]data`` is one anywhere in a line (actions/runner, ``ActionCommand.cs``).
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.problem import Problem

MAX_ANNOTATIONS = 10
"""Errors, and warnings, that GitHub shows for one step."""

_TITLE = "assistant-sync"
_IN_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_IN_DATA, ":": "%3A", ",": "%2C"}

# The runner strips blanks, and may skip characters without width, before it looks for the two colons.
_LIKE_A_COMMAND = re.compile(r"(?:^|(?<=\r))(?:[^\w\r\n]|_)*?::", re.MULTILINE)


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


def stop_and_resume() -> tuple[str, str]:
    """Return two lines: the runner obeys nothing between them, because no text in between can know the token."""
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}", f"::{token}::"


def may_hold_command(text: str) -> bool:
    """Whether the runner could obey a line of the text."""
    return "##[" in text or _LIKE_A_COMMAND.search(text) is not None


def inert(text: str) -> str:
    """Change a text, visibly, so that the runner obeys none of its lines."""
    return _LIKE_A_COMMAND.sub(lambda found: "| " + found[0], text).replace("##[", "## [")


def inert_json(text: str) -> str:
    """Change a JSON document, as ``dumps`` writes it, so that the runner obeys no line; its values stay the same."""
    # A line of such a document begins with a bracket or a quotation mark, and two number signs are part of a string.
    return text.replace("##[", "##\\u005b")


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
