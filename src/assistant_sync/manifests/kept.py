"""Parsed files, kept in the user's cache folder so that the next plan need not parse them again.

An entry is found by the SHA-256 of a file's bytes, and is used only if the checksum of all entries holds and this very
parser made them. Whoever can write the folder could forge entries; so can they the files themselves, and ``apply``
never reads it (docs/performance.md).
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Self

import msgspec

from assistant_sync import __version__
from assistant_sync.manifests.yaml12.parser import Document  # noqa: TC001 - msgspec reads the annotation

_FORMAT = 3
_MOST_BYTES = 256 * 2**20
"""Of a cache file that is read, about 100,000 manifests."""

_LARGEST = 2**18
"""Bytes of an entry: what is larger is rare, and takes long to parse in any form."""

_FOLDER_MODE = 0o700

_HEAD = 65
"""Bytes of the file's first line, the checksum of all that follows."""

_logger = logging.getLogger(__name__)


class ParsedFile(msgspec.Struct, frozen=True, array_like=True):
    """A YAML file as it is parsed.

    Attributes:
        documents: All of them.
        may_include: Whether its text may hold an include; false is certain.
        is_clean: Whether no value needs a closer look; false says nothing.
    """

    documents: list[Document]
    may_include: bool
    is_clean: bool


class _KeptFiles(msgspec.Struct):
    made_by: str
    files: dict[str, ParsedFile]


_WHOLE = msgspec.json.Decoder(_KeptFiles)


class KeptDocuments:
    """The parsed files of one project.

    Args:
        place: The cache file; it need not exist.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._found = _read(place)
        self._used: dict[str, ParsedFile | msgspec.Raw] = {}
        self._has_new = False

    @classmethod
    def open(cls, project_file: Path) -> Self | None:
        """Open what is kept of a project; None if there is no folder for it that is the user's alone.

        Args:
            project_file: Names the project, absolute.
        """
        folder = _folder()
        if folder is None:
            return None
        name = hashlib.sha256(os.fsencode(project_file)).hexdigest()[:32]
        return cls(folder / f"{name}.json")

    def get(self, data: bytes) -> ParsedFile | None:
        """What the bytes of a file were parsed to; None if that is not known."""
        key = _sum(data)
        found = self._found.get(key)
        if found is not None:
            self._used[key] = found
        return found

    def put(self, data: bytes, parsed: ParsedFile) -> None:
        """Keep what the bytes of a file were parsed to, unless JSON cannot hold it."""
        if any(one.has_odd_number or one.repeated or one.placeholders for one in parsed.documents):
            return
        try:
            raw = msgspec.json.encode(parsed)
        except (ValueError, TypeError, RecursionError):  # an unpaired surrogate, most likely
            return
        if len(raw) <= _LARGEST:
            self._used[_sum(data)] = msgspec.Raw(raw)
            self._has_new = True

    def save(self) -> None:
        """Write what was used, if anything is new; without success the next plan parses again."""
        if not self._has_new:
            return
        data = msgspec.json.encode({"made_by": _made_by(), "files": self._used})
        try:
            _write(self._place, _sum(data).encode() + b"\n" + data)
        except OSError as error:
            _logger.debug("parsed manifests are not kept: %s", error)


def _sum(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def _folder() -> Path | None:
    """The folder for cache files: made if need be, and nobody else's."""
    import platformdirs

    folder = platformdirs.user_cache_path("assistant-sync", appauthor=False) / "parsed"
    if not folder.is_absolute():
        return None
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        _logger.debug("parsed manifests are not kept: %s", error)
        return None
    is_ours = not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)
    return folder if stat.S_ISDIR(status.st_mode) and is_ours else None


def _read(place: Path) -> dict[str, ParsedFile]:
    try:
        data = place.read_bytes() if place.stat().st_size <= _MOST_BYTES else b""
        body = memoryview(data)[_HEAD:]
        if data[:_HEAD] != _sum(body).encode() + b"\n":
            return {}
        kept = _WHOLE.decode(body)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return kept.files if kept.made_by == _made_by() else {}


def _write(place: Path, data: bytes) -> None:
    """Write a whole file or none; readable by its owner alone."""
    descriptor, name = tempfile.mkstemp(prefix=".new-", dir=place.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, place)  # noqa: PTH105 - as it was made
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - as it was made
        raise


@cache
def _made_by() -> str:
    """What made the entries: the version, and the very text of the parser and of the look at what it finds."""
    here = Path(__file__).parent
    sources = sorted([*(here / "yaml12").glob("*.py"), here / "rules/quick_look.py", here / "limits.py"])
    text = b"\0".join(path.read_bytes() for path in sources)
    versions: list[Any] = [_FORMAT, __version__, sys.version_info[:2], msgspec.__version__]
    return f"{versions} {hashlib.sha256(text).hexdigest()}"
