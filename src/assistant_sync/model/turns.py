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
        end = time.perf_counter() + _TURN
        try:
            while time.perf_counter() < end:
                next(turns)
        except StopIteration as done:
            result: T = done.value
            return result
        await asyncio.sleep(0)
