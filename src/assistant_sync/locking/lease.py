"""Who holds a lock, judged by the server's own times alone; pure (docs/decisions/0006-the-lock.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.lock import Lock


RENEWALS = 3
"""In one lease: two may fail before it runs out."""

_REQUESTS = 3
"""Of one renewal: make a row, list the rows, remove the former one."""


def time_to_renew(lease: float) -> float:
    """The seconds that one renewal may take."""
    return lease / (2 * RENEWALS)


def lowest_rate(lease: float) -> float:
    """The requests a second below which a lock cannot be kept, although its requests go before all others.

    The first request of a renewal waits until the turn before it is over, the others for one turn each. That may take
    half of the time that a renewal has; the other half is left to the answers.
    """
    return _REQUESTS / (time_to_renew(lease) / 2)


def left_when_made(lock: Lock, newer: Lock) -> float:
    """The seconds that a lock still held when the server made another one; 0 or less if it was over.

    Both times are the server's, so no clock of ours counts. A server that shows no times leaves the whole lease:
    what cannot be judged is respected.
    """
    if lock.made is None or newer.made is None:
        return lock.lease
    return lock.lease - (newer.made - lock.made).total_seconds()


def rivals(locks: Iterable[Lock], mine: Lock) -> tuple[Lock, ...]:
    """The locks of others that still held when mine was made, whatever their generation.

    Two that try at the same moment both find each other here unless one looked before the other's was made, and then
    the other finds it: at least one gives way.
    """
    return tuple(lock for lock in locks if lock.holder != mine.holder and left_when_made(lock, mine) > 0)


def is_among(locks: Iterable[Lock], mine: Lock) -> bool:
    """Whether a listing shows my lock."""
    return any((lock.id, lock.holder) == (mine.id, mine.holder) for lock in locks)
