"""Paths that users write, such as ``context.tools[0].token``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from assistant_sync.model.values import Path

_PATH = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[[0-9]{1,6}\])*")


def parse_path(value: object, fields: Collection[str]) -> Path:
    """Read a path as messages write it, or as a list of its parts.

    Args:
        value: Any value of a file.
        fields: What a path may begin with.

    Raises:
        ValueError: It is no such path.
    """
    if isinstance(value, list) and value and all(isinstance(part, str | int) for part in value):
        path: Path = tuple(value)
    elif isinstance(value, str) and _PATH.fullmatch(value):
        parts = re.findall(r"[^.\[\]]+", value)
        path = tuple(int(part) if part.isdecimal() and part.isascii() else part for part in parts)
    else:
        raise ValueError("this must be a path such as context.tools[0].token, or a list of its parts")
    if path[0] not in fields:
        message = f"the path must begin with one of {', '.join(fields)}"
        raise ValueError(message)
    return path
