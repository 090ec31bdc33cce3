"""Keep what aliases stand for if the value that they name changes: the first alias becomes the anchor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never, cast

from assistant_sync.manifests.writing.editing.difference import (
    AddKey,
    InsertItem,
    Operation,
    Place,
    RemoveItem,
    RemoveKey,
    SetValue,
)
from assistant_sync.manifests.writing.editing.nodes import AliasNode, ListNode, MappingNode
from assistant_sync.manifests.writing.editing.splices import Spans
from assistant_sync.manifests.writing.editing.values import set_value
from assistant_sync.manifests.yaml12.parser import MERGE_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.manifests.writing.editing.nodes import Node
    from assistant_sync.manifests.writing.editing.work import Work
    from assistant_sync.model.values import JsonValue


@dataclass(frozen=True, slots=True)
class Move:
    """An anchor that moves.

    Attributes:
        node: The node that has it.
        value: The node's old value.
        aliases: The aliases of it that stay.
    """

    node: Node
    value: JsonValue
    aliases: tuple[AliasNode, ...]


def anchors_to_move(work: Work, operations: Sequence[Operation], old: JsonValue) -> list[Move]:
    """Find the nodes that change, or hold a change, and that aliases outside of it name.

    Args:
        work: The document.
        operations: The changes.
        old: The document's value before.
    """
    named: dict[int, list[AliasNode]] = {}
    for alias in work.tree.aliases:
        named.setdefault(id(alias.target), []).append(alias)
    if not named:
        return []
    changed: dict[int, tuple[Node, JsonValue]] = {}
    gone: list[Node] = []
    for operation in operations:
        value = old
        for node, step in zip((*operation.place.above, operation.node), (*operation.place.path, None), strict=True):
            changed[id(node)] = (node, value)
            value = value if step is None else _step(value, step)
        for node, inner in _gone(operation, value):
            gone.append(node)
            changed.update((id(one), (one, part)) for one, part in _below(node, inner))
    spans = Spans((node.start, work.source.end(node)) for node in gone)
    moves = []
    for key, (node, value) in changed.items():
        kept = tuple(alias for alias in named.get(key, ()) if not spans.cover(alias.start, alias.end))
        if kept:
            moves.append(Move(node, value, kept))
    return moves


def move_anchors(work: Work, moves: Sequence[Move]) -> None:
    """Write the old value of each node at the first alias that stays."""
    if not moves:
        return
    places = {id(node): place for place, node in _places(Place(()), work.tree.root) if isinstance(node, AliasNode)}
    spans = work.splices.spans()
    for move in moves:
        _drop(work, move.node, spans)
        alias = move.aliases[0]
        place = places[id(alias)]
        set_value(work, place, alias, move.value, anchor=alias.name)
        steps = (MERGE_KEY if _is_merge(place, depth) else step for depth, step in enumerate(place.path))
        work.reformatted.append(tuple(steps))


def _drop(work: Work, node: Node, spans: Spans) -> None:
    """Remove the anchor of a node that stays."""
    text = work.source.text
    end = work.source.anchor_end(node)
    if spans.cover(node.start, end):
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


def _gone(operation: Operation, value: JsonValue) -> Iterator[tuple[Node, JsonValue]]:
    """What an operation removes."""
    match operation:
        case SetValue(node=node):
            yield node, value
        case RemoveKey(node=node, index=index):
            entry = node.entries[index]
            yield entry.value, _step(value, cast("str", entry.name))
        case RemoveItem(node=node, index=index):
            yield node.items[index], _step(value, index)
        case AddKey() | InsertItem():
            pass
        case _:
            assert_never(operation)


def _below(node: Node, value: JsonValue) -> Iterator[tuple[Node, JsonValue]]:
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
