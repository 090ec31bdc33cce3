"""Settling: looking for a write whose answer did not arrive or cannot be trusted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from assistant_sync.errors import RemoteError
from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


class PollSchedule(Frozen, frozen=True):
    """When to look for a write that may still land.

    Attributes:
        waits: Seconds before each look; a commit that outlives its connection has been seen to land within them.
        pause: How to wait.
    """

    waits: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


async def settle(look: Callable[[], Awaitable[T | None]], schedule: PollSchedule) -> T | None:
    """Look until something is seen.

    Args:
        look: Reads once; returns what shows that the write landed, or None.
        schedule: When to look.

    Returns:
        What was seen; None if nothing was, or nothing could be read.
    """
    for wait in schedule.waits:
        await schedule.pause(wait)
        try:
            seen = await look()
        except RemoteError:
            continue
        if seen is not None:
            return seen
    return None
