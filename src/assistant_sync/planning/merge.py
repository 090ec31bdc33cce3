"""Merge what was edited outside git into what a manifest wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from assistant_sync.model.frozen import Frozen
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue, Path


class _Absent:
    """No value, as opposed to null."""


ABSENT: Final = _Absent()


class Merged(Frozen, frozen=True):
    """The outcome of a merge.

    Attributes:
        document: With the edits of both sides.
        conflicts: The paths that both sides changed in different ways; the document has the value of ``theirs``.
    """

    document: JsonObject
    conflicts: tuple[Path, ...] = ()


def merge(base: JsonObject, mine: JsonObject, theirs: JsonObject) -> Merged:
    """Merge two documents that began as one.

    Args:
        base: What both began as.
        mine: What the manifest wants now.
        theirs: What is live now.
    """
    conflicts: list[Path] = []
    return Merged(_mappings(base, mine, theirs, (), conflicts), tuple(conflicts))


def _mappings(
    base: JsonObject, mine: JsonObject, theirs: JsonObject, path: Path, conflicts: list[Path]
) -> dict[str, JsonValue]:
    merged: dict[str, JsonValue] = {}
    for key in dict.fromkeys((*mine, *theirs)):
        before, ours, live = base.get(key, ABSENT), mine.get(key, ABSENT), theirs.get(key, ABSENT)
        value = _values(before, ours, live, (*path, key), conflicts)
        if not isinstance(value, _Absent):
            merged[key] = value
    return merged


def _values(
    base: JsonValue | _Absent,
    mine: JsonValue | _Absent,
    theirs: JsonValue | _Absent,
    path: Path,
    conflicts: list[Path],
) -> JsonValue | _Absent:
    if _same(base, theirs) or _same(mine, theirs):
        return mine
    if _same(base, mine):
        return theirs
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return _mappings(base if isinstance(base, Mapping) else {}, mine, theirs, path, conflicts)
    conflicts.append(path)
    return theirs


def _same(one: JsonValue | _Absent, other: JsonValue | _Absent) -> bool:
    if isinstance(one, _Absent) or isinstance(other, _Absent):
        return one is other
    return same_json(one, other)
