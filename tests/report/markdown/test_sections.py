from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.report.markdown.escape import fence, size
from assistant_sync.report.markdown.sections import LEAST, Details, fence_within, shared

if TYPE_CHECKING:
    from collections.abc import Callable


def maker(length: int) -> Callable[[int], Details | None]:
    """Makes a section of so many characters, or as many as there is room for; none in a handful."""
    return lambda room: Details("x" * min(length, room), length <= room) if room >= 10 else None


def test_nothing_to_make_is_nothing() -> None:
    assert shared([], 10_000) == []


def test_without_room_nothing_is_begun() -> None:
    assert shared([maker(10)], LEAST - 1) == []


def test_what_one_does_not_need_goes_to_those_that_are_cut() -> None:
    sections = shared([maker(9_000), maker(10), maker(10)], 10_000)
    assert [(len(one.text), one.is_whole) for one in sections] == [(9_000, True), (10, True), (10, True)]


def test_sections_keep_the_room_and_their_order() -> None:
    sections = shared([maker(9_000), maker(10), maker(9_000), maker(9_000)], 10_000)
    assert sum(len(one.text) for one in sections) <= 10_000
    assert [one.is_whole for one in sections] == [False, True, False, False]


def test_a_fence_with_room_is_whole() -> None:
    assert fence_within(["+ a"], 100, what="diff") == (fence(["+ a"]), True)


def test_a_fence_without_room_shows_the_first_lines_and_counts_the_others() -> None:
    lines = [f"+ line {number}" for number in range(100)]
    block, is_whole = fence_within(lines, 300, what="answer")
    assert not is_whole
    assert size(block) <= 300
    assert "+ line 9\n" in block
    assert "more lines of this answer (size limit)\n```\n" in block


def test_a_fence_without_room_for_a_few_lines_is_none() -> None:
    assert fence_within(["+ a"] * 100, 50, what="diff") == ("", False)


def test_lines_that_grow_in_the_fence_keep_the_room() -> None:
    lines = ["+ " + "`" * 640] * 10 + ["<!-- assistant-sync"] * 200
    for room in range(100, 9_000, 100):
        assert size(fence_within(lines, room, what="diff")[0]) <= room
