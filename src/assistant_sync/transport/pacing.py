"""A budget of requests a second: whoever wants to send one waits for its turn (docs/commands.md)."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Pacer:
    """Hands out turns that are at least 1/rate seconds apart; one command has one, whatever connections it opens.

    There is no burst and no catching up: a turn that nobody took is gone. Turns are given in the order of arrival, but
    urgent ones first: a lock that waited behind a thousand reads would expire.

    Args:
        rate: Turns a second; more than 0.
        clock: Shows seconds; None for the monotonic clock.
        pause: Waits.
    """

    def __init__(
        self,
        rate: float,
        *,
        clock: Callable[[], float] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.rate = rate
        self._clock = clock or time.monotonic
        self._pause = pause
        self._next_at = float("-inf")
        self._urgent: deque[asyncio.Event] = deque()
        self._others: deque[asyncio.Event] = deque()

    async def turn(self, *, urgent: bool = False) -> None:
        """Wait for a turn and take it; whoever is cancelled takes none.

        Args:
            urgent: Whether it is given before all that are not.
        """
        queue, at_front = self._urgent if urgent else self._others, asyncio.Event()
        queue.append(at_front)
        try:
            await self._until_due(at_front)
            self._next_at = self._clock() + 1 / self.rate
        finally:
            queue.remove(at_front)
            if (front := self._front()) is not None:
                front.set()

    async def _until_due(self, mine: asyncio.Event) -> None:
        """Wait until mine stands at the front, and the next turn is due."""
        while True:
            if self._front() is not mine:
                mine.clear()
                await mine.wait()
            elif (left := self._next_at - self._clock()) > 0:
                await self._pause(left)  # an urgent one may have come to the front meanwhile
            else:
                return

    def _front(self) -> asyncio.Event | None:
        return next(iter(self._urgent or self._others), None)
