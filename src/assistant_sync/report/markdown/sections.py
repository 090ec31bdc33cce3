"""Sections that open, on a page with a size limit: each gets a share, and what is left over goes to those cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.report.markdown.escape import fence, size
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LEAST = 600
"""Characters without which no section is begun."""

_SHARE = 2_400  # characters that a section may take if there are many
_FENCE = 160  # characters that the fence of a diff takes at most, with a note of what is cut
_FEWEST = 3  # lines of a diff that is cut


class Details(NamedTuple):
    """The section of one thing, and whether all of it is there."""

    text: str
    is_whole: bool


def shared(makers: Sequence[Callable[[int], Details | None]], room: int) -> list[Details]:
    """Make sections as far as there is room; what is cut is taken up again with the room left over.

    Args:
        makers: Each makes one section of so many characters at most; None if there is not even room for its beginning.
        room: The characters that all of them may take.

    Returns:
        The sections in order, without those that have no room.
    """
    sections: dict[int, Details] = {}
    for number, make in enumerate(makers):
        if room < LEAST:
            break
        share = max(_SHARE, room // (len(makers) - number))
        made = make(min(room, share))
        if made is not None:
            sections[number] = made
            room -= size(made.text)
    for number, make in enumerate(makers):
        had = sections.get(number)
        own = 0 if had is None else size(had.text)
        if room < LEAST:
            break
        if had is not None and had.is_whole:
            continue
        made = make(room + own)
        if made is not None:
            sections[number] = made
            room -= size(made.text) - own
    return [sections[number] for number in sorted(sections)]


def fence_within(lines: Sequence[str], room: int, *, what: str) -> tuple[str, bool]:
    """As ``fence``, with as many lines as fit, and whether these are all.

    Args:
        lines: Likewise.
        room: The characters that it may take.
        what: What the lines are of, for the note that counts those cut.

    Returns:
        The block; empty if there is no room for a few lines.
    """
    whole = fence(lines)
    if size(whole) <= room:
        return whole, True
    left = room - _FENCE
    kept = 0
    for line in lines:
        left -= size(line) + 1
        if left < 0:
            break
        kept += 1
    while kept >= _FEWEST:
        note = f"… {plural(len(lines) - kept, 'more line')} of this {what} (size limit)"
        block = fence([*lines[:kept], note])
        if size(block) <= room:
            return block, False
        kept //= 2  # a line may hold many backticks, and grows in the fence
    return "", False
