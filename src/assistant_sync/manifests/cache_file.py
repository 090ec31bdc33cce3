"""A file in the user's cache folder: whole or none, its owner's alone, and with a checksum."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 256 * 2**20
"""Of a file that is read, about 100,000 manifests."""

_FOLDER_MODE = 0o700

_HEAD = 65
"""Bytes of the file's first line, the checksum of all that follows."""

_logger = logging.getLogger(__name__)


def folder(name: str) -> Path | None:
    """A folder of the user's cache folder, made if need be; None if it cannot be had, or may be somebody else's.

    Args:
        name: Below the folder of this program.
    """
    import platformdirs

    found = platformdirs.user_cache_path("assistant-sync", appauthor=False) / name
    if not found.is_absolute():
        return None
    try:
        found.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        status = found.lstat()
    except OSError as error:
        _logger.debug("nothing is kept: %s", error)
        return None
    is_ours = not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)
    return found if stat.S_ISDIR(status.st_mode) and is_ours else None


def read(place: Path) -> bytes | memoryview:
    """What was written to a file; empty if there is no such file, or its checksum does not hold."""
    try:
        data = place.read_bytes() if place.stat().st_size <= MOST_BYTES else b""
    except OSError:
        return b""
    body = memoryview(data)[_HEAD:]
    return body if data[:_HEAD] == _head(body) else b""


def write(place: Path, body: bytes) -> None:
    """Write a whole file or none; it is no error if that fails, or if the file would be too large to be read."""
    if len(body) + _HEAD > MOST_BYTES:
        return
    try:
        _replace(place, body)
    except OSError as error:
        _logger.debug("nothing is kept: %s", error)


def _head(body: bytes | memoryview) -> bytes:
    return hashlib.sha256(body).hexdigest().encode() + b"\n"


def _replace(place: Path, body: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".new-", dir=place.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_head(body))
            file.write(body)
        os.replace(name, place)  # noqa: PTH105 - as it was made
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - as it was made
        raise
