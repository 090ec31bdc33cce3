from __future__ import annotations

import pytest
import yaml

from assistant_sync.manifests.yaml12.errors import YamlError, explain
from assistant_sync.manifests.yaml12.parser import parse_documents


def fails(text: str) -> tuple[int, int, str]:
    with pytest.raises(YamlError) as raised:
        parse_documents(text)
    return raised.value.line, raised.value.column, raised.value.message


def test_an_error_without_a_place_is_reported_at_the_start() -> None:
    error = explain(yaml.YAMLError("out of memory"), "a: 1")
    assert (error.line, error.column, error.message) == (1, 1, "not valid YAML: out of memory")


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("a:\n\t- b", (2, 1), "not with tabs"),
        ("a: 1\nb: 'x\nc: 2\n", (2, 4), "a quote is not closed"),
        ('a: "x', (1, 4), "a quote is not closed"),
        ("a: [1, 2\nb: 3\n", (1, 4), "a bracket is not closed"),
        ("{a: 1", (1, 1), "a bracket is not closed"),
        ("a: b: c", (1, 5), "or quote a text that contains ': '"),
        ("a: 1\n  b: 2", (2, 4), "; check the indentation of this line and of line 1"),
        ("a:\n  - b\n - c", (3, 2), "check the indentation, quotes and brackets of this line and of line 2"),
        ("a: @x", (1, 4), "quote a text that starts with '@'"),
        ("a: `x`", (1, 4), "quote a text that starts with '`'"),
        ("a: %x", (1, 4), "quote a text that starts with '%'"),
        ("a: * x", (1, 5), "quote a text that starts with '*'"),
        (r'a: "\q"', (1, 5), "double the backslash, or use single quotes, in which it is an ordinary character"),
        (r'a: "\ud83d\ude80"', (1, 7), "write the character itself: an unpaired surrogate is not a valid character"),
        ("a: - b", (1, 4), "a line of its own"),
        ("ä: \x01", (1, 4), "the character U+0001 is not allowed; write it as an escape"),
        ("a: x\u2028y", (1, 5), 'U+2028 is a line end for the YAML parser: write it as "\\u2028"'),
        ("# \n# \x85", (2, 3), "U+0085"),
        ("a: \ud800", (1, 4), "unpaired surrogate: not a valid character"),
    ],
)
def test_the_usual_mistakes_have_their_place_and_a_way_out(text: str, place: tuple[int, int], hint: str) -> None:
    line, column, message = fails(text)
    assert (line, column) == place
    assert hint in message
