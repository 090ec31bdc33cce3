from __future__ import annotations

from assistant_sync.report.linediff.hunks import diff_texts
from assistant_sync.report.view.hunks import LONGEST_RUN, first_of, shown_diff


def test_equal_texts_show_nothing() -> None:
    shown = shown_diff(diff_texts("a\n", "a\n"))

    assert (shown.hunks, shown.rest) == ((), 0)


def test_short_diffs_are_shown_whole_by_runs_of_one_sign() -> None:
    diff = diff_texts("a\nb\n", "a\nc\nd\n")
    (hunk,) = shown_diff(diff).hunks

    assert hunk.place == diff.hunks[0].place
    assert [(run.sign, len(run.lines), run.rest) for run in hunk.runs] == [(" ", 1, 0), ("-", 1, 0), ("+", 2, 0)]


def test_long_runs_are_cut_so_that_the_new_lines_are_seen_beside_the_old_ones() -> None:
    before, after = ("".join(f"{letter}{number}\n" for number in range(100)) for letter in "ab")
    (hunk,) = shown_diff(diff_texts(before, after)).hunks

    assert [(run.sign, len(run.lines), run.rest) for run in hunk.runs] == [("-", 40, 60), ("+", 40, 60)]


def test_of_many_hunks_the_first_are_shown_and_the_lines_of_the_others_counted() -> None:
    before = "".join(f"{number}\n" for number in range(1_000))
    after = "".join(f"{number}{'!' if number % 10 == 0 else ''}\n" for number in range(1_000))
    diff = diff_texts(before, after)
    shown = shown_diff(diff)
    whole = shown_diff(diff, is_cut=False)

    lines = sum(len(run.lines) for hunk in shown.hunks for run in hunk.runs)
    assert 100 <= lines < 100 + LONGEST_RUN
    assert lines + shown.rest == sum(len(hunk.lines) for hunk in diff.hunks)
    assert (len(whole.hunks), whole.rest) == (len(diff.hunks), 0)


def test_nothing_is_cut_for_two_lines() -> None:
    assert first_of("abcde", 3) == ("abcde", 0)
    assert first_of("abcdef", 3) == ("abc", 3)
    assert first_of("abcdef", None) == ("abcdef", 0)
