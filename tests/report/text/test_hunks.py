from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.report.linediff.hunks import Line, diff_texts
from assistant_sync.report.linediff.words import Stretch
from assistant_sync.report.text.hunks import cut_line, diff_heading, diff_lines
from assistant_sync.report.text.lines import joined


def test_equal_texts_have_no_lines() -> None:
    assert list(diff_lines(diff_texts("a\n", "a\n"), is_inert=False, verbose=False)) == []


def test_one_place_stands_in_the_heading() -> None:
    diff = diff_texts("a\nb\n", "a\nc\n")

    assert joined([diff_heading(diff, what="lines")]).plain == "+1 -1 lines of 2 @@ -1,2 +1,2 @@"
    assert _plain("a\nb\n", "a\nc\n") == ["  a", "- b", "+ c"]


def test_several_places_separate_the_hunks() -> None:
    middle = "".join(f"{number}\n" for number in range(9))
    diff = diff_texts(f"a\n{middle}b\n", f"A\n{middle}B\n")

    assert joined([diff_heading(diff, what="lines")]).plain == "+2 -2 lines of 11"
    assert [line for line in _plain(f"a\n{middle}b\n", f"A\n{middle}B\n") if line.startswith("@@")] == [
        "@@ -1,4 +1,4 @@",
        "@@ -8,4 +8,4 @@",
    ]


def test_the_heading_reports_texts_that_are_too_different_to_compare() -> None:
    diff = diff_texts("".join(f"a{n}\n" for n in range(3000)), "".join(f"b{n}\n" for n in range(3000)))

    expected = "+3,000 -3,000 lines of 3,000, too different to compare line by line @@ -1,3000 +1,3000 @@"
    assert joined([diff_heading(diff, what="lines")]).plain == expected


def test_the_part_that_differs_is_in_reverse() -> None:
    assert cut_line(Line("+", "say no, please", (Stretch(4, 6),)), is_inert=False, verbose=False) == [
        ("+ ", "green"),
        ("say ", "green"),
        ("no", "green reverse"),
        (", please", "green"),
    ]


def test_where_most_of_a_line_differs_no_part_is_marked() -> None:
    styles = {style for _, style in cut_line(Line("-", "abcdefgh", (Stretch(0, 7),)), is_inert=False, verbose=False)}

    assert styles == {"red"}


def test_spaces_at_the_end_of_a_changed_line_are_visible() -> None:
    assert _plain("a \nb", "a \nb  ") == ["  a", "- b", "+ b··"]
    assert _plain("a", "a" + " " * 3 + "\n\n") == ["- a", "\\ no newline at the end", "+ a···", "+"]


def test_a_missing_final_newline_is_shown() -> None:
    assert _plain("a\nb\n", "a\nb") == ["  a", "- b", "+ b", "\\ no newline at the end"]


def test_hidden_characters_are_escaped_unless_that_was_done_before() -> None:
    line = Line("+", "a\x1b\\u1234")

    assert joined([cut_line(line, is_inert=False, verbose=False)]).plain == r"+ a\x1b\\u1234"
    assert joined([cut_line(Line("+", r"a\u001b"), is_inert=True, verbose=False)]).plain == r"+ a\u001b"


def test_a_long_line_is_cut_around_what_differs() -> None:
    before = "x" * 1000 + "old" + "y" * 1000
    after = "x" * 1000 + "new" + "y" * 1000

    assert _plain(before, after) == [
        f"- … 960 unchanged characters … {'x' * 40}old{'y' * 157} … 843 unchanged characters (-v shows all)",
        f"+ … 960 unchanged characters … {'x' * 40}new{'y' * 157} … 843 unchanged characters (-v shows all)",
    ]
    assert _plain(before, after, verbose=True) == [f"- {before}", f"+ {after}"]


def test_a_long_line_that_differs_at_its_end_shows_its_end() -> None:
    before = "x" * 1000

    assert _plain(before, before + "!")[1] == f"+ … 801 unchanged characters … {'x' * 199}! (-v shows all)"


def test_all_places_where_a_long_line_differs_are_shown() -> None:
    words = " ".join(f"word{number}" for number in range(100))
    before = f"{words} yes {words} here {words}"
    after = f"{words} no {words} there {words}"

    lines = _plain(before, after)

    first, second = ("rd94 word95 word96 word97 word98 word99", "word0 word1 word2 word3 word4 word5 wor")
    assert lines[0] == (
        f"- … 650 unchanged characters … {first} yes {second}"
        f" … 611 unchanged characters … {first} here {second} … 650 unchanged characters (-v shows all)"
    )
    assert (" no " in lines[1], " there " in lines[1]) == (True, True)
    assert _plain(before, after, verbose=True) == [f"- {before}", f"+ {after}"]


@given(st.sets(st.integers(0, 399), min_size=1, max_size=8))
def test_no_word_that_differs_is_hidden_silently(places: set[int]) -> None:
    before = [f"w{number}" for number in range(400)]
    after = [f"NEW{number}" if number in places else word for number, word in enumerate(before)]

    lines = _plain(" ".join(before), " ".join(after))

    hidden = [number for number in places if f"NEW{number}" not in lines[1].split()]
    assert not hidden or lines[1].endswith(", with further differences (-v shows all)")


def test_a_line_that_differs_too_much_to_show_announces_further_differences() -> None:
    before = " ".join(f"word{number}" for number in range(1000))
    after = before.replace("7 ", "x ")

    for line in _plain(before, after):
        assert line.endswith(" more characters, with further differences (-v shows all)")
        assert len(line) < 1500
    assert _plain(before, after, verbose=True) == [f"- {before}", f"+ {after}"]


def test_a_line_is_not_cut_for_forty_characters() -> None:
    assert _plain(f"{'c' * 240}\na", f"{'c' * 240}\nb")[0] == f"  {'c' * 240}"


def test_words_that_differ_only_in_their_unicode_form_are_escaped() -> None:
    assert _plain("a cafe\u0301 \u00e9 one", "a caf\u00e9 \u00e9 two") == [
        "- a cafe\\u0301 \u00e9 one",
        "+ a caf\\xe9 \u00e9 two",
    ]


def test_json_that_differs_only_in_its_unicode_form_is_escaped_as_json() -> None:
    lines = diff_lines(diff_texts('"cafe\u0301"', '"caf\u00e9"'), is_inert=True, verbose=False)

    assert [joined([line]).plain for line in lines] == [r'- "cafe\u0301"', r'+ "caf\u00e9"']


def test_an_empty_line_around_a_change_has_no_trailing_blanks() -> None:
    assert _plain("\n \na\n\nb", "\n \na\n\nc")[:4] == ["", "  a", "", "- b"]


def test_a_long_line_around_a_change_is_cut_at_its_start() -> None:
    context = "x" * 300

    assert _plain(f"{context}\na", f"{context}\nb")[0] == f"  {'x' * 200} … 100 more characters (-v shows all)"


def test_long_runs_are_cut_so_that_what_comes_is_seen_beside_what_goes() -> None:
    before = "".join(f"a{number}\n" for number in range(100))
    after = "".join(f"b{number}\n" for number in range(43))

    lines = _plain(before, after)

    assert len(lines) == 82
    assert lines[39:41] == ["- a39", "- … 60 more lines (-v shows all)"]
    assert lines[80:] == ["+ b39", "+ … 3 more lines (-v shows all)"]
    assert len(_plain(before, after, verbose=True)) == 143


def test_a_run_is_not_cut_for_two_lines() -> None:
    assert len(_plain("", "".join(f"b{number}\n" for number in range(42)))) == 42


def test_a_diff_with_many_places_ends_with_the_count_of_what_is_left_out() -> None:
    before = "".join(f"{number}\n" for number in range(1000))
    after = "".join(f"{number}{'!' if number % 10 == 0 else ''}\n" for number in range(1000))

    lines = _plain(before, after)

    assert lines[-1] == "… 696 more diff lines (-v shows all)"
    shown = [line for line in lines[:-1] if not line.startswith("@@")]
    assert len(shown) + 696 == sum(not line.startswith("@@") for line in _plain(before, after, verbose=True))
    assert len(lines) <= 120


def _plain(before: str, after: str, *, verbose: bool = False) -> list[str]:
    lines = diff_lines(diff_texts(before, after), is_inert=False, verbose=verbose)
    return [joined([line]).plain for line in lines]
