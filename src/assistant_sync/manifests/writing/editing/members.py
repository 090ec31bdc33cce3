"""Members of block mappings and lists: add and remove keys and items, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.writing.editing.brackets import flow_entries, quote_of
from assistant_sync.manifests.writing.editing.nodes import ListNode, MappingNode
from assistant_sync.manifests.writing.editing.render import behind_dash, below_key, flow, line
from assistant_sync.manifests.writing.editing.source import BLOCK_HEADER
from assistant_sync.manifests.writing.editing.texts import inline
from assistant_sync.manifests.writing.editing.work import is_block_scalar
from assistant_sync.manifests.yaml12.parser import MERGE_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from assistant_sync.manifests.writing.editing.difference import Place
    from assistant_sync.manifests.writing.editing.nodes import Node
    from assistant_sync.manifests.writing.editing.work import Work
    from assistant_sync.model.values import JsonValue, Path


def add_keys(
    work: Work,
    place: Place,
    node: MappingNode,
    pairs: Sequence[tuple[str, JsonValue]],
    *,
    removed: Collection[int],
) -> None:
    """Add keys after the last one of a mapping.

    Args:
        work: Takes the changes.
        place: The mapping's place.
        node: The mapping.
        pairs: The keys and their values.
        removed: The indices of its entries that are removed at the same time.
    """
    last = max((index for index in range(len(node.entries)) if index not in removed), default=-1)
    if node.is_flow:
        brackets = work.brackets(node)
        brackets.insert(last + 1, flow_entries(pairs, brackets.quote))
        return
    quote = quote_of(node)
    column = work.mapping_column(node)
    end = work.source.entry_end(node.entries[last])
    _keep_last_text(work, place, node, end)
    for key, value in pairs:
        start = " " * column + inline(key, is_flow=False, quote=quote) + ":"
        work.insert_lines(end, below_key(value, column, work.layout), start=start)


def insert_items(work: Work, place: Place, node: ListNode, index: int, items: Sequence[JsonValue]) -> None:
    """Insert items before that at an index of a list, or after the last one."""
    source = work.source
    if node.is_flow:
        brackets = work.brackets(node)
        brackets.insert(index, [flow(item, brackets.quote) for item in items])
        return
    dash = source.content(node)
    column = source.column(dash)
    margin = " " * column
    quote = quote_of(node)
    if index:
        end = source.end(node.items[index - 1])
        _keep_last_text(work, place, node, end)
        for item in items:
            work.insert_lines(end, behind_dash(item, column, work.layout, quote), start=margin + "-")
        return
    for item in items:
        written = behind_dash(item, column, work.layout, quote)
        lines = (line("-", written.head), *written.body)
        work.splices.insert(dash, "".join(one + source.line_break for one in lines) + margin)


def remove_key(work: Work, node: MappingNode, index: int) -> None:
    """Remove a key with its value."""
    if node.is_flow:
        work.brackets(node).remove(index)
        return
    starts = [work.source.entry_start(entry) for entry in node.entries[index : index + 2]]
    before = node.entries[index - 1].value if index else None
    _remove(work, starts, work.source.entry_end(node.entries[index]), keeps_line_end=_ends_in_block(work, before))


def remove_item(work: Work, node: ListNode, index: int) -> None:
    """Remove an item."""
    if node.is_flow:
        work.brackets(node).remove(index)
        return
    starts = work.dashes(node)[index : index + 2]
    before = node.items[index - 1] if index else None
    _remove(work, starts, work.source.end(node.items[index]), keeps_line_end=_ends_in_block(work, before))


def _remove(work: Work, starts: Sequence[int], end: int, *, keeps_line_end: bool) -> None:
    """Remove the lines from the first start to an end, of which the first may begin with a dash that stays."""
    source = work.source
    start = starts[0]
    following = source.next_line(end)
    if source.is_first(start):
        first = source.line_start(start)
        if following is None and not keeps_line_end:
            # The file's last line has no line end, and the one before it shall have none then.
            first = source.line_end(first - 1) if first else 0
        work.splices.delete(first, len(source.text) if following is None else following)
    elif len(starts) > 1 and following is not None and source.line_start(starts[1]) == following:
        work.splices.delete(start, starts[1])
    else:
        work.splices.delete(start, source.line_end(end))


def _ends_in_block(work: Work, node: Node | None) -> bool:
    return node is not None and is_block_scalar(work.source.last_leaf(node))


def _keep_last_text(work: Work, place: Place, node: MappingNode | ListNode, end: int) -> None:
    """Keep a text whose last line has no line end: what follows gives it one."""
    source = work.source
    leaf = source.last_leaf(node)
    if source.line_end(end) < len(source.text) or not is_block_scalar(leaf):
        return
    header = BLOCK_HEADER.match(source.text, source.content(leaf))
    if header and "-" not in header[2]:
        work.splices.replace(header.start(), header.end(), header[1] + header[2].replace("+", "") + "-")
        work.reformatted.append((*place.path, *_last_path(node)))


def _last_path(node: Node) -> Path:
    """The path from a node to what ends it."""
    match node:
        case MappingNode(is_flow=False):
            return (node.entries[-1].name or MERGE_KEY, *_last_path(node.entries[-1].value))
        case ListNode(is_flow=False):
            return (len(node.items) - 1, *_last_path(node.items[-1]))
        case _:
            return ()
