from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.manifests.checks.compiled import MOST_MISFITS, CompiledValueSchema
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema

ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {"number": {"type": "string", "pattern": "^[0-9]+$"}, "lines": {"items": {"required": ["sku"]}}},
    "required": ["number"],
    "additionalProperties": False,
}


def test_a_value_that_fits_has_no_misfits() -> None:
    assert CompiledValueSchema(ORDER).misfits({"number": "12", "lines": [{"sku": "a"}]}) == ()


@pytest.mark.parametrize(
    ("value", "misfits"),
    [
        ("12", ("the value must be a mapping",)),
        (None, ("the value must be a mapping",)),
        ({}, ("number is required",)),
        ({"number": "hunter2"}, ("number must match the pattern ^[0-9]+$",)),
        ({"number": "1", "nr": 5}, ("unknown key 'nr' in the value",)),
        ({"number": "1", "lines": [{"sku": 1}, {}]}, ("lines[1].sku is required",)),
    ],
)
def test_what_does_not_fit_is_a_sentence_each_without_the_value(value: Any, misfits: tuple[str, ...]) -> None:
    assert CompiledValueSchema(ORDER).misfits(value) == misfits


def test_of_many_misfits_the_first_are_listed() -> None:
    schema = CompiledValueSchema({"items": {"type": "string"}})
    assert len(schema.misfits(list(range(1000)))) == MOST_MISFITS


def test_a_value_that_would_cost_too_much_does_not_fit() -> None:
    schema = CompiledValueSchema({"pattern": "(a{100}){100}"})
    assert schema.misfits("a" * 1_000_000) == (
        "the value is too large, or nested too deep, to be held against the schema",
    )


def test_a_value_that_is_nested_too_deep_does_not_fit() -> None:
    value: Any = 1
    for _ in range(1000):
        value = [value]
    (misfit,) = CompiledValueSchema({"not": {"const": 5}}).misfits(value)
    assert "nested too deep" in misfit


def test_a_value_with_more_misfits_than_memory_is_not_listed() -> None:
    schema = CompiledValueSchema({"items": {"type": "string"}})
    assert schema.misfits([1] * 60_000) == ("the value does not fit, and is too large to say where",)


@pytest.mark.parametrize("schema", [{"type": 5}, {"$ref": "https://example.org"}, {"$ref": "#"}, {"pattern": "(?=a)"}])
def test_a_schema_that_cannot_be_used_is_refused(schema: Any) -> None:
    with pytest.raises(UnusableSchema):
        CompiledValueSchema(schema)
