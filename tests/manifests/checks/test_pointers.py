from __future__ import annotations

import pytest

from assistant_sync.manifests.checks.pointers import parse_pointer


def test_the_empty_pointer_is_the_whole_state() -> None:
    assert parse_pointer("") == ()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/", ("",)),
        ("/messages/0/content", ("messages", 0, "content")),
        ("/messages/-1", ("messages", -1)),
        ("/a~1b/c~0d/~01", ("a/b", "c~d", "~1")),
        ("/00/-0/01/1e3/-", ("00", "-0", "01", "1e3", "-")),
        ("/1234567890", ("1234567890",)),
        ("/ä b/٣", ("ä b", "٣")),
    ],
)
def test_a_part_that_can_be_an_index_is_a_number(text: str, path: tuple[str | int, ...]) -> None:
    assert parse_pointer(text) == path


@pytest.mark.parametrize("text", ["a", "#/a", "messages/0", "/a~", "/a~2", "$.a"])
def test_what_is_no_pointer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this must be a JSON Pointer"):
        parse_pointer(text)
