"""The files of a manifest for an assistant that exists: its key, its place, and its long texts."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assistant_sync.manifests.json_schema.files import editor_path, modeline
from assistant_sync.manifests.limits import MAX_FILE_BYTES
from assistant_sync.manifests.rules.values import is_key
from assistant_sync.manifests.writing.emit import emit
from assistant_sync.manifests.writing.new_manifest import manifest_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from assistant_sync.model.assistant import Content
    from assistant_sync.model.values import JsonObject, JsonValue, Path

_LONGEST_KEY = 63
_ID_PART = 8  # characters of an id that make a key unique
_LONG_LINES = 4
_LONG_CHARACTERS = 400
"""A text of so many lines, or of so many characters, gets a file of its own."""

_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{number}" for number in range(10)), *(f"lpt{number}" for number in range(10))}
)
"""Names that are no files on Windows, with any suffix."""

PROMPTS = "prompts"


def key_for(name: str, assistant_id: str, taken: Collection[str]) -> str:
    """Make a readable key of an assistant's name.

    Args:
        name: The name; any text.
        assistant_id: Makes the key unique if another assistant has that name.
        taken: The keys that are in use.
    """
    key = _slug(name, _LONGEST_KEY) or "assistant"
    if key.split(".")[0] in _RESERVED:
        key = f"assistant-{key}"
    if key not in taken:
        return key
    part = re.sub(r"[^a-z0-9]", "", assistant_id.lower())[:_ID_PART]
    key = f"{key[: _LONGEST_KEY - _ID_PART - 1].rstrip('-._')}-{part}"
    number = 2
    unique = key
    while unique in taken:
        unique = f"{key[: _LONGEST_KEY - 4]}-{number}"
        number += 1
    return unique


def import_files(
    content: Content,
    *,
    key: str,
    assistant_id: str | None,
    home: str,
    manifests: str,
    is_taken: Callable[[str], bool],
    prevent_delete: bool = False,
) -> tuple[str, dict[str, str]]:
    """Make the files of a new manifest.

    Args:
        content: What it wants; at most one of ``context`` and ``configurable`` is filled.
        key: Its key.
        assistant_id: The id to name; None if it follows from the key.
        home: The project file's folder, relative to the repository's top.
        manifests: The manifests' folder, likewise.
        is_taken: Whether there is a file of a name.
        prevent_delete: Whether the assistant is protected from deletes.

    Returns:
        The manifest's path, and the text of each file by its path from the top.

    Raises:
        ValueError: YAML cannot carry a value.
    """
    folder = posixpath.join(manifests, _slug(content.graph_id, _LONGEST_KEY) or "graph")
    path = _free(posixpath.join(folder, key), ".yaml", is_taken)
    stem = posixpath.basename(path).removesuffix(".yaml")
    named = {"stem": stem, "assistant_id": assistant_id}
    fields = dict(manifest_fields(content, key=key, prevent_delete=prevent_delete, has_name=True, **named))
    long = [(place, text) for place, text in _texts(fields, ()) if _is_long(text)]
    texts: dict[str, str] = {}
    for place, text in long:
        base = posixpath.join(home, PROMPTS, key if len(long) == 1 else f"{key}/{_name_of(place)}")
        file = _free(posixpath.normpath(base), ".md", lambda one: one in texts or is_taken(one))
        texts[file] = text
        fields = _with_include(fields, place, posixpath.relpath(file, folder))
    return path, {path: _first_line(path, home, is_taken) + emit(fields), **texts}


def _first_line(path: str, home: str, is_taken: Callable[[str], bool]) -> str:
    """The line by which editors find the schema; none if there is no such file, which they would report."""
    schema = posixpath.normpath(posixpath.join(home, editor_path("manifest")))
    return modeline(schema, path) if is_taken(schema) else ""


def _slug(text: str, longest: int) -> str:
    """Lower-case ASCII letters and digits with hyphens between; "" if none is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9._]+", "-", plain).strip("-._")[:longest].rstrip("-._")
    return slug if is_key(slug) else ""


def _free(base: str, suffix: str, is_taken: Callable[[str], bool]) -> str:
    path, number = base + suffix, 2
    while is_taken(path):
        path, number = f"{base}-{number}{suffix}", number + 1
    return path


def _name_of(place: Path) -> str:
    """The name of a text's file, from its path below ``context`` or ``configurable``."""
    parts = [str(part) for part in place if part not in ("context", "config", "configurable")]
    return _slug("-".join(parts), _LONGEST_KEY) or "text"


def _texts(value: JsonValue, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts inside ``context`` and ``config`` that may be included."""
    if isinstance(value, str):
        if path[:1] in (("context",), ("config",)):
            yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _is_long(text: str) -> bool:
    """Whether a text deserves a file that gives it back as it is: git may change CR LF in files."""
    is_long = text.count("\n") >= _LONG_LINES or len(text) > _LONG_CHARACTERS
    if not is_long or not text.strip() or "\r" in text or text.startswith("\ufeff"):
        return False
    try:
        return len(text.encode()) <= MAX_FILE_BYTES
    except UnicodeEncodeError:
        return False


def _with_include(fields: JsonObject, place: Path, file: str) -> dict[str, JsonValue]:
    """The fields with an include in place of a text."""
    first, *rest = place
    changed = dict(fields)
    changed[str(first)] = _included(changed[str(first)], tuple(rest), file)
    return changed


def _included(value: JsonValue, place: Path, file: str) -> JsonValue:
    if not place:
        return {"$file": file}
    first, rest = place[0], place[1:]
    if isinstance(value, Mapping):
        return {key: _included(inner, rest, file) if key == first else inner for key, inner in value.items()}
    assert isinstance(value, Sequence)  # noqa: S101 - the path was read from the value
    return [_included(inner, rest, file) if index == first else inner for index, inner in enumerate(value)]
