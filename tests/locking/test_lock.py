"""The lock on a deployment in memory, where an hour takes a millisecond."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.errors import Interrupted, Locked, LockRefused, RateLimited, RemoteError
from assistant_sync.live.settling import PollSchedule
from assistant_sync.locking.lock import HeldLock, take, unless_stopped
from assistant_sync.locking.rows import LockTerms
from assistant_sync.model.lock import LOCK_KEY, Lock
from tests.applying.memory_deployment import (
    THREAD,
    THREADS,
    THREADS_SEARCH,
    MemoryDeployment,
    at_once,
    landed,
    lost,
    status,
)
from tests.builders import PROJECT
from tests.locking.clock import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from assistant_sync.live.threads import ThreadsWriter
    from tests.servers.recording import Fault, Proceed

BEHIND, AHEAD = datetime(2001, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)
"""Where the server's clock stands; ours is nowhere near."""

LEASE = 60.0
THEIRS = "theirs"


def a_lock(holder: str = "mine", **members: Any) -> Lock:
    defaults: dict[str, Any] = {"project": PROJECT, "generation": 0, "lease": LEASE, "by": holder, "commit": None}
    return Lock(**{**defaults, "holder": holder, **members})


class Yard:
    """A deployment whose clock goes with ours, and what happens to its locks."""

    def __init__(self, clock: Clock, server_time: datetime) -> None:
        self.clock = clock
        self.memory = MemoryDeployment(looks=2)
        self.deployment = self.memory.deployment
        self.deployment.now = self._began = server_time
        self.statuses: list[str] = []
        self.stop = asyncio.Event()
        clock.listeners.append(self._elapsed)

    def _elapsed(self, seconds: float) -> None:
        self.deployment.now += timedelta(seconds=seconds)

    @property
    def elapsed(self) -> float:
        """Seconds that have passed for the server."""
        return (self.deployment.now - self._began).total_seconds()

    @property
    def held(self) -> list[tuple[int, str]]:
        """Generation and holder of the locks that there are."""
        locks = [row["metadata"].get(LOCK_KEY) for row in self.deployment.threads()]
        return sorted((lock["generation"], lock["holder"]) for lock in locks if lock)

    def leave(self, generation: int = 1, holder: str = THEIRS, **members: Any) -> str:
        """A lock that somebody made now and does not renew; its id."""
        lock = a_lock(holder, generation=generation, **members)
        self.deployment.create_thread(thread_id=lock.id, metadata={LOCK_KEY: lock.as_json()})
        return lock.id

    async def take(
        self, threads: ThreadsWriter, holder: str = "mine", *, most: float = 300.0,
        **members: Any,
    ) -> HeldLock:  # fmt: skip
        patience = PollSchedule((0.0,) * self.memory.looks, at_once)
        terms = LockTerms(lock=a_lock(holder, **members), timeout=most, schedule=patience)
        return await take(terms, threads, stop=self.stop, status=self.statuses.append)

    @asynccontextmanager
    async def holding(self, *faults: Fault, **members: Any) -> AsyncIterator[HeldLock]:
        """Take the lock and hold it for the length of the block."""
        async with self.memory.threads(*faults) as threads, await self.take(threads, **members) as lock:
            yield lock

    def hold(self, *faults: Fault, seconds: float = 0.0, **members: Any) -> HeldLock:
        """Take the lock, hold it for some time and give it back."""

        async def main() -> HeldLock:
            async with self.holding(*faults, **members) as lock:
                await asyncio.sleep(seconds)
            return lock

        return self.clock.run(main())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    random.seed(0)
    return Clock(monkeypatch, 1_000_000_000.0)


@pytest.fixture(params=[BEHIND, AHEAD], ids=["the server's clock is behind", "ahead"])
def yard(request: pytest.FixtureRequest, clock: Clock) -> Yard:
    return Yard(clock, request.param)


def test_a_free_lock_is_taken_at_once_held_and_given_back(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding() as lock:
            assert yard.held == [(1, "mine")]
            assert lock.lost_because() is None
        assert lock.warnings == []

    yard.clock.run(main())
    assert (yard.held, yard.statuses, yard.clock.passed) == ([], [], 0)
    assert yard.memory.sent == ["POST", "DELETE"]


def test_the_row_says_to_people_and_programs_what_it_is(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding(commit="abc"):
            (row,) = yard.deployment.threads()
            lock = {
                "project": PROJECT,
                "generation": 1,
                "holder": "mine",
                "lease": LEASE,
                "by": "mine",
                "commit": "abc",
            }
            assert (row["thread_id"], row["metadata"]) == (a_lock(generation=1).id, {LOCK_KEY: lock})

    yard.clock.run(main())
    assert set(yard.memory.transport.writes[0].body) == {"thread_id", "if_exists", "metadata", "ttl"}
    assert yard.memory.transport.writes[0].body["if_exists"] == "raise"


@pytest.mark.parametrize(("lease", "minutes"), [(2.0, 10), (60.0, 10), (301.0, 11), (3600.0, 120)])
def test_a_row_that_is_left_may_be_removed_by_the_server_long_after_its_lease(
    yard: Yard, lease: float, minutes: int
) -> None:
    yard.hold(lease=lease)
    assert yard.memory.transport.writes[0].body["ttl"] == {"strategy": "delete", "ttl": minutes}


def test_a_row_names_no_graph_and_no_assistant(yard: Yard) -> None:
    """Else it would be among the threads of the users' own assistants."""
    yard.hold()
    assert "graph_id" not in str(yard.memory.transport.writes[0].body)
    assert "assistant_id" not in str(yard.memory.transport.writes[0].body)


def test_a_server_that_marks_threads_with_their_users_is_warned_of(yard: Yard) -> None:
    yard.deployment.thread_quirk = lambda row: row["metadata"].update(
        zone=1, owner="ann", graph_id="x", thread_name="y"
    )
    (warning,) = yard.hold().warnings
    assert warning == (
        "the deployment keeps threads apart by user (it added 'owner', 'zone' to the lock): "
        "the lock stops only applies of the same identity"
    )


def test_a_server_that_keeps_assistants_apart_too_is_not_warned_of(yard: Yard) -> None:
    yard.deployment.thread_quirk = lambda row: row["metadata"].update(owner="ann")

    async def main() -> None:
        terms = LockTerms(lock=a_lock(), timeout=1, shares_assistants=False)
        async with (
            yard.memory.threads() as threads,
            await take(terms, threads, stop=yard.stop, status=yard.statuses.append) as lock,
        ):
            assert lock.warnings == []

    yard.clock.run(main())


# Waiting for somebody else


def test_a_living_holder_is_waited_for_until_it_gives_the_lock_back(yard: Yard) -> None:
    async def main() -> None:
        async with yard.memory.threads() as threads:

            async def other() -> None:
                async with await yard.take(threads, "other"):
                    await asyncio.sleep(100)
                    ended.append(yard.clock.passed)

            ended: list[float] = []
            first = asyncio.create_task(other())
            await asyncio.sleep(1)
            async with await yard.take(threads, "mine"):
                assert ended
                assert yard.clock.passed - ended[0] <= 2
                assert [holder for _, holder in yard.held] == ["mine"]
            await first

    yard.clock.run(main())
    assert yard.held == []
    assert len(yard.statuses) == 1
    assert yard.statuses[0].startswith("Waiting for the lock of other since 2")


def test_a_dead_holders_lock_is_followed_by_the_next_generation_when_its_lease_is_over(yard: Yard) -> None:
    yard.leave()

    async def main() -> None:
        async with yard.holding():
            assert LEASE <= yard.elapsed <= LEASE + 0.1
            assert yard.held[1:] == [(2, "mine")]

    yard.clock.run(main())
    assert yard.held == []
    # The first try tells by the server's times when it is over; the dead one's row goes with the second one's.
    assert yard.memory.sent == ["POST", "DELETE", "POST", "DELETE", "DELETE"]


def test_a_lease_that_is_over_is_not_waited_for(yard: Yard) -> None:
    yard.leave()
    yard.clock.elapse(LEASE)
    yard.hold()
    # Where our clock says that it may still hold, it is looked at for as long as that.
    assert yard.clock.passed <= LEASE + (0.1 if yard.deployment.now < AHEAD else LEASE)
    assert yard.held == []


@pytest.mark.parametrize("lease", [2.0, 10.0])
def test_a_lease_is_as_long_as_its_row_says(yard: Yard, lease: float) -> None:
    yard.leave(lease=lease)
    yard.hold()
    assert lease <= yard.elapsed <= lease + 2


def test_a_lock_that_is_new_to_us_is_tried_once_our_clock_says_that_it_may_be_over(yard: Yard) -> None:
    """Its holder renewed it once while we waited, and was killed."""

    async def main() -> None:
        async with yard.memory.threads() as threads:
            own = yard.leave(1)

            async def renew() -> None:
                await asyncio.sleep(20)
                yard.leave(2)
                yard.deployment.delete_thread(own)

            renewal = asyncio.create_task(renew())
            async with await yard.take(threads):
                await renewal

    yard.clock.run(main())
    assert yard.elapsed >= 20 + LEASE
    if yard.deployment.now < AHEAD:
        # A lock of long ago, by our clock: one try tells by the server's times when it is over.
        assert yard.memory.sent == ["POST", "DELETE"] * 2 + ["POST", "DELETE", "DELETE"]
        assert yard.elapsed <= 20 + LEASE + 0.1
    else:
        # A lock of times to come: it is given its whole lease from when it was seen.
        assert yard.memory.sent == ["POST", "DELETE", "POST", "DELETE", "DELETE"]
        assert yard.elapsed <= 20 + LEASE + 2.1


def test_a_lock_that_is_new_to_us_and_tells_no_time_is_given_its_whole_lease_from_when_it_was_seen(yard: Yard) -> None:
    yard.deployment.thread_quirk = lambda row: row.update(created_at="")
    own = yard.leave(1)
    tried, seen = [], []

    def renew() -> None:
        yard.leave(2)
        yard.deployment.delete_thread(own)

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == "POST" and request.url.path == THREADS:
            tried.append(yard.clock.passed)
        if request.url.path == THREADS_SEARCH and yard.clock.passed > 20:
            seen.append(yard.clock.passed)
        return await proceed()

    async def main() -> None:
        asyncio.get_running_loop().call_later(20, renew)
        async with yard.holding(fault, most=100):
            pass

    with pytest.raises(Locked):
        yard.clock.run(main())
    assert tried[0] == 0
    assert seen[0] + LEASE <= tried[1] <= seen[0] + LEASE + 0.1


def test_where_no_times_are_told_a_lock_is_waited_for_until_it_is_given_back(yard: Yard) -> None:
    yard.deployment.thread_quirk = lambda row: row.update(created_at="")

    async def main() -> None:
        async with yard.memory.threads() as threads:
            own = yard.leave(1)

            async def renew() -> None:
                nonlocal own
                for generation in range(2, 8):
                    await asyncio.sleep(20)
                    former, own = own, yard.leave(generation)
                    yard.deployment.delete_thread(former)
                yard.deployment.delete_thread(own)

            renewal = asyncio.create_task(renew())
            async with await yard.take(threads):
                assert 120 <= yard.clock.passed <= 122
            await renewal

    yard.clock.run(main())


def test_waiting_ends_with_the_time_that_is_given_to_it(yard: Yard) -> None:
    yard.leave(lease=600.0, by="Ann", commit="c0ffee" * 7)
    made = yard.deployment.threads()[0]["created_at"][:19].replace("T", " ")
    with pytest.raises(Locked) as caught:
        yard.hold(most=30)
    whose = f"the lock of Ann since {made} UTC, commit c0ffeec0ffee (expires after 600 s unless renewed)"
    assert caught.value.message == (
        f"another apply is running: {whose} was not released within 30 s; nothing was written"
    )
    assert caught.value.hint == (
        "wait longer with --lock-timeout; if that apply is no longer running, use assistant-sync unlock"
    )
    assert yard.statuses == [f"Waiting for {whose}"]
    assert yard.held == [(1, THEIRS)]


@pytest.mark.parametrize("seconds", [0.5, 7, 12, 21, 33])
def test_not_a_moment_of_the_time_to_wait_is_given_away(yard: Yard, seconds: float) -> None:
    yard.leave(lease=600.0)
    with pytest.raises(Locked):
        yard.hold(most=seconds)
    assert yard.clock.passed == pytest.approx(seconds)


def test_the_time_since_when_it_is_held_is_told_in_utc(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    own_id = yard.leave()
    elsewhere = yard.deployment.now.astimezone(timezone(timedelta(hours=2)))
    yard.deployment._threads[own_id]["created_at"] = elsewhere.isoformat()  # noqa: SLF001, RUF100
    with pytest.raises(Locked, match=f"the lock of theirs since {yard.deployment.now:%Y-%m-%d %H:%M:%S} UTC "):
        yard.hold(most=0)
    monkeypatch.undo()
    time.tzset()


def test_a_lock_that_tells_nothing_of_itself_is_waited_for_all_the_same(yard: Yard) -> None:
    own_id = yard.leave(by="")
    yard.deployment._threads[own_id]["created_at"] = ""  # noqa: SLF001, RUF100 - a server without times
    with pytest.raises(Locked) as caught:
        yard.hold(most=LEASE + 10)
    assert "the lock of another apply (expires after 60 s unless renewed) was not released" in caught.value.message
    assert yard.statuses == ["Waiting for the lock of another apply (expires after 60 s unless renewed)"]


def test_an_id_that_stays_taken_by_what_nobody_can_see_is_told_as_that(yard: Yard) -> None:
    with pytest.raises(LockRefused, match="its id is in use, and the deployment does not show by what"):
        yard.hold(status(409, "POST", THREADS, 99), most=0)


def test_without_time_to_wait_a_free_lock_is_taken_and_a_held_one_is_not(yard: Yard) -> None:
    yard.hold(most=0)
    yard.leave()
    with pytest.raises(Locked):
        yard.hold(most=0)
    assert yard.clock.passed == 0


def test_a_stop_ends_the_waiting_at_once(yard: Yard) -> None:
    yard.leave()

    async def main() -> None:
        asyncio.get_running_loop().call_later(10, yard.stop.set)
        async with yard.memory.threads() as threads:
            await yard.take(threads)

    with pytest.raises(Interrupted, match=r"^interrupted; nothing was written$"):
        yard.clock.run(main())
    assert 10 <= yard.clock.passed < 10.1
    assert yard.held == [(1, THEIRS)]


def stopped(yard: Yard, after: float, *faults: Fault) -> None:
    """Take the lock, and be stopped meanwhile."""

    async def main() -> None:
        asyncio.get_running_loop().call_later(after, yard.stop.set)
        async with yard.memory.threads(*faults) as threads:
            await yard.take(threads)

    with pytest.raises(Interrupted, match=r"^interrupted; nothing was written$"):
        yard.clock.run(main())


def slow(method: str, seconds: float, *, is_done: bool = False) -> Fault:
    """Such requests are carried out after some time, or answered after it."""

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method != method or request.url.path.endswith(("/search", "/count")):
            return await proceed()
        answer = await proceed() if is_done else None
        await asyncio.sleep(seconds)
        return answer or await proceed()

    return fault


@pytest.mark.parametrize("is_done", [False, True])
def test_a_row_that_is_on_its_way_when_the_stop_comes_is_taken_away(yard: Yard, is_done: bool) -> None:
    stopped(yard, 1, slow("POST", 4, is_done=is_done))
    assert (yard.held, yard.clock.passed) == ([], 4)


def test_a_row_that_is_too_long_on_its_way_is_not_waited_for(yard: Yard) -> None:
    stopped(yard, 1, slow("POST", 20))
    assert 6 <= yard.clock.passed <= 6.1


def test_taking_rows_away_after_a_stop_takes_no_longer_than_some_seconds(yard: Yard) -> None:
    stopped(yard, 1, slow("POST", 4), slow("DELETE", 20))
    assert 4 + 5 <= yard.clock.passed <= 4 + 5.1


def test_a_row_that_cannot_be_taken_away_after_a_stop_ends_by_itself(yard: Yard) -> None:
    stopped(yard, 1, slow("POST", 4), status(403, "DELETE", THREAD, 9))
    assert yard.held == [(1, "mine")]


def test_what_was_made_before_a_failure_is_taken_away(yard: Yard) -> None:
    """Its answer and every look at it are lost; it is there nevertheless."""
    with pytest.raises(RemoteError):
        yard.hold(landed("POST", THREADS, 4), status(403, "GET", THREAD, 99))
    assert yard.held == []


def test_of_what_cannot_be_taken_away_the_rest_is(yard: Yard) -> None:
    """One renewal failed to discard its former row; in the end it is tried again."""
    lock = yard.hold(status(403, "DELETE", THREAD, 1), seconds=30)
    assert (lock.warnings, yard.held) == ([], [])


@pytest.mark.parametrize(("late", "generation"), [(0.0, 1), (0.1, 2)], ids=["just in time", "too late"])
def test_a_row_that_was_answered_too_late_is_no_lock_of_ours(yard: Yard, late: float, generation: int) -> None:
    """By our clock the lease may be over before we know that we have it."""
    is_first = True

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        nonlocal is_first
        if request.method == "POST" and request.url.path == THREADS and is_first:
            is_first = False
            answer = await proceed()
            yard.clock.elapse(LEASE * 5 / 6 + late)
            return answer
        return await proceed()

    async def main() -> None:
        async with yard.holding(fault) as lock:
            assert lock.lost_because() is None
            assert yard.held == [(generation, "mine")]

    yard.clock.run(main())
    assert yard.held == []


async def never() -> None:
    await asyncio.sleep(1000)


async def soon() -> str:
    await asyncio.sleep(3)
    return "done"


def test_work_goes_on_to_its_end_unless_the_stop_comes_first(clock: Clock) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        assert await unless_stopped(soon(), stop) == "done"
        asyncio.get_running_loop().call_later(1, stop.set)
        with pytest.raises(Interrupted, match=r"^interrupted; nothing was written$"):
            await unless_stopped(never(), stop)

    clock.run(main())
    assert clock.passed == 4


def test_nothing_is_left_running_when_it_is_told_that_work_is_done_or_stopped(clock: Clock) -> None:
    async def tidy() -> None:
        try:
            await never()
        finally:
            await asyncio.sleep(2)
            tidied.append(clock.passed)

    async def main() -> None:
        stop = asyncio.Event()
        await unless_stopped(soon(), stop)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        asyncio.get_running_loop().call_later(1, stop.set)
        with pytest.raises(Interrupted):
            await unless_stopped(tidy(), stop)
        assert tidied == [3 + 1 + 2]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    tidied: list[float] = []
    clock.run(main())


@pytest.mark.parametrize(("grace", "passed"), [(1, 2), (2, 3), (10, 3)])
def test_work_that_is_stopped_is_given_its_grace_and_no_more(clock: Clock, grace: float, passed: float) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(1, stop.set)
        with pytest.raises(Interrupted):
            await unless_stopped(soon(), stop, grace=grace)

    clock.run(main())
    assert clock.passed == passed


def test_work_that_ends_at_the_moment_of_the_stop_is_done_unless_there_is_something_to_take_away(clock: Clock) -> None:
    async def main() -> None:
        stop = asyncio.Event()

        async def stopping() -> str:
            stop.set()
            return "done"

        assert await unless_stopped(stopping(), stop) == "done"
        with pytest.raises(Interrupted):
            await unless_stopped(stopping(), stop, grace=1)

    clock.run(main())


def test_nobody_looks_more_often_than_every_second_while_a_lock_holds_for_long(yard: Yard) -> None:
    yard.leave(lease=600.0)
    with pytest.raises(Locked):
        yard.hold(most=100)
    assert 45 <= yard.memory.asked.count("POST search") <= 105


@pytest.mark.parametrize("many", [2, 5])
def test_of_many_that_want_it_at_once_one_at_a_time_holds_it(yard: Yard, many: int) -> None:
    held: list[int] = []
    now = 0

    async def one(threads: ThreadsWriter, name: str) -> None:
        nonlocal now
        async with await yard.take(threads, name, most=3000):
            now += 1
            held.append(now)
            await asyncio.sleep(5)
            now -= 1

    async def main() -> None:
        async with yard.memory.threads() as threads, asyncio.TaskGroup() as group:
            for number in range(many):
                group.create_task(one(threads, f"holder {number}"))

    yard.clock.run(main())
    assert held == [1] * many
    assert yard.held == []


def test_a_lock_of_another_project_is_not_in_the_way(yard: Yard) -> None:
    other = a_lock(THEIRS, project="other", generation=1)
    own_id = other.id
    yard.deployment.create_thread(thread_id=own_id, metadata={LOCK_KEY: other.as_json()})
    yard.hold()
    assert (yard.clock.passed, [row["thread_id"] for row in yard.deployment.threads()]) == (0, [own_id])


def test_a_lock_of_another_project_that_a_server_lists_too_is_not_in_the_way(yard: Yard) -> None:
    other = a_lock(THEIRS, project="other", generation=1)
    yard.deployment.create_thread(thread_id=other.id, metadata={LOCK_KEY: other.as_json()})

    async def unfiltered(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.url.path == THREADS_SEARCH:
            return httpx.Response(200, json=[{"thread_id": "x", "metadata": {}}, *yard.deployment.threads()])
        return await proceed()

    yard.hold(unfiltered)
    assert [row["thread_id"] for row in yard.deployment.threads()] == [other.id]


@pytest.mark.parametrize("dead", [98, 99, 250])
def test_a_holder_behind_a_page_of_dead_ones_is_seen(yard: Yard, dead: int) -> None:
    yard.leave(lease=600.0)
    for number in range(dead):
        yard.leave(1, f"dead {number}", lease=2.0)
    yard.clock.elapse(3)
    with pytest.raises(Locked, match="the lock of theirs"):
        yard.hold(most=0)
    # Once, and where the page is full, all pages twice.
    pages = (dead + 2) // 100 + 1
    assert yard.memory.asked.count("POST search") == (1 if dead + 2 < 100 else 1 + 2 * pages)


def test_a_server_that_gives_the_same_page_again_is_not_asked_for_ever(yard: Yard) -> None:
    for number in range(100):
        yard.leave(1, f"dead {number}", lease=2.0)
    yard.clock.elapse(3)

    async def always_the_first(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.url.path == THREADS_SEARCH:
            newest = sorted(yard.deployment.threads(), key=lambda row: str(row["created_at"]), reverse=True)
            return httpx.Response(200, json=newest[:100])
        return await proceed()

    yard.hold(always_the_first, most=0)
    assert yard.memory.asked.count("POST search") == 1 + 2 * 2


# Keeping it


def test_a_long_apply_keeps_the_lock_by_following_on_itself(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding() as lock:
            for second in range(1, 600):
                await asyncio.sleep(1)
                assert lock.lost_because() is None
                (held,) = yard.held
                assert held == (1 + second // 20, "mine") or second % 20 == 0
        assert lock.warnings == []

    yard.clock.run(main())
    assert yard.held == []


def test_two_renewals_that_fail_are_made_up_for(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding(since(15, status(403, "POST", THREADS, 2), yard.clock)) as lock:
            await asyncio.sleep(300)
            assert lock.lost_because() is None

    yard.clock.run(main())


def test_a_lock_that_cannot_be_renewed_is_lost_before_its_lease_is_over(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding(since(1, status(403, "POST", THREADS, 99), yard.clock)) as lock:
            await asyncio.sleep(49)
            assert lock.lost_because() is None
            await asyncio.sleep(2)
            assert lock.lost_because() == (
                "it expired, because the deployment could not be reached in time to renew it"
            )
            await asyncio.sleep(100)
            assert lock.lost_because() is not None

    yard.clock.run(main())
    assert yard.held == []


def test_a_lock_that_somebody_removed_is_lost_with_the_next_renewal_and_stays_lost(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding() as lock:
            yard.deployment.delete_thread(a_lock(generation=1).id)
            await asyncio.sleep(21)
            assert lock.lost_because() == "somebody removed it"
            assert yard.held == []
            yard.leave(1)

    yard.clock.run(main())
    assert yard.held == [(1, THEIRS)]


def test_a_lock_that_ran_out_while_the_machine_slept_is_lost(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding() as lock:
            await asyncio.sleep(5)
            yard.clock.sleep(LEASE)
            assert lock.lost_because() is not None

    yard.clock.run(main())


@pytest.mark.parametrize(("left", "is_lost"), [(1, False), (0, True)], ids=["in time", "too late"])
def test_a_renewal_that_the_server_makes_after_the_lease_is_none(yard: Yard, left: int, is_lost: bool) -> None:
    """The server's times tell, whatever our own clock says."""
    made: list[datetime] = []

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == "POST" and request.url.path == THREADS:
            if made:  # the request itself takes a millisecond
                yard.deployment.now = made[0] + timedelta(seconds=LEASE) - timedelta(milliseconds=left)
            made.append(yard.deployment.now)
        return await proceed()

    async def main() -> None:
        async with yard.holding(fault) as lock:
            await asyncio.sleep(21)
            assert lock.lost_because() == ("it expired before it was renewed" if is_lost else None)
            assert yard.held == [(1 if is_lost else 2, "mine")]

    yard.clock.run(main())
    assert yard.held == []


def test_a_renewal_that_failed_is_tried_again_four_times_as_soon(yard: Yard) -> None:
    tried: list[float] = []

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == "POST" and request.url.path == THREADS:
            tried.append(yard.clock.passed)
            if yard.clock.passed:
                return httpx.Response(403)
        return await proceed()

    yard.hold(fault, seconds=48)
    assert tried == [0, 20, 25, 30, 35, 40, 45]


def test_a_renewal_whose_ids_are_all_taken_is_tried_again_as_soon(yard: Yard) -> None:
    tried: list[float] = []

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == "POST" and request.url.path == THREADS:
            tried.append(yard.clock.passed)
            if 20 <= yard.clock.passed < 30:
                return httpx.Response(409)
        return await proceed()

    yard.hold(fault, seconds=45)
    assert tried == [0, 20, 20, 20, 25, 25, 25, 30]


def test_a_renewal_under_way_is_waited_for_before_the_lock_is_given_back(yard: Yard) -> None:
    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        answer = await proceed()
        if request.method == "POST" and request.url.path == THREADS and yard.clock.passed:
            await asyncio.sleep(5)
        return answer

    lock = yard.hold(fault, seconds=22)
    assert (lock.warnings, yard.held, yard.clock.passed) == ([], [], 25)


def test_a_bug_in_a_renewal_does_not_hide_what_was_written(yard: Yard) -> None:
    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == "POST" and request.url.path == THREADS and yard.clock.passed:
            raise ZeroDivisionError
        return await proceed()

    async def main() -> None:
        async with yard.holding(fault) as lock:
            await asyncio.sleep(49)
            assert lock.lost_because() is None
            await asyncio.sleep(2)
            assert lock.lost_because() is not None

    yard.clock.run(main())
    assert yard.held == []


def test_no_renewal_is_made_that_nobody_needs_any_more(yard: Yard) -> None:
    yard.hold(seconds=19.5)
    assert yard.memory.sent == ["POST", "DELETE"]
    assert yard.clock.passed == 19.5


def test_a_lock_holds_to_the_last_moment_in_which_something_new_may_begin(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding(since(1, status(403, "POST", THREADS, 99), yard.clock)) as lock:
            await asyncio.sleep(LEASE * 5 / 6)
            assert lock.lost_because() is None
            await asyncio.sleep(0.1)
            assert lock.lost_because() is not None

    yard.clock.run(main())


def test_a_renewal_is_not_held_up_by_somebody_who_tries(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding() as lock:
            yard.leave(2, lease=2.0)
            await asyncio.sleep(25)
            assert lock.lost_because() is None
            assert yard.held == [(2, "mine"), (2, THEIRS)]

    yard.clock.run(main())


# Giving it back


def test_a_lock_that_cannot_be_given_back_is_warned_of(yard: Yard) -> None:
    lock = yard.hold(status(403, "DELETE", THREAD, 99))
    (warning,) = lock.warnings
    assert warning.startswith("the lock could not be released (")
    assert warning.endswith("); it expires within 60 s")
    assert yard.held == [(1, "mine")]


def test_what_dead_holders_left_is_taken_away(yard: Yard) -> None:
    yard.leave(1, "one")
    yard.leave(3, "other")
    yard.clock.elapse(LEASE + 1)
    yard.hold()
    assert yard.held == []


def test_a_row_that_is_somebody_elses_by_now_is_left_alone(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding():
            yard.deployment.delete_thread(a_lock(generation=1).id)
            yard.leave(1)

    yard.clock.run(main())
    assert yard.held == [(1, THEIRS)]


def test_a_lock_that_somebody_removed_is_given_back_without_a_word(yard: Yard) -> None:
    async def main() -> HeldLock:
        async with yard.holding() as lock:
            yard.deployment.delete_thread(a_lock(generation=1).id)
        return lock

    assert yard.clock.run(main()).warnings == []
    assert yard.memory.sent == ["POST", "DELETE"]


def test_a_row_that_could_not_be_deleted_at_once_goes_in_the_end(yard: Yard) -> None:
    lock = yard.hold(status(403, "DELETE", THREAD, 1), seconds=25)
    assert (lock.warnings, yard.held) == ([], [])


def test_one_row_that_cannot_be_deleted_does_not_keep_the_others(yard: Yard) -> None:
    lock = yard.hold(status(403, "DELETE", THREAD, 2), seconds=25)
    assert len(lock.warnings) == 1
    assert yard.held == [(1, "mine")]


def test_what_was_made_for_a_lock_that_was_not_got_is_taken_away(yard: Yard) -> None:
    yard.leave(lease=600.0)
    with pytest.raises(Locked):
        yard.hold(status(403, "DELETE", THREAD, 1), most=0)
    assert yard.held == [(1, THEIRS)]


def test_a_lock_that_took_too_long_to_get_is_taken_anew(yard: Yard) -> None:
    requests = 0

    async def slow(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        nonlocal requests
        requests += 1
        answer = await proceed()
        if requests <= 2:  # making the row, and looking for others
            await asyncio.sleep(28)
        return answer

    async def main() -> None:
        async with yard.holding(slow) as lock:
            assert lock.lost_because() is None
            assert yard.held == [(2, "mine")]

    yard.clock.run(main())
    assert yard.held == []


def test_a_renewal_that_hangs_is_given_up_in_time_for_another(yard: Yard) -> None:
    tried: list[float] = []

    async def hang(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == "POST" and request.url.path == THREADS:
            tried.append(yard.clock.passed)
            if len(tried) == 2:
                await asyncio.sleep(1000)
        return await proceed()

    async def main() -> None:
        async with yard.holding(hang) as lock:
            await asyncio.sleep(100)
            assert lock.lost_because() is None

    yard.clock.run(main())
    assert tried[:3] == [0, 20, 20 + LEASE / 6 + 5]
    assert yard.held == []


def test_a_password_in_the_name_of_a_holder_is_not_told(yard: Yard) -> None:
    yard.leave(by="https://ann:hunter2secret@ci.example/7")
    with pytest.raises(Locked) as caught:
        yard.hold(most=0)
    assert "hunter2secret" not in caught.value.message


# Where it cannot be made


@pytest.mark.parametrize("code", [403, 404, 405, 422, 501])
@pytest.mark.parametrize(("method", "path"), [("POST", THREADS), ("POST", THREADS_SEARCH)], ids=["make", "list"])
def test_a_deployment_or_a_key_without_threads_keeps_no_lock(yard: Yard, method: str, path: str, code: int) -> None:
    with pytest.raises(LockRefused, match=str(code)):
        yard.hold(status(code, method, path, 9))
    assert yard.held == []


def test_a_deployment_that_does_not_keep_its_metadata_keeps_no_lock(yard: Yard) -> None:
    yard.deployment.thread_quirk = lambda row: row.update(metadata={})
    with pytest.raises(LockRefused, match=r"^the deployment does not keep its metadata$"):
        yard.hold()
    assert yard.deployment.threads() == []


def test_a_deployment_that_makes_it_but_does_not_list_it_keeps_no_lock(yard: Yard) -> None:
    with pytest.raises(LockRefused, match=r"^the deployment made it but does not list it$"):
        yard.hold(answered_empty())
    assert yard.deployment.threads() == []
    with pytest.raises(LockRefused, match=r"^the deployment made it but does not list it$"):
        yard.hold(answered_empty(), status(403, "DELETE", THREAD, 9))


def test_a_row_that_somebody_takes_away_at_once_is_made_anew_until_time_is_up(yard: Yard) -> None:
    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        answer = await proceed()
        if request.method == "POST" and request.url.path == THREADS:
            yard.deployment.delete_thread(answer.json()["thread_id"])
        return answer

    with pytest.raises(Locked, match="a lock that the deployment does not list was not released within"):
        yard.hold(fault, most=5)
    assert yard.statuses == []
    assert yard.memory.sent.count("POST") >= 3


def test_a_refusal_for_now_is_the_deployments_failure_and_is_not_looked_into(yard: Yard) -> None:
    with pytest.raises(RateLimited):
        yard.hold(status(429, "POST", THREADS, 99))
    assert yard.memory.asked == []


def test_an_id_that_is_taken_by_what_nobody_can_see_is_told_after_a_few_tries(yard: Yard) -> None:
    with pytest.raises(LockRefused, match=r"^its id is in use, and the deployment does not show by what$"):
        yard.hold(status(409, "POST", THREADS, 9))
    assert yard.memory.sent == ["POST"] * 3


@pytest.mark.parametrize("fault", [lost, landed])
def test_a_lock_whose_answer_is_lost_is_found(yard: Yard, fault: Any) -> None:
    yard.hold(fault("POST", THREADS))
    assert (yard.held, yard.clock.passed) == ([], 0)


def test_a_lock_that_never_gets_through_is_the_deployments_failure(yard: Yard) -> None:
    with pytest.raises(RemoteError):
        yard.hold(lost("POST", THREADS, 99))


def test_a_lock_that_landed_although_nobody_ever_heard_of_it_is_held(yard: Yard) -> None:
    async def main() -> None:
        async with yard.holding(landed("POST", THREADS, 4)):
            assert yard.held == [(1, "mine")]

    yard.clock.run(main())
    assert yard.held == []


def test_a_lock_after_which_nothing_can_be_read_is_taken_away_again(yard: Yard) -> None:
    with pytest.raises(RemoteError):
        yard.hold(status(503, "POST", THREADS_SEARCH, 99))
    assert yard.held == []


def answered_empty() -> Fault:
    """A server that lists nothing."""

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.url.path.endswith(("/search", "/count")):
            return httpx.Response(200, json=[] if request.url.path.endswith("/search") else 0)
        return await proceed()

    return fault


def since(seconds: float, fault: Fault, clock: Clock) -> Fault:
    """A fault that begins after some time."""

    async def later(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        return await (proceed() if clock.passed < seconds else fault(request, proceed))

    return later
