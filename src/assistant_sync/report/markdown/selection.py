"""A selection in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.report.markdown.escape import name
from assistant_sync.report.markdown.fit import SEPARATOR
from assistant_sync.report.view.selection import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.selection import Selection

_NAMES = 300  # characters


def selection_paragraphs(selection: Selection) -> Iterator[str]:
    """A paragraph for each condition; none if all is selected."""
    for one in conditions(selection):
        more = f" and {one.left_out:,} more" if one.left_out else ""
        yield f"{one.words} {name(SEPARATOR.join(one.names), _NAMES)}{more}" if one.names else one.words
