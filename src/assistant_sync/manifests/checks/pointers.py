"""JSON Pointers (RFC 6901), in which a negative index counts from the end of a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.values import Path

_POINTER = re.compile(r"(?:/(?:[^/~]|~[01])*)*")
_INDEX = re.compile(r"0|-?[1-9][0-9]{0,8}")


def parse_pointer(text: str) -> Path:
    """Read a pointer.

    Args:
        text: As a file has it; "" is the whole state.

    Returns:
        Its parts. A part that can be an index is a number, although it may be the key of a mapping, too.

    Raises:
        ValueError: It is no pointer.
    """
    if not _POINTER.fullmatch(text):
        raise ValueError("this must be a JSON Pointer such as /messages/-1/content, with ~1 for a slash in a key")
    parts = [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]
    return tuple(int(part) if _INDEX.fullmatch(part) else part for part in parts)
