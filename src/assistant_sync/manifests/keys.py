"""The key of a manifest or overlay: a field of it, or the stem of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.rules.values import KEY_SHAPE, is_key
from assistant_sync.manifests.wording import shown

if TYPE_CHECKING:
    from assistant_sync.manifests.sources import Source


def key_of(source: Source) -> tuple[str | None, list[Violation]]:
    """Find the key of a document.

    Args:
        source: A manifest or overlay.

    Returns:
        The key; None with a violation if there is no valid one.
    """
    written = source.fields.get("key")
    if written is None and not source.is_alone:
        return None, [Violation((), "key is required in a file with several documents")]
    if written is None:
        stem = source.file.rpartition("/")[2].rpartition(".")[0]
        if is_key(stem):
            return stem, []
        why = f"the file name's stem {shown(stem)} is not a valid key: a key is {KEY_SHAPE}"
        message = f"{why}; rename the file, or add a key"
        return None, [Violation((), message)]
    if isinstance(written, str) and is_key(written):
        return written, []
    if ("key",) in source.invalid_includes:
        return None, []
    quote = "" if isinstance(written, str) else "; quote it if it looks like a number"
    return None, [Violation(("key",), f"key must be {KEY_SHAPE}{quote}")]
