"""The archive as undelete sees it: what it has, and the newest file of an assistant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.documents.archive_reader import archive_files, may_have_key, read_archive
from assistant_sync.errors import AssistantSyncError, RepositoryError, UnknownName
from assistant_sync.model.aftermath import ArchiveEntry
from assistant_sync.model.project import DEFAULT_ARCHIVE
from assistant_sync.operations.workspace import choose_target, open_project
from assistant_sync.redaction import redact_text
from assistant_sync.repository.files import leaves_repository
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assistant_sync.documents.archive import ArchivedAssistant
    from assistant_sync.model.project import Project, Target
    from assistant_sync.operations.workspace import Settings


@dataclass(frozen=True, slots=True)
class FoundArchive:
    """A file of the archive.

    Attributes:
        place: Its path, for people: relative to the project file's folder if it lies in there.
        content: What it holds.
    """

    place: str
    content: ArchivedAssistant


def list_archive(settings: Settings, key: str | None = None) -> tuple[tuple[ArchiveEntry, ...], tuple[str, ...]]:
    """What the archive has of a target, the newest first; and why some of its files cannot be read.

    Args:
        settings: The common options.
        key: Show this assistant only; None for all.

    Raises:
        InvalidFiles, UnknownName, RepositoryError: The project file cannot be read, or has no such target.
    """
    project, _ = open_project(settings)
    target = choose_target(project, settings.target)
    entries: list[ArchiveEntry] = []
    unread: list[str] = []
    for path in _files(project, target):
        try:
            found = _read(path, project)
        except AssistantSyncError as error:
            unread.append(error.message)
            continue
        if key is None or found.content.key == key:
            entries.append(_entry(found))
    return tuple(entries), tuple(unread)


def find_archive(project: Project, target: Target, key: str | None, file: Path | None) -> FoundArchive:
    """Read the archive of an assistant: a named file, or the newest one of its key.

    Args:
        project: The project file.
        target: The deployment that is chosen; its former names count.
        key: The assistant's key.
        file: The file; None to look for it.

    Raises:
        UnknownName: There is none, or the file has another key.
        BadDocument: The newest file cannot be read.
        PlanRefused: It is another project's.
    """
    if file is not None:
        found = _read(file, project)
        if key is not None and found.content.key != key:
            message = f"{file} has the assistant '{redact_text(found.content.key)}', not '{key}'"
            raise UnknownName(message)
        return found
    files = _files(project, target)
    for path in files:
        if may_have_key(path, key or ""):
            found = _read(path, project)
            if found.content.key == key:
                return found
    message = f"the archive has no assistant with the key '{key}' of target '{target.name}'"
    raise UnknownName(message, hint=_near(key or "", files) or "'assistant-sync undelete --list' shows what it has")


def _near(key: str, files: Sequence[Path]) -> str:
    """The question about a misspelt key, from the names of the files."""
    # What follows the key: the id's five groups, or one of another text, and the time.
    known = {path.name.rsplit("-", 6)[0] for path in files}
    return did_you_mean(key, sorted(known))


def _files(project: Project, target: Target) -> list[Path]:
    folder = project.folder / (project.archive or DEFAULT_ARCHIVE)
    if leaves_repository(folder, project.folder):
        message = f"the archive {folder} leads out of the repository through a symlink; it was not read"
        raise RepositoryError(message, hint="make it a folder of the repository, or name a file with --from")
    found = archive_files(folder, (target.name, *target.formerly))
    return [path for path in found if not leaves_repository(path, project.folder)]


def _read(path: Path, project: Project) -> FoundArchive:
    content = read_archive(path, project.name, project.former_projects)
    is_inside = path.is_relative_to(project.folder)
    return FoundArchive(path.relative_to(project.folder).as_posix() if is_inside else str(path), content)


def _entry(found: FoundArchive) -> ArchiveEntry:
    content = found.content
    return ArchiveEntry(
        file=found.place,
        key=redact_text(content.key),
        assistant_id=redact_text(content.live.assistant_id),
        archived_at=redact_text(content.archived_at),
        versions=len(content.versions),
        crons=None if content.crons is None else len(content.crons),
    )
