"""Values that aliases may name, and what each repetition of them adds to a document."""

from __future__ import annotations

from typing import TypeAlias

from assistant_sync.model.frozen import Frozen

_NODE_WEIGHT = 16
"""What a value counts beside its characters."""

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"


class Anchored(Frozen, frozen=True):
    """A value that aliases may name, with its size.

    Attributes:
        value: The value; held, so that its id() stays its own.
        weight: The characters that an alias of it stands for.
        height: The levels that it nests.
    """

    value: Value
    weight: int
    height: int


class Measures:
    """Measures values; parts that were measured before are not walked again."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, Anchored] = {}

    def of(self, value: Value) -> Anchored:
        """Measure a value."""
        known = self._known.get(id(value))
        if known is not None:
            return known
        if not isinstance(value, dict | list):
            return Anchored(value, _NODE_WEIGHT + (len(value) if isinstance(value, str) else 0), 0)
        parts = [self.of(part) for part in (value.values() if isinstance(value, dict) else value)]
        keys = sum(map(len, value)) if isinstance(value, dict) else 0
        weight = _NODE_WEIGHT + keys + sum(part.weight for part in parts)
        anchored = Anchored(value, weight, 1 + max((part.height for part in parts), default=0))
        self._known[id(value)] = anchored
        return anchored
