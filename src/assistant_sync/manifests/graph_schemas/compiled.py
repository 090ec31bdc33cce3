"""One schema, ready to check with: no reference leaves it, and its patterns match in linear time."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from assistant_sync.manifests.graph_schemas.bounds import SchemaBounds
from assistant_sync.manifests.graph_schemas.hints import hints_of
from assistant_sync.manifests.graph_schemas.known_keys import KeysBelow, has_mappings_below, known_keys
from assistant_sync.manifests.graph_schemas.messages import problem_of
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema
from assistant_sync.manifests.graph_schemas.validator import compile_schema
from assistant_sync.manifests.wording import dotted, shown, suggestion
from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from assistant_sync.manifests.graph_schemas.known_keys import KnownKeys
    from assistant_sync.model.values import JsonObject, JsonValue, Path

MOST_MISFITS = 20
"""Of one assistant: more than people read."""

_MOST_NAMED = 10
_DATA = frozenset({"enum", "const", "default", "examples"})
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"})
"""Their keys are names, not keywords."""


class Misfit(Frozen, frozen=True):
    """A value, or a key that is missing or unknown, by which a manifest does not fit its graph.

    Attributes:
        path: In the manifest; of a missing key, its own, too.
        message: What is wrong and the way out; no value of the manifest is in it.
        is_error: Whether a run would fail, or lose the value; else it is a warning whatever the target says.
        at_key: Whether the key is wrong, not the value.
        is_missing: Whether the key is absent.
    """

    path: Path
    message: str
    is_error: bool = True
    at_key: bool = False
    is_missing: bool = False


class CompiledSchema:
    """A schema of ``context`` or of ``config.configurable``.

    Args:
        graph_id: Whose it is.
        schema: As the server answered it.
        variables: What a template of the graph's prompts may name beside the keys of the context.
        drops_unknown: Whether the graph never sees a key that the schema does not name. It is so for ``context`` in
            Python, however it is declared; ``config.configurable`` reaches the graph as it is (docs/servers.md).

    Raises:
        UnusableSchema: It cannot be compiled, or would cost too much.
    """

    def __init__(self, graph_id: str, schema: JsonObject, variables: Collection[str], *, drops_unknown: bool) -> None:
        self._graph = graph_id
        self._bounds = SchemaBounds(schema)
        self._schema = without_defaulted(schema)
        self._validator = compile_schema(self._schema)
        # Below "not" or "oneOf" a key that is not required makes more refused, not less: as it is written counts, too.
        self._as_written = self._validator if self._schema == schema else compile_schema(schema)
        self._below = KeysBelow(self._schema)
        self._known = known_keys(self._schema, self._schema)
        self._keys = None if self._known is None else self._known.properties.keys()
        self._is_deep = self._known is not None and has_mappings_below(self._schema, self._known)
        self._drops_unknown = drops_unknown
        self._hints = () if self._known is None else hints_of(self._known.properties, variables)

    def check(self, value: JsonObject, path: Path) -> tuple[Misfit, ...]:
        """What does not fit.

        Args:
            value: All of ``context`` or of ``config.configurable``.
            path: Where it is in the manifest.

        Raises:
            UnusableSchema: The value is so large, or nested so deep, that checking it would cost too much.
        """
        found: list[Misfit] = []
        if not (self._bounds.is_cheap(value) and self._is_valid(value)):
            is_listable = self._bounds.check_value(value)
            if not self._is_valid(value):
                found += self._violations(value, path) if is_listable else [self._too_large(path)]
        if self._keys is not None and not value.keys() <= self._keys:
            errors = {one.path for one in found if one.at_key}
            found += (one for one in islice(self._unknown(value, path), MOST_MISFITS) if one.path not in errors)
        if self._is_deep:
            found += [
                self._unknown_key(one, known, is_error=False)
                for one, known in islice(self._below.unknown(self._schema, value, path), MOST_MISFITS)
            ]
        if self._hints:
            found += self._warnings(value, path)
        return tuple(dict.fromkeys(found))[:MOST_MISFITS] if found else ()

    def _warnings(self, value: JsonObject, path: Path) -> list[Misfit]:
        """What the hints say; no more of them are asked than it takes to say enough."""
        found: list[Misfit] = []
        for hint in self._hints:
            if warnings := hint(value):
                found += [_warned(path, below, message) for below, message in warnings]
                if len(found) >= MOST_MISFITS:
                    break
        return found[:MOST_MISFITS]

    def _is_valid(self, value: JsonObject) -> bool:
        try:
            is_other = self._as_written is not self._validator
            return self._validator.is_valid(value) or (is_other and self._as_written.is_valid(value))
        except ValueError as error:  # it cannot be converted, as for its depth
            raise UnusableSchema("a context is nested too deep for it") from error

    def _violations(self, value: JsonObject, path: Path) -> Iterator[Misfit]:
        for error in self._validator.iter_errors(value):
            place = (*path, *error.instance_path)
            kind: Any = error.kind  # of a class for each keyword, with attributes of its own
            match kind.name:
                case "required":
                    yield self._missing((*place, kind.property))
                case "additionalProperties" | "unevaluatedProperties" if hasattr(kind, "unexpected"):
                    known = None if error.instance_path else self._known
                    for key in kind.unexpected:
                        if known is None or key in known.properties:
                            yield self._forbidden((*place, key))
                        else:
                            yield self._unknown_key((*place, key), known, is_error=True)
                case _:
                    yield Misfit(place, f"{problem_of(error, place)}{self._source()}")

    def _too_large(self, path: Path) -> Misfit:
        return Misfit(path, f"{dotted(path)} does not fit, and is too large to say where{self._source()}")

    def _source(self) -> str:
        return f" (schema of graph {shown(self._graph)})"

    def _missing(self, path: Path) -> Misfit:
        return Misfit(path, f"{dotted(path)} is required{self._source()}", at_key=True, is_missing=True)

    def _forbidden(self, path: Path) -> Misfit:
        return Misfit(path, f"{dotted(path)} is not allowed{self._source()}", at_key=True)

    def _unknown(self, value: JsonObject, path: Path) -> Iterator[Misfit]:
        known = self._known
        if known is not None:
            is_error = known.is_closed or (self._drops_unknown and known.is_certain)
            for key in value:
                if key not in known.properties:
                    yield self._unknown_key((*path, key), known, is_error=is_error)

    def _unknown_key(self, path: Path, known: KnownKeys, *, is_error: bool) -> Misfit:
        names = sorted(known.properties)
        near = suggestion(str(path[-1]), names)
        if not near:
            rest = len(names) - _MOST_NAMED
            near = f"; it has {', '.join(map(shown, names[:_MOST_NAMED]))}{f' and {rest} more' if rest > 0 else ''}"
        place = dotted(path[:-1])
        message = f"unknown key {shown(str(path[-1]))} in {place}: graph {shown(self._graph)} does not declare it{near}"
        return Misfit(path, message, is_error=is_error, at_key=True)


def _warned(path: Path, below: Path, message: str) -> Misfit:
    return Misfit((*path, *below), f"{dotted((*path, *below))} {message}", is_error=False)


def without_defaulted(schema: JsonObject) -> JsonObject:
    """A schema in which no key with a default is required.

    The JS server answers zod's schema of what comes out, which requires them; a run without them does not fail there
    (docs/servers.md).
    """
    result = {key: _keyword(key, value) for key, value in schema.items()}
    required, properties = schema.get("required"), schema.get("properties")
    if isinstance(required, list) and isinstance(properties, Mapping):
        kept = [key for key in required if not (isinstance(key, str) and _has_default(properties.get(key)))]
        if required and not kept:
            del result["required"]  # an empty list is none in draft 4
        elif len(kept) < len(required):
            result["required"] = kept
    return result


def _keyword(key: str, value: JsonValue) -> JsonValue:
    if key in _DATA:
        return value
    if key in _MAPS and isinstance(value, Mapping):
        return {name: _without_defaulted(one) for name, one in value.items()}
    return _without_defaulted(value)


def _without_defaulted(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return without_defaulted(value)
    return [_without_defaulted(one) for one in value] if isinstance(value, list) else value


def _has_default(schema: JsonValue) -> bool:
    return isinstance(schema, Mapping) and "default" in schema
