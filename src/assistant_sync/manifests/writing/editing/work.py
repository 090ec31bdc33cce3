"""What the changes of one document share: its text, its nodes, its layout, and what is replaced so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.manifests.writing.editing.brackets import Brackets
from assistant_sync.manifests.writing.editing.nodes import ListNode, MappingNode, ScalarNode, Tree, parse_tree
from assistant_sync.manifests.writing.editing.render import Layout
from assistant_sync.manifests.writing.editing.source import Source
from assistant_sync.manifests.writing.editing.splices import Splices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.manifests.writing.editing.difference import Place
    from assistant_sync.manifests.writing.editing.nodes import Entry, Node
    from assistant_sync.manifests.writing.editing.texts import Written
    from assistant_sync.model.values import Path


@dataclass(frozen=True, slots=True)
class Site:
    """Where a value stands.

    Attributes:
        is_flow: Whether between brackets.
        after: The index after the colon, dash or line ``---`` before it; None if there is none.
        column: The column of the key or dash; -1 at the document's top.
        is_item: Whether it follows a dash.
        key_end: The index after its key; None if it has none.
    """

    is_flow: bool
    after: int | None
    column: int
    is_item: bool
    key_end: int | None = None


@dataclass(slots=True)
class Work:
    """Changes of one document that are made together.

    Attributes:
        source: The text.
        tree: The nodes of the document.
        layout: How new values are laid out.
        splices: What is replaced.
        reformatted: The places that lose their layout beside what is changed.
    """

    source: Source
    tree: Tree
    layout: Layout
    splices: Splices
    reformatted: list[Path] = field(default_factory=list)
    _entries: dict[int, dict[str, Entry]] = field(default_factory=dict)
    _dashes: dict[int, list[int]] = field(default_factory=dict)
    _brackets: dict[int, Brackets] = field(default_factory=dict)

    def dashes(self, node: ListNode) -> list[int]:
        """Where the dashes of a block list are."""
        if id(node) not in self._dashes:
            self._dashes[id(node)] = self.source.dashes(node)
        return self._dashes[id(node)]

    def brackets(self, node: MappingNode | ListNode) -> Brackets:
        """The members of a mapping or list in brackets."""
        if id(node) not in self._brackets:
            self._brackets[id(node)] = Brackets(self.source, self.splices, node)
        return self._brackets[id(node)]

    def entry(self, node: MappingNode, step: str | int) -> Entry:
        """The entry of a key; that of a merge key, which has no name, by its index."""
        if isinstance(step, int):
            return node.entries[step]
        if id(node) not in self._entries:
            self._entries[id(node)] = {entry.name: entry for entry in node.entries if entry.name is not None}
        return self._entries[id(node)][step]

    def mapping_column(self, node: MappingNode) -> int:
        """The column of the keys of a block mapping."""
        return self.source.column(self.source.entry_start(node.entries[0]))

    def site(self, place: Place) -> Site:
        """Where the value at a place stands."""
        source = self.source
        match place.above[-1] if place.above else None, place.path[-1] if place.path else "":
            case MappingNode() as parent, step:
                entry = self.entry(parent, step)
                column = 0 if parent.is_flow else self.mapping_column(parent)
                after, key_end = source.after_colon(entry), source.end(entry.key)
                return Site(parent.is_flow, after, column, is_item=False, key_end=key_end)
            case ListNode(is_flow=False) as parent, int(index):
                dash = self.dashes(parent)[index]
                return Site(is_flow=False, after=dash + 1, column=source.column(dash), is_item=True)
            case ListNode(), _:
                return Site(is_flow=True, after=None, column=0, is_item=True)
            case _:
                after = self.tree.start if source.text[: self.tree.start].endswith("---") else None
                return Site(is_flow=False, after=after, column=-1, is_item=False)

    def insert_lines(self, index: int, written: Written, *, start: str) -> None:
        """Insert lines below the line of a character.

        Args:
            index: The character.
            written: The first line without its start, and those below it.
            start: How the first line starts.
        """
        first = f"{start} {written.head}" if written.head else start
        self.insert_body(index, (first, *written.body), needs_line_end=written.needs_line_end)

    def insert_body(self, index: int, lines: tuple[str, ...], *, needs_line_end: bool) -> None:
        """Insert lines below the line of a character."""
        source = self.source
        end = source.line_end(index)
        text = "".join(source.line_break + line for line in lines)
        self.splices.insert(end, text + source.line_break * (needs_line_end and end == len(source.text)))


def make_work(text: str, document: int, *, has_blocks: bool) -> Work:
    """Prepare changes of a document."""
    source = Source(text)
    tree = parse_tree(text, document)
    step = list_step = None
    for node, parent in _nested(tree.root):
        if isinstance(parent, MappingNode) and isinstance(node, MappingNode | ListNode):
            first = source.entry_start(node.entries[0]) if isinstance(node, MappingNode) else source.content(node)
            columns = source.column(first) - source.column(source.entry_start(parent.entries[0]))
            if isinstance(node, MappingNode):
                step = step or columns
            elif list_step is None:
                list_step = columns
        if step is not None and list_step is not None:
            break
    return Work(source, tree, _layout(step, list_step, has_blocks=has_blocks), Splices(text))


def _layout(step: int | None, list_step: int | None, *, has_blocks: bool) -> Layout:
    step = step or list_step or 2
    return Layout(step, step if list_step is None else list_step, has_blocks)


def _nested(root: Node) -> Iterator[tuple[Node, Node]]:
    """The nodes of block mappings and lists with what holds them, in their order."""
    pending: list[tuple[Node, Node]] = [(root, root)]
    while pending:
        node, parent = pending.pop()
        match node:
            case MappingNode(is_flow=False):
                yield node, parent
                pending.extend((entry.value, node) for entry in reversed(node.entries))
            case ListNode(is_flow=False):
                yield node, parent
                pending.extend((item, node) for item in reversed(node.items))
            case _:
                pass


def is_block_scalar(node: Node) -> bool:
    """Whether a node is a block of lines, literal or folded."""
    return isinstance(node, ScalarNode) and node.style in ("|", ">")
