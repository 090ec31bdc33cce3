"""Ambiguous answers: the outcome of a write that may or may not have landed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from assistant_sync.applying.context import Attempt
from assistant_sync.applying.outcomes import unconfirmed
from assistant_sync.live.settling import settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assistant_sync.errors import RemoteError
    from assistant_sync.live.settling import PollSchedule
    from assistant_sync.model.change import Write
    from assistant_sync.model.outcome import Outcome

T = TypeVar("T")


async def resolve(
    change: Write,
    error: RemoteError,
    *,
    look: Callable[[], Awaitable[T | None]],
    conclude: Callable[[T], Awaitable[Outcome]],
    schedule: PollSchedule,
) -> Attempt:
    """Look for a write for a while; what is not seen stays in doubt.

    Args:
        change: What was written.
        error: How the write ended.
        look: As for ``settle``.
        conclude: Makes the outcome of what was seen.
        schedule: When to look.
    """
    seen = await settle(look, schedule)
    return in_doubt(change, error, look, conclude) if seen is None else Attempt(await conclude(seen))


def in_doubt(
    change: Write,
    error: RemoteError,
    look: Callable[[], Awaitable[T | None]],
    conclude: Callable[[T], Awaitable[Outcome]],
) -> Attempt:
    """The attempt of a write that was not seen to land."""

    async def last_look() -> Outcome | None:
        seen = await look()
        return None if seen is None else await conclude(seen)

    return Attempt(unconfirmed(change, error), last_look)
