"""From the models that read a file to its JSON Schema: the same fields, with what editors show of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant_sync.manifests.json_schema.nodes import or_null

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from assistant_sync.model.values import JsonObject, JsonValue

_SAID_ELSEWHERE = ("title", "default", "description")
"""A model's description is the end of a sentence about a wrong value, and its defaults are null for an absent field."""

_ACRONYMS = {"id": "ID", "url": "URL", "api": "API", "ca": "CA", "http": "HTTP"}


def model_schema(
    model: type[BaseModel], texts: Mapping[str, str], shapes: Mapping[str, JsonObject]
) -> dict[str, JsonValue]:
    """The schema of what a model reads, without references.

    Args:
        model: A strict model; its fields are named as files name them.
        texts: The description of each field by its path; "" is the whole.
        shapes: The schemas of the fields for which the model has a function, by path.

    Raises:
        KeyError: A field has no description.
    """
    made: dict[str, Any] = model.model_json_schema()
    return _Making(made.get("$defs", {}), texts, shapes).object(made, "")


@dataclass(frozen=True, slots=True)
class _Making:
    defs: Mapping[str, Any]
    texts: Mapping[str, str]
    shapes: Mapping[str, JsonObject]

    def object(self, schema: Mapping[str, Any], path: str) -> dict[str, JsonValue]:
        """A mapping with known fields."""
        prefix = f"{path}." if path else ""
        made: dict[str, JsonValue] = {
            "type": "object",
            "properties": {name: self.field(one, f"{prefix}{name}") for name, one in schema["properties"].items()},
            "additionalProperties": bool(schema.get("additionalProperties")),
        }
        return made | ({"required": schema["required"]} if schema.get("required") else {})

    def field(self, schema: Mapping[str, Any], path: str) -> dict[str, JsonValue]:
        """A field, with what editors show of it."""
        notes = {"title": title_of(path), "description": self.texts[path]}
        return {**notes, **(self.shapes[path] if path in self.shapes else self.value(schema, path))}

    def value(self, schema: Mapping[str, Any], path: str) -> JsonObject:
        """What a value may be, without words."""
        if "$ref" in schema:
            return self.object(self.defs[schema["$ref"].rpartition("/")[2]], path)
        if "anyOf" in schema:
            one, *_ = (form for form in schema["anyOf"] if form != {"type": "null"})
            return or_null(self.value(one, path))
        made = {key: value for key, value in schema.items() if key not in _SAID_ELSEWHERE}
        for below in ("items", "additionalProperties"):
            if isinstance(made.get(below), dict):
                made[below] = self.shapes.get(f"{path}.*") or self.value(made[below], f"{path}.*")
        return made


def title_of(path: str) -> str:
    """The title of a field by its path, such as ``API key env``."""
    words = path.rpartition(".")[2].split("_")
    text = " ".join(_ACRONYMS.get(word, word) for word in words)
    return text[:1].upper() + text[1:]
