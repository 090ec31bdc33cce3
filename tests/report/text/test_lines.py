from __future__ import annotations

from assistant_sync.model.change import Action
from assistant_sync.report.text.lines import escaped, indented, joined, label, message, more
from assistant_sync.report.text.styles import ACTION_STYLES
from assistant_sync.suggest import plural


def test_no_lines_are_an_empty_text() -> None:
    assert joined([]).plain == ""


def test_lines_are_joined_by_line_feeds_and_keep_their_styles() -> None:
    text = joined([[("a", "red"), ("b", "")], [], [("c", "bold")]])

    assert text.plain == "ab\n\nc"
    assert [(span.start, span.end, span.style) for span in text.spans] == [(0, 1, "red"), (4, 5, "bold")]


def test_lines_have_no_trailing_blanks() -> None:
    assert joined([[("  ", ""), ("", "red")], [("a ", "red"), ("  ", "")], [(" b", "")]]).plain == "\na\n b"


def test_text_that_looks_like_markup_is_text() -> None:
    assert joined([escaped("[red]a[/red] [link=x]b[/]", "green")]).plain == "[red]a[/red] [link=x]b[/]"


def test_what_is_escaped_has_a_style_of_its_own() -> None:
    assert escaped("a\x1bb", "red") == [("a", "red"), (r"\x1b", "bold magenta"), ("b", "red")]


def test_further_lines_of_a_message_cannot_pass_for_lines_of_ours() -> None:
    assert joined(message("first\nPlan: 0 to create\n")).plain == "first\n| Plan: 0 to create\n|"


def test_a_long_message_is_cut_and_counted() -> None:
    assert joined(message("x" * 5000)).plain == "x" * 4000 + " … 1,000 more characters (-f json shows all)"
    assert joined(message("x" * 4000)).plain == "x" * 4000


def test_a_long_name_is_cut_and_counted() -> None:
    assert joined([label("k" * 121)]).plain == "k" * 120 + " … 1 more character (-f json shows all)"
    assert joined([label("k" * 120)]).plain == "k" * 120


def test_lines_move_to_the_right() -> None:
    assert joined(indented([[("a", "")], [("b", "")]])).plain == "    a\n    b"


def test_counts_agree_with_their_nouns() -> None:
    assert [plural(0, "line"), plural(1, "line"), plural(1200, "line")] == ["0 lines", "1 line", "1,200 lines"]
    assert [more(1, "line"), more(1200, "line")] == [
        "… 1 more line (-v shows all)",
        "… 1,200 more lines (-v shows all)",
    ]


def test_every_action_has_a_style() -> None:
    assert set(ACTION_STYLES) == set(Action)
