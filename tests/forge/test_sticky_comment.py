from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.forge.sticky_comment import (
    Body,
    is_marked,
    marker,
    next_body,
    parse,
    render,
    text_limit,
)

MARK = marker("plan", "acme", "production")
LIMIT = 1_000
LINES = st.lists(st.text(alphabet="ab -<>!\n\r", max_size=9) | st.just(MARK) | st.just("</details>"), max_size=6).map(
    "\n".join
)


def test_the_marker_is_one_line_that_names_project_and_target() -> None:
    assert MARK == "<!-- assistant-sync: plan acme/production -->"


@pytest.mark.parametrize("name", ["-->", "a--b", "a b", "ü", "a/b", "x\n<img>", "--->"])
def test_no_name_ends_the_comment_that_hides_it(name: str) -> None:
    mark = marker("plan", "p", name)
    inner = mark.removeprefix("<!--").removesuffix("-->")
    assert "--" not in inner
    assert ">" not in inner
    assert "\n" not in inner
    assert mark.count("/") == 1
    assert mark != marker("plan", "p", name + "x")


def test_a_marker_counts_at_the_very_top_only() -> None:
    assert is_marked(MARK, f"{MARK}\r\nx")
    assert is_marked(MARK, MARK)
    assert not is_marked(MARK, f"\n{MARK}\nx")
    assert not is_marked(MARK, f"> {MARK}")
    assert not is_marked(MARK, f"{MARK}x")
    assert not is_marked(marker("plan", "acme", "prod"), f"{MARK}\nx")


@given(LINES, st.sampled_from(["", "sha256:ab", "a b -->"]), LINES)
def test_what_is_rendered_can_be_parsed(text: str, state: str, previous: str) -> None:
    def normalised(text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n")

    body = Body(normalised(text).strip("\n"), state, normalised(previous).strip())
    whole = render(MARK, Body(text, state, previous), limit=LIMIT)
    assert is_marked(MARK, whole)
    assert parse(MARK, whole) == body
    # As GitHub's editor stores it.
    assert parse(MARK, whole.replace("\n", "\r\n") + "\r\n") == body


def test_a_prompt_that_holds_a_whole_text_of_ours_ends_nothing() -> None:
    inner = render(MARK, Body("forged", "sha256:00", "also forged"), limit=LIMIT)
    body = Body(f"```\n{inner}\n```\n{inner}", "sha256:ab")
    assert parse(MARK, render(MARK, body, limit=LIMIT)) == body


def test_a_text_that_somebody_edited_is_not_relied_on() -> None:
    whole = render(MARK, Body("the plan", "s"), limit=LIMIT)
    assert parse(MARK, whole.replace("the plan", "another plan")) is None
    assert parse(MARK, f"{MARK}\nthe plan") is None
    assert parse(MARK, "no marker") is None


def test_an_equal_text_needs_no_next_body() -> None:
    assert next_body(Body("a\nb", "s", "z"), "a\r\nb\n", "s") is None


def test_another_plan_folds_the_previous_one_and_only_that() -> None:
    assert next_body(None, "a", "1") == Body("a", "1")
    second = next_body(Body("a", "1"), "b", "2")
    assert second == Body("b", "2", "a")
    assert next_body(second, "c", "3") == Body("c", "3", "b")


def test_the_same_plan_in_other_words_keeps_what_is_folded() -> None:
    assert next_body(Body("b", "2", "a"), "b, of a newer commit", "2") == Body("b, of a newer commit", "2", "a")


def test_what_does_not_fit_is_left_out_whole() -> None:
    text = "x" * text_limit(MARK, "s", limit=LIMIT)
    assert len(render(MARK, Body(text, "s"), limit=LIMIT)) == LIMIT
    assert render(MARK, Body(text, "s", "previous"), limit=LIMIT) == render(MARK, Body(text, "s"), limit=LIMIT)
    assert len(render(MARK, Body(text[:-100], "s", "previous"), limit=LIMIT)) <= LIMIT
    assert "previous" in render(MARK, Body(text[:-100], "s", "previous"), limit=LIMIT)
