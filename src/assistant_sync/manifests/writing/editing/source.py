"""A YAML text by lines, and where the nodes in it begin and end."""

from __future__ import annotations

import re
from bisect import bisect_right

from assistant_sync.manifests.writing.editing.nodes import AliasNode, Entry, ListNode, MappingNode, Node, ScalarNode

_LINE_END = re.compile(r"\r\n|\n|\r")
_TRIVIA = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
BLOCK_HEADER = re.compile(r"([|>])([0-9+-]*)")


class Source:
    """A text, its lines, and where the nodes of its block style begin and end.

    Args:
        text: The whole file, without a byte order mark.
    """

    __slots__ = ("_ends", "_starts", "line_break", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        breaks = list(_LINE_END.finditer(text))
        self._starts = [0, *(found.end() for found in breaks)]
        self._ends = [*(found.start() for found in breaks), len(text)]
        self.line_break = breaks[0][0] if breaks else "\n"

    def line_start(self, index: int) -> int:
        """Where the line of a character begins."""
        return self._starts[bisect_right(self._starts, index) - 1]

    def line_end(self, index: int) -> int:
        """Where the line of a character ends, before its line break."""
        return self._ends[bisect_right(self._starts, index) - 1]

    def next_line(self, index: int) -> int | None:
        """Where the line after that of a character begins; None if there is none."""
        number = bisect_right(self._starts, index)
        return self._starts[number] if number < len(self._starts) else None

    def column(self, index: int) -> int:
        """The column of a character, from 0."""
        return index - self.line_start(index)

    def is_first(self, index: int) -> bool:
        """Whether only blanks stand before a character in its line."""
        return not self.text[self.line_start(index) : index].strip(" \t")

    def after_trivia(self, index: int) -> int:
        """The index of the next character that is neither blank, line end nor comment."""
        found = _TRIVIA.match(self.text, index)
        return found.end() if found else index

    def content(self, node: Node) -> int:
        """Where a node begins after its anchor."""
        after = self.anchor_end(node)
        return after if after == node.start or self.is_empty(node) else self.after_trivia(after)

    @staticmethod
    def anchor_end(node: Node) -> int:
        """Where the anchor of a node ends; if it has none, where the node begins."""
        return node.start if isinstance(node, AliasNode) or node.anchor is None else node.start + 1 + len(node.anchor)

    def is_empty(self, node: Node) -> bool:
        """Whether nothing is written for a value."""
        if not isinstance(node, ScalarNode) or node.style or node.text:
            return False
        return node.end <= self.anchor_end(node)

    def end(self, node: Node) -> int:
        """Where a node ends, without a line break after it; the end of what is empty is where it would begin."""
        match node:
            case ScalarNode() if node.style in ("|", ">"):
                return self._block_end(node)
            case MappingNode(is_flow=False):
                return self.entry_end(node.entries[-1])
            case ListNode(is_flow=False):
                return self.end(node.items[-1])
            case _:
                return node.end

    def entry_end(self, entry: Entry) -> int:
        """Where a key with its value ends."""
        if not self.is_empty(entry.value) or entry.value.end > entry.value.start:
            return self.end(entry.value)
        # The parsers differ in where they place a value that is not there.
        return self.after_colon(entry) or self.end(entry.key)

    def after_colon(self, entry: Entry) -> int | None:
        """The index after the colon of a key; None if it has none."""
        colon = self.after_trivia(self.end(entry.key))
        return colon + 1 if self.text.startswith(":", colon) else None

    def entry_start(self, entry: Entry) -> int:
        """Where a key begins, the question mark before it included."""
        before = self.text[self.line_start(entry.key.start) : entry.key.start].rstrip(" \t")
        is_explicit = before.endswith("?") and before[-2:-1] in ("", " ", "\t")
        return self.line_start(entry.key.start) + len(before) - 1 if is_explicit else entry.key.start

    def dashes(self, node: ListNode) -> list[int]:
        """Where the dashes of a block list are."""
        found = [self.content(node)]
        found.extend(self.after_trivia(self.end(item)) for item in node.items[:-1])
        return found

    def last_leaf(self, node: Node) -> Node:
        """What ends a node."""
        while True:
            match node:
                case MappingNode(is_flow=False):
                    node = node.entries[-1].value
                case ListNode(is_flow=False):
                    node = node.items[-1]
                case _:
                    return node

    def block_shape(self, node: ScalarNode) -> tuple[int | None, int]:
        """The column of the lines of a block scalar, and that at which the longest one ends."""
        start = self.content(node)
        lines = self.text[self.line_end(start) : self._block_end(node)].splitlines()[1:]
        first = next((line for line in lines if line.strip(" ")), None)
        column = None if first is None else len(first) - len(first.lstrip(" "))
        return column, max(map(len, lines), default=0)

    def _block_end(self, node: ScalarNode) -> int:
        start = self.content(node)
        header = BLOCK_HEADER.match(self.text, start)
        # The parser's mark stands at the begin of the next line, after all blank ones.
        last = bisect_right(self._starts, node.end) - 1
        last -= last > 0 and self._starts[last] == node.end
        ends_blank = not node.text.rstrip("\n").rpartition("\n")[2].strip(" ") and bool(node.text.strip("\n"))
        if not ends_blank and header and "+" not in header[2]:
            first = bisect_right(self._starts, start) - 1
            while last > first and not self.text[self._starts[last] : self._ends[last]].strip(" "):
                last -= 1
        return self._ends[last]
