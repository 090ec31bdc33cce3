from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.report.linediff.hunks import DiffBudget, LineDiff, diff_texts, split_lines
from assistant_sync.report.linediff.myers import Budget
from assistant_sync.report.linediff.words import Stretch

_TEXTS = st.lists(st.sampled_from(["a", "b", "c", "", "\r", "\u2028"]), max_size=12).map("\n".join)


def test_equal_texts_have_no_hunks() -> None:
    for text in ["", "a", "a\nb\n"]:
        diff = diff_texts(text, text)

        assert (diff.hunks, diff.added, diff.removed, diff.is_exact) == ((), 0, 0, True)


def test_one_changed_line_is_one_hunk_with_three_lines_around_it() -> None:
    before = "".join(f"line {number}\n" for number in range(1, 301))

    diff = diff_texts(before, before.replace("line 120\n", "line CXX\n"))

    (hunk,) = diff.hunks
    assert hunk.place == "@@ -117,7 +117,7 @@"
    assert [line.sign + line.text for line in hunk.lines] == [
        " line 117",
        " line 118",
        " line 119",
        "-line 120",
        "+line CXX",
        " line 121",
        " line 122",
        " line 123",
    ]
    assert (diff.added, diff.removed, diff.before_lines, diff.after_lines) == (1, 1, 300, 300)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("", "a\nb\n", "@@ -0,0 +1,2 @@"),
        ("a\n", "", "@@ -1,1 +0,0 @@"),
        ("a\nb\n", "a\nx\nb\n", "@@ -1,2 +1,3 @@"),
        ("a\nx\nb\n", "a\nb\n", "@@ -1,3 +1,2 @@"),
    ],
)
def test_places_are_those_of_unified_diffs(before: str, after: str, place: str) -> None:
    assert [hunk.place for hunk in diff_texts(before, after).hunks] == [place]


def test_changes_six_equal_lines_apart_are_one_hunk_and_seven_apart_are_two() -> None:
    for between, count in ((6, 1), (7, 2)):
        middle = "".join(f"{number}\n" for number in range(between))

        assert len(diff_texts(f"a\n{middle}b\n", f"x\n{middle}y\n").hunks) == count


def test_the_part_that_differs_is_known_for_lines_that_replace_each_other() -> None:
    removed, added = diff_texts("say yes, please", "say no, please").hunks[0].lines

    assert (removed.changed, added.changed) == (((4, 7, False),), ((4, 6, False),))


def test_a_line_without_counterpart_has_no_part_that_differs() -> None:
    lines = diff_texts("a\n", "b\nc\n").hunks[0].lines

    assert [line.changed for line in lines] == [((0, 1, False),), ((0, 1, False),), None]


def test_a_line_that_looks_like_one_of_the_other_side_is_marked_as_a_whole() -> None:
    removed, *added = diff_texts("cafe\u0301\n", "new\ncaf\u00e9\n").hunks[0].lines

    assert removed.changed == ((0, 5, True),)
    assert [line.changed for line in added] == [None, ((0, 4, True),)]


def test_lines_that_look_the_same_and_stand_side_by_side_are_marked_word_by_word() -> None:
    removed, added = diff_texts("a cafe\u0301 here", "a caf\u00e9 here").hunks[0].lines

    assert (removed.changed, added.changed) == (((2, 7, True),), ((2, 6, True),))


def test_lines_that_look_the_same_are_marked_even_if_the_texts_are_too_different() -> None:
    before, after = ("".join(f"{end}{number}\n" for number in range(3000)) for end in ("e\u0301", "\u00e9"))

    diff = diff_texts(before, after)

    assert not diff.is_exact
    assert all(line.changed and line.changed[0].looks_same for line in diff.hunks[0].lines)


def test_a_long_text_that_is_only_added_to_is_compared_exactly() -> None:
    assert diff_texts("a\nb\n", "a\n" + "".join(f"{n}\n" for n in range(10_000)) + "b\n").is_exact


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("a\nb\n", "a\nc\n", []),
        ("a\nb", "a\nc", []),
        ("a\nb", "a\nb\n", ["-b"]),
        ("a\nb\n", "a\nb", ["+b"]),
        ("", "a", []),
    ],
)
def test_a_missing_final_newline_is_marked_if_only_one_side_has_it(before: str, after: str, marked: list[str]) -> None:
    lines = [line for hunk in diff_texts(before, after).hunks for line in hunk.lines]

    assert [line.sign + line.text for line in lines if line.is_unterminated] == marked


def test_only_a_line_feed_ends_a_line() -> None:
    text = "a\x0bb\x0cc\x85d\u2028e\rf\r\ng"

    assert split_lines(text) == ["a\x0bb\x0cc\x85d\u2028e\rf\r\n", "g"]
    assert split_lines("") == []
    assert split_lines("\n\n") == ["\n", "\n"]


def test_texts_that_are_too_different_count_as_replaced_between_their_common_ends() -> None:
    before = "start\n" + "".join(f"a{number}\n" for number in range(3000)) + "end\n"
    after = "start\n" + "".join(f"b{number}\n" for number in range(3000)) + "end\n"

    diff = diff_texts(before, after)

    assert not diff.is_exact
    assert (diff.added, diff.removed, len(diff.hunks)) == (3000, 3000, 1)
    assert [line.text for line in diff.hunks[0].lines if line.sign == " "] == ["start", "end"]
    assert _patched(before, diff) == after


def test_the_search_is_bounded_if_all_lines_are_alike() -> None:
    """Two symbols in two orders: difflib would compare every line with half of all others."""
    before = "".join("ab"[number * number % 7 % 2] + "\n" for number in range(100_000))
    after = "".join("ab"[number * number % 11 % 2] + "\n" for number in range(100_000))

    assert not diff_texts(before, after).is_exact


def test_long_texts_with_few_differences_are_compared_exactly() -> None:
    before = "".join(f"{number % 50}\n" for number in range(100_000))

    diff = diff_texts(before, "new\n" + before.replace("0\n", "zero\n", 1) + "end\n")

    assert diff.is_exact
    assert (diff.added, diff.removed) == (3, 1)


@given(_TEXTS, _TEXTS)
def test_the_hunks_turn_the_first_text_into_the_second(before: str, after: str) -> None:
    patched = _patched(before, diff_texts(before, after))

    # An empty text has no last line whose end could be compared.
    assert patched == after if before else patched == after.removesuffix("\n")


@given(_TEXTS, _TEXTS)
def test_no_fewer_lines_could_be_removed(before: str, after: str) -> None:
    diff = diff_texts(before, after)

    assert diff.before_lines - diff.removed == _longest_common(split_lines(before), split_lines(after))
    assert diff.before_lines - diff.removed == diff.after_lines - diff.added


def _patched(before: str, diff: LineDiff) -> str:
    """Apply the hunks by their places, as ``patch`` does, checking what they say about the first text."""
    lines = [line.removesuffix("\n") for line in split_lines(before)]
    result: list[str] = []
    at = 0
    for hunk in diff.hunks:
        match = re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@", hunk.place)
        assert match
        start, count, new_start, new_count = map(int, match.groups())
        start -= count > 0
        result += lines[at:start]
        assert len(result) == new_start - (new_count > 0)
        assert [line.text for line in hunk.lines if line.sign != "+"] == lines[start : start + count]
        result += [line.text for line in hunk.lines if line.sign != "-"]
        at = start + count
    result += lines[at:]
    marks = {line.sign for hunk in diff.hunks for line in hunk.lines if line.is_unterminated}
    is_open = "+" in marks or ("-" not in marks and not before.endswith("\n"))
    return "\n".join(result) + ("" if is_open or not result else "\n")


def _longest_common(first: list[str], second: list[str]) -> int:
    row = [0] * (len(second) + 1)
    for one in first:
        previous = row
        row = [0]
        for column, other in enumerate(second):
            row.append(previous[column] + 1 if one == other else max(previous[column + 1], row[-1]))
    return row[-1]


def test_texts_of_one_page_share_what_comparing_may_cost_and_each_may_take_a_little() -> None:
    spent = DiffBudget(Budget(0), Budget(0))
    diff = diff_texts("a\nb c\nd\n", "a\nb x\nd\n", spent)
    assert diff.is_exact
    assert [line.changed for line in diff.hunks[0].lines if line.sign == "+"] == [(Stretch(2, 3),)]
    assert (spent.lines.steps, spent.words.steps) == (0, 0)
    old, new = ("".join(f"{number * factor}\n" for number in range(400)) for factor in (1, 3))
    page = DiffBudget(Budget(1_000_000), Budget(1_000_000))
    assert diff_texts(old, new, page).is_exact
    left = page.lines.steps
    assert 0 < left < 1_000_000
    page.lines.steps = 100
    assert not diff_texts(old, new, page).is_exact
