from __future__ import annotations

import asyncio
import signal
import socket
import time

import anyio
import pytest

from tests.fast_time import FastLoop, fast_time

SPEED = 50.0


async def _elapsed(seconds: float) -> float:
    start = asyncio.get_running_loop().time()
    await asyncio.sleep(seconds)
    return asyncio.get_running_loop().time() - start


def test_a_wait_takes_its_time_by_the_loop_and_a_fraction_of_it_by_the_wall() -> None:
    start = time.monotonic()
    with fast_time(SPEED):
        told = asyncio.run(_elapsed(10))
    assert 10 <= told < 40
    assert 10 / SPEED <= time.monotonic() - start < 5


def test_timeouts_are_shortened_alike() -> None:
    async def too_long() -> None:
        async with asyncio.timeout(5):
            await asyncio.sleep(3600)

    async def too_long_elsewhere() -> None:
        with anyio.fail_after(5):
            await anyio.sleep(3600)

    start = time.monotonic()
    with fast_time(SPEED):
        for wait in (too_long, too_long_elsewhere):
            with pytest.raises(TimeoutError):
                asyncio.run(wait())
    assert time.monotonic() - start < 5


def test_what_arrives_is_seen_before_a_timer_that_is_due_later() -> None:
    async def first() -> bytes:
        loop = asyncio.get_running_loop()
        here, there = socket.socketpair()
        with here, there:
            here.setblocking(False)
            loop.call_later(1, there.send, b"x")
            async with asyncio.timeout(60):
                return await loop.sock_recv(here, 1)

    with fast_time(SPEED):
        assert asyncio.run(first()) == b"x"


def test_the_loop_handles_signals() -> None:
    async def caught() -> None:
        seen = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, seen.set)
        signal.raise_signal(signal.SIGUSR1)
        async with asyncio.timeout(60):
            await seen.wait()

    with fast_time(SPEED):
        asyncio.run(caught())


def test_loops_are_as_before_after_the_block() -> None:
    async def loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    with fast_time(SPEED):
        assert isinstance(asyncio.run(loop()), FastLoop)
    assert not isinstance(asyncio.run(loop()), FastLoop)
