"""Find line and column of a value in a YAML text; parses it again, so only a text with problems pays for it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import yaml
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from assistant_sync.manifests.yaml12.parser import MERGE_KEY, is_for_libyaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from yaml.nodes import Node

_Entry = tuple["Node | None", "Node"]


class YamlLocator:
    """Finds the places of one text, which was parsed without error before.

    Args:
        text: The whole file.
    """

    __slots__ = ("_roots",)

    def __init__(self, text: str) -> None:
        loader = yaml.CBaseLoader if is_for_libyaml(text) else yaml.BaseLoader
        self._roots: list[Node] = []
        with suppress(yaml.YAMLError, UnicodeError):  # the file may have changed since
            self._roots.extend(yaml.compose_all(text, Loader=loader))

    def place(self, document: int, path: Sequence[str | int], *, key: bool = False) -> tuple[int, int]:
        """The place of a value; if it does not exist, of its nearest existing ancestor.

        Args:
            document: The index of the document in the file, from 0.
            path: Keys and indices from the document's top.
            key: Whether to return the key's place, not the value's.

        Returns:
            Line and column, from 1; zeros if the document does not exist.
        """
        if document >= len(self._roots):
            return 0, 0
        entry: _Entry = (None, self._roots[document])
        for step in path:
            child = _child(entry[1], step)
            if child is None:
                return _place(entry[1])
            entry = child
        name, value = entry
        return _place(name if key and name is not None else value)


def _place(node: Node) -> tuple[int, int]:
    mark = node.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _child(node: Node, step: str | int) -> _Entry | None:
    if isinstance(node, SequenceNode):
        is_inside = isinstance(step, int) and 0 <= step < len(node.value)
        return (None, node.value[step]) if is_inside else None
    # Depth first, the strongest first; each mapping once, for merges of merges may be many.
    seen: set[int] = set()
    pending = [node]
    while pending:
        mapping = pending.pop()
        if not isinstance(mapping, MappingNode) or id(mapping) in seen:
            continue
        seen.add(id(mapping))
        own: _Entry | None = next((entry for entry in mapping.value if _is_key(entry[0], step)), None)
        if own is not None:
            return own
        pending.extend(reversed(list(_merged(mapping))))
    return None


def _is_key(node: Node, step: str | int) -> bool:
    return isinstance(node, ScalarNode) and node.value == step and not _is_merge(node)


def _is_merge(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.value == MERGE_KEY and not node.style


def _merged(node: MappingNode) -> Iterator[Node]:
    """The mappings that a mapping merges, the strongest first."""
    for name, value in node.value:
        if _is_merge(name):
            yield from value.value if isinstance(value, SequenceNode) else (value,)
