"""The nodes of a YAML text with the characters that they take, built from the parser's events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from assistant_sync.manifests.yaml12.parser import MERGE_KEY, is_for_libyaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml._yaml import Mark as CMark
    from yaml.error import Mark as PythonMark
    from yaml.events import Event


@dataclass(frozen=True, slots=True, eq=False)
class ScalarNode:
    """A text, number or constant.

    Attributes:
        start: The index of its first character, anchor included.
        end: The index after its last one; of a block of lines, not its true end (see Source.end).
        anchor: Its anchor's name.
        text: Its text.
        style: Its quotation mark, ``|`` or ``>``; empty if it is plain.
    """

    start: int
    end: int
    anchor: str | None
    text: str
    style: str


@dataclass(frozen=True, slots=True, eq=False)
class AliasNode:
    """An alias.

    Attributes:
        start: The index of its asterisk.
        end: The index after it.
        name: Its name.
        target: What it stands for.
    """

    start: int
    end: int
    name: str
    target: Node


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A key of a mapping with its value.

    Attributes:
        key: The key's node.
        value: The value's node.
        name: The key; None for a merge key.
    """

    key: Node
    value: Node
    name: str | None


@dataclass(frozen=True, slots=True, eq=False)
class MappingNode:
    """A mapping.

    Attributes:
        start: The index of its first character, anchor included.
        end: The index after its closing bracket; of a block mapping, not its true end (see Source.end).
        anchor: Its anchor's name.
        is_flow: Whether it stands in brackets, or within something that does.
        entries: Its keys and values.
    """

    start: int
    end: int
    anchor: str | None
    is_flow: bool
    entries: tuple[Entry, ...]

    def own(self, name: str) -> Entry | None:
        """The entry of a key that is not merged."""
        return next((entry for entry in self.entries if entry.name == name), None)


@dataclass(frozen=True, slots=True, eq=False)
class ListNode:
    """A list; its attributes are those of a mapping.

    Attributes:
        start: The index of its first character, anchor included.
        end: The index after its closing bracket; of a block list, not its true end (see Source.end).
        anchor: Its anchor's name.
        is_flow: Whether it stands in brackets, or within something that does.
        items: Its items.
    """

    start: int
    end: int
    anchor: str | None
    is_flow: bool
    items: tuple[Node, ...]


Node: TypeAlias = ScalarNode | AliasNode | MappingNode | ListNode


@dataclass(frozen=True, slots=True)
class Tree:
    """One document.

    Attributes:
        root: Its top.
        start: The index after the line ``---``, or of its first character.
        aliases: Its aliases, in their order.
    """

    root: Node
    start: int
    aliases: tuple[AliasNode, ...]


@dataclass(slots=True)
class _Builder:
    """Builds the nodes of one document."""

    events: Iterator[Event]
    anchored: dict[str, Node] = field(default_factory=dict)
    aliases: list[AliasNode] = field(default_factory=list)

    def node(self, event: Event) -> Node:
        start, end = _index(event.start_mark), _index(event.end_mark)
        built: Node
        if isinstance(event, AliasEvent):
            name = event.anchor or ""
            built = AliasNode(start, end, name, self.anchored[name])
            self.aliases.append(built)
            return built
        if isinstance(event, ScalarEvent):
            style = "" if event.style in (None, "") else event.style
            built = ScalarNode(start, end, event.anchor, event.value, style)
        elif isinstance(event, MappingStartEvent):
            entries, end = self.entries()
            built = MappingNode(start, end, event.anchor, bool(event.flow_style), entries)
        else:
            assert isinstance(event, SequenceStartEvent)  # noqa: S101 - the parser's grammar
            items: list[Node] = []
            while not isinstance(item := next(self.events), SequenceEndEvent):
                items.append(self.node(item))
            built = ListNode(start, _index(item.end_mark), event.anchor, bool(event.flow_style), tuple(items))
        if built.anchor is not None:
            self.anchored[built.anchor] = built
        return built

    def entries(self) -> tuple[tuple[Entry, ...], int]:
        """The rest of a mapping, and where it ends."""
        found = []
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self.node(event)
            named = key.target if isinstance(key, AliasNode) else key
            assert isinstance(named, ScalarNode)  # noqa: S101 - the reader refuses other keys
            is_merge = named.text == MERGE_KEY and named is key and not named.style
            found.append(Entry(key, self.node(next(self.events)), None if is_merge else named.text))
        return tuple(found), _index(event.end_mark)


def _index(mark: PythonMark | CMark | None) -> int:
    assert mark is not None  # noqa: S101 - every event has one
    return mark.index


def parse_tree(text: str, document: int) -> Tree:
    """Find the nodes of one document.

    Args:
        text: The whole file, which the reader has read without error, without a byte order mark.
        document: The index of the document in the file, from 0.
    """
    loader = yaml.CBaseLoader if is_for_libyaml(text) else yaml.BaseLoader
    events = iter(yaml.parse(text, Loader=loader))
    for event in events:
        if isinstance(event, DocumentStartEvent):
            if document == 0:
                builder = _Builder(events)
                root = builder.node(next(events))
                return Tree(root, _index(event.end_mark), tuple(builder.aliases))
            document -= 1
    raise IndexError("no such document")
