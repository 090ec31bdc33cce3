"""Styled lines: what all text outputs are made of before they become one ``rich`` text.

Styles are given beside the text, never as markup inside it, so that no untrusted text can set one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rich.text import Text

from assistant_sync.model.change import Action
from assistant_sync.report.safe import visible_parts

if TYPE_CHECKING:
    from collections.abc import Iterable

StyledLine: TypeAlias = list[tuple[str, str]]
"""Pieces of one line, each with its style; all of it inert already."""

ADDED = "green"
REMOVED = "red"
CAUTION = "yellow"
TROUBLE = "bold red"
QUIET = "dim"
SPELLED = "bold magenta"

ACTION_STYLES = {
    Action.CREATE: ADDED,
    Action.UPDATE: CAUTION,
    Action.ACTIVATE: "cyan",
    Action.ADOPT: "magenta",
    Action.DELETE: "bold red",
    Action.ORPHAN: CAUTION,
    Action.KEEP: QUIET,
    Action.REFUSE: TROUBLE,
}

_LABEL_LIMIT = 120
_MESSAGE_LIMIT = 4_000


def shown(text: str, style: str = "") -> StyledLine:
    """Make an untrusted text part of a line; what had to be spelled out stands out in colour."""
    return [(part, SPELLED if is_spelled else style) for part, is_spelled in visible_parts(text)]


def label(text: str, style: str = "") -> StyledLine:
    """Make an untrusted name part of a line; a live assistant's key or name may be of any length."""
    line = shown(text[:_LABEL_LIMIT], style)
    rest = len(text) - _LABEL_LIMIT
    return [*line, (f" {more(rest, 'character')}", QUIET)] if rest > 0 else line


def message(text: str, style: str = "") -> list[StyledLine]:
    """Make untrusted sentences into lines; a bar marks further lines, so that none passes for one of ours."""
    first, *further = text[:_MESSAGE_LIMIT].split("\n")
    lines: list[StyledLine] = [shown(first, style)]
    lines += [[("| ", QUIET), *shown(line, style)] for line in further]
    if len(text) > _MESSAGE_LIMIT:
        lines[-1].append((f" {more(len(text) - _MESSAGE_LIMIT, 'character')}", QUIET))
    return lines


def indented(lines: Iterable[StyledLine], indent: str = "    ") -> list[StyledLine]:
    """Move lines to the right."""
    return [[(indent, ""), *line] for line in lines]


def more(count: int, noun: str) -> str:
    """Say how much was left out."""
    return f"… {count:,} more {noun}{'' if count == 1 else 's'}"


def plural(count: int, noun: str) -> str:
    """Count things, such as ``1 line`` and ``1,200 lines``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def joined(lines: Iterable[StyledLine]) -> Text:
    """Make one text of lines; it is to be printed without wrapping and does not end in a line feed."""
    text = Text(no_wrap=True, overflow="ignore", end="\n")
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        for piece, style in line:
            text.append(piece, style)
    return text
