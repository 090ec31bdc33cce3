from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.forge.marked import BODY_LIMIT, Body, follow_up, is_marked, marker, read, room, written

MARK = marker("plan", "acme", "production")
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
def test_what_is_written_is_read_again(text: str, state: str, before: str) -> None:
    def plain(text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n")

    body = Body(plain(text).strip("\n"), state, plain(before).strip())
    whole = written(MARK, Body(text, state, before))
    assert is_marked(MARK, whole)
    assert read(MARK, whole) == body
    # As GitHub's editor stores it.
    assert read(MARK, whole.replace("\n", "\r\n") + "\r\n") == body


def test_a_prompt_that_holds_a_whole_text_of_ours_ends_nothing() -> None:
    inner = written(MARK, Body("forged", "sha256:00", "also forged"))
    body = Body(f"```\n{inner}\n```\n{inner}", "sha256:ab")
    assert read(MARK, written(MARK, body)) == body


def test_a_text_that_somebody_edited_is_not_relied_on() -> None:
    whole = written(MARK, Body("the plan", "s"))
    assert read(MARK, whole.replace("the plan", "another plan")) is None
    assert read(MARK, f"{MARK}\nthe plan") is None
    assert read(MARK, "no marker") is None


def test_an_equal_text_is_not_followed_up() -> None:
    assert follow_up(Body("a\nb", "s", "z"), "a\r\nb\n", "s") is None


def test_another_plan_folds_the_one_before_and_only_that() -> None:
    assert follow_up(None, "a", "1") == Body("a", "1")
    second = follow_up(Body("a", "1"), "b", "2")
    assert second == Body("b", "2", "a")
    assert follow_up(second, "c", "3") == Body("c", "3", "b")


def test_the_same_plan_in_other_words_keeps_what_is_folded() -> None:
    assert follow_up(Body("b", "2", "a"), "b, of a newer commit", "2") == Body("b, of a newer commit", "2", "a")


def test_what_has_no_room_is_left_out_whole() -> None:
    text = "x" * room(MARK, "s")
    assert len(written(MARK, Body(text, "s"))) == BODY_LIMIT
    assert written(MARK, Body(text, "s", "before")) == written(MARK, Body(text, "s"))
    assert len(written(MARK, Body(text[:-100], "s", "before"))) <= BODY_LIMIT
    assert "before" in written(MARK, Body(text[:-100], "s", "before"))
