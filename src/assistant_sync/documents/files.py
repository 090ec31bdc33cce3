"""Writing files so that they are whole or not there, and reading them with a bound."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from assistant_sync.errors import BadDocument, RepositoryError

_MOST = 512 * 1024 * 1024
"""No document of ours comes near this size; a larger file is somebody else's."""


def write_whole(path: Path, text: str, *, make_folder: bool = False) -> None:
    """Write a private file (mode 0600) that is synced before it appears under its name.

    Args:
        path: The file.
        text: Its content.
        make_folder: Whether to make the folder that it is in.

    Raises:
        RepositoryError: It cannot be written; nothing is left behind.
    """
    # Through a link, and never over a device: the rename would put a file in its place.
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        message = f"{path}: cannot be written: it is not a file"
        raise RepositoryError(message)
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        # mkstemp makes the file with mode 0600; the rename keeps it.
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror or error}"
        raise RepositoryError(message) from error


def read_json(path: Path, what: str) -> dict[str, Any]:
    """Read a JSON object.

    Args:
        path: The file.
        what: What it should be, for messages, such as "plan file".

    Raises:
        BadDocument: It is missing, too large, not UTF-8, or not a JSON object.
    """
    try:
        if path.stat().st_size > _MOST:
            message = f"{path}: is too large to be a {what} of assistant-sync"
            raise BadDocument(message)
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}"
        raise BadDocument(message) from error
    except (ValueError, RecursionError) as error:
        message = f"{path}: is not a {what}: not readable as JSON"
        raise BadDocument(message) from error
    if not isinstance(value, dict):
        message = f"{path}: is not a {what}: not a JSON object"
        raise BadDocument(message)
    return value


def _sync_folder(folder: Path) -> None:
    """Make the file's name as lasting as its content; not every system can open a folder."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
