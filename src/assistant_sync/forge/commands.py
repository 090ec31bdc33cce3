"""What the runner of GitHub Actions takes for commands: making them, and keeping other text from being taken for one.

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

MOST_ANNOTATIONS = 10
"""Of errors, and of warnings, that GitHub shows for one step."""

_TITLE = "assistant-sync"
_IN_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_IN_DATA, ":": "%3A", ",": "%2C"}

# The runner strips blanks, and may pass over characters without width, before it looks for the two colons.
_LIKE_A_COMMAND = re.compile(r"(?:^|(?<=\r))(?:[^\w\r\n]|_)*?::", re.MULTILINE)


def annotation(problem: Problem, file: str) -> str:
    """The command that shows a problem at its line.

    Args:
        problem: Its message may hold any text.
        file: The problem's file as seen from the repository's top.
    """
    place = {"file": file, "line": problem.line or None, "col": (problem.line and problem.column) or None}
    properties = {**place, "title": _TITLE}
    told = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTIES)}" for name, value in properties.items() if value)
    return f"::{problem.severity.value} {told}::{_escaped(problem.message, _IN_DATA)}"


def shown(problems: Sequence[Problem]) -> tuple[list[Problem], int]:
    """The problems that GitHub shows as annotations, and how many it would leave out."""
    errors = [one for one in problems if one.is_error]
    warnings = [one for one in problems if not one.is_error]
    chosen = errors[:MOST_ANNOTATIONS] + warnings[:MOST_ANNOTATIONS]
    return chosen, len(problems) - len(chosen)


def pause() -> tuple[str, str]:
    """Two lines: nothing between them is taken for a command, because none can know the token."""
    token = secrets.token_hex(16)
    return f"::stop-commands::{token}", f"::{token}::"


def may_be_command(text: str) -> bool:
    """Whether the runner could take a line of the text for a command."""
    return "##[" in text or _LIKE_A_COMMAND.search(text) is not None


def inert(text: str) -> str:
    """Change a text, visibly, so that none of its lines is taken for a command."""
    return _LIKE_A_COMMAND.sub(lambda found: "| " + found[0], text).replace("##[", "## [")


def inert_json(text: str) -> str:
    """Write a JSON document, as ``dumps`` makes it, so that no line is taken for a command; its values are the same."""
    # A line of such a document begins with a bracket or a quotation mark, and two number signs are part of a string.
    return text.replace("##[", "##\\u005b")


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
