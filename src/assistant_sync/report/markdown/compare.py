"""Both values of a field compared, as far as the page may still cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.report.escape import composed
from assistant_sync.report.linediff.hunks import Hunk, Line, LineDiff, diff_texts, split_lines
from assistant_sync.report.linediff.myers import common_start
from assistant_sync.report.linediff.words import Stretch
from assistant_sync.report.view.fields import texts_of
from assistant_sync.report.view.hunks import LONGEST_RUN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.model.change import FieldChange
    from assistant_sync.report.markdown.count import Count, PageBudget


@dataclass(frozen=True, slots=True)
class PageComparer:
    """Compares the fields of one page; their lines were counted for the table already.

    Attributes:
        budget: What comparing may still cost.
    """

    budget: PageBudget

    def affords(self, change: FieldChange, /) -> bool:
        """Whether two lists or mappings may be compared at all."""
        count = self.budget.count(change)
        return count.is_exact or bool(count.gaps)

    def diff(self, change: FieldChange, /) -> LineDiff:
        """Compare both values line by line.

        Returns:
            The whole difference if the page affords the words as well; else the lines alone, without those around
            them; no hunks at all if the page does not afford even that.
        """
        count = self.budget.count(change)
        if not (count.is_exact or count.gaps):
            return LineDiff((), count.added, count.removed, count.removed, count.added, is_exact=False)
        before, after = texts_of(change)
        old, new = split_lines(before), split_lines(after)
        if count.is_exact and self.budget.may_compare_words(old, new, count.gaps):
            return diff_texts(before, after)
        hunks = tuple(_lines_alone(old, new, count))
        return LineDiff(hunks, count.added, count.removed, len(old), len(new), count.is_exact)


def _lines_alone(old: Sequence[str], new: Sequence[str], count: Count) -> Iterator[Hunk]:
    """The differences without the lines around them, each line's in one stretch, which costs next to nothing."""
    for gap in count.gaps:
        places = (f"{start + (end > start)},{end - start}" for start, end in ((gap.i, gap.j), (gap.k, gap.l)))
        removed = [Line("-", line.removesuffix("\n")) for line in old[gap.i : gap.j]]
        added = [Line("+", line.removesuffix("\n")) for line in new[gap.k : gap.l]]
        if count.is_exact:
            for number in range(min(len(removed), len(added), LONGEST_RUN)):
                removed[number], added[number] = _paired(removed[number].text, added[number].text)
        yield Hunk("@@ -{} +{} @@".format(*places), (*removed, *added))


def _paired(old: str, new: str) -> tuple[Line, Line]:
    start = common_start(old, new)
    end = common_start(old[start:][::-1], new[start:][::-1])
    looks_same = composed(old) == composed(new)
    stretches = [Stretch(start, len(line) - end, looks_same) for line in (old, new)]
    return Line("-", old, (stretches[0],)), Line("+", new, (stretches[1],))
