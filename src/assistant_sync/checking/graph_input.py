"""From a text to the input of a graph, by the graph's own schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue

_MESSAGES = "messages"
_MOST_SHOWN = 2_000
_DEPTH = 8


def input_of_text(text: str, schema: JsonObject | None) -> JsonValue:
    """Make the input of a graph from a text.

    It is a message where the graph takes messages, or the one text field that its input has. A server that answers no
    schema, as the JS server does for messages, gets a message.

    Args:
        text: What is asked.
        schema: The JSON Schema of the graph's input; None if the server answers none.

    Raises:
        ValueError: The input has no such field, or several; the message shows the schema.
    """
    if not schema:
        return _message(text)
    resolved = _resolved(schema, schema)
    if resolved.get("type") == "string":
        return text
    properties = resolved.get("properties")
    fields = properties if isinstance(properties, Mapping) else {}
    if _MESSAGES in fields:
        return _message(text)
    texts = [name for name, one in fields.items() if _is_text(one, schema)]
    required = resolved.get("required")
    if len(texts) > 1 and isinstance(required, list):
        texts = [name for name in texts if name in required]
    if len(texts) == 1:
        return {texts[0]: text}
    raise ValueError(f"the graph's input is neither messages nor one text; give it as JSON that fits {shown(resolved)}")


def shown(schema: JsonObject) -> str:
    """A schema on one line, without its definitions, cut."""
    plain = {key: value for key, value in schema.items() if key not in ("$defs", "definitions")}
    text = json.dumps(plain, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _message(text: str) -> JsonValue:
    return {_MESSAGES: [{"role": "user", "content": text}]}


def _resolved(schema: JsonObject, top: JsonObject) -> JsonObject:
    """What a schema refers to, within the document."""
    for _ in range(_DEPTH):
        found = _target(schema.get("$ref"), top)
        if found is None:
            break
        schema = found
    return schema


def _target(reference: JsonValue, top: JsonObject) -> JsonObject | None:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    found: JsonValue = top
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _is_text(schema: JsonValue, top: JsonObject) -> bool:
    """Whether a field takes a text; null may be allowed beside it."""
    if not isinstance(schema, Mapping):
        return False
    schema = _resolved(schema, top)
    kind, options = schema.get("type"), schema.get("anyOf")
    kinds = kind if isinstance(kind, list) else [kind]
    if isinstance(options, list):
        kinds = [one.get("type") for one in options if isinstance(one, Mapping)]
    return [one for one in kinds if one != "null"] == ["string"]
