"""The parts that the schemas of all files share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue

INCLUDE = "include"
"""The name in ``$defs`` of what stands for a text."""

INCLUDE_SCHEMA: JsonObject = {
    "title": "Text from a file",
    "description": (
        "Is replaced by the text of a file. The path is relative to the folder of the file that names it, and leads "
        "to a file of the repository."
    ),
    "type": "object",
    "properties": {
        "$file": {
            "title": "File",
            "description": "The path of a text file of the repository, relative to this file's folder.",
            "type": "string",
            "minLength": 1,
        }
    },
    "required": ["$file"],
    "additionalProperties": False,
}

NOTES = ("title", "description", "default", "examples")
"""Keywords that say something to a reader and refuse nothing."""


_FORMS = ("allOf", "anyOf", "oneOf", "$ref", "if", "not")


def or_null(schema: JsonObject) -> JsonObject:
    """A schema that takes null as well."""
    null: JsonObject = {"type": "null"}
    if any(key in schema for key in _FORMS):
        notes, rest = apart(schema)
        forms = rest.get("anyOf")
        if isinstance(forms, list) and len(rest) == 1:
            return {**notes, "anyOf": forms if null in forms else [*forms, null]}
        return {**notes, "anyOf": [rest, null]}
    widened = dict(schema)
    options = [widened.pop("const")] if "const" in schema else schema.get("enum")
    if isinstance(options, list):
        widened["enum"] = options if None in options else [*options, None]
    kind = schema.get("type")
    if isinstance(kind, str | list):
        kinds = [kind] if isinstance(kind, str) else kind
        widened["type"] = kinds if "null" in kinds else [*kinds, "null"]
    return widened


def or_include(schema: JsonObject) -> JsonObject:
    """A schema of a text that takes ``{$file: path}`` as well; what it says to a reader stays at its top."""
    notes, rest = apart(schema)
    return {**notes, "anyOf": [rest, {"$ref": f"#/$defs/{INCLUDE}"}]}


def apart(schema: JsonObject) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    """What a schema says to a reader, and what it asks of a value."""
    notes = {key: value for key, value in schema.items() if key in NOTES}
    return notes, {key: value for key, value in schema.items() if key not in NOTES}
