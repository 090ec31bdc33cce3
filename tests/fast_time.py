"""An event loop whose clock runs faster, so that a program waits only a fraction of what it means to.

Timers, ``asyncio.sleep`` and every timeout are shortened alike. What is waited for is not: a real server answers in
real time. A time-out that must not happen has to be given longer, therefore.
"""

from __future__ import annotations

import asyncio
import selectors
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _HastySelector(selectors.DefaultSelector):
    """Waits for a fraction of the time that it is asked to wait at most."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / self._speed if timeout else timeout)


class FastLoop(asyncio.SelectorEventLoop):
    """A loop on which ``speed`` seconds pass in each real one."""

    def __init__(self, speed: float) -> None:
        super().__init__(_HastySelector(speed))
        self._speed = speed

    def time(self) -> float:
        return super().time() * self._speed


class _FastPolicy(asyncio.DefaultEventLoopPolicy):
    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return FastLoop(self._speed)


@contextmanager
def fast_time(speed: float) -> Iterator[None]:
    """Let ``asyncio.run`` run on fast loops for as long as the block lasts.

    Args:
        speed: How many seconds pass in a real one.
    """
    former = asyncio.get_event_loop_policy()
    asyncio.set_event_loop_policy(_FastPolicy(speed))
    try:
        yield
    finally:
        asyncio.set_event_loop_policy(former)
