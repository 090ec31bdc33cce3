"""The stamp: the one metadata key by which assistant-sync knows its own writes (docs/safety.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue

STAMP_KEY = "assistant_sync"
"""The metadata key that holds the stamp; no manifest may name it."""


class Stamp(Frozen, frozen=True):
    """What each write leaves on the assistant.

    Attributes:
        project: The owner.
        target: The target's name when it was written.
        key: The manifest's key.
        id: The assistant's own id; another one shows that the stamp came with a copy.
        digest: Of the canonical content, with its prefix; None if it is missing or unreadable.
        write: A fresh id for each write.
        version: The version number that the write expected to make; a hint.
        commit: The commit applied, ``-dirty`` appended if manifests were uncommitted; None without git.
        source: The manifest's path in the repository.
        metadata_keys: The metadata keys that the manifest owned.
        rollback: The version whose content a rollback brought back on purpose; None for every other write.
        prevent_delete: Whether the manifest had ``lifecycle.prevent_delete``; written only if it had.
    """

    project: str
    target: str
    key: str
    id: str
    digest: str | None
    write: str | None
    version: int | None
    commit: str | None
    source: str | None
    metadata_keys: tuple[str, ...]
    rollback: int | None = None
    prevent_delete: bool = False

    @classmethod
    def read(cls, metadata: JsonObject) -> Stamp | None:
        """Read the stamp of a row; None if there is none that names project, key and id.

        Other members may be missing or of another type: a hand edit must not hide an owner.
        """
        raw = metadata.get(STAMP_KEY)
        if not isinstance(raw, (dict, Mapping)):
            return None
        project, key, own_id = raw.get("project"), raw.get("key"), raw.get("id")
        if not (isinstance(project, str) and isinstance(key, str) and isinstance(own_id, str)):
            return None
        get, keys, rollback = raw.get, raw.get("metadata_keys"), raw.get("rollback")
        target, digest, write, commit, source = [
            value if isinstance(value, str) else None
            for value in (get("target"), get("digest"), get("write"), get("commit"), get("source"))
        ]
        return cls(
            project=project,
            target=target or "",
            key=key,
            id=own_id,
            digest=digest,
            write=write,
            version=_number(get("version")),
            commit=commit,
            source=source,
            metadata_keys=tuple([k for k in keys if isinstance(k, str)]) if keys and isinstance(keys, list) else (),
            rollback=_number(rollback.get("to")) if rollback and isinstance(rollback, Mapping) else None,
            prevent_delete=bool(raw.get("prevent_delete")),  # a hand edit of its type must not open the way to a delete
        )

    def as_json(self) -> dict[str, JsonValue]:
        """The stamp as it is written into metadata."""
        members: dict[str, JsonValue] = {
            "project": self.project,
            "target": self.target,
            "key": self.key,
            "id": self.id,
            "digest": self.digest,
            "write": self.write,
            "version": self.version,
            "commit": self.commit,
            "source": self.source,
            "metadata_keys": list(self.metadata_keys),
            **({"prevent_delete": True} if self.prevent_delete else {}),
        }
        return members if self.rollback is None else {**members, "rollback": {"to": self.rollback}}


def _number(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
