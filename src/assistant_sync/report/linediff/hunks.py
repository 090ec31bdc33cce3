"""Line diffs inside strings.

The work is bounded (see ``myers``). If the search for common lines gives up, ``is_exact`` is false.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from assistant_sync.model.frozen import Frozen
from assistant_sync.report.escape import composed
from assistant_sync.report.linediff.myers import Budget, find_gaps
from assistant_sync.report.linediff.words import Stretch, changed_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.report.linediff.myers import Gap

_Parts: TypeAlias = tuple[Stretch, ...] | None

CONTEXT = 3
"""Lines shown before and after each difference."""

_LINE_STEPS = 1_000_000  # of the search for common lines
_WORD_STEPS = 1_000_000  # of all searches for common words together
_PAGE_STEPS = 2_000_000  # of all texts of one page
_LEAST_STEPS = 2_000


class Line(Frozen, frozen=True):
    """One line of a hunk.

    Attributes:
        sign: ``" "``, ``"-"`` or ``"+"``.
        text: Without its line feed.
        changed: What differs from the line that it replaces or is replaced by, in order; as many stretches as that
            line has. None if there is no such line.
        is_unterminated: Whether no line feed follows although the other text ends in one.
    """

    sign: str
    text: str
    changed: _Parts = None
    is_unterminated: bool = False


class Hunk(Frozen, frozen=True):
    """Neighbouring differences with the lines around them.

    Attributes:
        place: Where it is in both texts, as ``@@ -118,7 +118,7 @@``.
        lines: In order; removed lines before the added ones.
    """

    place: str
    lines: tuple[Line, ...]


class LineDiff(Frozen, frozen=True):
    """How one text becomes another.

    Attributes:
        hunks: In order.
        added: How many lines are added.
        removed: How many lines are removed.
        before_lines: How many lines the first text has.
        after_lines: How many lines the second text has.
        is_exact: False if the texts were too different to look for lines that both have. If they were too large even to
            be looked at, there are no hunks, and all lines count as replaced.
    """

    hunks: tuple[Hunk, ...]
    added: int
    removed: int
    before_lines: int
    after_lines: int
    is_exact: bool


class _Marks(NamedTuple):
    """What the lines of a hunk carry beside their text; ``words`` is what comparing them may cost."""

    ends: bool
    changed_parts: bool
    words: Budget


@dataclass(slots=True)
class DiffBudget:
    """What all comparisons of one page may cost together; each may take a little even if it is used up."""

    lines: Budget = field(default_factory=lambda: Budget(_PAGE_STEPS))
    words: Budget = field(default_factory=lambda: Budget(_PAGE_STEPS))


def diff_texts(before: str, after: str, budget: DiffBudget | None = None) -> LineDiff:
    """Compare two texts line by line. Only a line feed ends a line.

    Args:
        before: The first text.
        after: The second one.
        budget: What the page may still cost; None if these texts are all of it.
    """
    budget = budget or DiffBudget()
    old, new = split_lines(before), split_lines(after)
    with _share(budget.lines, _LINE_STEPS) as own:
        gaps, is_exact = find_gaps(old, new, own)
    mark_ends = bool(old and new) and old[-1].endswith("\n") != new[-1].endswith("\n")
    with _share(budget.words, _WORD_STEPS) as own:
        return _diff(old, new, gaps, _Marks(mark_ends, is_exact, own))


@contextmanager
def _share(whole: Budget, most: int) -> Iterator[Budget]:
    """A part of a budget, which pays for what is used of it."""
    own = Budget(max(_LEAST_STEPS, min(most, whole.steps)))
    before = own.steps
    yield own
    whole.steps = max(0, whole.steps - before + max(0, own.steps))


def _diff(old: list[str], new: list[str], gaps: Sequence[Gap], marks: _Marks) -> LineDiff:
    return LineDiff(
        hunks=tuple(_hunk(old, new, group, marks) for group in _grouped(gaps)),
        added=sum(gap.l - gap.k for gap in gaps),
        removed=sum(gap.j - gap.i for gap in gaps),
        before_lines=len(old),
        after_lines=len(new),
        is_exact=marks.changed_parts,
    )


def split_lines(text: str) -> list[str]:
    """Split a text into lines that keep their line feed; ``str.splitlines`` would split at a dozen characters."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _grouped(gaps: Sequence[Gap]) -> Iterator[list[Gap]]:
    """Put gaps together whose context would touch."""
    group: list[Gap] = []
    for gap in gaps:
        if group and gap.i - group[-1].j > 2 * CONTEXT:
            yield group
            group = []
        group.append(gap)
    if group:
        yield group


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[Gap], marks: _Marks) -> Hunk:
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
    """As in unified diffs: lines count from one, and an empty range names the line before it."""
    return f"{start + (end > start)},{end - start}"


def _replaced(old: Sequence[str], new: Sequence[str], marks: _Marks) -> Iterator[Line]:
    sides = [line.removesuffix("\n") for line in old], [line.removesuffix("\n") for line in new]
    changed = _changed(*sides, marks)
    for side, sign, ended in ((0, "-", old), (1, "+", new)):
        for text, line, parts in zip(sides[side], ended, changed[side], strict=True):
            yield Line(sign, text, parts, marks.ends and not line.endswith("\n"))


def _changed(old: Sequence[str], new: Sequence[str], marks: _Marks) -> tuple[list[_Parts], list[_Parts]]:
    """What is known of each line: the words that differ, or that it looks like a line of the other side."""
    found = _twins(old, new), _twins(new, old)
    for number, (before, after) in enumerate(zip(old, new, strict=False)):
        is_twin = before != after and composed(before) == composed(after)
        if is_twin or (marks.changed_parts and not (found[0][number] or found[1][number])):
            found[0][number], found[1][number] = changed_words(before, after, marks.words)
    return found


def _twins(lines: Sequence[str], others: Sequence[str]) -> list[_Parts]:
    """Each line that looks like one of the others without being it, as one stretch."""
    forms, known = {composed(line) for line in others}, set(others)
    return [
        (Stretch(0, len(line), looks_same=True),) if line not in known and composed(line) in forms else None
        for line in lines
    ]
