"""Ctrl-C at any moment: what threads do, and what keeps the event loop busy, ends soon as well."""

from __future__ import annotations

import _thread
import asyncio
import signal
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from assistant_sync.errors import Interrupted
from assistant_sync.model.progress import silent, watched_by

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import FrameType

    from assistant_sync.model.progress import Listener, Progress

T = TypeVar("T")

_TO_REACT = 0.2
"""Seconds that the event loop has after Ctrl-C, before what it is busy with is interrupted."""


def run(main: Coroutine[Any, Any, T], listener: Listener = silent) -> T:
    """Run a command's coroutine as ``asyncio.run`` does, and let Ctrl-C end it within a second.

    ``asyncio.run`` cancels the coroutine, but then waits for its threads, and can cancel nothing while a long
    computation keeps the event loop from running. Here threads end at the next step of ``in_steps``, and such a
    computation by KeyboardInterrupt. A command that handles Ctrl-C itself, as from its first write on, is left alone.

    Args:
        main: The coroutine.
        listener: Gets what threads report.

    Raises:
        KeyboardInterrupt: Ctrl-C ended it.
    """
    watch = _Watch(listener)
    # Otherwise asyncio.run has no handler of its own that could be helped.
    is_usual = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    with watched_by(watch):
        return asyncio.run(_guarded(main, watch) if is_usual else main)


class _Watch:
    """Passes progress on until the work is to end, which it then does by raising."""

    def __init__(self, listener: Listener) -> None:
        self.is_interrupted = False
        self._listener = listener

    def __call__(self, event: Progress) -> None:
        if self.is_interrupted:
            raise Interrupted("interrupted; nothing was written")
        self._listener(event)


async def _guarded(main: Coroutine[Any, Any, T], watch: _Watch) -> T:
    before = signal.getsignal(signal.SIGINT)
    assert callable(before)  # noqa: S101 - asyncio.run has just set it
    guard = _Guard(before, watch, asyncio.get_running_loop())
    signal.signal(signal.SIGINT, guard.handle)
    try:
        return await main
    finally:
        guard.end()
        if signal.getsignal(signal.SIGINT) == guard.handle:
            signal.signal(signal.SIGINT, before)


class _Guard:
    """Repeats Ctrl-C if the event loop does not react to the first one.

    Args:
        before: The handler of ``asyncio.run``: it cancels the first time and raises the second time.
        watch: Ends the threads.
        loop: The event loop.
    """

    def __init__(
        self, before: Callable[[int, FrameType | None], Any], watch: _Watch, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._before = before
        self._watch = watch
        self._loop = loop
        self._reacted = threading.Event()
        # A handler may interrupt any line of the main thread. It must not take a lock that this thread may hold, as
        # starting a thread does; releasing one takes none.
        self._called = threading.Lock()
        self._called.acquire()
        threading.Thread(target=self._repeat_unless_reacted, daemon=True).start()

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Handle Ctrl-C."""
        if not self._watch.is_interrupted:
            self._watch.is_interrupted = True
            self._loop.call_soon_threadsafe(self._reacted.set)
            self._called.release()
        self._before(number, frame)

    def end(self) -> None:
        """End the thread."""
        self._reacted.set()
        if not self._watch.is_interrupted:
            self._called.release()

    def _repeat_unless_reacted(self) -> None:
        self._called.acquire()
        if not self._reacted.wait(_TO_REACT):
            _thread.interrupt_main()
