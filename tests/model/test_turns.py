from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.turns import at_once, in_turns

if TYPE_CHECKING:
    from assistant_sync.model.turns import Turns


def _counting(done: list[int], *, until: int = 100) -> Turns[int]:
    for number in range(until):
        done.append(number)
        yield
        time.sleep(0.001)
    return until


def _failing() -> Turns[int]:
    yield
    raise ValueError("in the second turn")


def test_both_ways_give_the_same_result() -> None:
    at_once_done: list[int] = []
    in_turns_done: list[int] = []
    assert at_once(_counting(at_once_done, until=3)) == asyncio.run(in_turns(_counting(in_turns_done, until=3))) == 3
    assert at_once_done == in_turns_done == [0, 1, 2]


def test_other_tasks_go_on_between_turns() -> None:
    async def beside(seen: list[int], done: list[int]) -> None:
        while len(done) < 100:
            seen.append(len(done))
            await asyncio.sleep(0)

    async def both() -> tuple[int, list[int]]:
        done: list[int] = []
        seen: list[int] = []
        result, _ = await asyncio.gather(in_turns(_counting(done)), beside(seen, done))
        return result, seen

    result, seen = asyncio.run(both())
    assert result == 100
    assert len(set(seen)) > 5


def test_after_a_long_part_others_go_on_for_more_than_one_step() -> None:
    steps: list[str] = []

    def long_part() -> Turns[None]:
        time.sleep(0.02)
        yield
        steps.append("the next part")

    async def beside() -> None:
        for _ in range(10):
            steps.append("a step")
            await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(in_turns(long_part()), beside())

    asyncio.run(both())
    assert steps == ["a step"] * 10 + ["the next part"]


def test_an_error_of_a_turn_is_raised() -> None:
    with pytest.raises(ValueError, match="second turn"):
        at_once(_failing())
    with pytest.raises(ValueError, match="second turn"):
        asyncio.run(in_turns(_failing()))


def test_a_computation_ends_at_its_next_turn_when_its_task_is_cancelled() -> None:
    done: list[int] = []

    async def cut_off() -> None:
        task = asyncio.ensure_future(in_turns(_counting(done, until=10**9)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cut_off())
    assert 0 < len(done) < 10**9
