"""Line diffs inside strings.

The work is bounded: Myers' algorithm costs what differs, not what is there, and gives up beyond a budget. Then
everything between the common beginning and the common end counts as replaced, and ``is_exact`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CONTEXT = 3
"""Lines shown before and after each difference."""

_BUDGET = 1_000_000
"""Steps of the search, about half a second."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk.

    Attributes:
        sign: ``" "``, ``"-"`` or ``"+"``.
        text: Without its line feed.
        changed: Start and end of what differs from the line that it replaces or is replaced by; None where there
            is no such line.
        is_unterminated: Whether to say that no line feed follows: the other text ends in one.
    """

    sign: str
    text: str
    changed: tuple[int, int] | None = None
    is_unterminated: bool = False


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring differences with the lines around them.

    Attributes:
        place: Where it is in both texts, as ``@@ -118,7 +118,7 @@``.
        lines: In order; removed lines before the added ones.
    """

    place: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TextDiff:
    """How one text becomes another.

    Attributes:
        hunks: In order.
        added: How many lines are added.
        removed: How many lines are removed.
        before_lines: How many lines the first text has.
        after_lines: How many lines the second text has.
        is_exact: False where the texts were too different to look for lines that both have.
    """

    hunks: tuple[Hunk, ...]
    added: int
    removed: int
    before_lines: int
    after_lines: int
    is_exact: bool


class _Gap(NamedTuple):
    """Lines ``[i:j]`` of the first text stand where the second has ``[k:l]``."""

    i: int
    j: int
    k: int
    l: int  # noqa: E741 - i, j, k, l read as the two ranges that they are


class _Marks(NamedTuple):
    """What lines of a hunk are told to carry beside their text."""

    ends: bool
    changed_parts: bool


def diff_texts(before: str, after: str) -> TextDiff:
    """Compare two texts line by line. Only a line feed ends a line."""
    old, new = split_lines(before), split_lines(after)
    gaps, is_exact = _find_gaps(old, new)
    mark_ends = bool(old and new) and old[-1].endswith("\n") != new[-1].endswith("\n")
    return TextDiff(
        hunks=tuple(_hunk(old, new, group, _Marks(mark_ends, is_exact)) for group in _grouped(gaps)),
        added=sum(gap.l - gap.k for gap in gaps),
        removed=sum(gap.j - gap.i for gap in gaps),
        before_lines=len(old),
        after_lines=len(new),
        is_exact=is_exact,
    )


def split_lines(text: str) -> list[str]:
    """Split a text into lines that keep their line feed; ``str.splitlines`` would split at a dozen characters."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


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


def _find_gaps(old: Sequence[str], new: Sequence[str]) -> tuple[list[_Gap], bool]:
    """Where two lists differ, and whether that is the shortest answer."""
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - start
    end = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    whole = _Gap(start, len(old) - end, start, len(new) - end)
    if whole.i == whole.j and whole.k == whole.l:
        return [], True
    pairs = _common(old[whole.i : whole.j], new[whole.k : whole.l])
    if pairs is None:
        return [whole], False
    gaps = []
    i, k = whole.i, whole.k
    for x, y in [*pairs, (whole.j - start, whole.l - start)]:
        if i < x + start or k < y + start:
            gaps.append(_Gap(i, x + start, k, y + start))
        i, k = x + start + 1, y + start + 1
    return gaps, True


def _common(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]] | None:
    """The longest common subsequence as pairs of indices; None where the search exceeds its budget.

    Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1986. ``reach[k]`` is how far
    into ``old`` a path with so many edits gets on the diagonal ``k``, where ``x - k`` is how far it gets into ``new``.
    """
    reach = {1: 0}
    rows: list[list[int]] = []
    steps = edits = 0
    while steps <= _BUDGET:
        diagonals = range(-edits, edits + 1, 2)
        for k in diagonals:
            before = _previous(reach, k, edits)
            x = start = reach[before] + (before < k)
            while x < len(old) and x - k < len(new) and old[x] == new[x - k]:
                x += 1
            reach[k] = x
            steps += 1 + x - start
            if x >= len(old) and x - k >= len(new):
                return _walk_back(rows, x, k)
        rows.append([reach[k] for k in diagonals])
        edits += 1
    return None


def _previous(reach: Mapping[int, int], k: int, edits: int) -> int:
    """The diagonal that a path comes from: ``k + 1`` by adding a line, ``k - 1`` by removing one."""
    return k + 1 if k == -edits or (k != edits and reach[k - 1] < reach[k + 1]) else k - 1


def _walk_back(rows: Sequence[Sequence[int]], x: int, k: int) -> list[tuple[int, int]]:
    """The pairs that the path to ``x`` on the diagonal ``k`` passes; ``rows`` tell each step's reach."""
    pairs: list[tuple[int, int]] = []
    for edits in range(len(rows), -1, -1):
        reach = {1: 0} if edits == 0 else dict(zip(range(1 - edits, edits, 2), rows[edits - 1], strict=True))
        before = _previous(reach, k, edits)
        entered = reach[before] + (before < k)
        pairs += [(i, i - k) for i in range(x - 1, entered - 1, -1)]
        x, k = reach[before], before
    return pairs[::-1]


def _grouped(gaps: Sequence[_Gap]) -> Iterator[list[_Gap]]:
    """Put gaps together whose context would touch."""
    group: list[_Gap] = []
    for gap in gaps:
        if group and gap.i - group[-1].j > 2 * CONTEXT:
            yield group
            group = []
        group.append(gap)
    if group:
        yield group


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[_Gap], marks: _Marks) -> Hunk:
    first, last = group[0], group[-1]
    lead = min(CONTEXT, first.i)
    tail = min(CONTEXT, len(old) - last.j)
    lines: list[Line] = []
    at = first.i - lead
    for gap in group:
        lines += [Line(" ", line.removesuffix("\n")) for line in old[at : gap.i]]
        lines += _replaced(old[gap.i : gap.j], new[gap.k : gap.l], marks)
        at = gap.j
    lines += [Line(" ", line.removesuffix("\n")) for line in old[at : at + tail]]
    old_range = _range(first.i - lead, last.j + tail)
    new_range = _range(first.k - lead, last.l + tail)
    return Hunk(f"@@ -{old_range} +{new_range} @@", tuple(lines))


def _range(start: int, end: int) -> str:
    """As in unified diffs: lines count from one, and no lines stand behind the line that is named."""
    return f"{start + (end > start)},{end - start}"


def _replaced(old: Sequence[str], new: Sequence[str], marks: _Marks) -> Iterator[Line]:
    spans = [_changed_parts(a, b) for a, b in zip(old, new, strict=False)] if marks.changed_parts else []
    for sign, side, lines in (("-", 0, old), ("+", 1, new)):
        for i, line in enumerate(lines):
            changed = spans[i][side] if i < len(spans) else None
            yield Line(sign, line.removesuffix("\n"), changed, marks.ends and not line.endswith("\n"))


def _changed_parts(old: str, new: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """What is between the common start and the common end of two lines, in each of them."""
    old, new = old.removesuffix("\n"), new.removesuffix("\n")
    start = common_start(old, new)
    end = common_start(old[start:][::-1], new[start:][::-1])
    return (start, len(old) - end), (start, len(new) - end)
