"""What an editor shows of a graph's own words, and what it must not show."""

from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.manifests.json_schema.documents import manifest_schema, overlay_schema, schema_text
from assistant_sync.manifests.json_schema.graphs import graph_parts, why_unusable
from assistant_sync.model.graph_schema import GraphSchema
from tests.manifests.json_schema.graphs import SCHEMAS

SECRET = "sk-" + "a1B2" * 8


def keys_of(properties: dict[str, Any], **more: Any) -> Any:
    """The keys of a context as an editor's schema has them."""
    schema = GraphSchema("g", {"type": "object", "properties": properties, **more})
    parts = graph_parts(schema, is_patch=False)
    return parts.defs["graph.g.context"]["properties"]


def test_titles_descriptions_defaults_and_options_are_shown() -> None:
    written = {"type": "string", "title": "Mode", "description": "How.", "default": "a", "enum": ["a", "b"]}
    shown = keys_of({"mode": written})["mode"]
    assert {name: shown[name] for name in ("title", "description", "default")} == {
        "title": "Mode", "description": "How.", "default": "a"
    }  # fmt: skip
    assert shown["anyOf"][0]["enum"] == ["a", "b"]


def test_the_form_of_the_platform_gives_words_options_and_a_range() -> None:
    form = {"description": "How warm.", "default": 1, "min": 0, "max": 2, "options": [0, {"value": 2, "label": "Two"}]}
    shown = keys_of({"warmth": {"type": "number", "x_oap_ui_config": form}})["warmth"]
    assert shown["description"] == "How warm.\n\nThe platform's form offers 0 to 2."
    assert (shown["default"], shown["examples"]) == (1, [0, 2])
    assert "maximum" not in shown, "the graph itself may take more"


@pytest.mark.parametrize(
    ("form", "said"), [({"min": 1}, "offers 1 and more"), ({"max": 2.5}, "offers 2.5 and less"), ({"min": True}, "")]
)
def test_a_range_may_have_one_end(form: dict[str, Any], said: str) -> None:
    shown = keys_of({"a": {"type": "number", "x_oap_ui_config": form}})["a"]
    assert said in shown.get("description", "")


def test_a_prompt_is_shown_as_one_that_a_file_can_keep() -> None:
    shown = keys_of({"instructions": {"type": "string", "langgraph_type": "prompt"}})["instructions"]
    assert shown["description"].startswith("A prompt: {$file: ")


@pytest.mark.parametrize(
    "properties",
    [
        {"api_key": {"type": "string", "default": "x9K2-qq81-ZZtop-1"}},
        {"api_key": {"type": "string", "examples": ["x9K2-qq81-ZZtop-1"]}},
        {"key": {"type": "string", "default": SECRET}},
        {"key": {"type": "string", "enum": [SECRET, "b"]}},
        {"key": {"const": SECRET}},
        {"key": {"type": "string", "description": f"Such as {SECRET}."}},
        {"key": {"type": "string", "title": SECRET}},
        {"auth": {"type": "object", "default": {"password": "hunter2!"}}},
        {"api_key": {"type": "string", "x_oap_ui_config": {"default": "x9K2-qq81-ZZtop-1"}}},
        {"api_key": {"$ref": "#/$defs/Key"}},
        {"key": {"type": "string", "x-vendor": SECRET}},
    ],
    ids=str,
)
def test_nothing_that_looks_like_a_credential_is_written(properties: dict[str, Any]) -> None:
    defs: Any = {"Key": {"type": "string", "default": "x9K2-qq81-ZZtop-1"}}
    schema = GraphSchema("g", {"type": "object", "properties": properties, "$defs": defs})
    for made in (manifest_schema({"g": schema}), overlay_schema({"g": schema})):
        text = schema_text(made)
        assert not any(secret in text for secret in (SECRET, "x9K2-qq81-ZZtop-1", "hunter2!"))


def test_two_graphs_have_names_of_their_own_whatever_they_are_called() -> None:
    graphs = ["a", "a_context", "a b", "a/b", "a.context", "ä", "$defs", "x" * 300]
    schema: Any = {
        "type": "object",
        "properties": {"p": {"$ref": "#/$defs/context"}},
        "$defs": {"context": {"type": "string"}},
    }
    names = [name for one in graphs for name in graph_parts(GraphSchema(one, schema), is_patch=False).defs]
    assert len(set(names)) == len(names) == 4 * len(graphs)


def test_all_keys_are_named_by_a_schema_that_is_made_of_parts() -> None:
    parts = {"A": {"type": "object", "properties": {"a": {"type": "string"}}}}
    whole: Any = {"allOf": [{"$ref": "#/$defs/A"}], "$defs": parts, "type": "object"}
    made: Any = graph_parts(GraphSchema("g", whole), is_patch=False).defs["graph.g.context"]
    form = made["anyOf"][0]
    assert [*form["properties"]] == ["a"]
    assert form["additionalProperties"] is False


def test_why_a_schema_is_left_out_is_said_and_nothing_is_where_all_is_well() -> None:
    assert [why_unusable(one) for one in SCHEMAS.values()] == [None, None, None]
    assert why_unusable(GraphSchema("g", {"$ref": "b.json"})) == "it refers to something outside of itself"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_does_not_have_leaves_the_schema_out(number: float) -> None:
    schema = GraphSchema("g", {"type": "object", "properties": {"a": {"type": "number", "default": number}}})
    assert why_unusable(schema) == "it has a number that JSON does not have"
    assert not {"NaN", "Infinity"} & {*schema_text(manifest_schema({"g": schema})).replace(",", " ").split()}
    assert graph_parts(schema, is_patch=True).defs == {}
