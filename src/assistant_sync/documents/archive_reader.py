"""Reading the archive: which files it has of an assistant, and what they hold; all of it is untrusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant_sync.documents.archive import KIND, ArchivedAssistant, name_of_key
from assistant_sync.documents.json_file import read_json
from assistant_sync.errors import BadDocument, PlanRefused
from assistant_sync.model.assistant import Assistant
from assistant_sync.model.cron import Cron

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from assistant_sync.model.values import JsonValue

_MOST_LEVELS = 110
"""Of nesting: a little more than manifests may have."""

_MAJOR = "1."
_ID_AND_TIME = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f-]{36})-([0-9A-Za-z.+]{1,64})\.json")
"""The end of a file's name; the time is written so that names sort by it."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    assistant_id: str = Field(min_length=1, max_length=200)
    graph_id: str = Field(min_length=1)
    name: str
    description: str
    context: dict[str, Any]
    config: dict[str, Any]
    metadata: dict[str, Any]
    version: int = Field(ge=1)
    created_at: str | None = None
    updated_at: str | None = None

    def as_assistant(self) -> Assistant:
        return Assistant(**self.model_dump())


class _CronRow(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    cron_id: str
    schedule: str


class _Archive(BaseModel):
    # A newer minor version may add fields.
    model_config = ConfigDict(extra="ignore", strict=True)

    project: str
    target: str
    key: str = Field(min_length=1)
    archived_at: str
    assistant: _Row
    versions: list[_Row]
    crons: list[_CronRow] | None = None


def archive_files(folder: Path, targets: Iterable[str]) -> list[Path]:
    """The archive's files of some targets, the newest first; none if it has no such folder.

    Args:
        folder: The archive's folder.
        targets: The names of the targets; each has a folder of its own.

    Raises:
        BadDocument: A folder cannot be listed.
    """
    try:
        found = [
            path for target in targets for path in (folder / target).glob("*.json") if not path.name.startswith(".")
        ]
    except OSError as error:
        message = f"{folder}: cannot be listed: {error.strerror or error}"
        raise BadDocument(message) from error
    return sorted(found, key=lambda path: (path.stem.rpartition("-")[2], path.name), reverse=True)


def may_have_key(path: Path, key: str) -> bool:
    """Whether a file may be the archive of an assistant with a key, by its name."""
    prefix = f"{name_of_key(key)}-"
    return path.name.startswith(prefix) and _ID_AND_TIME.fullmatch(path.name[len(prefix) :]) is not None


def read_archive(path: Path, project: str, former_projects: Collection[str] = ()) -> ArchivedAssistant:
    """Read an archived assistant.

    Args:
        path: The file.
        project: Whose it must be.
        former_projects: The names that the project had before.

    Raises:
        BadDocument: It is missing, too large, damaged, no archive of an assistant, or of a newer format.
        PlanRefused: It is another project's.
    """
    document = read_json(path, "file of the archive")
    if _is_deep(document):
        message = f"{path}: is nested more than {_MOST_LEVELS} levels deep"
        raise BadDocument(message)
    version = document.get("format_version")
    if document.get("kind") != KIND or not isinstance(version, str) or not version.startswith(_MAJOR):
        message = f"{path}: is not an archived assistant that this version reads: kind is not {KIND}, or not format 1.x"
        raise BadDocument(message)
    try:
        archive = _Archive.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        message = f"{path}: is not an archived assistant: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise BadDocument(message) from error
    if archive.project not in (project, *former_projects):
        message = f"{path}: is an archive of another project, and not of '{project}'"
        raise PlanRefused(message)
    crons = None if archive.crons is None else tuple(_cron(row) for row in archive.crons)
    return ArchivedAssistant(
        project=archive.project,
        target=archive.target,
        key=archive.key,
        archived_at=archive.archived_at,
        live=archive.assistant.as_assistant(),
        versions=tuple(row.as_assistant() for row in archive.versions),
        crons=crons,
    )


def _is_deep(document: JsonValue) -> bool:
    """Whether a document is nested deeper than what servers answer and manifests hold; not by recursion."""
    level: list[JsonValue] = [document]
    for _ in range(_MOST_LEVELS):
        level = [inner for one in level if isinstance(one, Mapping | list) for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: JsonValue) -> Iterable[JsonValue]:
    return value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()


def _cron(row: _CronRow) -> Cron:
    return Cron(cron_id=row.cron_id, schedule=row.schedule, row=row.model_dump())
