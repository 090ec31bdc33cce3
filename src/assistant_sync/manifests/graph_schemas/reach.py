"""The subschemas of a schema, references followed: which apply to which value, and how long their paths are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonObject, JsonValue

_IN_PLACE = ("not", "if", "then", "else")
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE_MAPS = ("dependentSchemas", "dependencies")
_BELOW = (
    "items", "additionalItems", "additionalProperties", "contains", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties", "contentSchema",
)  # fmt: skip
_BELOW_LISTS = ("prefixItems", "items")
_BELOW_MAPS = ("properties", "patternProperties")


def in_place(root: JsonObject, schema: JsonObject) -> Iterator[JsonValue]:
    """The subschemas that the same value is held against.

    Raises:
        UnusableSchema: A reference leads nowhere.
    """
    yield from (schema[key] for key in _IN_PLACE if key in schema)
    for key in _IN_PLACE_LISTS:
        yield from items_of(schema.get(key))
    for key in _IN_PLACE_MAPS:
        yield from values_of(schema.get(key))
    if "$ref" in schema:
        yield resolve(root, schema["$ref"])


def below(schema: JsonObject) -> Iterator[JsonValue]:
    """The subschemas that what is within a value is held against."""
    yield from (schema[key] for key in _BELOW if isinstance(schema.get(key), Mapping))
    for key in _BELOW_LISTS:
        yield from items_of(schema.get(key))
    for key in _BELOW_MAPS:
        yield from values_of(schema.get(key))


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
        elif isinstance(found, list) and name.isdecimal() and name.isascii() and _index(name) < len(found):
            found = found[_index(name)]
        else:
            raise UnusableSchema("it refers to a part of itself that is not there")
    return found


def _index(name: str) -> int:
    return int(name[:9]) if len(name) < 10 else 10**9  # int() refuses thousands of digits


class Paths:
    """The paths from a schema down through its subschemas.

    Args:
        root: The schema.

    Attributes:
        is_recursive: Whether a subschema is among those below itself.
        longest: The most subschemas on a path on which none comes twice, or more than that: all subschemas of a cycle
            count as on one path.

    Raises:
        UnusableSchema: A reference leads nowhere.
    """

    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._numbers: dict[int, int] = {}
        self._lowest: dict[int, int] = {}
        self._open: list[int] = []
        self._lengths: dict[int, int] = {}
        self.is_recursive = False
        self._walk()
        self.longest = self._lengths[id(root)]

    def _walk(self) -> None:
        """Tarjan's components, without recursion; a component's length is known once all below it are."""
        stack = [(self._root, self._enter(self._root), 0)]
        while stack:
            schema, children, index = stack.pop()
            if index == len(children):
                self._leave(schema, children)
                continue
            stack.append((schema, children, index + 1))
            child = children[index]
            if id(child) not in self._numbers:
                stack.append((child, self._enter(child), 0))

    def _enter(self, schema: JsonObject) -> list[JsonObject]:
        number = len(self._numbers)
        self._numbers[id(schema)] = self._lowest[id(schema)] = number
        self._open.append(id(schema))
        found = (*in_place(self._root, schema), *below(schema))
        return list({id(one): one for one in found if isinstance(one, Mapping)}.values())

    def _leave(self, schema: JsonObject, children: list[JsonObject]) -> None:
        own = id(schema)
        length = 0
        for child in map(id, children):
            self.is_recursive |= child == own
            if child in self._lengths and child not in self._lowest:
                length = max(length, self._lengths[child])
            else:
                self._lowest[own] = min(self._lowest[own], self._lowest[child])
                length = max(length, self._lengths.get(child, 0))
        self._lengths[own] = length  # of what is below the component, so far
        if self._lowest[own] == self._numbers[own]:
            self._close(own)

    def _close(self, own: int) -> None:
        first = self._open.index(own) if self._open[-1] != own else len(self._open) - 1
        members = self._open[first:]
        del self._open[first:]
        self.is_recursive |= len(members) > 1
        length = len(members) + max(self._lengths[one] for one in members)
        for one in members:
            self._lengths[one] = length
            del self._lowest[one]


def items_of(value: JsonValue) -> Iterator[JsonValue]:
    """The items of a list; nothing of another value."""
    if isinstance(value, list):
        yield from value


def values_of(value: JsonValue) -> Iterator[JsonValue]:
    """The values of a mapping; nothing of another value."""
    if isinstance(value, Mapping):
        yield from value.values()
