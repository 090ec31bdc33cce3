"""Read a JSON file of limited size."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from assistant_sync.errors import BadDocument

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES = 512 * 1024 * 1024
"""No document of ours comes near this size; a larger file is another program's."""


def read_json(path: Path, what: str) -> dict[str, Any]:
    """Read a JSON object.

    Args:
        path: The file.
        what: What it should be, for messages, such as "plan file".

    Raises:
        BadDocument: It is missing, too large, not UTF-8, or not a JSON object.
    """
    try:
        if not path.is_file():
            message = f"{path}: cannot be read: it is not a file"
            raise BadDocument(message)
        if path.stat().st_size > _MAX_BYTES:
            message = f"{path}: is too large to be a {what} of assistant-sync"
            raise BadDocument(message)
        value = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}"
        raise BadDocument(message) from error
    except MemoryError:
        message = f"{path}: is too large to be read with the memory of this machine"
        raise BadDocument(message) from None
    except (ValueError, RecursionError) as error:
        message = f"{path}: is not a {what}: not valid JSON"
        raise BadDocument(message) from error
    if not isinstance(value, dict):
        message = f"{path}: is not a {what}: not a JSON object"
        raise BadDocument(message)
    return value


def _no_number(text: str) -> float:
    """Refuse NaN and infinities, which JSON does not have."""
    raise ValueError(text)
