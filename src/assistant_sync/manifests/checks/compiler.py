"""Compile the patterns and schemas of all checks of a project, each once, and no more than one bound together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.checks.compiled import CompiledValueSchema
from assistant_sync.manifests.checks.patterns import MOST_STATES, LinearPattern, UnusablePattern
from assistant_sync.manifests.graph_schemas.patterns import states_of
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject

MOST_WEIGHT = 400_000
"""Values of schemas, and states of patterns, of all checks together: compiled, each needs some memory of its own."""

_LEAST = 20
"""What the smallest pattern or schema counts."""

TOO_MANY = "the patterns and schemas of all checks are too many, or too large, together"


class Compiler:
    """Compiles patterns and schemas."""

    __slots__ = ("_left", "_patterns", "_schemas")

    def __init__(self) -> None:
        self._left = MOST_WEIGHT
        self._patterns: dict[str, LinearPattern | UnusablePattern] = {}
        # By identity, for aliases; each is held, so that its id stays its own.
        self._schemas: dict[int, tuple[JsonObject, CompiledValueSchema | UnusableSchema]] = {}

    def pattern(self, text: str) -> LinearPattern:
        """Compile a pattern.

        Raises:
            UnusablePattern: It does not compile, or is too much with all others.
        """
        if text not in self._patterns:
            self._patterns[text] = self._new_pattern(text)
        found = self._patterns[text]
        if isinstance(found, UnusablePattern):
            raise found
        return found

    def schema(self, schema: JsonObject) -> CompiledValueSchema:
        """Compile a JSON Schema.

        Raises:
            UnusableSchema: It does not compile, or is too much with all others.
        """
        if id(schema) not in self._schemas:
            self._schemas[id(schema)] = schema, self._new_schema(schema)
        _, found = self._schemas[id(schema)]
        if isinstance(found, UnusableSchema):
            raise found
        return found

    def _new_pattern(self, text: str) -> LinearPattern | UnusablePattern:
        if not self._take(min(states_of(text), MOST_STATES)):
            return UnusablePattern(TOO_MANY)
        try:
            return LinearPattern(text)
        except UnusablePattern as error:
            return error

    def _new_schema(self, schema: JsonObject) -> CompiledValueSchema | UnusableSchema:
        if self._left < 0:
            return UnusableSchema(TOO_MANY)
        try:
            compiled = CompiledValueSchema(schema)
        except UnusableSchema as error:
            self._take(0)
            return error
        return compiled if self._take(compiled.weight) else UnusableSchema(TOO_MANY)

    def _take(self, weight: int) -> bool:
        self._left -= _LEAST + weight
        return self._left >= 0
