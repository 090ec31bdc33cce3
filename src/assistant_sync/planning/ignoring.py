"""Ignored fields: what a manifest sets on create, and somebody else owns from then on (``lifecycle.ignore_changes``).

Wherever a manifest is compared with a row, its ignored fields have the row's own values: the one function for plan,
drift, diff, pull and apply is ``keep_ignored``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from assistant_sync.model.frozen import replace
from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.canonical import as_document, live_content, make_content

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assistant_sync.model.assistant import Assistant, Content, Desired
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import JsonObject, JsonValue, Path

_CONTEXT, _CONFIGURABLE = ("context",), ("config", "configurable")


def keep_ignored(desired: Desired, row: Assistant, ignored: Collection[Path] | None = None) -> Desired:
    """A manifest with the values of a row in its ignored fields; a field that the row does not have is left out.

    Args:
        desired: The manifest.
        row: A live assistant or a version.
        ignored: The paths; None for the manifest's own.
    """
    paths = desired.ignored if ignored is None else ignored
    if not paths:
        return desired
    stamp = Stamp.read(row.metadata)
    # A key that the manifest no longer names is let go of as it is, not taken away.
    keys = {*desired.metadata_keys, *(() if stamp is None else stamp.metadata_keys)}
    live = live_content(row, sorted(keys))
    return replace(desired, content=with_values_of(live, desired.content, paths))


def with_ignored_of(manifest: Desired, document: JsonObject) -> JsonObject:
    """A content in the API's shape, with a manifest's own values in its ignored fields."""
    if not manifest.ignored:
        return document
    fields: dict[str, Any] = {"description": "", **document}
    return as_document(with_values_of(manifest.content, make_content(**fields), manifest.ignored))


def with_values_of(source: Content, content: Content, paths: Collection[Path]) -> Content:
    """A content with the values that another one has at some paths.

    A path below ``context`` means ``config.configurable`` as well: servers mirror the one into the other, and a
    manifest fills one of them.
    """
    if not paths:
        return content
    document: JsonValue = as_document(content)
    values = as_document(source)
    for path in paths:
        for one in _sides(path, content):
            found = _at(values, one)
            if one == ("config",):
                found = ({**_members(values, one), **_configurable_of(document)},)
            if not found and one[: len(_CONFIGURABLE)] == _CONFIGURABLE:
                found = _at(values, _CONTEXT + one[len(_CONFIGURABLE) :])
            document = _with(document, one, found)
            document = document if found else _without_empty(document, values, one)
    assert isinstance(document, Mapping)  # noqa: S101 - it was one
    fields: dict[str, Any] = {"description": "", **document}
    return make_content(**fields)


def is_ignored(field: FieldChange, paths: Iterable[Path]) -> bool:
    """Whether a field lies at an ignored path, or below one."""
    path = _CONTEXT + field.path[2:] if field.path[:2] == _CONFIGURABLE else field.path
    plain = [_CONTEXT + one[2:] if one[:2] == _CONFIGURABLE else one for one in paths]
    return any(path[: len(one)] == one for one in plain)


def _members(document: JsonValue, path: Path) -> dict[str, JsonValue]:
    """The members of ``config`` but ``configurable``, which belongs to ``context``."""
    found = _at(document, path)
    config = found[0] if found and isinstance(found[0], Mapping) else {}
    return {name: value for name, value in config.items() if name != "configurable"}


def _configurable_of(document: JsonValue) -> dict[str, JsonValue]:
    found = _at(document, _CONFIGURABLE)
    return {"configurable": found[0]} if found else {}


def _sides(path: Path, content: Content) -> list[Path]:
    """The places that a path means in a content."""
    if path[:1] == _CONTEXT:
        below = path[1:]
    elif path[:2] == _CONFIGURABLE:
        below = path[2:]
    else:
        return [path]
    is_one_sided = bool(content.configurable) and not content.context
    sides = [] if is_one_sided else [_CONTEXT + below]
    return [*sides, _CONFIGURABLE + below] if content.configurable else sides


def _at(document: JsonValue, path: Path) -> tuple[JsonValue, ...]:
    """The value at a path, alone in a tuple; none if there is none."""
    for step in path:
        if isinstance(document, Mapping) and step in document:
            document = document[str(step)]
        elif _is_list(document) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return ()
    return (document,)


def _with(document: JsonValue, path: Path, value: tuple[JsonValue, ...]) -> JsonValue:
    """A document with a value at a path, or without one there."""
    step, rest = path[0], path[1:]
    if _is_list(document):
        items = list(document)
        if isinstance(step, int) and step < len(items) and (rest or value):
            items[step] = _with(items[step], rest, value) if rest else value[0]
        return items
    if not isinstance(document, Mapping) or not isinstance(step, str):
        return document  # what is above the path is of another kind: that is not ignored
    fields, key = dict(document), step
    if not rest:
        if value:
            return fields | {key: value[0]}
        return {name: item for name, item in fields.items() if name != key}
    if key not in fields and not value:
        return fields
    return fields | {key: _with(fields.get(key, {}), rest, value)}


def _without_empty(document: JsonValue, values: JsonValue, path: Path) -> JsonValue:
    """A document without the mappings above a path that are empty now, and that the source does not have."""
    for end in range(len(path) - 1, 1, -1):
        if _at(document, path[:end]) == ({},) and not _at(values, path[:end]):
            document = _with(document, path[:end], ())
    return document


def _is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
