"""Keep what aliases stand for if the value that they name changes: the first alias becomes the anchor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from assistant_sync.manifests.writing.difference import (
    AddKey,
    InsertItem,
    Operation,
    Place,
    RemoveItem,
    RemoveKey,
    SetValue,
)
from assistant_sync.manifests.writing.nodes import AliasNode, ListNode, MappingNode
from assistant_sync.manifests.writing.values import set_value
from assistant_sync.manifests.yaml12.parser import MERGE_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.manifests.writing.nodes import Node
    from assistant_sync.manifests.writing.work import Work
    from assistant_sync.model.values import JsonValue

_Anchored = tuple["Node", "JsonValue"]


def changed_anchors(work: Work, operations: Sequence[Operation], old: JsonValue) -> list[_Anchored]:
    """The nodes that change, or hold a change, and that aliases outside of it name, with their old values.

    Args:
        work: The document.
        operations: The changes.
        old: The document's value before.
    """
    named = {id(alias.target) for alias in work.tree.aliases}
    if not named:
        return []
    found: dict[int, _Anchored] = {}
    for operation in operations:
        place = operation.place
        value = old
        for node, step in zip((*place.above, operation.node), (*place.path, None), strict=False):
            if id(node) in named:
                found[id(node)] = (node, value)
            if step is not None:
                value = _step(value, step)
        for node, inner in _below(*_gone(operation, value)):
            if id(node) in named:
                found[id(node)] = (node, inner)
    return list(found.values())


def move_anchors(work: Work, anchored: Sequence[_Anchored]) -> None:
    """Write the old value of each node at the first alias that stays."""
    if not anchored:
        return
    places = {id(node): place for place, node in _places(Place(()), work.tree.root) if isinstance(node, AliasNode)}
    for node, value in anchored:
        name = cast("str", getattr(node, "anchor", None))
        kept = [
            alias
            for alias in work.tree.aliases
            if alias.target is node and not work.splices.covers(alias.start, alias.end)
        ]
        if not kept:
            continue
        _drop(work, node, name)
        place = places[id(kept[0])]
        set_value(work, place, kept[0], value, anchor=name)
        work.reformatted.append(
            tuple(MERGE_KEY if _is_merge(place, depth) else step for depth, step in enumerate(place.path))
        )


def _drop(work: Work, node: Node, name: str) -> None:
    """Remove the anchor of a node that stays."""
    text = work.source.text
    end = node.start + 1 + len(name)
    if work.splices.covers(node.start, end):
        return
    if text[end : end + 1] == " ":
        work.splices.delete(node.start, end + 1)
    else:
        work.splices.delete(node.start - (text[node.start - 1 : node.start] == " "), end)


def _is_merge(place: Place, depth: int) -> bool:
    return isinstance(place.above[depth], MappingNode) and isinstance(place.path[depth], int)


def _step(value: JsonValue, step: str | int) -> JsonValue:
    if isinstance(value, Mapping):
        return value.get(cast("str", step))
    return cast("Sequence[JsonValue]", value)[cast("int", step)]


def _gone(operation: Operation, value: JsonValue) -> _Anchored:
    """What an operation removes; the node of a mapping that only grows holds nothing that goes."""
    match operation:
        case SetValue(node=node):
            return node, value
        case RemoveKey(node=node, index=index):
            entry = node.entries[index]
            return entry.value, _step(value, cast("str", entry.name))
        case RemoveItem(node=node, index=index):
            return node.items[index], _step(value, index)
        case AddKey() | InsertItem():
            return AliasNode(0, 0, "", operation.node), None


def _below(node: Node, value: JsonValue) -> Iterator[_Anchored]:
    """A node and those that it holds, with their values; what is merged has none of its own."""
    yield node, value
    if isinstance(node, MappingNode):
        for entry in node.entries:
            if entry.name is not None:
                yield from _below(entry.value, _step(value, entry.name))
    elif isinstance(node, ListNode):
        for item, inner in zip(node.items, cast("Sequence[JsonValue]", value), strict=True):
            yield from _below(item, inner)


def _places(place: Place, node: Node) -> Iterator[tuple[Place, Node]]:
    """Every node with its place; a merge key's step is its index."""
    yield place, node
    if isinstance(node, MappingNode):
        for index, entry in enumerate(node.entries):
            step = index if entry.name is None else entry.name
            yield from _places(place.below(node, step), entry.value)
    elif isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            yield from _places(place.below(node, index), item)
