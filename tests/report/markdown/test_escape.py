from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant_sync.report.escape import escape_invisible
from assistant_sync.report.markdown.escape import cell, code, fence, html_name, message, name, size
from tests.report.rendered import rendered

_ANY = st.text(
    st.characters(exclude_categories=[]) | st.sampled_from("`~|\\ \n<>!-*_[]()@#&;$:\x1b\u202e"), max_size=60
)
_TICKS = st.lists(st.integers(1, 300).map("`".__mul__) | st.sampled_from([" ", "a", "\n", "|", "~~~"]), max_size=8)


def test_an_empty_name_is_shown_as_empty() -> None:
    assert code("") == name("") == "(empty)"
    assert message("") == ""


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("support", "`support`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("``a", "``` ``a ```"),
        (" a ", "`  a  `"),
        (" a", "` a`"),
        ("  ", "`  `"),
    ],
)
def test_a_code_span_has_more_backticks_than_its_text_in_a_row(text: str, span: str) -> None:
    assert code(text) == span


@given(_ANY | _TICKS.map("".join))
@example("`" * 300)
@example("\\|`|\\\\|")
@example("<!-- assistant-sync: plan -->")
def test_a_span_a_cell_and_a_fence_show_the_text_and_nothing_else(text: str) -> None:
    inert = escape_invisible(text)
    shown = _without_breaks(inert)

    span, table = rendered(f"a {code(inert)} b"), rendered(f"| x |\n| --- |\n| {cell(code(inert))} |\n")
    block = rendered(f"<details>\n\n{fence([f'  {inert}', '+ x'])}\n</details>\n")

    if inert:
        assert [_without_breaks(one) for one in span.quoted] == [shown]
        assert [_without_breaks(one) for one in table.quoted] == [shown]
    assert _without_breaks(block.quoted[0]) == _without_breaks(f"  {inert}".rstrip(" ") + "\n+ x\n")
    assert (span.tags[0], table.tags.count("td"), block.tags) == ("p", 1, ["details", "pre", "code"])
    assert span.oddities == table.oddities == block.oddities == []
    assert span.links == table.links == block.links == []


def _without_breaks(text: str) -> str:
    """Long runs of backticks are broken up, and what would pass for a comment of ours too."""
    return re.sub(r"\\x60", "`", text).replace(r"\x3c!--", "<!--")


@pytest.mark.parametrize("length", [1, 2, 3, 4, 62, 63, 64, 65, 79, 80, 81, 127, 128, 254, 255, 256, 257, 300, 1_000])
@pytest.mark.parametrize("sign", ["`", "~"])
def test_no_run_of_any_length_ends_a_fence_or_a_span(length: int, sign: str) -> None:
    run = sign * length
    page = rendered(f"{fence([f'  {run}', f'+ {run}', run, '  end'])}\n{code(run)} {code(f'a{run}b')}\n")

    assert page.tags == ["pre", "code", "p", "code", "code"]
    assert page.prose.strip() == ""
    assert page.quoted[0].endswith("  end\n")
    assert [_without_breaks(one) for one in page.quoted[1:]] == [run, f"a{run}b"]


def test_a_text_cannot_pass_for_the_comment_that_marks_our_own() -> None:
    for text in [
        "<!-- assistant-sync: plan -->",
        "<!--assistant-sync",
        "<!--  Assistant-Sync: x",
        "a <!-- assistant-sync",
    ]:
        for made in [code(text), name(text), message(text), fence([f"+ {text}"]), html_name(text)]:
            assert not re.search(r"<!--\s*assistant-sync", made, re.IGNORECASE)
    assert code("<!-- other -->") == "`<!-- other -->`"


def test_long_names_and_messages_are_cut_and_counted() -> None:
    assert name("x" * 121) == f"`{'x' * 120}` … 1 more character"
    assert name("\U000e0041" * 1_000).endswith("more characters")
    assert len(name("\U000e0041" * 1_000)) < 300
    assert html_name("<" * 130) == f"<code>{'&lt;' * 120}</code> … 10 more characters"
    assert message("a" * 3_000) == f"`{'a' * 2_000}` … 1,000 more characters"
    assert message("a\n" * 30) == f"{'`a`<br>' * 19}`a` … 21 more characters"


def test_lines_of_a_message_stand_below_each_other() -> None:
    assert message("a\n\nb`c") == "`a`<br><br>``b`c``"


def test_a_page_is_measured_in_units_of_utf_16() -> None:
    assert [size(text) for text in ["", "abc", "é", "😀", "a😀b"]] == [0, 3, 1, 2, 4]
