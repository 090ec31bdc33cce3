"""One field of a plan or of a version, as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import JsonValue


def field_json(field: FieldChange) -> dict[str, Any]:
    """Make the object of a field; the values of a sensitive one are null."""
    return {
        "path": list(field.path),
        "op": field.op.value,
        "before": None if field.sensitive else strict(field.before),
        "after": None if field.sensitive else strict(field.after),
        "sensitive": field.sensitive,
    }


def strict(value: JsonValue) -> JsonValue:
    """Copy a value into what strict JSON has.

    A server in Python may answer NaN or an infinity; they become strings, spelled as Protocol Buffers' JSON does.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: strict(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [strict(inner) for inner in value]
    return value
