from __future__ import annotations

import json

import pytest

from assistant_sync.live.graphs import SeenGraph
from assistant_sync.live.schemas import schemas_of

SCHEMA = {"properties": {"a": {"type": "string"}}}


def seen(document: object, *, served: bool | None = True) -> dict[str, SeenGraph]:
    return {"g": SeenGraph(served, json.dumps(document).encode())}


def test_what_a_graph_declares_is_read() -> None:
    book = schemas_of(seen({"context_schema": SCHEMA, "config_schema": SCHEMA, "input_schema": SCHEMA}))
    assert (book.schemas["g"].context, book.schemas["g"].configurable) == (SCHEMA, None)
    assert book.schemas["g"].variables == ("a",)


@pytest.mark.parametrize("served", [None, False])
def test_a_graph_that_is_not_seen_to_be_served_has_none(served: bool | None) -> None:
    book = schemas_of(seen({"context_schema": SCHEMA}, served=served))
    assert (book.schemas, book.unusable) == ({}, {})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "no assistant of it is visible, by which it could be asked for"),
        (b"<html>", "the server's answer is not JSON, or nested too deep"),
        (b'{"context_schema": NaN}', "the server's answer is not JSON, or nested too deep"),
        (b'{"context_schema":' * 5000, "the server's answer is not JSON, or nested too deep"),
        (b"[]", "the server answers none"),
        (b"{}", "the server answers none"),
        (b" " * (2**20 + 1), "it has more than 1 MiB"),
    ],
)
def test_an_answer_without_schemas_is_unusable(answer: bytes | None, reason: str) -> None:
    book = schemas_of({"g": SeenGraph(is_served=True, schemas=answer)})
    assert (book.schemas, book.unusable) == ({}, {"g": reason})


def test_defaults_that_look_like_credentials_are_left_out() -> None:
    secret = "sk-ant-api03-" + "a" * 90
    key = {"type": "string", "default": secret, "examples": [secret]}
    book = schemas_of(seen({"context_schema": {"properties": {"k": key, "b": {"default": "word"}}}}))
    assert book.schemas["g"].context == {"properties": {"k": {"type": "string"}, "b": {"default": "word"}}}
