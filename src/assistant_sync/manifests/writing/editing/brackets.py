"""Members of mappings and lists in brackets: add and remove them, in one line or in several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.writing.editing.nodes import ListNode, MappingNode, ScalarNode
from assistant_sync.manifests.writing.editing.render import flow
from assistant_sync.manifests.writing.editing.texts import inline

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant_sync.manifests.writing.editing.source import Source
    from assistant_sync.manifests.writing.editing.splices import Splices
    from assistant_sync.model.values import JsonValue


class Brackets:
    """The members of one mapping or list in brackets.

    Args:
        source: The text.
        splices: What is replaced in it.
        node: The mapping or list, which is not empty.
    """

    __slots__ = ("_source", "_spans", "_splices", "quote")

    def __init__(self, source: Source, splices: Splices, node: MappingNode | ListNode) -> None:
        self._source = source
        self._splices = splices
        if isinstance(node, MappingNode):
            self._spans = [(source.entry_start(entry), source.entry_end(entry)) for entry in node.entries]
        else:
            self._spans = [(item.start, source.end(item)) for item in node.items]
        self.quote = quote_of(node)

    def insert(self, index: int, members: Sequence[str]) -> None:
        """Insert members before that at an index, or after the last one."""
        source, splices = self._source, self._splices
        if index == 0:
            start = self._spans[0][0]
            margin = source.line_break + " " * source.column(start) if source.is_first(start) else " "
            splices.insert(start, "".join(f"{member},{margin}" for member in members))
            return
        start, end = self._spans[index - 1]
        stop = self._after_comma(end)
        if not source.is_first(start):
            splices.insert(end, "".join(f", {member}" for member in members))
            return
        margin = source.line_break + " " * source.column(start)
        if not self._is_last_in_line(stop or end):
            splices.insert(end, "".join(f",{margin}{member}" for member in members))
            return
        lines = f",{margin}".join(members)
        if stop is None:
            splices.insert(end, ",")
        splices.insert(source.line_end(stop or end), margin + lines + "," * (stop is not None))

    def remove(self, index: int) -> None:
        """Remove a member with its comma, and its line if it stands there alone."""
        source, splices = self._source, self._splices
        start, end = self._spans[index]
        stop = self._after_comma(end)
        tail = source.text[end : stop or end]
        following = source.next_line(stop or end)
        if source.is_first(start) and following and self._is_last_in_line(stop or end) and tail in ("", ","):
            splices.delete(source.line_start(start), following)
        elif stop is not None:
            blanks = len(source.text[stop : source.line_end(stop)]) - len(
                source.text[stop : source.line_end(stop)].lstrip(" ")
            )
            splices.delete(start, stop + blanks)
        elif index and source.text[self._spans[index - 1][1] : start].strip(" ") == ",":
            splices.delete(self._spans[index - 1][1], end)
        else:
            splices.delete(start, end)

    def _after_comma(self, end: int) -> int | None:
        comma = self._source.after_trivia(end)
        return comma + 1 if self._source.text.startswith(",", comma) else None

    def _is_last_in_line(self, index: int) -> bool:
        """Whether only blanks and a comment follow in a line."""
        rest = self._source.text[index : self._source.line_end(index)].lstrip(" \t")
        return not rest or rest.startswith("#")


def quote_of(node: MappingNode | ListNode) -> str | None:
    """The quotation mark that new keys of a mapping, or new items of a list, get after those that are there."""
    if isinstance(node, MappingNode):
        styles = {entry.key.style for entry in node.entries if isinstance(entry.key, ScalarNode)}
        return '"' if styles == {'"'} else None
    texts = [item.style for item in node.items if isinstance(item, ScalarNode)]
    return texts[-1] if texts and texts[-1] in ("'", '"') else None


def flow_entries(pairs: Iterable[tuple[str, JsonValue]], quote: str | None) -> list[str]:
    """Write new entries of a mapping in brackets."""
    return [f"{inline(key, is_flow=True, quote=quote)}: {flow(value, quote)}" for key, value in pairs]
