"""What a graph's schema says of a key for the platform's own form, in the words that an editor shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant_sync.manifests.graph_schemas.hints import is_prompt

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue

_UI = "x_oap_ui_config"
_A_PROMPT = "A prompt: {$file: ../prompts/NAME.md} keeps it in a file of its own."
_MOST_OPTIONS = 100


def with_form(key: str, schema: JsonObject) -> JsonObject:
    """The schema of a key with what its form says: description, default, options and range.

    Args:
        key: The key.
        schema: Its schema.
    """
    ui = schema.get(_UI)
    form = ui if isinstance(ui, Mapping) else {}
    said = [schema.get("description"), form.get("description"), form.get("help"), _range(form)]
    said += [_A_PROMPT] if is_prompt(key, schema) else []
    texts = [one for one in dict.fromkeys(map(_text, said)) if one]
    made = dict(schema)
    if texts:
        made["description"] = "\n\n".join(texts)
    if "default" in form and "default" not in schema:
        made["default"] = form["default"]
    options = _options(form)
    if options and "enum" not in schema and "examples" not in schema:
        made["examples"] = options
    return made


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _options(form: JsonObject) -> list[JsonValue]:
    """The values of a select: suggestions, because the graph itself may take others."""
    options = form.get("options")
    listed = options[:_MOST_OPTIONS] if isinstance(options, list) else []
    return [one["value"] if isinstance(one, Mapping) and "value" in one else one for one in listed]


def _range(form: JsonObject) -> str:
    low, high = form.get("min"), form.get("max")
    match _is_number(low), _is_number(high):
        case True, True:
            return f"The platform's form offers {low} to {high}."
        case True, False:
            return f"The platform's form offers {low} and more."
        case False, True:
            return f"The platform's form offers {high} and less."
        case _:
            return ""


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
