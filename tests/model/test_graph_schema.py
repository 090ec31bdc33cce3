from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.model.graph_schema import GraphSchema

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}


def test_an_answer_of_the_python_server_has_one_schema_for_both() -> None:
    answer = {"context_schema": SCHEMA, "config_schema": SCHEMA, "input_schema": {"properties": {"question": {}}}}
    found = GraphSchema.of_answer("agent", answer)
    assert found == GraphSchema("agent", SCHEMA, None, ("question",))
    assert found.of_configurable == SCHEMA
    assert found.is_declared


@pytest.mark.parametrize("nothing", [None, {}, [], "x", 1, True])
def test_an_answer_that_is_no_object_or_empty_declares_nothing(nothing: Any) -> None:
    found = GraphSchema.of_answer("agent", {"context_schema": nothing, "config_schema": nothing})
    assert (found.context, found.configurable, found.is_declared) == (None, None, False)


def test_variables_are_the_fields_of_input_and_state_each_once() -> None:
    answer: dict[str, Any] = {
        "input_schema": {"properties": {"b": {}, "a": {}}},
        "state_schema": {"properties": {"b": {}, "c": {}}},
    }
    assert GraphSchema.of_answer("agent", answer).variables == ("a", "b", "c")
    odd: dict[str, Any] = {"input_schema": {"properties": []}, "state_schema": 1}
    assert GraphSchema.of_answer("agent", odd).variables == ()


def test_a_schema_declares_the_same_whatever_its_variables_are() -> None:
    one = GraphSchema("agent", SCHEMA, None, ("a",))
    assert one.declares_as(GraphSchema("agent", dict(SCHEMA), None, ("b",)))
    assert not one.declares_as(GraphSchema("agent", None))
    assert not one.declares_as(GraphSchema("agent", SCHEMA, SCHEMA))
