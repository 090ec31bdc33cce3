"""The advisory lock: a thread of the deployment that an apply makes, holds and removes (docs/safety.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant_sync.model.frozen import Frozen, replace
from assistant_sync.model.identity import lock_id

if TYPE_CHECKING:
    from assistant_sync.model.thread import Thread
    from assistant_sync.model.values import JsonObject, JsonValue

LOCK_KEY = "assistant_sync_lock"
"""The metadata key that makes a thread a lock; no manifest may name it."""

DEFAULT_LEASE = 60.0
"""Seconds that a lock holds from the moment it was made, unless it is renewed."""

SHORTEST_LEASE, LONGEST_LEASE = 2, 3600

DEFAULT_LOCK_TIMEOUT = 300.0
"""Seconds to wait for somebody else's lock; longer than the lease that a killed apply leaves behind."""

_HIGHEST = 10**9

_ADDED_BY_AEGRA = frozenset({"thread_name", "graph_id", "assistant_id"})


class Lock(Frozen, frozen=True, kw_only=True):
    """One lock row.

    Attributes:
        project: Whose applies it holds off.
        generation: Counts the holders and their renewals; with the project it gives the row's id.
        holder: An id of the one apply that made it.
        lease: Seconds that it holds.
        by: Who runs that apply, for people.
        commit: What is being applied; None without git.
        made: When the server made the row, by the server's clock; None if it does not show it.
        marks: The metadata keys that the server added to the row: it keeps threads apart by user.
    """

    project: str
    generation: int
    holder: str
    lease: float
    by: str
    commit: str | None
    made: datetime | None = None
    marks: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The row's id."""
        return lock_id(self.project, self.holder, self.generation)

    @classmethod
    def read(cls, thread: Thread) -> Lock | None:
        """The lock that a thread is; None if it is none."""
        lock = cls.of_row(thread.thread_id, thread.metadata)
        if lock is None:
            return None
        return replace(lock, made=_time(thread.created_at), marks=added_keys(thread, {LOCK_KEY}))

    @classmethod
    def of_row(cls, row_id: str, metadata: JsonObject) -> Lock | None:
        """The lock that is kept under an id with this metadata; None if there is none.

        It counts only under the id that project, holder and generation derive: nothing else on a deployment can be
        made to look like a lock by its metadata.
        """
        raw = metadata.get(LOCK_KEY)
        if not isinstance(raw, Mapping):
            return None
        project, holder, generation = raw.get("project"), raw.get("holder"), raw.get("generation")
        if not isinstance(project, str) or not isinstance(holder, str):
            return None
        if not isinstance(generation, int) or not 0 < generation <= _HIGHEST:
            return None
        if lock_id(project, holder, generation) != row_id:
            return None
        lease = raw.get("lease")
        return cls(
            project=project,
            generation=generation,
            holder=holder,
            lease=lease if isinstance(lease, int | float) and 0 < lease <= LONGEST_LEASE else DEFAULT_LEASE,
            by=_text(raw.get("by")) or "",
            commit=_text(raw.get("commit")),
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


def added_keys(thread: Thread, sent: Collection[str]) -> tuple[str, ...]:
    """The metadata keys that a server added to a thread of ours, sorted.

    An authorisation handler that keeps threads apart marks each with its user; Aegra's own three keys say nothing.
    """
    return tuple(sorted(thread.metadata.keys() - set(sent) - _ADDED_BY_AEGRA))


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
