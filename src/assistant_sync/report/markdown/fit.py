"""What is shown in full, what only by its name, and what is only counted, on a page with a size limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.report.markdown.escape import size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEPARATOR = ", "

COMMENT_LIMIT = 65_536
"""Characters that GitHub accepts in a comment or an issue; those beyond U+FFFF count twice."""

LEAST = 4_096
"""The smallest page."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to show.

    Attributes:
        short: Its name.
        full: Makes the whole of it; not called if there is no room.
    """

    short: str
    full: Callable[[], str]


class Fitted(NamedTuple):
    """What fits: the first items in full, the next by name, and the number of the others."""

    full: list[str]
    named: list[str]
    left_out: int


def short_size(items: Sequence[Item]) -> int:
    """How much room the names of all items take."""
    return sum(_taken(item.short) for item in items)


def fitted(items: Sequence[Item], room: int) -> Fitted:
    """Name all items, and show the first in full as far as that leaves room for the names of the rest."""
    rest = short_size(items)
    if rest > room:
        named, left_out = first_names([item.short for item in items], room)
        return Fitted([], named, left_out)
    full: list[str] = []
    for item in items:
        text = item.full()
        rest -= _taken(item.short)
        room -= size(text)
        if rest > room:
            break
        full.append(text)
    return Fitted(full, [item.short for item in items[len(full) :]], 0)


def first_names(names: Sequence[str], room: int) -> tuple[list[str], int]:
    """As many names as fit, and how many do not."""
    for number, name in enumerate(names):
        room -= _taken(name)
        if room < 0:
            return list(names[:number]), len(names) - number
    return list(names), 0


def _taken(name: str) -> int:
    """An item that is named elsewhere has an empty name here, which takes no room."""
    return size(name) + len(SEPARATOR) if name else 0
