"""From a text to the input of a graph."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.checking.graph_input import input_of_text
from tests.strategies import json_values

MESSAGE = {"messages": [{"role": "user", "content": "Hi"}]}
TEXT = {"type": "string"}
OPTIONAL = {"anyOf": [{"type": "string"}, {"type": "null"}]}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (None, MESSAGE),
        ({}, MESSAGE),
        ({"properties": {"messages": {"type": "array"}, "topic": TEXT}}, MESSAGE),
        ({"properties": {"question": TEXT}}, {"question": "Hi"}),
        ({"properties": {"question": OPTIONAL, "limit": {"type": "integer"}}}, {"question": "Hi"}),
        ({"properties": {"question": {"type": ["string", "null"]}}}, {"question": "Hi"}),
        ({"properties": {"question": TEXT, "note": TEXT}, "required": ["question"]}, {"question": "Hi"}),
        (
            {"$ref": "#/$defs/Input", "$defs": {"Input": {"properties": {"ask": {"$ref": "#/$defs/T"}}}, "T": TEXT}},
            {"ask": "Hi"},
        ),
        (TEXT, "Hi"),
    ],
)
def test_a_text_becomes_a_message_or_the_one_text_field(schema: Any, value: Any) -> None:
    assert input_of_text("Hi", schema) == value


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"first": {"type": "integer"}}},
        {"properties": {"question": TEXT, "note": TEXT}},
        {"properties": {"question": TEXT, "note": TEXT}, "required": ["question", "note"]},
        {"properties": {"question": {"type": ["string", "integer"]}}},
        {"type": "object"},
        {"$ref": "#/$defs/Nothing"},
        {"$ref": "#", "properties": {"first": {"type": "integer"}}},
    ],
)
def test_an_input_that_no_text_fits_shows_its_schema(schema: Any) -> None:
    with pytest.raises(ValueError, match="neither messages nor one text; give it as JSON that fits"):
        input_of_text("Hi", schema)


def test_the_shown_schema_has_no_definitions_and_is_cut() -> None:
    schema: Any = {
        "$defs": {"x": {"secret": 1}},
        "properties": {str(number): {"type": "integer"} for number in range(999)},
    }
    with pytest.raises(ValueError, match="neither") as refused:
        input_of_text("Hi", schema)
    assert "$defs" not in str(refused.value)
    assert str(refused.value).endswith("…")
    assert len(str(refused.value)) < 2_200


@given(
    schema=st.dictionaries(st.sampled_from(["$ref", "properties", "type", "anyOf", "required", "$defs"]), json_values())
)
def test_any_schema_gives_an_input_or_an_error_of_ours(schema: Any) -> None:
    message = "give it as JSON"
    try:
        input_of_text("Hi", schema)
    except ValueError as error:
        message = str(error)
    assert "give it as JSON" in message
