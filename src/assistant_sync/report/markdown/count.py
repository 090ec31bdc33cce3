"""How many lines each field adds and removes; what that costs is bounded for the whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.model.change import Op
from assistant_sync.report.linediff.hunks import split_lines
from assistant_sync.report.linediff.myers import Budget, Gap, common_start, find_gaps
from assistant_sync.report.view.fields import texts_of
from assistant_sync.report.view.values import is_container

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.change import Change, FieldChange
    from assistant_sync.model.values import JsonValue

_LINE_STEPS = 1_000_000  # of all searches for common lines
_OWN_STEPS = 1_000  # that each text may use, whatever the others used
_WORD_STEPS = 1_000_000  # of all searches for common words, as far as they can be foreseen
_MOST_WORD_STEPS = 500_000  # that one line can take, and with it a text
_SHORT = 200  # characters of two lines whose words are compared at no cost worth counting
_VALUES = 100_000  # inside lists and mappings


class Count(NamedTuple):
    """The lines of one field.

    Attributes:
        added: How many are added.
        removed: How many are removed.
        is_exact: False if the values were too different, or too large, to look for what both have.
        gaps: Where they differ, if they were compared line by line.
    """

    added: int
    removed: int
    is_exact: bool = True
    gaps: tuple[Gap, ...] = ()


@dataclass(slots=True)
class PageBudget:
    """What comparing may still cost on this page, and what was counted already."""

    lines: Budget = field(default_factory=lambda: Budget(_LINE_STEPS))
    words: int = _WORD_STEPS
    values: int = _VALUES
    _counts: dict[int, tuple[FieldChange, Count]] = field(default_factory=dict)  # by id, so each is kept alive

    def count(self, change: FieldChange) -> Count:
        """Count the lines of a field, once."""
        if id(change) not in self._counts:
            self._counts[id(change)] = change, self._counted(change)
        return self._counts[id(change)][1]

    def total(self, change: Change) -> Count:
        """Count the lines of all fields that are not masked."""
        counts = [self.count(one) for one in change.fields if not one.sensitive]
        return Count(
            sum(one.added for one in counts), sum(one.removed for one in counts), all(one.is_exact for one in counts)
        )

    def may_compare_words(self, old: Sequence[str], new: Sequence[str], gaps: Iterable[Gap]) -> bool:
        """Whether the budget affords comparing the words of these lines; if so, it is charged."""
        cost = 0
        for gap in gaps:
            cost += sum(map(_word_steps, old[gap.i : gap.j], new[gap.k : gap.l]))
        cost = min(cost, 2 * _MOST_WORD_STEPS)
        if cost > self.words:
            return False
        self.words -= cost
        return True

    def _counted(self, change: FieldChange) -> Count:
        if change.op is Op.ADDED:
            return Count(self._lines(change.after), 0)
        if change.op is Op.REMOVED:
            return Count(0, self._lines(change.before))
        if isinstance(change.before, str) and isinstance(change.after, str):
            return self._compared(change)
        old, new = self._lines(change.before), self._lines(change.after)
        if not (is_container(change.before) and is_container(change.after)):
            return Count(new, old)
        if self.values <= 0:
            return Count(new, old, is_exact=False)
        return self._compared(change)

    def _compared(self, change: FieldChange) -> Count:
        old, new = map(split_lines, texts_of(change))
        share = self.lines.steps // 2
        own = Budget(share + _OWN_STEPS)
        gaps, is_exact = find_gaps(old, new, own)
        self.lines.steps -= max(0, share - max(0, own.steps))
        added, removed = sum(gap.l - gap.k for gap in gaps), sum(gap.j - gap.i for gap in gaps)
        return Count(added, removed, is_exact, tuple(gaps))

    def _lines(self, value: JsonValue) -> int:
        """The lines of a text, or of a value as JSON; what is inside a mapping counts by itself."""
        lines, waiting = 0, [value]
        while waiting:
            value = waiting.pop()
            if isinstance(value, str):
                lines += max(1, value.count("\n") + (not value.endswith("\n")))
            elif isinstance(value, Mapping) and value:
                self.values -= len(value)
                waiting += value.values()
            elif isinstance(value, Sequence) and value:
                self.values -= len(value)
                lines += 2
                waiting += value
            else:
                lines += 1
        return lines


def _word_steps(old: str, new: str) -> int:
    """At most so many steps are taken to compare the words of two lines."""
    if len(old) + len(new) <= _SHORT:
        return 0
    start = common_start(old, new)
    end = common_start(old[start:][::-1], new[start:][::-1])
    words = (len(old) + len(new) - 2 * (start + end)) // 4
    return min(_MOST_WORD_STEPS, words * words)
