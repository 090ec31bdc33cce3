"""List and read files below a folder without leaving it; needs no git."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable

# The file may be replaced between lstat and open: O_NOFOLLOW refuses a symlink, O_NONBLOCK a FIFO that would block.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

_CHUNK = 64 * 1024

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISLNK, "a symbolic link that leads back to itself"),
)


def is_hidden(name: str) -> bool:
    """Whether a file or folder is skipped: a leading dot, or an editor's backup."""
    return name.startswith(".") or name.endswith("~") or (name.startswith("#") and name.endswith("#"))


def listing(folder: Path, suffixes: tuple[str, ...]) -> dict[str, bool]:
    """The files below a folder, symlinked folders not followed.

    Args:
        folder: The folder to start from.
        suffixes: The suffixes of the files to list.

    Returns:
        Paths relative to ``folder`` with forward slashes, in no order, each with whether it is a regular file and no
        link to one.

    Raises:
        OSError: A folder cannot be read; an incomplete list would look like deletions.
    """
    found: dict[str, bool] = {}
    pending = [("", os.fspath(folder))]
    while pending:
        prefix, place = pending.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                name = entry.name
                if is_hidden(name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append((f"{prefix}{name}/", entry.path))
                elif name.endswith(suffixes) and not (entry.is_symlink() and entry.is_dir()):
                    found[prefix + name] = entry.is_file(follow_symlinks=False)
    return found


def status_of(place: str, shown: str) -> os.stat_result:
    """The status of a file, symlinks not followed.

    Args:
        place: The file.
        shown: Its name for messages.

    Raises:
        RepositoryError: It does not exist, or its status cannot be read.
    """
    try:
        return os.lstat(place)
    except (OSError, ValueError) as error:
        raise RepositoryError(f"{shown} {reason(error)}") from error


def read_listed(place: str, *, limit: int) -> bytes | None:
    """Read a file that a listing has shown to be regular; None if it must be looked at more closely.

    Args:
        place: The file.
        limit: The most bytes that it may have.
    """
    try:
        descriptor = os.open(place, _OPEN_FLAGS)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        data = os.read(descriptor, status.st_size + 1)
        return data if len(data) == status.st_size else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def read_regular(place: str, shown: str, *, limit: int, status: os.stat_result | None = None) -> bytes:
    """Read a regular file; the last component may not be a symlink.

    Args:
        place: The file.
        shown: Its name for messages.
        limit: The most bytes that it may have.
        status: Its status, if ``status_of`` has read it.

    Returns:
        Its bytes.

    Raises:
        RepositoryError: It is missing, not a regular file, too large, or unreadable.
    """
    status = status or status_of(place, shown)
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for test, name in _KINDS if test(status.st_mode)), "a special file")
        raise RepositoryError(f"{shown} is {kind}, not a file")
    try:
        data = _read(place, limit) if status.st_size <= limit else None
    except OSError as error:
        raise RepositoryError(f"{shown} {reason(error)}") from error
    if data is None or len(data) > limit:
        raise RepositoryError(f"{shown} is larger than {format_size(limit)}")
    return data


def _read(place: str, limit: int) -> bytes:
    """Read at most one byte more than the limit, by which the caller sees that the file has grown."""
    descriptor = os.open(place, _OPEN_FLAGS)
    try:
        data = b""
        while (size := min(_CHUNK, limit + 1 - len(data))) and (chunk := os.read(descriptor, size)):
            data += chunk
            if len(chunk) < size:
                break  # a regular file gives less only at its end
        return data
    finally:
        os.close(descriptor)


def reason(error: OSError | ValueError) -> str:
    """An operating system's error about a file, as the end of a sentence."""
    if isinstance(error, UnicodeEncodeError):
        return f"cannot be named in this locale ({error.encoding}); set PYTHONUTF8=1, or a locale such as C.UTF-8"
    if isinstance(error, ValueError):
        return "is not a valid path on this system"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    if isinstance(error, PermissionError):
        return "cannot be read: permission denied"
    if isinstance(error, NotADirectoryError):
        return "does not exist: a part of its path is a file"
    if error.errno == errno.ELOOP:
        return "cannot be read: a symbolic link on its path leads back to itself, or may not be followed"
    return f"cannot be read: {error.strerror or error}"


def format_size(count: int) -> str:
    """A number of bytes for people."""
    return f"{count // 2**20} MiB" if count % 2**20 == 0 else f"{count} bytes"


def is_symlink(place: str) -> bool:
    """Whether a path exists and is a symbolic link."""
    try:
        return stat.S_ISLNK(os.lstat(place).st_mode)
    except OSError:
        return False


def nearest_top(folder: Path) -> Path | None:
    """The nearest folder, this one or above, that has a ``.git``; runs no git."""
    return next((place for place in (folder, *folder.parents) if _has_git(place)), None)


def _has_git(folder: Path) -> bool:
    try:
        return (folder / ".git").exists()
    except OSError:
        return False


def leaves_repository(place: Path, home: Path) -> bool:
    """Whether a path leads, through links, out of the repository of a folder; without git, out of the folder itself.

    Args:
        place: An absolute path; it need not exist.
        home: The project file's folder. The repository is found from here: a folder that a link leads to may have one
            of its own.
    """
    top = os.path.realpath(nearest_top(home) or home)
    real = Path(os.path.realpath(place))
    return not real.is_relative_to(top) or ".git" in real.relative_to(top).parts


def below(place: str, folder: str) -> str | None:
    """A path relative to a folder, with forward slashes; "" for the folder itself, None outside of it."""
    if place == folder:
        return ""
    prefix = folder.rstrip("/" + os.sep)
    inside = place.startswith(prefix) and place[len(prefix)] in ("/", os.sep)
    return place[len(prefix) + 1 :].replace(os.sep, "/") if inside else None
