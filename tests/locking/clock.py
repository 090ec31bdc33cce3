"""Time that passes only where somebody waits for it, and then at once."""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Executor

    import pytest

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_START = 512.0
_LONGEST = 100_000.0


class Clock:
    """The clocks of a program: that of its event loop, the monotonic one and the wall's.

    Args:
        monkeypatch: Takes the clocks back in the end.
        start: What the wall's clock shows, in seconds.

    Attributes:
        now: What the monotonic clock shows; nothing says where that starts.
        listeners: Are told of seconds that pass.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: float) -> None:
        self.now = _START
        self.listeners: list[Callable[[float], object]] = []
        self._asleep = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "time", lambda: start + self.passed + self._asleep)

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return self.now - _START

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a program to its end."""
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(main)

    def elapse(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        assert self.passed < _LONGEST, "it waits for ever"
        for listener in self.listeners:
            listener(seconds)

    def sleep(self, seconds: float) -> None:
        """Let the machine sleep: only the wall's clock goes on."""
        self._asleep += seconds
        for listener in self.listeners:
            listener(seconds)


class _Selector(selectors.DefaultSelector):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "it waits for what never comes"
            self._clock.elapse(timeout)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        super().__init__(_Selector(clock))
        self._clock = clock

    def time(self) -> float:
        return self._clock.now

    def run_in_executor(
        self,
        executor: Executor | None,  # noqa: ARG002 - asyncio's signature
        func: Callable[[Unpack[Ts]], T],
        *args: *Ts,
    ) -> asyncio.Future[T]:
        """Call at once: the selector would let time pass while a thread works."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - the one who awaits it gets it, whatever it is
            future.set_exception(error)
        return future
