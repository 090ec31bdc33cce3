"""How long a phase will still take, from how long its steps have taken so far."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.progress import Progress

_MINUTE = 60


class Estimate:
    """Follows one phase after the other.

    A phase begins again if its total changes or its steps go back: a listing is followed by single reads.
    """

    def __init__(self) -> None:
        self._last: Progress | None = None
        self._first_done = 0
        self._began = 0.0

    def restarts(self, event: Progress) -> bool:
        """Take an event; return whether a phase begins with it."""
        last, self._last = self._last, event
        begins = last is None or (last.phase, last.total) != (event.phase, event.total) or event.done < last.done
        if begins:
            self._first_done, self._began = event.done, time.monotonic()
        return begins

    def left(self) -> float | None:
        """The seconds that the phase will still take; None if nothing is known of that."""
        event = self._last
        if event is None or event.total is None or event.done <= self._first_done:
            return None
        passed = time.monotonic() - self._began
        return passed * max(event.total - event.done, 0) / (event.done - self._first_done)


def line(event: Progress, left: float | None) -> str:
    """An event as a line of text, with the seconds that its phase will still take."""
    if event.total is None and not event.done:
        return event.phase
    of = "" if event.total is None else f" of {event.total}"
    return f"{event.phase}: {event.done}{of}" + ("" if left is None else f", about {_rounded(left)} left")


def _rounded(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 2 * _MINUTE else f"{seconds / _MINUTE:.0f} min"
