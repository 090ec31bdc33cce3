"""Edits of plain values: what a document is after them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from assistant_sync.manifests.limits import MAX_DEPTH
from assistant_sync.manifests.wording import dotted
from assistant_sync.manifests.writing.editing.render import is_list
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonValue, Path


class EditFailed(ValueError):
    """An edit that cannot be made."""


class Removed:
    """The value of a key or list item that goes."""

    __slots__ = ()


REMOVED: Final = Removed()


def applied(value: JsonValue, path: Path, new: JsonValue | Removed) -> JsonValue:
    """Make an edit in a plain value.

    Args:
        value: The value; it stays as it is.
        path: Where the new value goes; mappings that are missing are made.
        new: The new value, or REMOVED.

    Raises:
        EditFailed: The path leads nowhere, or the new value is nested too deeply.
    """
    if not path:
        if isinstance(new, Removed):
            raise EditFailed("a whole document cannot be removed")
        return _plain(new, MAX_DEPTH)
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            raise EditFailed(f"a value that has no keys stands above {dotted(path)}")
        changed = dict(value)
        if rest and (step in value or not isinstance(new, Removed)):
            changed[step] = applied(value.get(step), rest, new)
        elif not isinstance(new, Removed):
            changed[step] = applied(None, (), new)
        else:
            changed.pop(step, None)
        return changed
    is_new = not rest and not isinstance(new, Removed)
    if not is_list(value) or not 0 <= step < len(value) + is_new:
        raise EditFailed(f"no list has an item {dotted(path)}")
    if rest or not isinstance(new, Removed):
        inner = value[step] if step < len(value) else None
        return [*value[:step], applied(inner, rest, new), *value[step + 1 :]]
    return [*value[:step], *value[step + 1 :]]


def get(value: JsonValue, path: Path) -> JsonValue | Removed:
    """The value at a path; REMOVED if there is none."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(value, Mapping) or step not in value:
                return REMOVED
            value = value[step]
        else:
            if not is_list(value) or step >= len(value):
                return REMOVED
            value = value[step]
    return value


def changes(
    path: Path, old: JsonValue | Removed, new: JsonValue | Removed
) -> Iterator[tuple[Path, JsonValue | Removed]]:
    """What differs between two values at a path, key by key as far as both are mappings."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping) and old.keys() & new.keys()):
        yield path, new
        return
    for key, value in new.items():
        if key not in old or not same_json(old[key], value):
            yield from changes((*path, key), old.get(key, REMOVED), value)
    for key in old:
        if key not in new:
            yield (*path, key), REMOVED


def _plain(value: JsonValue, levels: int) -> JsonValue:
    """A copy of the kinds that the reader makes."""
    if isinstance(value, str) or not isinstance(value, Mapping | Sequence):
        return value
    if not levels:
        raise EditFailed(f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {key: _plain(item, levels - 1) for key, item in value.items()}
    return [_plain(item, levels - 1) for item in value]


def same(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values are the same JSON; NaN is the same as itself."""
    return same_json(one, other) or same_json(_comparable(one), _comparable(other))


def _comparable(value: JsonValue) -> JsonValue:
    if isinstance(value, float) and math.isnan(value):
        return {".nan": True}
    if isinstance(value, Mapping):
        return {key: _comparable(item) for key, item in value.items()}
    return [_comparable(item) for item in value] if is_list(value) else value
