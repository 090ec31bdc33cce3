"""The archive: a deleted assistant with its versions and crons, kept in the user's repository."""

from __future__ import annotations

import hashlib
import json
import string
from typing import TYPE_CHECKING
from uuid import UUID

from assistant_sync.documents.atomic import write_atomically
from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.cron import Cron
    from assistant_sync.model.values import JsonValue

_FORMAT = "1.0"

KIND = "archived-assistant"
"""What a document must name to be one."""

_LONGEST = 100
"""Characters of the key in a file's name, each of one byte; a hand-made stamp may hold any text."""

_PLAIN = frozenset(string.ascii_letters + string.digits + "._-")


class ArchivedAssistant(Frozen, frozen=True, kw_only=True):
    """A deleted assistant with all its versions.

    Attributes:
        project: The owner.
        target: The target's name; each has a folder of its own.
        key: The manifest's key.
        archived_at: ISO 8601 in UTC; part of the file's name, so that nothing is overwritten.
        live: The live row.
        versions: All its versions.
        crons: Its crons, which the server deletes with it; None if they could not be read.
    """

    project: str
    target: str
    key: str
    archived_at: str
    live: Assistant
    versions: Sequence[Assistant]
    crons: Sequence[Cron] | None = ()

    @property
    def file(self) -> str:
        """The file's path below the archive's folder."""
        stamp = self.archived_at.replace(":", "").replace("-", "")
        return f"{self.target}/{name_of_key(self.key)}-{_id_in_a_name(self.live.assistant_id)}-{stamp}.json"

    def as_json(self) -> dict[str, JsonValue]:
        """The document."""
        return {
            "format_version": _FORMAT,
            "kind": KIND,
            "project": self.project,
            "target": self.target,
            "key": self.key,
            "archived_at": self.archived_at,
            "assistant": _row(self.live),
            "versions": [_row(version) for version in self.versions],
            "crons": None if self.crons is None else [cron.row for cron in self.crons],
        }


def name_of_key(key: str) -> str:
    """A key as a part of a file's name.

    It comes from the server: it may not lead out of the folder, or be longer than a name may be.
    """
    return "".join(char if char in _PLAIN else "_" for char in key).lstrip(".")[:_LONGEST] or "assistant"


def write_archive(folder: Path, archived: ArchivedAssistant) -> Path:
    """Keep an assistant.

    Args:
        folder: The archive's folder.
        archived: What to keep.

    Returns:
        The file.

    Raises:
        RepositoryError: It cannot be written.
    """
    path = folder / archived.file
    write_atomically(path, json.dumps(archived.as_json(), indent=2) + "\n", make_folder=True)
    return path


def _id_in_a_name(assistant_id: str) -> str:
    """An id as a part of a file's name: UUIDs as they are, of any other text its digest."""
    try:
        return str(UUID(assistant_id))
    except ValueError:
        return hashlib.sha256(assistant_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _row(row: Assistant) -> dict[str, JsonValue]:
    return {
        "assistant_id": row.assistant_id,
        "graph_id": row.graph_id,
        "name": row.name,
        "description": row.description,
        "context": row.context,
        "config": row.config,
        "metadata": row.metadata,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
