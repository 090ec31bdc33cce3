"""What must change in a document, node by node, so that it reads as other values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, TypeAlias, cast

from assistant_sync.manifests.writing.editing.nodes import AliasNode, ListNode, MappingNode, Node
from assistant_sync.manifests.writing.editing.render import is_list
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonObject, JsonValue, Path

_MOST_ALIGNED = 200
"""Items of a list that are compared with each other; more are compared with those at their own places."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a node.

    Attributes:
        path: From the document's top.
        above: The nodes that hold it, the document's top first.
    """

    path: Path
    above: tuple[Node, ...] = ()

    def below(self, node: Node, step: str | int) -> Place:
        """The place of what a node holds."""
        return Place((*self.path, step), (*self.above, node))


@dataclass(frozen=True, slots=True)
class SetValue:
    """Another value at a place.

    Attributes:
        place: The place.
        node: What is there.
        value: What will be there.
        is_rewrite: Whether it keeps values that were there, in another layout.
    """

    place: Place
    node: Node
    value: JsonValue
    is_rewrite: bool = False


@dataclass(frozen=True, slots=True)
class AddKey:
    """A new key; ``place`` is the mapping's own, ``node`` the mapping."""

    place: Place
    node: MappingNode
    key: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class RemoveKey:
    """A key that goes; ``place`` is the mapping's own, ``node`` the mapping."""

    place: Place
    node: MappingNode
    index: int


@dataclass(frozen=True, slots=True)
class InsertItem:
    """A new item before that at ``index``; ``place`` is the list's own, ``node`` the list."""

    place: Place
    node: ListNode
    index: int
    value: JsonValue


@dataclass(frozen=True, slots=True)
class RemoveItem:
    """An item that goes; ``place`` is the list's own, ``node`` the list."""

    place: Place
    node: ListNode
    index: int


Operation: TypeAlias = SetValue | AddKey | RemoveKey | InsertItem | RemoveItem


def difference(place: Place, node: Node, old: JsonValue, new: JsonValue) -> Iterator[Operation]:
    """Find the least that changes a node from one value to another.

    Args:
        place: The node's place.
        node: The node.
        old: Its value.
        new: The value that it will have.
    """
    if same_json(old, new):
        return
    if isinstance(node, MappingNode) and isinstance(old, Mapping) and isinstance(new, Mapping):
        if _keeps_a_key(node, old, new):
            yield from _keys(place, node, old, new)
            return
    elif isinstance(node, ListNode) and is_list(old) and is_list(new) and old and new:
        yield from _items(place, node, old, new)
        return
    yield SetValue(place, node, new)


def toward(node: Node, path: Path, old: JsonValue, new: JsonValue) -> tuple[Operation, ...]:
    """Find what an edit at a path changes.

    Args:
        node: The top of the document.
        path: Where the edit is; above and beside it, the values are the same.
        old: The whole value of the document.
        new: The whole value that it will have.
    """
    place = Place(())
    for step in path:
        if isinstance(node, ListNode) and is_list(old) and is_list(new) and isinstance(step, int):
            if len(new) != len(old) and new and old:
                is_longer = len(new) > len(old)
                return (InsertItem(place, node, step, new[step]) if is_longer else RemoveItem(place, node, step),)
            if len(new) != len(old):
                break
            place, node, old, new = place.below(node, step), node.items[step], old[step], new[step]
        elif isinstance(node, MappingNode) and isinstance(old, Mapping) and isinstance(new, Mapping):
            entry = node.own(step) if isinstance(step, str) else None
            if not isinstance(step, str) or entry is None or step not in new:
                break
            place, node, old, new = place.below(node, step), entry.value, old[step], new[step]
        else:
            break
    return tuple(difference(place, node, old, new))


def at(node: Node, path: Path) -> tuple[Place, Node] | None:
    """Find the node at a path; None if an alias or a merge key stands between."""
    place = Place(())
    for step in path:
        inner: Node | None = None
        if isinstance(node, ListNode) and isinstance(step, int):
            inner = node.items[step] if step < len(node.items) else None
        elif isinstance(node, MappingNode) and isinstance(step, str):
            entry = node.own(step)
            inner = entry.value if entry else None
        if inner is None:
            return None
        place, node = place.below(node, step), inner
    return None if isinstance(node, AliasNode) and path == () else (place, node)


def _keeps_a_key(node: MappingNode, old: JsonObject, new: JsonObject) -> bool:
    # If no key stays, there is nothing whose layout and comments could be kept.
    return bool(node.entries) and bool(old.keys() & new.keys())


def _keys(place: Place, node: MappingNode, old: JsonObject, new: JsonObject) -> Iterator[Operation]:
    merged = old.keys() - {entry.name for entry in node.entries}
    own = [entry for entry in node.entries if entry.name is not None]
    for entry in own:
        name = cast("str", entry.name)
        if name in new:
            yield from difference(place.below(node, name), entry.value, old[name], new[name])
    for name, value in new.items():
        if name not in old or (name in merged and not same_json(old[name], value)):
            yield AddKey(place, node, name, value)
    for index, entry in enumerate(node.entries):
        if entry.name is not None and entry.name not in new:
            yield RemoveKey(place, node, index)


def _items(place: Place, node: ListNode, old: Sequence[JsonValue], new: Sequence[JsonValue]) -> Iterator[Operation]:
    first = 0
    while first < min(len(old), len(new)) and same_json(old[first], new[first]):
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and same_json(old[-1 - last], new[-1 - last]):
        last += 1
    for start, end, new_start, new_end in _aligned(old[first : len(old) - last], new[first : len(new) - last]):
        pairs = min(end - start, new_end - new_start)
        for index in range(first + start, first + start + pairs):
            value = new[index - start + new_start]
            yield from difference(place.below(node, index), node.items[index], old[index], value)
        for index in range(first + start + pairs, first + end):
            yield RemoveItem(place, node, index)
        for index in range(first + new_start + pairs, first + new_end):
            yield InsertItem(place, node, first + end, new[index])


def _aligned(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> list[tuple[int, int, int, int]]:
    """The ranges of two lists that differ."""
    if max(len(old), len(new)) > _MOST_ALIGNED:
        return [(0, len(old), 0, len(new))]
    matcher = SequenceMatcher(None, list(map(_key, old)), list(map(_key, new)), autojunk=False)
    return [ranges for kind, *ranges in matcher.get_opcodes() if kind != "equal"]  # type: ignore[misc] # four of them


def _key(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True)
