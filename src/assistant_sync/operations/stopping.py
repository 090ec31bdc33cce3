"""Ending what keeps the event loop busy after the first write of a lock, and before that of an assistant."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from assistant_sync.errors import Interrupted
from assistant_sync.model.progress import watched_also_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from assistant_sync.model.progress import Progress


@contextmanager
def ended_if(is_stopping: Callable[[], bool]) -> Iterator[None]:
    """Let a stop end what is done here at its next step; only where nothing is written.

    Args:
        is_stopping: Whether the stop has come, also if the event loop does not know it yet.

    Raises:
        Interrupted: It has.
    """

    def end(_: Progress) -> None:
        if is_stopping():
            raise Interrupted("interrupted; nothing was written")

    with watched_also_by(end):
        yield
