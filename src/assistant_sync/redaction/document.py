"""Masking of a whole document, value by value, for what is printed to be read and not to be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from assistant_sync.redaction.masking import credential_paths, is_named_as_credential, redact_text
from assistant_sync.redaction.shapes import MASK, secret_lines

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonValue, Path


def mask_values(document: JsonValue, literals: Collection[Path] = ()) -> tuple[JsonValue, tuple[Path, ...]]:
    """Mask what looks like a credential in a document, by its name or by its content.

    Args:
        document: Any value.
        literals: Paths that somebody has declared harmless, with all that is below them.

    Returns:
        The document with ``MASK`` in place of each such value, or of the lines of a text that hold one; and the paths
        of these values, masked as well.
    """
    paths = credential_paths(document, literals)
    if not paths:
        return document, ()
    masked = tuple(tuple(redact_text(part) if isinstance(part, str) else part for part in path) for path in paths)
    return _masked(document, (), frozenset(paths)), masked


def _masked(value: JsonValue, path: Path, hidden: Collection[Path]) -> JsonValue:
    if path in hidden:
        return _hidden(value, path)
    if isinstance(value, Mapping):
        return {redact_text(key): _masked(inner, (*path, key), hidden) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_masked(inner, (*path, index), hidden) for index, inner in enumerate(value)]
    return value


def _hidden(value: JsonValue, path: Path) -> JsonValue:
    """What stands for a value: of a text of several lines those that hold nothing are kept."""
    if not isinstance(value, str) or "\n" not in value or is_named_as_credential(path, value):
        return MASK
    lines = value.split("\n")
    numbers = secret_lines(value)
    return "\n".join(MASK if number in numbers else line for number, line in enumerate(lines)) if numbers else MASK
