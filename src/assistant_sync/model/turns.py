"""Long computations in turns, so that one thread can do them while it waits for answers.

A second thread would be no help: each answer that arrives would wait for the interpreter's lock, over and over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Turns: TypeAlias = Generator[None, None, T]
"""A computation that stops after each small part of it, and returns its result."""

_TURN = 0.001
"""Seconds between two looks at what has arrived: a deployment waits until a page is taken that fills its buffers."""

_LOOKS = 2
"""Looks for each turn: a page arrives in some sixty parts, and the next one is asked for only when it is complete."""

_MOST_LOOKS = 100
"""Looks at a time."""


def at_once(turns: Turns[T]) -> T:
    """Compute without a pause, and return the result."""
    while True:
        try:
            next(turns)
        except StopIteration as done:
            result: T = done.value
            return result


async def in_turns(turns: Turns[T]) -> T:
    """Compute, and let other tasks of the event loop go on in between; return the result."""
    while True:
        begin = now = time.perf_counter()
        try:
            while now < begin + _TURN:
                next(turns)
                now = time.perf_counter()
        except StopIteration as done:
            result: T = done.value
            return result
        # After a part that was not small, what has arrived meanwhile is more than a few looks take.
        for _ in range(min(int(_LOOKS * (now - begin) / _TURN), _MOST_LOOKS)):
            await asyncio.sleep(0)
