"""Give a node another value, in the style of the old one if the new one can have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.writing.editing.brackets import quote_of
from assistant_sync.manifests.writing.editing.nodes import ListNode, MappingNode, ScalarNode
from assistant_sync.manifests.writing.editing.render import (
    behind_dash,
    below_key,
    flow,
    has_lines,
    is_list,
    is_nested,
    nested,
)
from assistant_sync.manifests.writing.editing.source import BLOCK_HEADER, Source
from assistant_sync.manifests.writing.editing.texts import Written, double_quoted, folded, literal
from assistant_sync.manifests.writing.editing.work import is_block_scalar

if TYPE_CHECKING:
    from assistant_sync.manifests.writing.editing.difference import Place
    from assistant_sync.manifests.writing.editing.nodes import Node
    from assistant_sync.manifests.writing.editing.work import Site, Work
    from assistant_sync.model.values import JsonValue

_NARROWEST, _WIDEST = 60, 120
"""Columns between which the lines of a folded text end."""


def set_value(
    work: Work, place: Place, node: Node, value: JsonValue, *, anchor: str | None = None, is_bare: bool = False
) -> None:
    """Replace a node by a value.

    Args:
        work: Takes the change.
        place: The node's place.
        node: The node.
        value: The value.
        anchor: The name of an anchor that the value gets.
        is_bare: Whether the node's anchor goes.
    """
    source = work.source
    site = work.site(place)
    start = node.start if is_bare else source.content(node)
    if site.is_flow:
        _set_in_brackets(work, site, node, start, value, anchor)
    elif anchor is None and not is_bare and _fits(work, site, node, value):
        end = source.line_end(source.end(node))
        _replace_lines(work, start, end, nested(value, source.column(start), work.layout))
    else:
        written = _written(work, site, node, value, anchor)
        after = _after_anchor(site, node, is_bare=is_bare)
        if after is not None:
            _set_after(work, after, node, start, written)
        elif site.key_end is not None:
            work.insert_lines(site.key_end, written, start=" " * site.column + ":")
        else:  # the top of a file's first document
            _replace_lines(work, start, _inline_end(work, node), written)


def _set_after(work: Work, after: int, node: Node, start: int, written: Written) -> None:
    """Write a value after its colon, dash or anchor, and below."""
    source = work.source
    is_below = source.is_empty(node) or (_is_block(node) and source.is_first(source.content(node)))
    inline = (after, after) if is_below else (start, _inline_end(work, node))
    head = written.head
    if not head or inline[0] == after:
        inline = (after, max(inline[1], after))
        head = " " * bool(head) + head
    work.splices.replace(*inline, head)
    _set_body(work, node, inline[1], written)


def _replace_lines(work: Work, start: int, end: int, written: Written) -> None:
    """Replace whole nodes by lines, the first of which begins where they do."""
    first, *others = (written.head, *written.body) if written.head else written.body
    work.splices.replace(start, end, work.source.line_break.join((first.lstrip(" "), *others)))
    _end_line(work, work.source.line_end(end), written)


def _is_block(node: Node) -> bool:
    """Whether a node is a mapping or list without brackets."""
    return isinstance(node, MappingNode | ListNode) and not node.is_flow


def _set_in_brackets(work: Work, site: Site, node: Node, start: int, value: JsonValue, anchor: str | None) -> None:
    text = flow(value, _quote(node, value))
    if anchor is not None:
        text = f"&{anchor} {text}"
    if not work.source.is_empty(node) or node.end > node.start:
        before = " " * (start == node.end)
        work.splices.replace(start, node.end, before + text)
    elif site.after is not None:
        work.splices.insert(site.after, " " + text)
    else:
        work.splices.insert(work.source.end(node) if site.key_end is None else site.key_end, ": " + text)


def _after_anchor(site: Site, node: Node, *, is_bare: bool) -> int | None:
    """The index after the colon, dash or anchor before a node."""
    after = Source.anchor_end(node)
    return site.after if after == node.start or is_bare else after


def _fits(work: Work, site: Site, node: Node, value: JsonValue) -> bool:
    """Whether a new mapping or list takes the lines of an old one."""
    if not (_is_block(node) and is_nested(value)):
        return False
    column = work.source.column(work.source.content(node))
    return column > site.column or (isinstance(node, ListNode) and is_list(value))


def _inline_end(work: Work, node: Node) -> int:
    """Where the part of a node ends that begins in the line of its key or dash."""
    source = work.source
    if is_block_scalar(node):
        header = BLOCK_HEADER.match(source.text, source.content(node))
        return header.end() if header else node.end
    return source.line_end(source.end(node)) if _is_block(node) else source.end(node)


def _set_body(work: Work, node: Node, inline_end: int, written: Written) -> None:
    """Replace the lines below the line of a key or dash."""
    source = work.source
    start = end = source.line_end(inline_end)
    if is_block_scalar(node):
        end = max(source.end(node), start)
    elif _is_block(node) and source.is_first(source.content(node)):
        end = source.line_end(source.end(node))
        if written.head[:1] not in ("|", ">"):
            # Comments above the first line stay.
            start = source.line_end(source.line_start(source.content(node)) - 1)
    text = "".join(source.line_break + line for line in written.body)
    if start == end:
        work.splices.insert(start, text)
    else:
        work.splices.replace(start, end, text)
    _end_line(work, end, written)


def _end_line(work: Work, end: int, written: Written) -> None:
    if written.needs_line_end and end == len(work.source.text):
        work.splices.insert(end, work.source.line_break)


def _written(work: Work, site: Site, node: Node, value: JsonValue, anchor: str | None) -> Written:
    """The value in block context."""
    if isinstance(value, str) and anchor is None and (written := _like_old(work, site, node, value)) is not None:
        return written
    column = max(site.column, 0)
    if isinstance(node, MappingNode | ListNode) and node.is_flow and is_nested(value) and not has_lines(value):
        is_empty = not (node.entries if isinstance(node, MappingNode) else node.items)
        if not is_empty:
            return Written(flow(value, _quote(node, value)))
    has_anchor = anchor is not None or Source.anchor_end(node) > node.start
    if site.column < 0 and is_nested(value):
        return nested(value, 0, work.layout)
    if site.is_item and not (has_anchor and is_nested(value)):
        inner = None
        if not work.source.is_empty(node) and not work.source.is_first(work.source.content(node)):
            inner = work.source.column(work.source.content(node))
        written = behind_dash(value, column, work.layout, _quote(node, value), inner=inner)
    elif site.is_item:
        written = nested(value, column + 2, work.layout)
    else:
        written = below_key(value, column, work.layout, _quote(node, value))
    if anchor is None:
        return written
    head = f"&{anchor} {written.head}" if written.head else f"&{anchor}"
    return Written(head, written.body, written.needs_line_end)


def _like_old(work: Work, site: Site, node: Node, text: str) -> Written | None:
    """A text in the style of the text that it replaces; None if that has no style of its own."""
    if not isinstance(node, ScalarNode):
        return None
    if node.style == '"' and "\n" in text and "\n" in node.text:
        return Written(double_quoted(text))
    if node.style not in ("|", ">") or not work.layout.has_blocks:
        return None
    column, width = work.source.block_shape(node)
    if column is None or column <= site.column:
        column = max(site.column, 0) + (2 if site.is_item else work.layout.step)
    if node.style == ">":
        written = folded(text, column=column, width=min(max(width, _NARROWEST), _WIDEST))
        if written is not None:
            return written
    return literal(text, parent=max(site.column, 0), column=column) if text else None


def _quote(node: Node, value: JsonValue) -> str | None:
    """The quotation mark of the new texts at a node."""
    if isinstance(node, ScalarNode):
        return node.style if isinstance(value, str) and node.style in ("'", '"') else None
    return quote_of(node) if isinstance(node, MappingNode | ListNode) else None
