from __future__ import annotations

import json
import re
import sys
import unicodedata
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant_sync.report.escape import (
    ascii_json,
    composed,
    escape_invisible,
    escape_invisible_parts,
    json_text,
    path_text,
)
from tests.strategies import json_values

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_ESCAPE = re.compile(r"(\\+)(?:([tr])|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))?")


def test_plain_text_stays_as_it_is() -> None:
    for text in [
        "",
        "Hello, world!",
        "naïve café",
        "日本語\u3000テキスト",
        "שלום مرحبا",
        "a\\b \\n \\d+ C:\\Users",
        "→ · …",
    ]:
        assert escape_invisible(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("\x00\x07\x7f", r"\x00\x07\x7f"),
        ("a\nb", r"a\x0ab"),
        ("a\tb\r", r"a\tb\r"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("non\xa0breaking", r"non\xa0breaking"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\U000e0041tag", r"\U000e0041tag"),
        ("\U000e0100", r"\U000e0100"),
        ("\u3164\u115f\u2800", r"\u3164\u115f\u2800"),
        ("\ud800", r"\ud800"),
        ("\\t", r"\\t"),
        (r"\x1b", r"\\x1b"),
        ("\\\t", r"\\\t"),
    ],
)
def test_what_a_terminal_obeys_or_nobody_sees_is_escaped(text: str, escaped: str) -> None:
    assert escape_invisible(text) == escaped


def test_a_variation_selector_stays_behind_a_symbol_only() -> None:
    assert escape_invisible("⚠\ufe0f 1\ufe0f") == "⚠\ufe0f 1\ufe0f"
    assert escape_invisible("a\ufe0f") == r"a\ufe0f"
    assert escape_invisible("\ufe0f") == r"\ufe0f"
    assert escape_invisible("⚠\ufe0f\ufe0f") == "⚠\ufe0f" + r"\ufe0f"
    assert escape_invisible("\u2800\ufe0f") == r"\u2800\ufe0f"
    assert escape_invisible("⚠\ufe01") == "⚠" + r"\ufe01"


def test_every_invisible_character_that_python_knows_is_escaped() -> None:
    missed = [
        f"{code:x}"
        for code in range(sys.maxunicode + 1)
        if _is_invisible(chr(code))
        and (escape_invisible(chr(code)) == chr(code) or _is_invisible(json_text(chr(code))[1:-1]))
    ]

    assert missed == []


def test_letters_digits_and_symbols_of_all_scripts_are_not_escaped() -> None:
    fillers = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0", "\U0001d159"}
    escaped = {
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code))[0] in "LNPS" and escape_invisible(chr(code)) != chr(code)
    }

    assert escaped == fillers


def test_what_is_escaped_is_a_part_of_its_own() -> None:
    assert list(escape_invisible_parts("a\x1bb\\t")) == [("a", False), (r"\x1b", True), (r"b\\", False), ("t", False)]


@given(st.text(st.characters(exclude_categories=[]) | st.sampled_from("\\\\tru\x1b0000fe0f⚠\ufe0f\t\r")))
@example("\\\\\t\\\\t\\u202e\u202e")
def test_no_two_texts_look_the_same(text: str) -> None:
    assert _read(escape_invisible(text)) == text


@given(json_values())
def test_a_value_can_be_read_back_from_its_json(value: object) -> None:
    assert json.loads(json_text(value)) == value  # type: ignore[arg-type]  # the strategy makes JSON only
    assert json.loads(json_text(value, indent=2)) == value  # type: ignore[arg-type]  # the strategy makes JSON only


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1.0, "1.0"),
        ("é \u202e\x9b", r'"é \u202e\u009b"'),
        ("\U000e0041", r'"\udb40\udc41"'),
        ("line\nfeed", r'"line\nfeed"'),
        ("⚠\ufe0f", '"⚠\ufe0f"'),
        ({"b": [1, {}], "a": ()}, '{"a": [], "b": [1, {}]}'),
        (MappingProxyType({"a": MappingProxyType({})}), '{"a": {}}'),
    ],
)
def test_json_is_inert_and_readable(value: object, text: str) -> None:
    assert json_text(value) == text  # type: ignore[arg-type]  # objects of all JSON types


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(TypeError, match="object is not a JSON value"):
        json_text(object())  # type: ignore[arg-type]  # that is the fact


def test_a_value_nested_beyond_pythons_limit_is_named_so() -> None:
    value: list[object] = []
    for _ in range(200_000):
        value = [value]

    assert json_text(value) == "(nested too deeply to show)"  # type: ignore[arg-type]  # list[object] is JSON here
    while value:
        value = value.pop()  # type: ignore[assignment]  # freed step by step, or the interpreter would recurse


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("name",), "name"),
        (("context", "tools", 0, "name"), "context.tools[0].name"),
        (("context", "top-level", "x_1"), "context.top-level.x_1"),
        (("metadata", "a.b", ""), 'metadata["a.b"][""]'),
        (("metadata", "0", "é", "\u202e"), r'metadata["0"]["é"]["\u202e"]'),
    ],
)
def test_a_path_is_written_as_in_a_program(path: tuple[str | int, ...], text: str) -> None:
    assert path_text(path) == text


def _is_invisible(text: str) -> bool:
    return any(
        unicodedata.category(char) in _INVISIBLE or (unicodedata.category(char) == "Zs" and char not in " \u3000")
        for char in text
    )


def _read(text: str) -> str:
    """The inverse of ``escape_invisible``, written from its description."""

    def read(match: re.Match[str]) -> str:
        slashes, short, *codes = match.groups()
        code = next((code for code in codes if code is not None), None)
        if short is None and code is None:
            return slashes
        literal = "\\" * (len(slashes) // 2)
        if len(slashes) % 2:
            return literal + ({"t": "\t", "r": "\r"}[short] if short else chr(int(code or "", 16)))
        return literal + match[0][len(slashes) :]

    return _ESCAPE.sub(read, text)


@given(st.text(st.characters(exclude_categories=[]) | st.sampled_from("\\u0e9tx")))
def test_on_demand_all_that_is_not_ascii_is_escaped(text: str) -> None:
    escaped = "".join(part for part, _ in escape_invisible_parts(text, ascii_only=True))

    assert escaped.isascii()
    assert _read(escaped) == text


@given(json_values())
def test_json_in_ascii_means_the_same(value: object) -> None:
    text = ascii_json(json_text(value))  # type: ignore[arg-type]  # an object of JSON

    assert text.isascii()
    assert json.loads(text) == json.loads(json_text(value))  # type: ignore[arg-type]  # an object of JSON


def test_texts_that_look_the_same_have_the_same_composed_form() -> None:
    assert composed("cafe\u0301") == composed("caf\u00e9") == "caf\u00e9"
    assert composed("\u65e5\u672c\u8a9e" * 100 + "e\u0301") == "\u65e5\u672c\u8a9e" * 100 + "\u00e9"
    assert composed("a" + "\u0301\u0323" * 15) != "a" + "\u0301\u0323" * 15


def test_marks_in_a_row_that_no_writing_has_are_not_sorted() -> None:
    text = "a" + "\u0301\u0323" * 500_000

    assert composed(text) is text
