"""Settling: what became of a write whose answer did not arrive or cannot be trusted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from assistant_sync.applying.outcomes import unconfirmed
from assistant_sync.errors import RemoteError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assistant_sync.applying.write import Writing
    from assistant_sync.model.change import Write
    from assistant_sync.model.outcome import Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a write that may still land is looked for.

    Attributes:
        waits: Seconds before each look; a commit that outlives its connection has been seen to land within them.
        pause: How to wait.
    """

    waits: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


async def settle(look: Callable[[], Awaitable[T | None]], patience: Patience) -> T | None:
    """Look until something is seen.

    Args:
        look: Reads once; returns what tells that the write landed, or None.
        patience: When to look.

    Returns:
        What was seen; None where nothing was, or nothing could be read.
    """
    for wait in patience.waits:
        await patience.pause(wait)
        try:
            seen = await look()
        except RemoteError:
            continue
        if seen is not None:
            return seen
    return None


async def settled(
    change: Write,
    error: RemoteError,
    *,
    look: Callable[[], Awaitable[T | None]],
    conclude: Callable[[T], Awaitable[Outcome]],
    writing: Writing,
) -> Outcome:
    """The outcome of a write in doubt.

    Args:
        change: What was written.
        error: How the write ended.
        look: As for ``settle``.
        conclude: Makes the outcome of what was seen.
        writing: What is still in doubt in the end is remembered there for one last look.
    """
    seen = await settle(look, writing.patience)
    return in_doubt(change, error, look, conclude, writing) if seen is None else await conclude(seen)


def in_doubt(
    change: Write,
    error: RemoteError,
    look: Callable[[], Awaitable[T | None]],
    conclude: Callable[[T], Awaitable[Outcome]],
    writing: Writing,
) -> Outcome:
    """The outcome of a write that was not seen to land; it is remembered for one last look."""

    async def last_look() -> Outcome | None:
        seen = await look()
        return None if seen is None else await conclude(seen)

    writing.in_doubt[change.assistant_id] = last_look
    return unconfirmed(change, error)
