"""Ctrl-C and SIGTERM: what runs is ended in good order the first time, and at once the second time."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from assistant_sync.cli.output import print_status
from assistant_sync.cli.run_state import AT_THE_END, run_state
from assistant_sync.errors import Terminated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from types import FrameType

    from assistant_sync.cli.output import Display

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def handlers_kept(beyond: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Give the signals back as they were: a loop that closes leaves the system's own handlers.

    Args:
        beyond: Asked at the end, whether they are given back only when the program ends.
    """
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def give_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    try:
        yield
    finally:
        if beyond():
            run_state()[AT_THE_END] = give_back
        else:
            give_back()


class StopSignals:
    """Ctrl-C and SIGTERM while something must not be cut off: the first one asks it to stop, the second one aborts.

    The handlers are the interpreter's, not the event loop's: they act while the loop is busy, and are still there when
    it has closed, so that no signal ends the program before it has reported what it did.

    Args:
        react: Called in the event loop, with the first signal.
    """

    def __init__(self, react: Callable[[signal.Signals], None]) -> None:
        self._react = react
        self._first: signal.Signals | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def has_come(self) -> bool:
        """Whether one of them has come, if only a moment ago."""
        return self._first is not None

    def begin(self) -> None:
        """Handle them from here on."""
        self._loop = asyncio.get_running_loop()
        if not self.has_come:
            for number in SIGNALS:
                signal.signal(number, self._handle)

    def _handle(self, number: int, _: FrameType | None) -> None:
        self._first = signal.Signals(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # When the loop has closed there is nothing left to stop, and the report is on its way.
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._react, self._first)


class AskingUI:
    """Lets Ctrl-C and SIGTERM end the questions in good order: what is running is cancelled, its threads deleted.

    Args:
        display: Shows progress.
    """

    def __init__(self, display: Display) -> None:
        self.stop = asyncio.Event()
        self.is_terminated = False
        self._display = display

    def begin_asking(self) -> None:
        """From here on an interruption cancels what is running and cleans up."""
        loop = asyncio.get_running_loop()

        def end(number: signal.Signals) -> None:
            self.is_terminated = number is signal.SIGTERM
            self.stop.set()
            self._display.clear()
            print_status("Interrupted: cancelling what is running. Once more aborts, and leaves it to the next check.")
            for one in SIGNALS:
                loop.remove_signal_handler(one)

        for number in SIGNALS:
            loop.add_signal_handler(number, end, number)


async def ending_on_sigterm(work: Awaitable[T]) -> T:
    """Let SIGTERM cancel what is awaited, as Ctrl-C does, so that it can clean up.

    Raises:
        Terminated: SIGTERM ended it.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    terminated = asyncio.Event()

    def end() -> None:
        terminated.set()
        if task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGTERM, end)
    try:
        return await work
    except asyncio.CancelledError:
        if terminated.is_set():
            raise Terminated("terminated; nothing was written") from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
