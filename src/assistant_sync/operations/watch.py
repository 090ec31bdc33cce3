"""Watch: which files a check was made of, and whether one of them has changed since."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from assistant_sync.errors import AssistantSyncError
from assistant_sync.manifests.project.file import find_project_file
from assistant_sync.operations.workspace import open_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from assistant_sync.operations.workspace import Settings

PAUSE = 0.5
"""Seconds between two looks at the files."""

_MOST_FILES = 20_000


def files_signature(settings: Settings, read: Iterable[Path] = ()) -> dict[Path, tuple[int, int]]:
    """Time and size of every file that a check may be made of.

    Args:
        settings: The common options.
        read: The files that the last check read.
    """
    return _stamps([*read, *_files(settings)])


def signature_of_answers(
    before: Mapping[Path, tuple[int, int]], was_read: Iterable[Path], read: Iterable[Path]
) -> dict[Path, tuple[int, int]]:
    """The signature that an edit is seen against: one that was made while the check asked counts, too.

    Args:
        before: The signature before the check.
        was_read: The files that the check before it read.
        read: The files that the check read; texts that are included may lie anywhere.
    """
    own, former = set(read), set(was_read)
    return _stamps(own - before.keys()) | {
        file: seen for file, seen in before.items() if file in own or file not in former
    }


async def files_changed(settings: Settings, read: Iterable[Path], since: Mapping[Path, tuple[int, int]]) -> None:
    """Wait until a file is another one.

    Args:
        settings: The common options.
        read: The files that the last check read.
        since: The signature that they had.
    """
    while await asyncio.to_thread(files_signature, settings, read) == since:  # noqa: ASYNC110 - files have no event
        await asyncio.sleep(PAUSE)


def _stamps(files: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    found: dict[Path, tuple[int, int]] = {}
    for file in files:
        if len(found) >= _MOST_FILES:
            break
        with suppress(OSError):
            seen = file.stat()
            found[file] = (seen.st_mtime_ns, seen.st_size)
    return found


def _files(settings: Settings) -> Iterator[Path]:
    """The project file, and what lies in the folders of manifests, overlays and checks."""
    try:
        yield settings.config or find_project_file(settings.folder)
        project, _ = open_project(settings)
    except AssistantSyncError:
        return
    overlays = [one.overlay or f"overlays/{one.name}" for one in project.targets.values()]
    for folder in dict.fromkeys((project.manifests, "checks", *overlays)):
        yield from (path for path in (project.folder / folder).rglob("*") if path.is_file())
