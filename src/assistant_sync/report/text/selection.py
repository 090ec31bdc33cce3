"""A selection as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.report.text.lines import StyledLine, joined, label, more
from assistant_sync.report.text.styles import CAUTION, QUIET
from assistant_sync.report.view.selection import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from assistant_sync.model.selection import Selection
    from assistant_sync.report.view.selection import Condition


def selection_text(selection: Selection) -> Text:
    """Render what narrows a command, without a trailing line feed."""
    return joined(selection_lines(selection))


def selection_lines(selection: Selection) -> Iterator[StyledLine]:
    """A line for each condition; none if all is selected."""
    return map(_line, conditions(selection))


def _line(one: Condition) -> StyledLine:
    if not one.names:
        return [(one.words, CAUTION)]
    line = [(f"{one.words} ", CAUTION), *label(", ".join(one.names), CAUTION)]
    return [*line, (f", {more(one.left_out, 'key')}", QUIET)] if one.left_out else line
