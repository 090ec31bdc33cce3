from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.transport.error_bodies import MAX_LENGTH, error_message, is_html, may_be_json


def schema_error(complaint: str, check: str, place: str, value: str) -> bytes:
    """What the official server answers with 422."""
    text = (
        f'{complaint}\n\nFailed validating "{check}" in schema["properties"]["x"]\n\nOn instance{place}:\n    {value}'
    )
    return json.dumps({"detail": text}).encode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        (b" \n ", ""),
        (b"Internal Server Error", "Internal Server Error"),
        (b'{"detail": "Assistant x not found"}', "Assistant x not found"),
        (
            b'{"detail": [{"type": "int", "loc": ["body", "limit"], "msg": "too large", "input": "hunter2"}]}',
            "body.limit: too large",
        ),
        (b'{"error": "not_found", "message": "no such assistant", "details": {"sql": "SELECT"}}', "no such assistant"),
        (b'{"status": 404, "message": "no such assistant"}', "no such assistant"),
        (
            b'{"success": false, "error": {"issues": [{"path": ["name"], "message": "Required"}], "name": "ZodError"}}',
            "name: Required",
        ),
        (b'{"error": "boom"}', "boom"),
        (b'{"unknown": "shape"}', '{"unknown": "shape"}'),
        (b'"plain"', "plain"),
        (b"[]", "[]"),
        (b"{broken", "{broken"),
        (b"<!DOCTYPE html><html><title>Sign &amp; go</title>hunter2</html>", "a web page: Sign & go"),
        (b"\n<html><body>hunter2</body></html>", "a web page"),
        (b"\xff\xfe bad", "\ufffd\ufffd bad"),
        (b"one\r\ntwo\tthree", "one two three"),
        (b"\x1b[31mred\x07", "\ufffd[31mred\ufffd"),
        ("a\u202eb\u200bc".encode(), "a\ufffdb\ufffdc"),
        (b'{"detail": "\\ud800"}', "\ufffd"),
    ],
)
def test_each_shape_of_body_gives_its_message(body: bytes, text: str) -> None:
    assert error_message(body) == text


@pytest.mark.parametrize(
    ("complaint", "check", "place", "text"),
    [
        ('"hunter2" is not of type "object"', "type", '["context"]', 'context is not of type "object"'),
        (
            '"hunter2 is not of type" is not of type "array"',
            "type",
            '["config"]["tags"]',
            'config.tags is not of type "array"',
        ),
        ('"hunter2" is not one of "a" or "b"', "enum", '["if_exists"]', 'if_exists is not one of "a" or "b"'),
        ('["hunter2"] is odd', "oddness", '["tools"][0]', "tools.0 does not pass the check “oddness”"),
        ('"graph_id" is a required property', "required", "", 'the request: "graph_id" is a required property'),
    ],
)
def test_a_refused_value_is_not_repeated(complaint: str, check: str, place: str, text: str) -> None:
    assert error_message(schema_error(complaint, check, place, '"hunter2"')) == text


def test_a_long_refused_value_is_not_repeated_either() -> None:
    prompt = "hunter2 " * 50_000
    assert error_message(schema_error(f'"{prompt}" is not of type "object"', "type", '["context"]', prompt)) == (
        'context is not of type "object"'
    )


def test_what_follows_on_instance_is_cut_from_any_text() -> None:
    assert error_message(b"bad value\n\nOn instance['x']:\n  hunter2") == "bad value"


def test_credentials_that_were_sent_are_left_out() -> None:
    assert error_message(b'{"detail": "unknown key sk-hunter2"}', ("sk-hunter2",)) == "unknown key ***"


def test_a_long_message_is_cut() -> None:
    assert error_message(b"x" * 1000) == "x" * (MAX_LENGTH - 1) + "…"
    assert error_message(b"x" * MAX_LENGTH) == "x" * MAX_LENGTH


def test_a_deeply_nested_body_is_shown_as_text() -> None:
    assert error_message(b"[" * 100_000).startswith("[[[")
    assert error_message(b'{"error":' * 300 + b'"deep"' + b"}" * 300).startswith('{"error"')


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_any_body_gives_one_short_line(body: bytes) -> None:
    text = error_message(body)
    assert len(text) <= MAX_LENGTH
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in text)


@pytest.mark.parametrize("body", [b"{}", b" [1]", b"12", b"null", b'"x"', b"true", b"-1"])
def test_json_is_recognised_by_its_start(body: bytes) -> None:
    assert may_be_json(body)
    assert not is_html(body)


@pytest.mark.parametrize("body", [b"", b" ", b"<html>", b"OK", b"\xff", b"\xef\xbb\xbf{}"])
def test_other_bodies_are_not_json(body: bytes) -> None:
    assert not may_be_json(body)
