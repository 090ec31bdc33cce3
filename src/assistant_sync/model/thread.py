"""Threads of the deployment, as far as assistant-sync looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject


class Thread(Frozen, frozen=True, kw_only=True):
    """One thread.

    Attributes:
        thread_id: Its id.
        metadata: As the server keeps it.
        created_at: When the server made it, by its own clock; None if it does not show it.
    """

    thread_id: str
    metadata: JsonObject
    created_at: str | None = None


class ThreadCounts(Frozen, frozen=True):
    """The threads of one assistant, in numbers that may change at any moment.

    Attributes:
        total: Those that it ran on last.
        busy: Those of them with a run that waits or is in progress; None if that is unknown.
    """

    total: int
    busy: int | None
