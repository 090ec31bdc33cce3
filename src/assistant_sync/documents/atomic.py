"""Write a file atomically: whole, private and synced, or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from assistant_sync.errors import RepositoryError

_PREFIX = 100
"""Characters of a file's name in the name of the temporary one beside it."""


def write_atomically(path: Path, text: str, *, make_folder: bool = False) -> None:
    """Write a private file (mode 0600) that is synced to disk before it gets its name.

    Args:
        path: The file.
        text: Its content.
        make_folder: Whether to make the folder for it.

    Raises:
        RepositoryError: It cannot be written; nothing is left behind.
    """
    # A link is followed, and a device refused: the rename would replace either with a file.
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


def replace_file(path: Path, data: bytes) -> None:
    """Write a file of the user's own: whole, synced, and with the permissions that it had.

    Args:
        path: The file; a new one gets the permissions that any program gives it. Its folder is made.
        data: Its content.

    Raises:
        RepositoryError: It cannot be written; the file is as it was.
    """
    if path.exists() and not path.is_file():
        message = f"{path}: cannot be written: it is not a file"
        raise RepositoryError(message)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:_PREFIX]}.", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(mode)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror or error}"
        raise RepositoryError(message) from error


def _umask() -> int:
    """The mask of new files; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Sync the file's name like its content; not every system can open a folder."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
