"""What a schema may be: it comes from a server or from a pull request, and checking with it must stay cheap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonObject, JsonValue

MAX_DEPTH = 64
"""The most values that may lie within each other."""

MAX_VALUES = 50_000

MAX_CHECKS = 100_000
"""The most subschemas that a value may be held against, references followed."""

_IN_PLACE = ("not", "if", "then", "else")
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE_MAPS = ("dependentSchemas", "dependencies")
_BELOW = (
    "items", "additionalItems", "additionalProperties", "contains", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties", "contentSchema",
)  # fmt: skip
_BELOW_LISTS = ("prefixItems", "items")
_BELOW_MAPS = ("properties", "patternProperties")
_UNSUPPORTED = ("$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary")

ENDLESS = "its references lead back to themselves without end"
_TOO_MANY = f"its references make more than {MAX_CHECKS:,} checks of one value"


class UnusableSchema(ValueError):
    """A schema that nothing is held against; the message follows "the schema of graph X cannot be used: "."""


class SchemaBounds:
    """How much a schema would cost.

    Args:
        schema: A JSON Schema.

    Attributes:
        is_recursive: Whether the cost depends on how deep a value is.

    Raises:
        UnusableSchema: It is too large, refers to something outside of itself, or costs too much for any value.
    """

    def __init__(self, schema: JsonObject) -> None:
        _measure(schema)
        self._root = schema
        self._costs: dict[tuple[int, int], int] = {}
        self._visiting: set[int] = set()
        self.is_recursive = self._reaches_itself()
        self._cost(schema, 0, 0)
        if not self.is_recursive:
            self._cost(schema, MAX_DEPTH, 0)

    def check_depth(self, depth: int) -> None:
        """Refuse to check a value that is nested so deep that a recursive schema costs too much.

        Args:
            depth: How many values lie within each other.

        Raises:
            UnusableSchema: It would.
        """
        if self.is_recursive:
            self._cost(self._root, min(depth, MAX_DEPTH), 0)

    def _cost(self, schema: JsonValue, depth: int, level: int) -> int:
        """The subschemas that a value of some depth is held against at most, for each value within it."""
        if not isinstance(schema, Mapping):
            return 1
        place = (id(schema), depth)
        if place in self._costs:
            return self._costs[place]
        if id(schema) in self._visiting:
            raise UnusableSchema(ENDLESS)
        if level > 4 * MAX_DEPTH:
            raise UnusableSchema("its references are nested too deep")
        self._visiting.add(id(schema))
        cost = 1 + sum(self._cost(one, depth, level + 1) for one in self._in_place(schema))
        self._visiting.discard(id(schema))
        if depth:
            visiting, self._visiting = self._visiting, set()
            cost += sum(self._cost(one, depth - 1, level + 1) for one in _below(schema))
            self._visiting = visiting
        if cost > MAX_CHECKS:
            raise UnusableSchema(_TOO_MANY)
        self._costs[place] = cost
        return cost

    def _reaches_itself(self) -> bool:
        """Whether a subschema is among those below itself; each is looked at once."""
        done: set[int] = set()
        above: set[int] = set()
        pending: list[tuple[JsonValue, bool]] = [(self._root, True)]
        while pending:
            schema, is_entered = pending.pop()
            if not isinstance(schema, Mapping):
                continue
            if not is_entered:
                above.discard(id(schema))
                done.add(id(schema))
            elif id(schema) in above:
                return True
            elif id(schema) not in done:
                above.add(id(schema))
                pending.append((schema, False))
                pending += [(one, True) for one in (*self._in_place(schema), *_below(schema))]
        return False

    def _in_place(self, schema: JsonObject) -> Iterator[JsonValue]:
        """The subschemas that the same value is held against."""
        yield from (schema[key] for key in _IN_PLACE if key in schema)
        for key in _IN_PLACE_LISTS:
            yield from _items(schema.get(key))
        for key in _IN_PLACE_MAPS:
            yield from _values(schema.get(key))
        if "$ref" in schema:
            yield resolve(self._root, schema["$ref"])


def resolve(root: JsonObject, reference: JsonValue) -> JsonValue:
    """What a reference within a schema refers to.

    Raises:
        UnusableSchema: It refers to something else.
    """
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        raise UnusableSchema("it refers to something outside of itself")
    found: JsonValue = root
    for step in reference.split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and name.isascii() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise UnusableSchema("it refers to a part of itself that is not there")
    return found


def depth_of(value: JsonValue, *, most: int = MAX_DEPTH) -> int:
    """How many values lie within each other, up to a number; 0 for a text or a number."""
    depth = 0
    level = [value]
    while depth < most:
        level = [item for one in level for item in _children(one)]
        if not level:
            break
        depth += 1
    return depth


def _measure(schema: JsonObject) -> None:
    """Refuse what is too deep or too large, or has what is not supported."""
    level: list[JsonValue] = [schema]
    count = 0
    for depth in range(MAX_DEPTH + 1):
        count += len(level)
        if count > MAX_VALUES:
            raise UnusableSchema(f"it has more than {MAX_VALUES:,} values")
        for one in level:
            if isinstance(one, Mapping):
                _refuse_unsupported(one, is_root=depth == 0)
        level = [item for one in level for item in _children(one)]
        if not level:
            return
    raise UnusableSchema(f"it is nested deeper than {MAX_DEPTH}")


def _refuse_unsupported(schema: JsonObject, *, is_root: bool) -> None:
    for key in _UNSUPPORTED:
        if isinstance(schema.get(key), str):
            raise UnusableSchema(f"it uses {key}, which is not supported")
    if not is_root and isinstance(schema.get("$id"), str):
        raise UnusableSchema("it uses $id below its top, which is not supported")


def _below(schema: JsonObject) -> Iterator[JsonValue]:
    """The subschemas that what is within a value is held against."""
    yield from (schema[key] for key in _BELOW if isinstance(schema.get(key), Mapping))
    for key in _BELOW_LISTS:
        yield from _items(schema.get(key))
    for key in _BELOW_MAPS:
        yield from _values(schema.get(key))


def _children(value: JsonValue) -> Iterator[JsonValue]:
    yield from _items(value)
    yield from _values(value)


def _items(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, list):
        yield from value


def _values(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, Mapping):
        yield from value.values()
