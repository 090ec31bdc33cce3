from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.report.linediff.hunks import Line, diff_texts
from assistant_sync.report.linediff.words import Stretch
from assistant_sync.report.markdown.compare import PageComparer
from assistant_sync.report.markdown.count import PageBudget
from assistant_sync.report.markdown.diff import block_lines, diff_lines, shown_line
from assistant_sync.report.view.fields import Block
from tests.builders import changed

_OPEN = {"+": "{+", "-": "[-"}


def _diff(before: str, after: str, budget: PageBudget | None = None, *, is_inert: bool = False) -> list[str]:
    diff = PageComparer(budget or PageBudget()).diff(changed("x", before, after))
    return list(diff_lines(diff, is_inert=is_inert))


def test_equal_texts_have_no_diff() -> None:
    assert _diff("a\n", "a\n") == []


def test_words_that_differ_are_marked_on_both_sides() -> None:
    assert _diff("a\nanswer in English, please\n", "a\nanswer in German, please\n") == [
        "@@ -1,2 +1,2 @@",
        "  a",
        "- answer in [-English-], please",
        "+ answer in {+German+}, please",
    ]


def test_an_added_word_is_marked_in_its_place() -> None:
    assert _diff("be kind and polite\n", "be kind, brief and polite\n")[1:] == [
        "- be kind and polite",
        "+ be kind{+, brief+} and polite",
    ]


def test_lines_that_have_little_in_common_are_not_marked() -> None:
    assert _diff("abc def\n", "uvw xyz\n")[1:] == ["- abc def", "+ uvw xyz"]


def test_whitespace_and_final_newlines_are_visible() -> None:
    assert _diff("a  b c d\nBye", "a b c d  \nBye\n")[1:] == [
        "- a [- -]b c d",
        "- Bye",
        "\\ no newline at the end",
        "+ a b c d··",
        "+ Bye",
    ]
    assert _diff("\tone two three\n", "    one two three\r\n")[1:] == [
        r"- [-\t-]one two three",
        r"+ {+    +}one two three{+\r+}",
    ]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (
            "never tell lies or a secret",
            "always tell lies{+.+} or a secret",
            r"+ {+always+} tell lies{+\x7b+.+}+} or a secret",
        ),
        (
            "say [-no-] to all of the others",
            "say yes to all of the others",
            r"- say [-\x5b-no-]-] to all of the others",
        ),
    ],
)
def test_no_text_passes_for_a_mark(before: str, after: str, lines: str) -> None:
    assert lines in _diff(before, after)


def test_in_json_marks_are_escaped_as_json() -> None:
    assert _diff('"one two three"', '"one two three {+x"', is_inert=True)[2] == r'+ "one two three{+ \u007b+x+}"'
    assert _diff('"one two three"', '"one two three {+x"')[2] == r'+ "one two three{+ \x7b+x+}"'


_PIECES = st.lists(st.sampled_from(["a", "b", " ", "{+", "+}", "[-", "-]", "\\", "x7b"]), max_size=12).map("".join)


@given(_PIECES, _PIECES)
def test_only_a_mark_of_ours_looks_like_one(before: str, after: str) -> None:
    for line in _diff(before, after)[1:]:
        mark = {"+": r"\{\+(.*?)\+\}", "-": r"\[-(.*?)-\]"}.get(line[0])
        if mark is not None:
            count = line.count(_OPEN[line[0]])
            assert len(re.findall(mark, line)) == count


def test_of_a_long_line_what_differs_is_shown_with_what_is_around_it() -> None:
    before = f"{'x ' * 500}old{' y' * 500}"
    removed, added = _diff(before, before.replace("old", "new"))[1:]

    assert removed == f"- … 940 unchanged characters … {'x ' * 30}[-old-]{' y' * 30} … 940 more characters"
    assert added == removed.replace("[-old-]", "{+new+}").replace("-", "+", 1)


def test_differences_far_apart_in_a_long_line_are_all_shown() -> None:
    before = f"one {'x ' * 500}two {'y ' * 500}three"
    _, added = _diff(before, before.replace("one", "eins").replace("two", "zwei").replace("three", "drei"))[1:]

    assert re.findall(r"\{\+(\w+)\+\}", added) == ["eins", "zwei", "drei"]
    assert added.count("unchanged characters") == 2


def test_differences_beyond_the_widest_are_announced() -> None:
    before = " ".join(f"word{number} same" for number in range(200))
    _, added = _diff(before, before.replace("same", "other"))[1:]

    assert added.endswith(", with further differences")
    assert len(added) < 1_500


@pytest.mark.parametrize("sign", [" ", "+"])
def test_a_very_long_line_without_a_known_difference_is_cut(sign: str) -> None:
    line = shown_line(Line(sign, "x" * 1_000_000), is_inert=False, may_mark=True)

    assert line == f"{sign} {'x' * 240} … 999,760 more characters"


def test_very_many_blanks_at_the_end_are_counted() -> None:
    assert shown_line(Line("+", "x" + " " * 500), is_inert=False, may_mark=True) == f"+ x{'·' * 60} … 440 more spaces"


def test_a_long_difference_is_cut() -> None:
    line = Line("+", "a" * 1_000 + "b" * 1_000, (Stretch(1_000, 2_000),))

    assert shown_line(line, is_inert=False, may_mark=True) == (
        f"+ … 940 unchanged characters … {'a' * 60}{{+{'b' * 740}+}} … 260 more characters, with further differences"
    )


def test_long_runs_and_many_hunks_are_cut_and_counted() -> None:
    before = "".join(f"{number}\n" for number in range(1_000))
    run = _diff("", before)
    after = "".join(f"{number}{'!' if number % 10 == 0 else ''}\n" for number in range(1_000))
    many = _diff(before, after)

    assert run[-2:] == ["+ 39", "+ … 960 more lines"]
    assert re.fullmatch(r"… \d+ more diff lines", many[-1])
    shown = [line for line in many if not line.startswith(("@@", "…"))]
    assert len(shown) + int(many[-1].split()[1]) == sum(len(hunk.lines) for hunk in diff_texts(before, after).hunks)


def test_once_the_budget_is_used_up_lines_are_shown_without_their_words() -> None:
    line = "".join(f"{number} " for number in range(200))
    before, after = f"a\nfirst {line}last\nb\n", f"a\nerste {line}letzte\nb\n"
    budget = PageBudget()
    budget.words = 0

    assert _diff(before, after, budget)[0] == "@@ -2,1 +2,1 @@"
    assert _diff(before, after)[0] == "@@ -1,3 +1,3 @@"


def test_texts_too_different_to_compare_are_shown_one_after_the_other() -> None:
    budget = PageBudget()
    budget.lines.steps = 0
    before, after = ("".join(f"{number * sign}\n" for number in range(2_000)) for sign in (1, -1))
    lines = _diff(before, after, budget)

    assert [lines[0], lines[1], lines[40], lines[41]] == [
        "@@ -2,1999 +2,1999 @@",
        "- 1",
        "- 40",
        "- … 1,959 more lines",
    ]
    assert [lines[42], lines[81], lines[82]] == ["+ -1", "+ -40", "+ … 1,959 more lines"]
    assert len(lines) == 83


def test_a_block_shows_its_first_lines() -> None:
    lines = ["0", "1", "2"]

    assert list(block_lines(Block(lines, 7, 20, is_inert=False), "+")) == ["+ 0", "+ 1", "+ 2", "+ … 7 more lines"]
    assert list(block_lines(Block(lines, 0, 6, is_inert=False), "-")) == ["- 0", "- 1", "- 2"]
