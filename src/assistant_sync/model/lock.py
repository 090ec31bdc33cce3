"""The advisory lock: one row of a deployment that an apply makes, holds and removes (docs/safety.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant_sync.model.identity import lock_id

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.values import JsonValue

LOCK_KEY = "assistant_sync_lock"
"""The metadata key that makes a row a lock; no manifest may name it."""

DEFAULT_LEASE = 60.0
"""Seconds that a lock holds from the moment it was made, unless it is renewed."""

SHORTEST_LEASE, LONGEST_LEASE = 2, 3600

_HIGHEST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One lock row.

    Attributes:
        project: Whose applies it holds off.
        generation: Counts the holders and their renewals; with the project it gives the row's id.
        holder: An id of the one apply that made it.
        lease: Seconds that it holds.
        by: Who runs that apply, for people.
        commit: What is being applied; None without git.
        made: When the server made the row, by the server's clock; None if it does not show it.
    """

    project: str
    generation: int
    holder: str
    lease: float
    by: str
    commit: str | None
    made: datetime | None = None

    @property
    def id(self) -> str:
        """The row's id."""
        return lock_id(self.project, self.holder, self.generation)

    @classmethod
    def read(cls, row: Assistant) -> Lock | None:
        """The lock that a row is; None if it is none.

        A row counts only under the id that project and generation derive: nothing else on a deployment can be made
        to look like a lock, or be hidden as one, by its metadata.
        """
        raw = row.metadata.get(LOCK_KEY)
        if not isinstance(raw, Mapping):
            return None
        project, holder, generation = raw.get("project"), raw.get("holder"), raw.get("generation")
        if not isinstance(project, str) or not isinstance(holder, str):
            return None
        if not isinstance(generation, int) or not 0 < generation <= _HIGHEST:
            return None
        if lock_id(project, holder, generation) != row.assistant_id:
            return None
        lease = raw.get("lease")
        return cls(
            project=project,
            generation=generation,
            holder=holder,
            lease=lease if isinstance(lease, int | float) and 0 < lease <= LONGEST_LEASE else DEFAULT_LEASE,
            by=_text(raw.get("by")) or "",
            commit=_text(raw.get("commit")),
            made=_time(row.created_at),
        )

    def as_json(self) -> dict[str, JsonValue]:
        """The lock as it is written into metadata."""
        return {
            "project": self.project,
            "generation": self.generation,
            "holder": self.holder,
            "lease": self.lease,
            "by": self.by,
            "commit": self.commit,
        }


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
