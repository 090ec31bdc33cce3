"""Renames: manifests that are new, and most likely are those of assistants that have lost theirs.

A key that is derived from the file's name changes with it, and with the key the assistant's id. Git finds renamed files
by how much of their text they share; here it is the content that is compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assistant_sync.model.frozen import replace
from assistant_sync.planning.canonical import digest
from assistant_sync.planning.mirroring import without_mirror

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assistant_sync.model.assistant import Content
    from assistant_sync.model.change import Create
    from assistant_sync.model.values import JsonValue
    from assistant_sync.planning.three_way import ThreeWay

_ALIKE = 0.5
"""The part of their lines that two contents share; git takes the same measure for files."""

_MOST_COMPARED = 50
"""Creates, and lost assistants, that are compared line by line: each with each."""


def find_renames(creates: Sequence[Create], without_manifest: Iterable[ThreeWay]) -> dict[str, str]:
    """Find what was probably renamed.

    Args:
        creates: All of a plan.
        without_manifest: The assistants that no manifest has any more.

    Returns:
        By the id of what would be created, the key of the assistant that it most likely is; each at most once.
    """
    lost = {one.key: without_mirror(one.found, one.mirroring) for one in without_manifest if one.found is not None}
    found: dict[str, str] = {}
    by_content = {_nameless_digest(content): key for key, content in lost.items()}
    for create in creates:
        own = _nameless_digest(create.desired.content)
        key = None if own is None else by_content.get(own)
        if key is not None and key not in found.values():
            found[create.assistant_id] = key
    left = [one for one in creates if one.assistant_id not in found][:_MOST_COMPARED]
    keys = [key for key in lost if key not in found.values()][:_MOST_COMPARED]
    pairs = [(_likeness(one.desired.content, lost[key]), one.assistant_id, key) for one in left for key in keys]
    for likeness, assistant_id, key in sorted(pairs, reverse=True):
        if likeness >= _ALIKE and assistant_id not in found and key not in found.values():
            found[assistant_id] = key
    return found


def _nameless_digest(content: Content) -> str | None:
    return digest(replace(content, name=""))


def _likeness(one: Content, other: Content) -> float:
    """How alike two contents are: 1 if graph and display name are the same, 0 if the graph is another one."""
    if one.graph_id != other.graph_id:
        return 0.0
    if one.name == other.name:
        return 1.0
    mine, theirs = Counter(_lines_of(one)), Counter(_lines_of(other))
    total = mine.total() + theirs.total()
    return 2 * (mine & theirs).total() / total if total else 0.0


def _lines_of(content: Content) -> Iterator[str]:
    for field in ("description", "context", "config", "configurable", "metadata"):
        yield from _lines(getattr(content, field), field)


def _lines(value: JsonValue, path: str) -> Iterator[str]:
    if isinstance(value, str):
        yield from (f"{path} {line}" for line in value.split("\n") if line.strip())
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _lines(inner, f"{path}.{key}")
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _lines(inner, f"{path}[]")
    elif value is not None:
        yield f"{path} {value}"
