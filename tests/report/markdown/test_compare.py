from __future__ import annotations

from assistant_sync.report.linediff.hunks import Line, diff_texts
from assistant_sync.report.linediff.words import Stretch
from assistant_sync.report.markdown.compare import PageComparer
from assistant_sync.report.markdown.count import PageBudget
from tests.builders import changed

LINE = "".join(f"{number} " for number in range(200))


def test_equal_values_have_no_hunks() -> None:
    assert PageComparer(PageBudget()).diff(changed("x", "a\n", "a\n")).hunks == ()


def test_as_long_as_the_page_affords_it_the_whole_difference_is_found() -> None:
    before, after = f"a\nfirst {LINE}last\nb\n", f"a\nerste {LINE}letzte\nb\n"

    assert PageComparer(PageBudget()).diff(changed("x", before, after)) == diff_texts(before, after)


def test_words_are_not_compared_beyond_the_budget() -> None:
    budget = PageBudget()
    budget.words = 0
    diff = PageComparer(budget).diff(changed("x", f"a\nfirst {LINE}last\n", f"a\nerste {LINE}letzte\n"))

    (hunk,) = diff.hunks
    assert (hunk.place, diff.before_lines, diff.is_exact) == ("@@ -2,1 +2,1 @@", 2, True)
    assert [(line.sign, len(line.changed or ())) for line in hunk.lines] == [("-", 1), ("+", 1)]


def test_lines_that_look_the_same_are_marked_even_without_their_words() -> None:
    budget = PageBudget()
    budget.words = 0
    split, composed = (f"caf{letter} {LINE}{letter}" for letter in ("e\u0301", "\u00e9"))
    diff = PageComparer(budget).diff(changed("x", f"{split}\na\n", f"{composed}\nb\n"))

    assert diff.hunks[0].lines[0] == Line("-", split, (Stretch(3, len(split), looks_same=True),))


def test_values_too_large_to_compare_are_counted_and_have_no_hunks() -> None:
    comparer = PageComparer(PageBudget())
    change = changed("x", list(range(60_000)), list(range(60_001)))
    diff = comparer.diff(change)

    assert not comparer.affords(change)
    assert comparer.affords(changed("y", "a", "b"))
    assert (diff.hunks, diff.added, diff.removed, diff.is_exact) == ((), 60_003, 60_002, False)
