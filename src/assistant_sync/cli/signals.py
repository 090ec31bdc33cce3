"""Ctrl-C and SIGTERM: what runs is ended in good order the first time, and at once the second time."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from assistant_sync.cli.output import print_status
from assistant_sync.errors import Terminated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from assistant_sync.cli.output import Display

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Give the signals back as they were: a loop that closes leaves the system's own handlers."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
