"""The rules for single values of a manifest: its key and former keys, its id, and the paths that it ignores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from assistant_sync.manifests.paths import parse_path

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, Path

KEY_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,62}$"
KEY_SHAPE = "1 to 63 characters of a-z, 0-9, '.', '_' and '-', the first a letter or digit"
_is_key = re.compile(KEY_PATTERN).fullmatch
UUID_PATTERN = r"^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$"


def is_key(text: str) -> bool:
    """Whether a text is a valid key."""
    return _is_key(text) is not None and not text.endswith("\n")


def former_keys(fields: JsonObject) -> tuple[str, ...]:
    """The keys of ``moved_from`` in a manifest that is not checked yet; none if it is not valid."""
    if "moved_from" not in fields:
        return ()
    try:
        return keys_of_move(fields["moved_from"])
    except ValueError:
        return ()


def keys_of_move(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - a file may have any value here
    """The keys of ``moved_from``, which is one key or a list of keys.

    Raises:
        ValueError: They are not valid; the error is a sentence for people.
    """
    keys = () if value is None else tuple(value) if isinstance(value, list) else (value,)
    if not all(isinstance(key, str) and is_key(key) for key in keys):
        message = f"this must be the key that the assistant had, or a list of its keys, the oldest first: {KEY_SHAPE}"
        raise ValueError(message)
    if len(set(keys)) < len(keys):
        raise ValueError("a key is named twice; name each key that the assistant had once, the oldest first")
    return keys


_CONTENT = ("graph_id", "name", "description", "context", "config", "metadata")


def path_to_ignore(value: Any) -> Path:  # noqa: ANN401 - a file may have any value here
    """A path of ``ignore_changes``.

    Raises:
        ValueError: It is not valid; the error is a sentence for people.
    """
    return parse_path(value, _CONTENT)


def is_id(text: str) -> bool:
    """Whether a text is a valid ``assistant_id``, in any spelling of UUIDs."""
    return re.fullmatch(UUID_PATTERN, text) is not None


def canonical_id(text: str) -> str:
    """A UUID in lower case with hyphens."""
    return str(UUID(text))
