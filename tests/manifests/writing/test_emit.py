"""New YAML reads back as what was written, in the style of a manifest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from assistant_sync.manifests.writing.emit import emit
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.planning.equality import same_json
from tests.strategies import json_objects


def test_an_empty_document_is_an_empty_mapping() -> None:
    assert emit({}) == "{}\n"


def test_fields_are_written_in_their_order_and_in_block_style() -> None:
    document: dict[str, Any] = {
        "key": "support",
        "context": {"tools": ["a", "b"], "deep": {"x": [{"y": 1, "z": None}]}},
        "a": [],
    }
    assert emit(document) == (
        "key: support\ncontext:\n  tools:\n    - a\n    - b\n  deep:\n    x:\n      - y: 1\n        z: null\na: []\n"
    )


def test_an_include_is_written_on_one_line() -> None:
    assert emit({"context": {"p": {"$file": "../prompts/a b.md"}}}) == "context:\n  p: {$file: ../prompts/a b.md}\n"


def test_a_text_of_several_lines_is_a_literal_block() -> None:
    assert emit({"p": "One.\nTwo: #3\n"}) == "p: |\n  One.\n  Two: #3\n"
    assert emit({"p": "One.\n\nTwo."}) == "p: |-\n  One.\n\n  Two.\n"


def test_a_long_line_is_not_folded() -> None:
    assert len(emit({"p": "word " * 200 + "end"}).splitlines()) == 1


def test_an_emoji_is_written_as_it_is() -> None:
    assert emit({"p": "ok 🚀"}) == "p: ok 🚀\n"


@pytest.mark.parametrize("text", ["no", "on", "1e5", "0o17", "12:30", "0x1F", "2024-01-01", "~", "1_000", "9" * 5000])
def test_a_text_that_looks_like_another_value_is_quoted(text: str) -> None:
    written = emit({"p": text})
    assert written == f"p: '{text}'\n" or text in ("12:30",)
    assert _read(written) == {"p": text}


@pytest.mark.parametrize(
    "text",
    ["\ttab first\nline", " indented\nline", "trailing \nblank", "a\r\nb", "\n", "\n\n", "a\n\n\n", "x\x85y", "\ufeff",
     "a\u2028b", "# no comment", "- no list", "key: value", "'", '"', "\\", "\x07bell"],
)  # fmt: skip
def test_a_text_of_any_characters_reads_back(text: str) -> None:
    assert _read(emit({"p": text, "list": [text], text: 1})) == {"p": text, "list": [text], text: 1}


def test_what_yaml_cannot_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="YAML cannot carry"):
        emit({"p": "\ud800"})


@given(json_objects())
def test_any_json_reads_back(value: dict[str, Any]) -> None:
    assert same_json(_read(emit(value)), value)


def _read(text: str) -> Any:
    (document,) = parse_documents(text)
    return document.value


@pytest.mark.parametrize("text", ["a\u202eb", "x\n\u2066y\n", "\u200b", "\U000e0041\U0001f600", "a\u00a0b\tc\n"])
def test_inert_yaml_escapes_what_a_reader_could_not_see(text: str) -> None:
    document: dict[str, Any] = {"text": text, text: 1}
    written = emit(document, is_inert=True)
    assert not {"\u202e", "\u2066", "\u200b", "\U000e0041", "\u00a0", "\t"} & set(written)
    assert parse_documents(written)[0].value == document


def test_inert_yaml_is_the_same_for_what_can_be_seen() -> None:
    document: dict[str, Any] = {"a": "Grüße ❤️\nzwei\n", "b": ["x", 1, None], "c": "no"}
    assert emit(document, is_inert=True) == emit(document)
