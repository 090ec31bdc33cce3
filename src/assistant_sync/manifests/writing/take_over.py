"""Which edits of which files make a manifest want another content."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard

from assistant_sync.manifests.overlays import has_path
from assistant_sync.manifests.writing.edit import REMOVED, Edit, Removed
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assistant_sync.manifests.rules.build import Draft
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.values import JsonObject, JsonValue, Path

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(slots=True)
class FileEdits:
    """What has to be done to files.

    Attributes:
        documents: The edits of each document, by its file and index.
        texts: The new texts of included files; some are new.
        copied: Included files that others include too, each with the new file that takes its place.
    """

    documents: dict[tuple[str, int], list[Edit]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    copied: dict[str, str] = field(default_factory=dict)


def edits_to(
    draft: Draft,
    mine: JsonObject,
    wanted: JsonObject,
    *,
    is_shared: Callable[[str], bool],
    is_taken: Callable[[str], bool],
) -> FileEdits:
    """Find the edits that turn what a manifest wants into something else.

    A value that the overlay sets is changed there. A text that came from a file is changed in that file, unless others
    include it as well: then the manifest gets a file of its own.

    Args:
        draft: The manifest as it is written, with its overlay.
        mine: What it wants, in the API's shape.
        wanted: What it should want.
        is_shared: Whether another include names the file, too.
        is_taken: Whether there is a file of a name.
    """
    edits = FileEdits()
    for path, value in differences(mine, wanted):
        file = draft.included.get(path)
        if file is not None and isinstance(value, str) and _can_be_included(value):
            if not is_shared(file):
                edits.texts[file] = value
                continue
            own = _own_name(file, draft, is_taken)
            edits.copied[file], edits.texts[own] = own, value
            source = _home_of(draft, path)
            _add(edits, source, Edit(path, {"$file": posixpath.relpath(own, posixpath.dirname(source.file) or ".")}))
        elif isinstance(value, Removed):
            _remove(edits, draft, path)
        else:
            source = _home_of(draft, path)
            _add(edits, source, _reaching(source.fields, path, value))
    return edits


def differences(old: JsonValue, new: JsonValue, path: Path = ()) -> Iterator[tuple[Path, JsonValue | Removed]]:
    """The smallest values that differ, with the new ones, to be put in place in this order."""
    if same_json(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            if key not in new:
                yield (*path, key), REMOVED
            elif key not in old:
                yield (*path, key), new[key]
            else:
                yield from differences(old[key], new[key], (*path, key))
    elif _is_list(old) and _is_list(new):
        yield from _items(old, new, path)
    else:
        yield path, new


def _items(
    old: Sequence[JsonValue], new: Sequence[JsonValue], path: Path
) -> Iterator[tuple[Path, JsonValue | Removed]]:
    """The items that differ; the whole list if it cannot be reached by changing, appending or removing items."""
    gone = _removed_items(old, new)
    if gone is not None:
        yield from (((*path, index), REMOVED) for index in reversed(gone))
        return
    if len(old) > len(new) or not old:
        yield path, new
        return
    for index, item in enumerate(new):
        if index < len(old):
            yield from differences(old[index], item, (*path, index))
        else:
            yield (*path, index), item


def _removed_items(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> list[int] | None:
    """The indices to remove, if that is all there is to do; a list that becomes empty is written as a whole."""
    if not new or len(new) >= len(old):
        return None
    gone, place = [], 0
    for index, item in enumerate(old):
        if place < len(new) and same_json(item, new[place]):
            place += 1
        else:
            gone.append(index)
    return gone if place == len(new) else None


def _is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _can_be_included(text: str) -> bool:
    """Whether a file gives the text back as it is, and without a warning."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text.strip()) and not text.startswith(_BYTE_ORDER_MARK)


def _own_name(file: str, draft: Draft, is_taken: Callable[[str], bool]) -> str:
    """A name for a copy of an included file."""
    stem, suffix = posixpath.splitext(file)
    name = f"{stem}.{draft.key}{suffix}"
    number = 2
    while is_taken(name):
        name = f"{stem}.{draft.key}-{number}{suffix}"
        number += 1
    return name


def _home_of(draft: Draft, path: Path) -> Source:
    """The document that has a value, or to which it is added."""
    patch = draft.patch
    if patch is None or not path:
        return draft.source
    parent = path[:-1]
    is_new_below = not has_path(draft.source.fields, parent) and has_path(patch.fields, parent)
    return patch if has_path(patch.fields, path) or (parent and is_new_below) else draft.source


def _add(edits: FileEdits, source: Source, edit: Edit) -> None:
    edits.documents.setdefault((source.file, source.document), []).append(edit)


def _remove(edits: FileEdits, draft: Draft, path: Path) -> None:
    """Remove a value; what the overlay lies over is removed by a null there."""
    patch = draft.patch
    is_below = has_path(draft.source.fields, path)
    if patch is not None and has_path(patch.fields, path):
        _add(edits, patch, Edit(path, None if is_below else REMOVED))
    elif is_below:
        _add(edits, draft.source, Edit(path, REMOVED))


def _reaching(fields: JsonObject, path: Path, value: JsonValue) -> Edit:
    """The edit that puts a value in place, from the first part of its path that holds nothing to build on."""
    below: JsonValue = fields
    for length, step in enumerate(path[:-1]):
        if isinstance(below, Mapping) and step in below:
            below = below[str(step)]
        elif _is_list(below) and isinstance(step, int) and step < len(below):
            below = below[step]
        else:
            return Edit(path, value)
        if not isinstance(below, Mapping) and not _is_list(below):
            return Edit(path[: length + 1], _nested(path[length + 1 :], value))
    return Edit(path, value)


def _nested(path: Path, value: JsonValue) -> JsonValue:
    for step in reversed(path):
        value = {str(step): value}
    return value
