from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.report.linediff.myers import Budget
from assistant_sync.report.linediff.words import changed_words

_LINES = st.lists(st.sampled_from(["one", "nine", " ", ", ", "caf\u00e9", "cafe\u0301", "\u4f60", "x" * 50])).map(
    "".join
)


def test_equal_lines_have_nothing_that_differs() -> None:
    for line in ("", "one two"):
        assert changed_words(line, line, Budget(1000)) == ((), ())


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("the one there", "the nine there", (["one"], ["nine"])),
        ("say yes", "say yesterday", (["yes"], ["yesterday"])),
        ("one day", "someone day", (["one"], ["someone"])),
        ("one two three four five", "ONE two three FOUR five", (["one", "four"], ["ONE", "FOUR"])),
        ("be kind, now", "be very brief, now", (["kind"], ["very brief"])),
        ("a cat sat", "a dog lay", (["cat sat"], ["dog lay"])),
        ("be kind.", "be kind!", (["."], ["!"])),
        ("ab cd", "ab x cd", ([""], ["x "])),
        ("snake_case_1 = 2", "snake_case_2 = 2", (["snake_case_1"], ["snake_case_2"])),
        ("\u4f60\u597d\u5417", "\u4f60\u574f\u5417", (["\u597d"], ["\u574f"])),
        ("x" * 100 + "old" + "y" * 100, "x" * 100 + "new" + "y" * 100, (["old"], ["new"])),
    ],
)
def test_whole_words_are_marked(before: str, after: str, marked: tuple[list[str], list[str]]) -> None:
    old, new = changed_words(before, after, Budget(10_000))

    assert ([before[p.start : p.end] for p in old], [after[p.start : p.end] for p in new]) == marked


def test_words_that_differ_only_in_their_unicode_form_are_marked() -> None:
    old, new = changed_words("a cafe\u0301 or two", "a caf\u00e9 or three", Budget(10_000))

    assert [part.looks_same for part in old] == [True, False]
    assert [part.looks_same for part in new] == [True, False]


def test_beyond_the_budget_all_between_the_common_ends_differs() -> None:
    old, new = changed_words("start a b c d end", "start e b f d g end", Budget(2))

    assert (old, new) == (((6, 13, False),), ((6, 15, False),))


def test_a_comparison_takes_no_more_of_the_budget_than_it_needs() -> None:
    budget = Budget(10_000)

    changed_words("a b c d", "x b c y", budget)
    assert 9_900 < budget.steps < 10_000
    changed_words(" ".join("abcdefgh" * 99), " ".join("hgfdecab" * 99), budget)
    assert 4_900 < budget.steps < 5_000


@given(_LINES, _LINES, st.sampled_from([0, 20, 10_000]))
def test_what_is_not_marked_is_in_both_lines(before: str, after: str, steps: int) -> None:
    old, new = changed_words(before, after, Budget(steps))

    assert len(old) == len(new)
    assert _rest(before, old) == _rest(after, new)


@pytest.mark.parametrize("unit", ["x", "one two ", "-", " ", "\u4f60", "e\u0301", "\u0301\u0323"])
def test_a_line_of_a_megabyte_is_compared_quickly(unit: str) -> None:
    before = unit * (1_000_000 // len(unit))
    after = "A" + before[:300_000] + "B!" + before[300_002:] + "C"

    started = time.process_time()
    old, new = changed_words(before, after, Budget(1_000_000))

    assert time.process_time() - started < 30  # a busy machine needs some seconds, quadratic time needs hours
    assert _rest(before, old) == _rest(after, new)


def _rest(line: str, parts: tuple[tuple[int, int, bool], ...]) -> list[str]:
    edges = [0, *(edge for start, end, _ in parts for edge in (start, end)), len(line)]
    return [line[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
