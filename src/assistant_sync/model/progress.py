"""Progress events: what a long operation reports while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias, TypeVar

from assistant_sync.model.frozen import Frozen

T = TypeVar("T")


class Progress(Frozen, frozen=True):
    """One step of a long operation.

    Attributes:
        phase: What is going on, such as ``reading`` or ``applying``.
        done: Steps done so far.
        total: Steps in all; None if it is not known.
        detail: What was just done.
    """

    phase: str
    done: int
    total: int | None
    detail: str = ""


Listener: TypeAlias = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Listen to nothing."""


EVERY = 50
"""Items between two reports of ``in_steps``: they cost nothing that can be measured, and files take a moment."""

_watcher: ContextVar[Listener] = ContextVar("watcher", default=silent)


@contextmanager
def watched_by(listener: Listener) -> Iterator[None]:
    """Let a listener follow what is done here and in the threads that this starts by ``asyncio.to_thread``.

    It may raise an exception, which ends the work: a thread cannot be stopped in another way.
    """
    token = _watcher.set(listener)
    try:
        yield
    finally:
        _watcher.reset(token)


@contextmanager
def watched_also_by(listener: Listener) -> Iterator[None]:
    """As ``watched_by``, but whoever watches already goes on; this listener hears of each step first."""
    outer = _watcher.get()

    def both(event: Progress) -> None:
        listener(event)
        outer(event)

    with watched_by(both):
        yield


def begin(phase: str) -> None:
    """Report that a phase begins whose steps nobody counts."""
    _watcher.get()(Progress(phase, 0, None))


def in_steps(phase: str, items: Sequence[T]) -> Iterator[T]:
    """The items; whoever watches hears from time to time how far this is.

    Args:
        phase: What is done with them.
        items: All of them.
    """
    report, total = _watcher.get(), len(items)
    for start in range(0, total, EVERY):
        report(Progress(phase, start, total))
        yield from items[start : start + EVERY]
    report(Progress(phase, total, total))
