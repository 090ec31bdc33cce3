from __future__ import annotations

import asyncio
from collections import deque

import pytest

from assistant_sync.model.progress import EVERY, Progress, begin, in_steps, watched_also_by, watched_by


class Enough(Exception):
    """Ends some work."""


def test_without_a_watcher_the_items_are_just_gone_through() -> None:
    assert list(in_steps("reading", range(2 * EVERY + 1))) == list(range(2 * EVERY + 1))
    begin("comparing")


def test_a_watcher_hears_of_the_begin_of_some_steps_from_time_to_time_and_of_the_end() -> None:
    heard: list[Progress] = []
    with watched_by(heard.append):
        begin("comparing")
        deque(in_steps("reading", range(2 * EVERY + 1)), maxlen=0)
        deque(in_steps("nothing", []), maxlen=0)
    deque(in_steps("later", range(3)), maxlen=0)
    total = 2 * EVERY + 1
    assert heard == [
        Progress("comparing", 0, None),
        *(Progress("reading", done, total) for done in (0, EVERY, 2 * EVERY, total)),
        Progress("nothing", 0, 0),
    ]


def test_another_watcher_hears_of_each_step_first_and_may_end_it_before_the_first_hears() -> None:
    heard: list[object] = []

    def second(event: Progress) -> None:
        heard.append("second")
        if event.done:
            raise Enough

    with watched_by(heard.append):
        with watched_also_by(second), pytest.raises(Enough):
            deque(in_steps("reading", range(3)), maxlen=0)
        begin("comparing")
    assert heard == ["second", Progress("reading", 0, 3), "second", Progress("comparing", 0, None)]


def test_a_watcher_ends_the_work_of_a_thread_by_raising() -> None:
    done: list[int] = []

    def watcher(event: Progress) -> None:
        if event.done > EVERY:
            raise Enough

    def work() -> None:
        done.extend(in_steps("reading", range(10 * EVERY)))

    async def main() -> None:
        await asyncio.to_thread(work)

    with watched_by(watcher), pytest.raises(Enough):
        asyncio.run(main())
    assert done == list(range(2 * EVERY))
