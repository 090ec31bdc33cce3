"""The kinds of values that JSON has, and the values inside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonValue, Path


def is_container(value: JsonValue) -> bool:
    """Whether it holds other values."""
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str)


def kind_of(value: JsonValue) -> str:
    """What JSON calls this kind of value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "list" if isinstance(value, Sequence) else "number"


def values_inside(path: Path, value: JsonValue) -> Iterator[tuple[Path, JsonValue]]:
    """The values inside nested mappings; not by recursion, since live values may be nested deeply."""
    waiting = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping) and value:
            waiting += [((*path, key), value[key]) for key in sorted(value, reverse=True)]
        else:
            yield path, value
