from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.manifests.graph_schemas.compiled import MOST_MISFITS, CompiledSchema, Misfit, without_defaulted
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema

PATH = ("context",)
SCALARS = st.sampled_from(["", "x", "deep", 0, 1, 1.5, True, None])
KEYS = st.sampled_from(["a", "b", "c"])
LEAVES = st.sampled_from(
    [
        True,
        {},
        {"type": "string"},
        {"type": ["integer", "null"]},
        {"enum": ["deep", 1]},
        {"const": "x"},
        {"minimum": 1},
        {"pattern": "^d"},
        {"minLength": 1},
        {"$ref": "#/$defs/one"},
    ]
)


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    maps = st.dictionaries(KEYS, inner, max_size=3)
    return st.one_of(
        st.fixed_dictionaries(
            {"properties": maps},
            optional={
                "required": st.lists(KEYS, max_size=2, unique=True),
                "additionalProperties": st.one_of(st.just(False), inner),
                "type": st.just("object"),
            },
        ),
        st.builds(
            lambda key, forms: {key: forms},
            st.sampled_from(["allOf", "anyOf", "oneOf"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        st.builds(lambda key, form: {key: form}, st.sampled_from(["not", "items", "if"]), inner),
        st.fixed_dictionaries(
            {"allOf": st.lists(inner, min_size=1, max_size=2), "unevaluatedProperties": st.just(False)}
        ),
    )


SCHEMAS = st.recursive(LEAVES, _larger, max_leaves=8).filter(lambda one: isinstance(one, dict))
VALUES = st.dictionaries(
    KEYS,
    st.recursive(SCALARS, lambda one: st.lists(one, max_size=2) | st.dictionaries(KEYS, one, max_size=2), max_leaves=4),
    max_size=3,
)


def misfits(schema: dict[str, Any], value: dict[str, Any], *, drops_unknown: bool = True) -> tuple[Misfit, ...]:
    return CompiledSchema("g", schema, (), drops_unknown=drops_unknown).check(value, PATH)


def messages(schema: dict[str, Any], value: dict[str, Any]) -> list[str]:
    return [one.message for one in misfits(schema, value)]


@given(SCHEMAS, SCHEMAS, VALUES)
def test_a_value_fits_if_and_only_if_a_plain_validator_accepts_it(
    schema: dict[str, Any], one: dict[str, Any], value: dict[str, Any]
) -> None:
    whole = {**schema, "$defs": {"one": one}}
    try:
        found = misfits(whole, value, drops_unknown=False)
    except UnusableSchema:
        return  # it refers to itself
    assert jsonschema_rs.validator_for(whole).is_valid(value) == (not any(one.is_error for one in found)), found


def test_nothing_is_found_if_everything_fits() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert misfits(schema, {"a": "x"}) == ()


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}, "additionalProperties": False}]}, {"a": 1}),
        ({"properties": {"a": {}}, "unevaluatedProperties": False}, {"b": 1}),
    ],
)
def test_a_key_that_any_form_forbids_is_an_error(schema: dict[str, Any], value: dict[str, Any]) -> None:
    (found,) = misfits(schema, value, drops_unknown=False)
    assert (found.path, found.is_error, found.at_key) == (("context", *value), True, True)


def test_a_form_that_is_one_of_several_forbids_nothing() -> None:
    schema = {"anyOf": [True, {"properties": {"a": {}}, "additionalProperties": False}]}
    assert [one.is_error for one in misfits(schema, {"a": 1, "b": 1}, drops_unknown=False)] == [False]


@pytest.mark.parametrize("form", ["not", "if", "items"])
def test_a_default_below_a_negation_refuses_nothing(form: str) -> None:
    inner = {"required": ["a"], "properties": {"a": {"default": 1}}}
    assert misfits({form: inner}, {}) == ()


def test_a_key_with_a_default_is_not_required_wherever_the_schema_has_it() -> None:
    inner = {"properties": {"a": {"default": 1}, "b": {}}, "required": ["a", "b"]}
    for name in ("default", "enum", "const", "examples", "required", "properties", "$ref"):
        assert messages({"properties": {name: inner}}, {name: {}}) == [
            f"context.{name}.b is required (schema of graph 'g')"
        ]


def test_a_list_of_required_keys_is_not_left_empty() -> None:
    draft4: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "properties": {"a": {"default": 1}},
        "required": ["a"],
    }
    assert "required" not in without_defaulted(draft4)
    assert misfits(draft4, {}) == ()


def test_data_of_a_schema_is_left_as_it_is() -> None:
    schema: dict[str, Any] = {"enum": [{"required": ["a"], "properties": {"a": {"default": 1}}}]}
    assert without_defaulted(schema) == schema


def test_what_is_found_is_bounded() -> None:
    schema = {"properties": {f"prompt_{n}": {"type": "integer"} for n in range(300)}}
    assert len(misfits(schema, {f"prompt_{n}": "x" for n in range(300)})) == MOST_MISFITS
    assert len(misfits(schema, {f"other_{n}": "x" for n in range(300)})) == MOST_MISFITS


def test_a_context_with_too_many_errors_has_one() -> None:
    found = messages({"properties": {"a": {"items": {"type": "integer"}}}}, {"a": ["hunter2"] * 60_000})
    assert found == ["context does not fit, and is too large to say where (schema of graph 'g')"]


@pytest.mark.parametrize(
    "schema",
    [
        {"required": "a"},
        {"properties": [1]},
        {"pattern": "("},
        {"pattern": "(?=a)b"},
        {"pattern": r"(a)\1"},
        {"$schema": "https://example.org/own"},
        {"$defs": {"a": {"$ref": "http://127.0.0.1:9/x"}}},
        {"type": "sk-ant-api03-" + "a" * 90},
        {"properties": {"a\ud800": {}}},
    ],
)
def test_what_does_not_compile_is_unusable(schema: dict[str, Any]) -> None:
    with pytest.raises(UnusableSchema) as error:
        misfits(schema, {})
    assert "aaaa" not in str(error.value)
    assert "\n" not in str(error.value)


FORMS: dict[str, dict[str, Any]] = {
    "TypedDict":
        {"properties": {"model": {"type": "string"}, "depth": {"enum": ["quick", "deep"], "type": "string"}},
         "required": ["model"], "title": "TD", "type": "object"},
    "dataclass":
        {"properties": {"model": {"type": "string"},
                        "depth": {"default": "quick", "enum": ["quick", "deep"], "type": "string"}},
         "required": ["model"], "title": "DC", "type": "object"},
    "closed TypedDict":
        {"additionalProperties": False,
         "properties": {"model": {"type": "string"}, "depth": {"enum": ["quick", "deep"], "type": "string"}},
         "required": ["model"], "title": "TDClosed", "type": "object"},
    "zod":
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
         "properties": {"model": {"type": "string"}, "temperature": {"default": 0.1, "type": "number"},
                        "depth": {"type": "string", "enum": ["quick", "deep"]}},
         "required": ["model", "temperature"], "additionalProperties": False},
}  # fmt: skip
"""As the servers answered them."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("value", "start"),
    [
        ({"model": "m", "depth": "deep"}, None),
        ({"model": 5}, "context.model must be a text"),
        ({}, "context.model is required"),
        ({"model": "m", "extra": 1}, "unknown key 'extra' in context"),
        ({"model": "m", "depth": "nope"}, "context.depth must be one of 'quick', 'deep'"),
    ],
)
def test_each_way_of_declaring_is_checked(form: str, value: dict[str, Any], start: str | None) -> None:
    schema = FORMS[form]
    found = misfits(schema, value)
    assert [one.is_error for one in found] == ([] if start is None else [True])
    assert all(one.message.startswith(str(start)) for one in found)


@pytest.mark.parametrize(
    ("schema", "value", "place"),
    [
        ({"properties": {"k": {}}}, {"k": 1, "z": 1}, ("agent", "z")),
        ({"items": {"properties": {"k": {}}}}, [{"k": 1}, {"z": 1}], ("agent", 1, "z")),
        ({"items": {"items": {"properties": {"k": {}}}}}, [[{"z": 1}]], ("agent", 0, 0, "z")),
    ],
)
def test_an_unknown_key_is_found_within_mappings_and_lists(schema: Any, value: Any, place: tuple[str, ...]) -> None:
    (found,) = misfits({"properties": {"agent": schema}}, {"agent": value})
    assert found.path == ("context", *place)


def test_a_list_of_itself_ends() -> None:
    schema = {"properties": {"a": {"$ref": "#/$defs/l"}}, "$defs": {"l": {"items": {"$ref": "#/$defs/l"}}}}
    assert misfits(schema, {"a": [[]]}) == ()
