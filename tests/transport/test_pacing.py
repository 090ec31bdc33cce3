from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.transport.pacing import Pacer
from tests.locking.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, 1_000_000_000.0)


class Turns:
    """Who took a turn, and after how many seconds."""

    def __init__(self, clock: Clock, rate: float) -> None:
        self.clock = clock
        self.pacer = Pacer(rate)
        self.taken: list[tuple[str, float]] = []

    async def take(self, name: str, *, after: float = 0.0, urgent: bool = False) -> None:
        await asyncio.sleep(after)
        await self.pacer.turn(urgent=urgent)
        self.taken.append((name, round(self.clock.passed, 6)))


def test_the_first_turn_is_given_at_once(clock: Clock) -> None:
    turns = Turns(clock, 0.01)
    clock.run(turns.take("a"))
    assert turns.taken == [("a", 0)]


def test_turns_are_given_in_the_order_of_arrival_and_evenly_spaced(clock: Clock) -> None:
    turns = Turns(clock, 4)

    async def main() -> None:
        await asyncio.gather(*(turns.take(name) for name in "abcd"))

    clock.run(main())
    assert turns.taken == [("a", 0), ("b", 0.25), ("c", 0.5), ("d", 0.75)]


def test_turns_that_nobody_took_are_not_caught_up_with(clock: Clock) -> None:
    turns = Turns(clock, 2)

    async def main() -> None:
        await turns.take("a")
        await asyncio.sleep(100)
        await asyncio.gather(*(turns.take(name) for name in "bcd"))

    clock.run(main())
    assert turns.taken == [("a", 0), ("b", 100), ("c", 100.5), ("d", 101)]


def test_an_urgent_one_is_given_the_next_turn_and_the_others_keep_their_order(clock: Clock) -> None:
    turns = Turns(clock, 1)

    async def main() -> None:
        await asyncio.gather(
            *(turns.take(name) for name in "abcd"),
            turns.take("first", after=1.5, urgent=True),
            turns.take("second", after=1.6, urgent=True),
        )

    clock.run(main())
    assert turns.taken == [("a", 0), ("b", 1), ("first", 2), ("second", 3), ("c", 4), ("d", 5)]


@pytest.mark.parametrize("name", ["b", "c"], ids=["at the front", "behind it"])
def test_one_that_is_cancelled_takes_no_turn(clock: Clock, name: str) -> None:
    turns = Turns(clock, 1)

    async def main() -> None:
        tasks = {one: asyncio.create_task(turns.take(one)) for one in "abcd"}
        await asyncio.sleep(0.5)
        tasks[name].cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    clock.run(main())
    left = [one for one in "bcd" if one != name]
    assert turns.taken == [("a", 0), (left[0], 1), (left[1], 2)]


def test_one_pacer_serves_one_loop_after_the_other(clock: Clock) -> None:
    turns = Turns(clock, 1)
    clock.run(turns.take("a"))
    clock.run(turns.take("b"))
    assert turns.taken == [("a", 0), ("b", 1)]


def test_clock_and_pause_can_be_replaced() -> None:
    now, pauses = [7.0], list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    async def main() -> None:
        pacer = Pacer(4, clock=lambda: now[0], pause=pause)
        for _ in range(3):
            await pacer.turn()

    asyncio.run(main())
    assert pauses == [0.25, 0.25]


@given(
    arrivals=st.lists(
        st.tuples(st.floats(0, 20), st.booleans(), st.one_of(st.none(), st.floats(0, 20))),
        min_size=1,
        max_size=20,
    ),
    rate=st.sampled_from([0.5, 1.0, 3.0, 7.0]),
)
def test_whoever_comes_and_goes_turns_are_apart_and_none_is_lost(
    arrivals: Sequence[tuple[float, bool, float | None]], rate: float
) -> None:
    """Arrivals are a time, whether it is urgent, and after how long it is cancelled."""
    with pytest.MonkeyPatch.context() as patch:
        turns = Turns(Clock(patch, 0.0), rate)

        async def one(number: int, after: float, urgent: bool, patience: float | None) -> None:
            task = asyncio.create_task(turns.take(str(number), after=after, urgent=urgent))
            if patience is not None:
                await asyncio.sleep(after + patience)
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        async def main() -> None:
            await asyncio.gather(*(one(number, *arrival) for number, arrival in enumerate(arrivals)))

        turns.clock.run(main())
    times = [at for _, at in turns.taken]
    assert all(later - earlier >= 1 / rate - 1e-5 for earlier, later in itertools.pairwise(times))
    patient = {str(number) for number, (_, _, patience) in enumerate(arrivals) if patience is None}
    assert patient <= {name for name, _ in turns.taken}


def test_twenty_turns_at_fifty_a_second_take_nineteen_intervals_of_real_time() -> None:
    async def main() -> None:
        pacer = Pacer(50)
        await asyncio.gather(*(pacer.turn() for _ in range(20)))

    began = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - began >= 19 / 50
