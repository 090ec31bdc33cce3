"""The schema of a document of checks, with what editors show of each field, in the words of docs/manifests.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.checks.schema import INTERRUPT, CheckDocument, ExpectationFields
from assistant_sync.manifests.json_schema.models import model_schema, title_of
from assistant_sync.manifests.json_schema.nodes import or_include, or_null
from assistant_sync.manifests.limits import MAX_CASE_NAME, MAX_EXPECTATIONS, MAX_REPEAT
from assistant_sync.manifests.rules.values import KEY_PATTERN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.model.values import JsonObject, JsonValue

TEXTS: Mapping[str, str] = {
    "": "Questions for assistants, and what must hold of each answer.",
    "assistants": (
        "The assistants that are asked: a key, a glob over keys such as support-*, or a list of them. In its place, "
        "graph selects all assistants of a graph."
    ),
    "graph": "Every assistant of this graph is asked; in place of assistants.",
    "cases": "The questions: at least one.",
    "cases.*.name": f"One line of at most {MAX_CASE_NAME} characters, unique in the document. Reports show it.",
    "cases.*.ask": (
        "The question: one message of a user. {$file: path} reads it from a file. In its place, input is all of the "
        "graph's input."
    ),
    "cases.*.input": "The graph's input, in place of ask. {$file: path} may stand for any text.",
    "cases.*.expect": (
        f"A list of expectations, all of which must hold, or {INTERRUPT}: the run must end with an interrupt."
    ),
    "cases.*.repeat": f"How often the question is asked: 1 to {MAX_REPEAT}. Default: 1.",
    "cases.*.pass": "How many of the answers must be as expected: 1 to repeat. Default: all.",
}
"""By the field's path, with ``*`` for any item."""

_EXPECTATIONS: Mapping[str, str] = {
    "contains": "The answer contains this text.",
    "not_contains": "The answer does not contain this text.",
    "matches": (
        "The answer matches this regular expression anywhere; (?i) in front ignores case. Look-around and "
        "backreferences are not supported."
    ),
    "equals": "A value of the final state equals another.",
    "json_schema": "The final state fits this JSON Schema; or the answer, read as JSON, if the state has messages.",
    "tool_called": "A message of the run calls the tool of this name.",
    "tool_not_called": "No message of the run calls the tool of this name.",
    "max_words": "The most words of the answer.",
    "max_seconds": "The most seconds of the run.",
    "judge": "Another assistant judges the answer by a rubric.",
}

_BELOW: Mapping[str, str] = {
    "path": 'A JSON Pointer into the final state, such as /messages/-1/content; -1 is the last. "" is all of it.',
    "value": "What must be there.",
    "assistant": "The key of the assistant that judges.",
    "graph": "The graph that judges, without any context; in place of assistant.",
    "rubric": "What the answer should be. {$file: path} reads it from a file.",
}

_TEXT: JsonObject = {"type": "string", "minLength": 1}
_NAME: JsonObject = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_CASE_NAME,
    "pattern": r"^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$",
}


def check_properties(graphs: Sequence[str]) -> dict[str, JsonValue]:
    """The schema of a document of checks, without title and id.

    Args:
        graphs: Those that are suggested; any other is no error.
    """
    graph: JsonObject = {**_TEXT, **({"examples": sorted(graphs)} if graphs else {})}
    shapes: Mapping[str, JsonObject] = {
        "assistants": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}, {"type": "null"}]},
        "graph": or_null(graph),
        "cases.*.name": _NAME,
        "cases.*.ask": or_include(or_null(_TEXT)),
        # An include stands for a text, and this is none.
        "cases.*.input": {"type": ["object", "null"], "propertyNames": {"pattern": r"^(?!\$file$)"}},
        "cases.*.expect": _expect(graph),
    }
    made = model_schema(CheckDocument, TEXTS, shapes)
    properties = made["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - it was made here
    cases = properties["cases"]
    cases["items"] = {**cases["items"], "allOf": _one_of_two("ask", "input")}
    return {**made, "allOf": _one_of_two("assistants", "graph")}


def _expect(graph: JsonObject) -> JsonObject:
    expectations: dict[str, JsonValue] = {
        name: {"title": title_of(name), "description": _EXPECTATIONS[name], **_shape(name, graph)}
        for name in ExpectationFields.model_fields
    }
    one: JsonObject = {
        "title": "Expectation",
        "type": "object",
        "properties": expectations,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    listed: JsonObject = {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_EXPECTATIONS}
    return {"anyOf": [{"const": INTERRUPT}, listed]}


def _shape(name: str, graph: JsonObject) -> JsonObject:
    match name:
        case "max_words":
            return {"type": "integer", "minimum": 1}
        case "max_seconds":
            return {"type": "number", "exclusiveMinimum": 0}
        case "json_schema":
            return {"type": "object"}
        case "equals":
            path: JsonObject = {"type": "string", "pattern": "^(/([^/~]|~[01])*)*$"}
            return _object({"path": path, "value": {}}, ["path", "value"])
        case "judge":
            members = {"assistant": or_null({"type": "string", "pattern": KEY_PATTERN}), "graph": or_null(graph)}
            judge = _object({**members, "rubric": or_include(_TEXT)}, ["rubric"])
            return {**judge, "allOf": _one_of_two("assistant", "graph")}
        case _:
            return _TEXT


def _object(members: Mapping[str, JsonObject], required: list[JsonValue]) -> dict[str, JsonValue]:
    properties = {name: {"title": title_of(name), "description": _BELOW[name], **one} for name, one in members.items()}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _one_of_two(one: str, other: str) -> list[JsonValue]:
    """Rules for a mapping that has exactly one of two fields; null is absent."""

    def given(name: str) -> JsonObject:
        return {"properties": {name: {"not": {"type": "null"}}}, "required": [name]}

    # For a type alone, the language server shows a message of ours.
    absent: JsonObject = {"type": "null", "errorMessage": f"{one} and {other} must not both be given."}
    both: JsonObject = {"allOf": [given(one), given(other)]}
    return [{"if": both, "then": {"properties": {other: absent}}}, {"anyOf": [given(one), given(other)]}]
