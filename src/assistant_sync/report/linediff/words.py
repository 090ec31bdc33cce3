"""What differs inside two lines, in whole words."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from assistant_sync.report.escape import composed
from assistant_sync.report.linediff.myers import Budget, common_start, find_gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.report.linediff.myers import Gap

_LONGEST = 40  # characters of a word; what is longer (base64, a line of dashes) is compared in parts
_SPACELESS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana and ideographs
_IN_WORD = rf"(?![{_SPACELESS}])[\w\u0300-\u036f]"  # combining marks are no \w
_TOKEN = re.compile(rf"(?:{_IN_WORD}){{1,{_LONGEST}}}|\s{{1,{_LONGEST}}}|.", re.DOTALL)
_WORD = re.compile(rf"(?:{_IN_WORD})+")
_NARROW = 3  # characters between two differences that are not worth showing apart, unless one is of a word


class Stretch(NamedTuple):
    """A part of a line that differs from the other line.

    Attributes:
        start: Where it starts.
        end: Where it ends; equal to ``start`` if only the other line has something here.
        looks_same: Whether only the Unicode normalisation form differs, which nobody sees.
    """

    start: int
    end: int
    looks_same: bool = False


_Pair: TypeAlias = tuple[tuple[int, int], tuple[int, int]]


def changed_words(old: str, new: str, budget: Budget) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
    """Compare two lines word by word.

    Args:
        old: Without its line feed.
        new: Likewise.
        budget: Half of it may be used; beyond that all between the common start and the common end differs.

    Returns:
        What differs in each line, in order; the same number of stretches.
    """
    start, end = _common_ends(old, new)
    before, after = (_TOKEN.findall(line[start : len(line) - end]) for line in (old, new))
    own = Budget(budget.steps // 2)
    budget.steps -= own.steps
    gaps, _ = find_gaps(before, after, own)
    budget.steps += own.steps
    pairs = list(_joined(old, _places(gaps, before, after, start)))
    looks = [_looks_same(old[a:b], new[c:d]) for (a, b), (c, d) in pairs]
    return (
        tuple(Stretch(*place, same) for (place, _), same in zip(pairs, looks, strict=True)),
        tuple(Stretch(*place, same) for (_, place), same in zip(pairs, looks, strict=True)),
    )


def _common_ends(old: str, new: str) -> tuple[int, int]:
    """How many characters are common at the start and at the end, without the parts of words."""
    start = common_start(old, new)
    end = common_start(old[start:][::-1], new[start:][::-1])
    start -= _cut_off(old[max(0, start - _LONGEST) : start], old[start : start + 1], new[start : start + 1])
    tails = [line[len(line) - end - 1 : len(line) - end] if len(line) - end > start else "" for line in (old, new)]
    end -= _cut_off(old[len(old) - end :][:_LONGEST][::-1], *tails)
    return start, end


def _cut_off(common: str, *neighbours: str) -> int:
    """How many characters of a word the common text ends in, read towards the neighbours that differ."""
    if not any(_WORD.fullmatch(char) for char in neighbours):
        return 0
    word = _WORD.match(common[::-1])
    return len(word[0]) if word and len(word[0]) < _LONGEST else 0


def _places(gaps: Sequence[Gap], before: Sequence[str], after: Sequence[str], start: int) -> Iterator[_Pair]:
    """Where gaps between words are, in characters."""
    old = list(accumulate(map(len, before), initial=start))
    new = list(accumulate(map(len, after), initial=start))
    for gap in gaps:
        yield (old[gap.i], old[gap.j]), (new[gap.k], new[gap.l])


def _joined(old: str, pairs: Iterator[_Pair]) -> Iterator[_Pair]:
    """Join differences that only a blank or a few signs separate."""
    last: _Pair | None = None
    for pair in pairs:
        if last is not None:
            between = old[last[0][1] : pair[0][0]]
            if len(between) <= _NARROW and not _WORD.search(between):
                last = (last[0][0], pair[0][1]), (last[1][0], pair[1][1])
                continue
            yield last
        last = pair
    if last is not None:
        yield last


def _looks_same(old: str, new: str) -> bool:
    return old != new and composed(old) == composed(new)
