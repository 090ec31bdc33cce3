"""What two sequences have in common, by bounded work.

The cost of Myers' algorithm grows with what differs, not with the length. Beyond a budget the search gives up; then
everything between the common beginning and the common end counts as replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(slots=True)
class Budget:
    """How many steps searches may still take; a million take about half a second."""

    steps: int


class Gap(NamedTuple):
    """Items ``[i:j]`` of the first sequence, in place of which the second has ``[k:l]``."""

    i: int
    j: int
    k: int
    l: int  # noqa: E741 - i, j, k, l read as the two ranges that they are


def common_start(first: str, second: str) -> int:
    """How many characters two texts have in common at their start."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def find_gaps(old: Sequence[str], new: Sequence[str], budget: Budget) -> tuple[list[Gap], bool]:
    """Find where two sequences differ.

    Args:
        old: The first sequence.
        new: The second one.
        budget: Pays for the steps of the search.

    Returns:
        The gaps in order, and whether they are the fewest possible: false if the search gave up.
    """
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - start
    end = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    whole = Gap(start, len(old) - end, start, len(new) - end)
    if whole.i == whole.j and whole.k == whole.l:
        return [], True
    if whole.i == whole.j or whole.k == whole.l:
        return [whole], True
    pairs = _common(old[whole.i : whole.j], new[whole.k : whole.l], budget)
    if pairs is None:
        return [whole], False
    gaps = []
    i, k = whole.i, whole.k
    for x, y in [*pairs, (whole.j - start, whole.l - start)]:
        if i < x + start or k < y + start:
            gaps.append(Gap(i, x + start, k, y + start))
        i, k = x + start + 1, y + start + 1
    return gaps, True


def _common(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[tuple[int, int]] | None:
    """The longest common subsequence as pairs of indices; None if the search exceeds its budget.

    Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1986. ``reach[k]`` is how far
    into ``old`` a path with so many edits gets on the diagonal ``k``, where ``x - k`` is how far it gets into ``new``.
    """
    reach = {1: 0}
    rows: list[list[int]] = []
    edits = steps = 0
    while steps <= budget.steps:
        # One round for each number of edits; with an even number only even diagonals can be reached.
        diagonals = range(-edits, edits + 1, 2)
        for k in diagonals:
            before = _previous(reach, k, edits)
            x = start = reach[before] + (before < k)
            # Common items cost no edit, so follow them as far as they go.
            while x < len(old) and x - k < len(new) and old[x] == new[x - k]:
                x += 1
            reach[k] = x
            steps += 1 + x - start
            if x >= len(old) and x - k >= len(new):
                budget.steps -= steps
                return _walk_back(rows, x, k)
        rows.append([reach[k] for k in diagonals])
        edits += 1
    budget.steps = 0
    return None


def _previous(reach: Mapping[int, int], k: int, edits: int) -> int:
    """The diagonal that a path comes from: ``k + 1`` by adding an item, ``k - 1`` by removing one."""
    return k + 1 if k == -edits or (k != edits and reach[k - 1] < reach[k + 1]) else k - 1


def _walk_back(rows: Sequence[Sequence[int]], x: int, k: int) -> list[tuple[int, int]]:
    """The pairs that the path to ``x`` on the diagonal ``k`` passes; ``rows`` hold each round's reach."""
    pairs: list[tuple[int, int]] = []
    for edits in range(len(rows), -1, -1):
        reach = {1: 0} if edits == 0 else dict(zip(range(1 - edits, edits, 2), rows[edits - 1], strict=True))
        before = _previous(reach, k, edits)
        entered = reach[before] + (before < k)
        pairs += [(i, i - k) for i in range(x - 1, entered - 1, -1)]
        x, k = reach[before], before
    return pairs[::-1]
