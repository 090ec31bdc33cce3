"""Which lines of a diff are shown: as many of each run as leave room for the others."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.report.linediff.hunks import Line, LineDiff

T = TypeVar("T")

_LINES = 100  # lines of one diff; no further run of them begins beyond that
_RUN = 40  # lines of one sign in a row, so that the new lines are seen beside the old ones
_SLACK = 2  # more lines than that are shown rather than counted

LONGEST_RUN = _RUN + _SLACK
"""No more lines of one sign in a row are shown."""


class Run(Frozen, frozen=True):
    """Neighbouring lines of one sign.

    Attributes:
        sign: ``" "``, ``"-"`` or ``"+"``.
        lines: The first of them.
        rest: How many more there are.
    """

    sign: str
    lines: Sequence[Line]
    rest: int


class ShownHunk(Frozen, frozen=True):
    """What is shown of one hunk.

    Attributes:
        place: Where it is in both texts, as ``@@ -118,7 +118,7 @@``.
        runs: In order.
    """

    place: str
    runs: tuple[Run, ...]


class ShownDiff(Frozen, frozen=True):
    """What is shown of a diff.

    Attributes:
        hunks: The first of them.
        rest: How many lines are in the runs that are not shown.
    """

    hunks: tuple[ShownHunk, ...]
    rest: int


def shown_diff(diff: LineDiff, *, is_cut: bool = True) -> ShownDiff:
    """Decide which lines of a diff are shown.

    Args:
        diff: The comparison.
        is_cut: Whether long runs and long diffs are cut.
    """
    room = _LINES if is_cut else None
    hunks: list[ShownHunk] = []
    rest = 0
    for hunk in diff.hunks:
        runs: list[Run] = []
        for sign, group in groupby(hunk.lines, key=lambda line: line.sign):
            lines = list(group)
            if room is not None and room <= 0:
                rest += len(lines)
                continue
            shown, more = first_of(lines, _RUN if is_cut else None)
            runs.append(Run(sign, shown, more))
            room = None if room is None else room - len(shown)
        if runs:
            hunks.append(ShownHunk(hunk.place, tuple(runs)))
    return ShownDiff(tuple(hunks), rest)


def first_of(lines: Sequence[T], limit: int | None) -> tuple[Sequence[T], int]:
    """The first lines, and how many more there are; nothing is cut for two lines."""
    if limit is None or len(lines) <= limit + _SLACK:
        return lines, 0
    return lines[:limit], len(lines) - limit
