"""JSON Schemas of checks, with the same bounds as those of graphs."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from assistant_sync.manifests.graph_schemas.bounds import SchemaBounds
from assistant_sync.manifests.graph_schemas.messages import problem_of
from assistant_sync.manifests.graph_schemas.validator import compile_schema
from assistant_sync.manifests.wording import dotted, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_rs import ValidationError

    from assistant_sync.model.values import JsonObject, JsonValue, Path

MOST_MISFITS = 20
"""Of one answer: more than people read."""

_TOO_LARGE = "is too large, or nested too deep, to be held against the schema"
_WHOLE = "the value"


class CompiledValueSchema:
    """A compiled schema; a ``ValueSchema``.

    Args:
        schema: A JSON Schema.

    Raises:
        UnusableSchema: It cannot be compiled, would cost too much, or refers to something outside of itself.
    """

    __slots__ = ("_bounds", "_validator")

    def __init__(self, schema: JsonObject) -> None:
        self._bounds = SchemaBounds(schema)
        self._validator = compile_schema(schema)

    @property
    def weight(self) -> int:
        """How many values and states of patterns it has."""
        return self._bounds.weight

    def misfits(self, value: JsonValue) -> tuple[str, ...]:
        """See ``ValueSchema.misfits``; no sentence has a value, and of keys only unknown ones."""
        try:
            is_listable = self._bounds.check_value(value)
            if self._validator.is_valid(value):
                return ()
        except ValueError:  # of the bounds, or of the depth to which a value can be converted
            return (f"{_WHOLE} {_TOO_LARGE}",)
        if not is_listable:
            return (f"{_WHOLE} does not fit, and is too large to say where",)
        found = (text for error in self._validator.iter_errors(value) for text in _sentences(error))
        return tuple(dict.fromkeys(islice(found, MOST_MISFITS)))


def _sentences(error: ValidationError) -> Iterator[str]:
    place = tuple(error.instance_path)
    kind: Any = error.kind  # of a class for each keyword, with attributes of its own
    match kind.name:
        case "required":
            yield f"{dotted((*place, kind.property))} is required"
        case "additionalProperties" | "unevaluatedProperties" if hasattr(kind, "unexpected"):
            yield from (f"unknown key {shown(key)} in {_subject(place)}" for key in kind.unexpected)
        case _:
            yield problem_of(error, place) if place else f"{_WHOLE}{problem_of(error, place)}"


def _subject(place: Path) -> str:
    return dotted(place) or _WHOLE
