"""Make changes of nodes in a text, all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from assistant_sync.manifests.writing.editing.anchors import anchors_to_move, move_anchors
from assistant_sync.manifests.writing.editing.difference import (
    AddKey,
    InsertItem,
    Operation,
    RemoveItem,
    RemoveKey,
    SetValue,
)
from assistant_sync.manifests.writing.editing.members import add_keys, insert_items, remove_item, remove_key
from assistant_sync.manifests.writing.editing.values import set_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.manifests.writing.editing.work import Work
    from assistant_sync.model.values import JsonValue


def rewrite(work: Work, operations: Sequence[Operation], old: JsonValue) -> str:
    """Make changes.

    Args:
        work: The document; it learns what was reformatted.
        operations: What changes.
        old: The document's value before.

    Returns:
        The whole text.

    Raises:
        ValueError: The changes cannot be made so.
    """
    moves = anchors_to_move(work, operations, old)
    bare = {id(move.node) for move in moves}
    removed: dict[int, set[int]] = {}
    grown: dict[tuple[int, int], list[AddKey | InsertItem]] = {}
    for operation in operations:
        match operation:
            case SetValue():
                node = operation.node
                set_value(work, operation.place, node, operation.value, is_bare=id(node) in bare)
                if operation.is_rewrite:
                    work.reformatted.append(operation.place.path)
            case RemoveKey():
                removed.setdefault(id(operation.node), set()).add(operation.index)
                remove_key(work, operation.node, operation.index)
            case RemoveItem():
                remove_item(work, operation.node, operation.index)
            case AddKey():
                grown.setdefault((id(operation.node), -1), []).append(operation)
            case InsertItem():
                grown.setdefault((id(operation.node), operation.index), []).append(operation)
            case _:
                assert_never(operation)
    for group in grown.values():
        _grow(work, group, removed)
    move_anchors(work, moves)
    return work.splices.result()


def _grow(work: Work, group: Sequence[AddKey | InsertItem], removed: dict[int, set[int]]) -> None:
    """Add the new members of one mapping, or those at one place of a list."""
    first = group[0]
    if isinstance(first, AddKey):
        pairs = [(one.key, one.value) for one in group if isinstance(one, AddKey)]
        add_keys(work, first.place, first.node, pairs, removed=removed.get(id(first.node), set()))
    else:
        insert_items(work, first.place, first.node, first.index, [one.value for one in group])
