"""What is wrong with a value, in words; never with the value, which may be secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from assistant_sync.manifests.wording import dotted, shown
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jsonschema_rs import ValidationError

    from assistant_sync.model.values import JsonValue, Path

_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_MOST_OPTIONS = 12
_MOST_TEXT = 80


def problem_of(error: ValidationError, path: Path) -> str:
    """One error as a sentence.

    Args:
        error: Of jsonschema-rs.
        path: Where the value is in the manifest.
    """
    return f"{dotted(path)} {_must(error)}"


def _must(error: ValidationError) -> str:
    kind: Any = error.kind  # of a class for each keyword, with attributes of its own
    match kind.name:
        case "type":
            return f"must be {either(_TYPES.get(str(one), str(one)) for one in kind.types)}"
        case "enum":
            return f"must be {one_of(kind.options)}"
        case "const":
            return f"must be {_literal(kind.expected_value)}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            return f"must be {_LIMITS[kind.name]} {_literal(kind.limit)}"
        case "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties":
            return f"must have {_COUNTS[kind.name[:3]]} {kind.limit} {_COUNTED[kind.name[3:]]}"
        case "pattern":
            return f"must match the pattern {_short(kind.pattern)}"
        case "multipleOf":
            return f"must be a multiple of {kind.multiple_of}"
        case "falseSchema" | "uniqueItems":
            return _FIXED[kind.name]
        case "anyOf" | "oneOf" if hasattr(kind, "context"):
            return _alternatives(kind.context)
        case _:
            return f"breaks the rule '{redact_text(str(kind.name))}'"


_LIMITS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}
_FIXED = {"falseSchema": "is not allowed", "uniqueItems": "must not hold an item twice"}
_COUNTS = {"min": "at least", "max": "at most"}
_COUNTED = {"Length": "characters", "Items": "items", "Properties": "keys"}


def _alternatives(branches: Sequence[Sequence[ValidationError]]) -> str:
    """What a value that fits none of several forms must be; of the form that fits best if that is clear."""
    musts = [_must(branch[0]) for branch in branches if len(branch) == 1 and not branch[0].instance_path]
    if len(musts) == len(branches) and all(one.startswith("must be ") for one in musts):
        return f"must be {either(dict.fromkeys(one.removeprefix('must be ') for one in musts))}"
    return f"fits none of the {len(branches)} forms that it may have"


def either(names: Iterable[str]) -> str:
    """Several names as a choice, such as ``a text, a number or null``."""
    listed = list(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def one_of(options: Sequence[JsonValue]) -> str:
    """The values that are allowed; the first of many."""
    named = ", ".join(map(_literal, options[:_MOST_OPTIONS]))
    if len(options) == 1:
        return named
    rest = len(options) - _MOST_OPTIONS
    return f"one of {named}" if rest <= 0 else f"one of {named} and {rest} more"


def _literal(value: JsonValue) -> str:
    return shown(value) if isinstance(value, str) else _short(json.dumps(value, ensure_ascii=False, default=str))


def _short(text: str) -> str:
    text = redact_text(text)
    return text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + "..."
