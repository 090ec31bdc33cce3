"""Styled lines: all text outputs are made of them before they become one ``rich`` text.

Styles are given beside the text, never as markup inside it, so that no untrusted text can set one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rich.text import Text

from assistant_sync.report.escape import escape_invisible_parts
from assistant_sync.report.text.styles import ESCAPED, QUIET
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

StyledLine: TypeAlias = list[tuple[str, str]]
"""Pieces of one line, each with its style; all of it inert already."""

VERBOSE = "-v"
IN_JSON = "-f json"
"""The options that show what was left out: in text, names and sentences are cut even if it is verbose."""

_LABEL_LIMIT = 120
_MESSAGE_LIMIT = 4_000


def escaped(text: str, style: str = "", *, ascii_only: bool = False) -> StyledLine:
    """Make an untrusted text part of a line; what had to be escaped stands out in colour."""
    parts = escape_invisible_parts(text, ascii_only=ascii_only)
    return [(part, ESCAPED if is_escaped else style) for part, is_escaped in parts]


def label(text: str, style: str = "") -> StyledLine:
    """Make an untrusted name part of a line; a live assistant's key or name may be of any length."""
    line = escaped(text[:_LABEL_LIMIT], style)
    rest = len(text) - _LABEL_LIMIT
    return [*line, (f" {more(rest, 'character', see=IN_JSON)}", QUIET)] if rest > 0 else line


def message(text: str, style: str = "") -> list[StyledLine]:
    """Make untrusted sentences into lines; a bar marks further lines, so that none passes for one of ours."""
    first, *further = text[:_MESSAGE_LIMIT].split("\n")
    lines: list[StyledLine] = [escaped(first, style)]
    lines += [[("| ", QUIET), *escaped(line, style)] for line in further]
    if len(text) > _MESSAGE_LIMIT:
        lines[-1].append((f" {more(len(text) - _MESSAGE_LIMIT, 'character', see=IN_JSON)}", QUIET))
    return lines


def message_text(text: str) -> Text:
    """Render sentences that may quote what somebody else wrote."""
    return joined(message(text))


def indented(lines: Iterable[StyledLine], indent: str = "    ") -> list[StyledLine]:
    """Move lines to the right."""
    return [[(indent, ""), *line] for line in lines]


def more(count: int, noun: str, *, see: str = VERBOSE) -> str:
    """How much was left out, and which option shows it."""
    return f"… {plural(count, f'more {noun}')} ({see} shows all)"


def joined(lines: Iterable[StyledLine]) -> Text:
    """Make one text of lines, to print without wrapping; it does not end in a line feed."""
    text = Text(no_wrap=True, overflow="ignore", end="\n")
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        for piece, style in _without_trailing_blanks(line):
            text.append(piece, style)
    return text


def _without_trailing_blanks(line: StyledLine) -> StyledLine:
    """Strip blanks at the end of a line, such as the indentation of an empty one."""
    end = len(line)
    while end and not line[end - 1][0].strip(" "):
        end -= 1
    return [*line[: end - 1], (line[end - 1][0].rstrip(" "), line[end - 1][1])] if end else []
