"""The key of a manifest or overlay: named in it, or the stem of its file."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from assistant_sync.manifests.flaws import Flaw, shown
from assistant_sync.manifests.schema import KEY_SHAPE, is_key

if TYPE_CHECKING:
    from assistant_sync.manifests.sources import Source


def key_of(source: Source) -> tuple[str | None, list[Flaw]]:
    """Find the key of a document.

    Args:
        source: A manifest or overlay.

    Returns:
        The key; None with a flaw where there is no valid one.
    """
    named = source.fields.get("key")
    if named is None and not source.is_alone:
        return None, [Flaw((), "key is required where a file has several documents")]
    if named is None:
        stem = posixpath.splitext(posixpath.basename(source.file))[0]
        if is_key(stem):
            return stem, []
        message = f"the file's stem {shown(stem)} cannot be the key: a key is {KEY_SHAPE}; rename the file or add a key"
        return None, [Flaw((), message)]
    if isinstance(named, str) and is_key(named):
        return named, []
    if ("key",) in source.refused:
        return None, []
    quote = "" if isinstance(named, str) else "; put it in quotes if it looks like a number"
    return None, [Flaw(("key",), f"key must be {KEY_SHAPE}{quote}")]
