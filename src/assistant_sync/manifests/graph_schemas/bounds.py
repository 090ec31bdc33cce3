"""What a schema may be: it comes from a server or from a pull request, and checking with it must stay cheap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from assistant_sync.manifests.graph_schemas.patterns import states_of
from assistant_sync.manifests.graph_schemas.reach import Paths, below, in_place, items_of, values_of
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema
from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonObject, JsonValue

MAX_DEPTH = 64
"""The most values that may lie within each other."""

MAX_VALUES = 50_000

MAX_CHECKS = 100_000
"""The most subschemas that a value may be held against, references followed."""

MAX_PATH = 200
"""The most subschemas on one path, references followed: compiling needs 2.7 KB of the stack for each."""

MAX_STATES = 200_000
"""Of all patterns together: compiled, each needs some memory of its own."""

MAX_WORK = 100_000_000
"""Steps of checking one context: about a second."""

MAX_ERRORS = 50_000
"""Errors that one context may have; jsonschema-rs makes all of them at once, of nearly 2 KB each."""

MAX_ERROR_SIZE = 20_000_000
"""Characters and options that these errors may hold: each has a copy of its value, and of what is allowed."""

_UNSUPPORTED = ("$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary")
_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")

ENDLESS = "its references lead back to themselves without end"
_TOO_MANY = f"its references make more than {MAX_CHECKS:,} checks of one value"
_TOO_SLOW = "checking a context this large would take too long"

_Weight: TypeAlias = "Callable[[JsonObject], float]"


class SchemaBounds:
    """How much a schema would cost.

    Args:
        schema: A JSON Schema.

    Attributes:
        is_recursive: Whether the cost depends on how deep a value is.
        weight: How many values it has, and how many states its patterns have.

    Raises:
        UnusableSchema: It is too large, refers to something outside of itself, or costs too much for any value.
    """

    def __init__(self, schema: JsonObject) -> None:
        self.weight = _measure(schema)
        paths = Paths(schema)
        self.is_recursive = paths.is_recursive
        if paths.longest > MAX_PATH:
            raise UnusableSchema(f"its subschemas are nested deeper than {MAX_PATH}, references followed")
        self._costs: dict[int | None, tuple[float, ...]] = {}
        self._all = _Cost(schema, _one, is_sum=True)
        self._held = [_Cost(schema, weight) for weight in (_one, _by_value, _by_size)]
        self._all.of(0 if self.is_recursive else None)

    def is_cheap(self, value: JsonValue) -> bool:
        """Whether checking a value surely costs little, by its length as JSON; a "no" says nothing."""
        if self.is_recursive:
            return False
        try:
            length = len(msgspec.json.encode(value))  # no value and no character takes less than a byte
        except (TypeError, ValueError, OverflowError, RecursionError):
            return False
        _, by_value, by_size = self._costs_of(None)
        return length * (by_value + by_size) <= MAX_WORK

    def check_value(self, value: JsonValue) -> bool:
        """Refuse to check a value that is so large, or nested so deep, that it costs too much.

        Args:
            value: Such as a context.

        Returns:
            Whether all errors can be listed; if not, they might need more memory than there is.

        Raises:
            UnusableSchema: It would cost too much.
        """
        size = _size_of(value)
        checks, by_value, by_size = self._costs_of(min(size.depth + 1, MAX_DEPTH) if self.is_recursive else None)
        if size.values * by_value + size.characters * by_size > MAX_WORK:
            raise UnusableSchema(_TOO_SLOW)
        copied = (size.values + size.characters) * (size.depth + 1) * checks + size.values * by_value
        return size.values * checks <= MAX_ERRORS and copied <= MAX_ERROR_SIZE

    def _costs_of(self, depth: int | None) -> tuple[float, ...]:
        if depth not in self._costs:
            self._all.of(depth)
            self._costs[depth] = tuple(one.of(depth) for one in self._held)
        return self._costs[depth]


class _Cost:
    """The sum of weights of the subschemas that a value is held against at most, with each value within it.

    Args:
        root: The schema.
        weight: That of one subschema.
        is_sum: Whether the keys of a mapping add up; else the most costly one counts, as one value is below one key.
    """

    def __init__(self, root: JsonObject, weight: _Weight, *, is_sum: bool = False) -> None:
        self._root = root
        self._weight = weight
        self._is_sum = is_sum
        self._costs: dict[tuple[int, int | None], float] = {}
        self._visiting: set[int] = set()

    def of(self, depth: int | None) -> float:
        """The cost for a value of some depth; None for any.

        Raises:
            UnusableSchema: The subschemas are too many.
        """
        return self._cost(self._root, depth, 0)

    def _cost(self, schema: JsonValue, depth: int | None, level: int) -> float:
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
        cost = sum(self._cost(one, depth, level + 1) for one in in_place(self._root, schema))
        if any(key in schema for key in _UNEVALUATED):
            cost *= 2  # each is checked once more, for which keys it has seen
        cost += self._weight(schema)
        self._visiting.discard(id(schema))
        if depth is None or depth:
            visiting, self._visiting = self._visiting, set()
            cost += self._below(schema, None if depth is None else depth - 1, level + 1)
            self._visiting = visiting
        if self._is_sum and cost > MAX_CHECKS:
            raise UnusableSchema(_TOO_MANY)
        self._costs[place] = cost
        return cost

    def _below(self, schema: JsonObject, depth: int | None, level: int) -> float:
        of = partial(self._cost, depth=depth, level=level)
        if self._is_sum:
            return sum(of(one) for one in below(schema))
        keys = max((of(one) for one in values_of(schema.get("properties"))), default=0)
        others: JsonObject = {key: value for key, value in schema.items() if key != "properties"}
        return keys + sum(of(one) for one in below(others))


def _one(_: JsonObject) -> float:
    return 1


def _by_value(schema: JsonObject) -> float:
    """What a subschema costs for each value: an option is one more comparison."""
    options = schema.get("enum")
    return 1 + (len(options) if isinstance(options, list) else 0)


def _by_size(schema: JsonObject) -> float:
    """What a subschema costs for each character of a value, in steps of a pattern."""
    cost = float(_states(schema))
    if schema.get("uniqueItems") is True:
        cost += 8
    return cost + 0.02 * sum(key in schema for key in ("minLength", "maxLength", "const", "enum"))


def _states(schema: JsonObject) -> int:
    """The states of the patterns that a subschema itself has."""
    patterns = [schema["pattern"]] if "pattern" in schema else []
    named = schema.get("patternProperties")
    patterns += named.keys() if isinstance(named, Mapping) else []
    return sum(states_of(one) for one in patterns if isinstance(one, str))


class _Size(Frozen, frozen=True):
    values: int
    characters: int
    depth: int


def _size_of(value: JsonValue) -> _Size:
    """How large a value is; texts of keys count as well."""
    values = characters = 0
    depth = -1
    level = [value]
    while level:
        depth += 1
        values += len(level)
        below_it: list[JsonValue] = []
        for one in level:  # each manifest passes here: what is most frequent is asked first
            if isinstance(one, str):
                characters += len(one)
            elif isinstance(one, list):
                below_it += one
            elif isinstance(one, (dict, Mapping)):
                characters += sum(map(len, one))
                below_it += one.values()
        level = below_it
    return _Size(values, characters, depth)


def _measure(schema: JsonObject) -> int:
    """Refuse what is too deep or too large, or has what is not supported; returns values and states."""
    level: list[JsonValue] = [schema]
    count = states = 0
    for depth in range(MAX_DEPTH + 1):
        count += len(level)
        if count > MAX_VALUES:
            raise UnusableSchema(f"it has more than {MAX_VALUES:,} values")
        for one in level:
            if isinstance(one, Mapping):
                _refuse_unsupported(one, is_root=depth == 0)
                states += _states(one)
        if states > MAX_STATES:
            raise UnusableSchema(f"its patterns have more than {MAX_STATES:,} states")
        level = [item for one in level for item in _children(one)]
        if not level:
            return count + states
    raise UnusableSchema(f"it is nested deeper than {MAX_DEPTH}")


def _refuse_unsupported(schema: JsonObject, *, is_root: bool) -> None:
    for key in _UNSUPPORTED:
        if isinstance(schema.get(key), str):
            raise UnusableSchema(f"it uses {key}, which is not supported")
    if not is_root and isinstance(schema.get("$id"), str):
        raise UnusableSchema("it uses $id below its top, which is not supported")


def _children(value: JsonValue) -> Iterator[JsonValue]:
    yield from items_of(value)
    yield from values_of(value)
