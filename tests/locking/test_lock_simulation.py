"""The lock in virtual time: the real client, a server in memory, and whatever can happen to requests in between."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import selectors
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import pytest

from assistant_sync.errors import Locked, LockRefused, RemoteError
from assistant_sync.live.threads import ThreadsWriter
from assistant_sync.locking import lock as lock_module
from assistant_sync.locking.lock import HeldLock, take
from assistant_sync.locking.rows import LockTerms, read_locks
from assistant_sync.model.frozen import replace
from assistant_sync.model.lock import LOCK_KEY, Lock
from assistant_sync.transport import Endpoint, WriteConnection
from assistant_sync.transport.connection import Response
from assistant_sync.transport.failures import failed_request

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from assistant_sync.transport.failures import FailedRequest, Request

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = 60.0

wrong_by: ContextVar[float] = ContextVar("wrong_by", default=0.0)
"""Seconds by which the wall clock of one apply is ahead."""


# Time, the server and the wire


class _Jump(selectors.SelectSelector):
    """Waits by moving the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout is not None, "all wait for ever"
        self.now += max(timeout, 0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in which time passes only while everybody waits."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def now() -> float:
    return asyncio.get_running_loop().time()


class WallClock(datetime):
    """The clock of the apply that asks."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:  # noqa: ARG003 - the library's signature
        return NOON + timedelta(seconds=now() + wrong_by.get())


@pytest.fixture(autouse=True)
def virtual_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "time", SimpleNamespace(monotonic=now, time=lambda: now() + wrong_by.get()))
    monkeypatch.setattr(lock_module, "datetime", WallClock)


@dataclass
class World:
    """A server, and what the applies did.

    Attributes:
        rows: The threads by id.
        begun: When which apply began a change.
        story: What happened, for people who look into a failure.
    """

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    begun: list[tuple[float, str]] = field(default_factory=list)
    story: list[str] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.story.append(f"{now():8.2f} {text}")

    def answer(self, kind: str, path: str, body: Any, time: float) -> tuple[int, Any]:
        """Do one request at once and as a whole; ``time`` is what the server puts on a new row."""
        thread_id = path.removeprefix("/threads/")
        if kind == "create":
            if body["thread_id"] in self.rows:
                return 409, {}
            made = (NOON + timedelta(seconds=time)).isoformat()
            self.rows[body["thread_id"]] = {**body, "created_at": made}
            return 200, self.rows[body["thread_id"]]
        if kind == "search":
            return 200, [self.rows[one] for one in sorted(self.rows)][body["offset"] :][: body["limit"]]
        if thread_id not in self.rows:
            return 404, {}
        row = self.rows[thread_id] if kind == "get" else self.rows.pop(thread_id)
        return 200, row

    def assert_one_at_a_time(self) -> None:
        """What one apply began, it began before or after all that any other one did."""
        turns = [name for name, _ in itertools.groupby(name for _, name in self.begun)]
        assert len(turns) == len(set(turns)), "\n".join([*self.story, f"{self.begun}"])


@dataclass(frozen=True)
class Fate:
    """What becomes of one request.

    Attributes:
        there: Seconds until it reaches the server.
        hidden: Seconds between the time that the server puts on a new row and the moment when others see it.
        back: Seconds that its answer takes; None where it is lost.
        gives_up: Seconds after which the client has no answer; what was sent may still arrive.
        status: The answer of something before the server, which does not get the request.
    """

    there: float = 0.01
    hidden: float = 0.0
    back: float | None = 0.01
    gives_up: float = 30.0
    status: int | None = None


@dataclass(frozen=True)
class Asked:
    """One request, for those who decide on its fate: the n-th of its kind that this apply sends."""

    kind: str
    number: int
    thread_id: str


FateOf: TypeAlias = "Callable[[Asked], Fate]"

SWIFT = Fate()
LOST = Fate(back=None, gives_up=0.1)


class Wire(WriteConnection):
    """A connection to the server in memory; retries and their pauses are the real ones."""

    def __init__(self, world: World, name: str, fate_of: FateOf) -> None:
        super().__init__(Endpoint("http://server", {}))
        self.is_dead = False
        self._world, self._name, self._fate_of = world, name, fate_of
        self._count: dict[str, int] = {}

    async def _once(self, content: bytes | None, request: Request) -> Response | FailedRequest:
        kind = _kind(request)
        self._count[kind] = self._count.get(kind, 0) + 1
        fate = self._fate_of(Asked(kind, self._count[kind], request.path.rsplit("/", 1)[1]))
        answer, loop = asyncio.Event(), asyncio.get_running_loop()
        told: list[tuple[int, Any]] = [] if fate.status is None else [(fate.status, {})]
        body = None if content is None else json.loads(content)

        def arrive() -> None:
            time = loop.time()
            loop.call_later(fate.hidden, land, time) if fate.hidden else land(time)

        def land(time: float) -> None:
            told.append(self._world.answer(kind, request.path, body, time))
            self._world.tell(f"{self._name} {kind} {_about(body, request)}-> {told[0][0]} {_locks(self._world)}")
            if fate.back is not None:
                loop.call_later(fate.back, answer.set)

        if not self.is_dead:
            loop.call_later(fate.there, answer.set if told else arrive)
        try:
            await asyncio.wait_for(answer.wait(), fate.gives_up)
        except TimeoutError:
            await self._unless_dead()
            return failed_request(httpx.ReadError("reset"), request)
        await self._unless_dead()
        ((status, data),) = told
        if status == httpx.codes.OK:
            return Response(request.method, request.path, status, json.dumps(data).encode())
        return failed_request(httpx.Response(status, json=data, request=httpx.Request("GET", "http://server")), request)

    async def _unless_dead(self) -> None:
        if self.is_dead:
            await asyncio.Event().wait()


def _kind(request: Request) -> str:
    if request.method == "POST":
        return "create" if request.path == "/threads" else request.path.rsplit("/", 1)[1]
    return request.method.lower()


def _about(body: Any, request: Request) -> str:
    return f"{(body or {}).get('thread_id', request.path.removeprefix('/threads/'))[:8]} "


def _locks(world: World) -> str:
    locks = [(one[:8], row["metadata"][LOCK_KEY]["holder"]) for one, row in sorted(world.rows.items())]
    return ", ".join(f"{one} of {holder}" for one, holder in locks)


class Apply:
    """One apply: takes the lock, begins a change every so often, and gives the lock back."""

    def __init__(
        self,
        world: World,
        name: str,
        fate_of: FateOf = lambda _: SWIFT,
        *,
        timeout: float = 300,
        lease: float = LEASE,
        clock: float = 0,
    ) -> None:
        lock = Lock(project="acme", generation=0, holder=name, lease=lease, by=name, commit=None)
        self.name, self.wire = name, Wire(world, name, fate_of)
        self.held: HeldLock | None = None
        self._world, self._clock = world, clock
        self._terms = LockTerms(lock=lock, timeout=timeout)
        self._threads = ThreadsWriter(self.wire)

    async def take(self) -> HeldLock:
        wrong_by.set(self._clock)
        self.held = await take(self._terms, self._threads, stop=asyncio.Event(), status=lambda _: None)
        self._world.tell(f"{self.name} holds it")
        return self.held

    async def run(self, *, at: float = 0, seconds: float = 10, every: float = 0.25) -> None:
        await asyncio.sleep(at)
        async with await self.take() as held:
            end = now() + seconds
            while now() < end and held.lost_because() is None and not self.wire.is_dead:
                self._world.begun.append((now(), self.name))
                await asyncio.sleep(every)
            self._world.tell(f"{self.name} ends: {held.lost_because()}")

    async def unlock(self, *, at: float) -> None:
        """Take all locks away, as the command does."""
        await asyncio.sleep(at)
        for lock in reversed(await read_locks(self._threads, "acme")):
            await self._threads.delete(lock.id)


def play(scene: Callable[[World], Coroutine[Any, Any, None]], seed: int = 0) -> World:
    """Run a scene in virtual time, and end what is left of it."""
    world = World()

    async def all_of_it() -> None:
        await scene(world)
        while rest := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in rest:
                task.cancel()
            await asyncio.wait(rest, timeout=1)

    random.seed(seed)  # of the pauses
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(all_of_it())
    return world


def only(kind: str, number: int, fate: Fate) -> FateOf:
    """That fate for one request, the n-th of its kind, and a good one for all others."""
    return lambda asked: fate if (asked.kind, asked.number) == (kind, number) else SWIFT


# Whatever happens to requests, one at a time holds it


@dataclass(frozen=True)
class Weather:
    """How likely it is that something happens to a request."""

    name: str
    killed: float = 0
    lost: float = 0
    slow: float = 0
    late: float = 0
    outage: float = 0
    clocks: float = 0

    def fates(self, rng: random.Random, lease: float) -> FateOf:
        """The fates of one apply's requests."""
        out_until = 0.0

        def fate_of(asked: Asked) -> Fate:
            nonlocal out_until
            fate = Fate(there=rng.expovariate(30), back=rng.expovariate(30))
            if rng.random() < self.slow:
                fate = replace(fate, there=rng.uniform(0, lease / 2), hidden=rng.choice([0, rng.uniform(0, lease / 2)]))
            if rng.random() < self.outage:
                out_until = now() + rng.uniform(0, 1.2 * lease)
            if rng.random() < (0.7 if now() < out_until else self.lost):
                fate = replace(fate, back=None, gives_up=rng.choice([0.05, 1, lease / 2]))
            if rng.random() < self.late and asked.kind in {"create", "delete"}:
                fate = replace(fate, there=rng.uniform(0, lease), gives_up=0.5)
            return fate

        return fate_of


WEATHERS = (
    Weather("calm"),
    Weather("killed", killed=0.5),
    Weather("clocks", killed=0.3, clocks=86_400),
    Weather("lost", killed=0.2, lost=0.2),
    Weather("slow", killed=0.2, slow=0.15),
    Weather("late", late=0.1),
    Weather("outage", outage=0.05),
    Weather("all", killed=0.1, lost=0.05, slow=0.05, late=0.05, outage=0.02, clocks=100),
)


class Storm:
    """Six applies that want the lock within ten seconds, in some weather, and one that comes after them."""

    longest_lease, timeout = 12.0, 400.0

    def __init__(self, weather: Weather, seed: int) -> None:
        self.refused: list[LockRefused] = []
        self._killed: set[str] = set()
        self._weather = weather
        self._rng = random.Random(seed)  # noqa: S311 - no secret

    async def blow(self, world: World) -> None:
        names = [f"apply{number}" for number in range(6)]
        applies = [asyncio.create_task(self._apply(world, name), name=name) for name in names]
        ended, waiting = await asyncio.wait(applies, timeout=2 * self.timeout)
        assert [error for task in ended if (error := task.exception())] == [], "\n".join(world.story)
        assert {task.get_name() for task in waiting} <= self._killed, "\n".join(world.story)
        began = now()
        await Apply(world, "last").run(seconds=1)
        # The lease of one that was killed, and that of a row that landed only when its maker had gone.
        assert now() - began < 2 * self.longest_lease + 5, "\n".join(world.story)

    async def _apply(self, world: World, name: str) -> None:
        rng, weather = self._rng, self._weather
        clock = rng.uniform(-1, 1) * weather.clocks
        lease = rng.choice([self.longest_lease / 2, self.longest_lease])
        apply = Apply(world, name, weather.fates(rng, lease), lease=lease, timeout=self.timeout, clock=clock)
        if rng.random() < weather.killed:
            asyncio.get_running_loop().call_later(rng.uniform(0, 30), self._kill, world, apply)
        try:
            await apply.run(at=rng.uniform(0, 10), seconds=rng.choice([1, 5, 25]), every=lease / 20)
        except LockRefused as error:
            self.refused.append(error)
        except RemoteError as error:
            world.tell(f"{name} fails: {error}")

    def _kill(self, world: World, apply: Apply) -> None:
        apply.wire.is_dead = True
        self._killed.add(apply.name)
        world.tell(f"{apply.name} is killed")


@pytest.mark.parametrize("weather", WEATHERS, ids=lambda weather: weather.name)
def test_of_many_applies_one_at_a_time_begins_changes_and_none_waits_for_ever(weather: Weather) -> None:
    for seed in range(24):
        storm = Storm(weather, seed)
        world = play(storm.blow, seed)
        world.assert_one_at_a_time()
        assert storm.refused == [], "\n".join(world.story)
        assert weather.name != "calm" or world.rows == {}


# Waiting


@pytest.mark.parametrize("timeout", [0.0, 0.5, 30.0])
def test_a_lock_that_is_held_is_waited_for_as_long_as_was_asked_and_nothing_is_left_behind(timeout: float) -> None:
    async def scene(world: World) -> None:
        holder = asyncio.create_task(Apply(world, "holder").run(seconds=100))
        await asyncio.sleep(25)  # it has been renewed once
        began = now()
        with pytest.raises(Locked):
            await Apply(world, "other", timeout=timeout).take()
        assert timeout <= now() - began <= timeout + 0.5
        assert {row["metadata"][LOCK_KEY]["holder"] for row in world.rows.values()} == {"holder"}
        await holder
        assert world.rows == {}

    assert {name for _, name in play(scene).begun} == {"holder"}


@pytest.mark.parametrize("is_after_a_dead_one", [False, True])
def test_ten_that_come_at_once_take_turns_without_long_breaks(is_after_a_dead_one: bool) -> None:
    async def scene(world: World) -> None:
        if is_after_a_dead_one:
            await Apply(world, "dead").take()
        await asyncio.gather(*(Apply(world, f"apply{number}").run(seconds=2) for number in range(10)))
        assert now() < LEASE * is_after_a_dead_one + 10 * (2 + 3)
        assert world.rows == {}

    world = play(scene)
    world.assert_one_at_a_time()
    assert len({name for _, name in world.begun}) == 10


def test_who_waits_for_a_dead_one_tries_at_first_and_again_at_the_end_of_its_lease() -> None:
    tries: list[float] = []

    def counted(asked: Asked) -> Fate:
        if asked.kind == "create":
            tries.append(now())
        return SWIFT

    async def scene(world: World) -> None:
        await Apply(world, "dead").take()
        await Apply(world, "next", counted).run(at=1, seconds=1)

    ((began, _), *_) = play(scene).begun
    assert LEASE < began < LEASE + 0.5
    assert len([time for time in tries if time < LEASE - 1]) == 1
    assert len(tries) <= 4


@pytest.mark.parametrize("clock", [-3600.0, 3600.0])
def test_a_wrong_clock_does_not_make_anybody_wait_for_more_than_the_lease_of_a_renewed_lock(clock: float) -> None:
    async def scene(world: World) -> None:
        killed = Apply(world, "killed")
        asyncio.get_running_loop().call_later(1.5 * LEASE, setattr, killed.wire, "is_dead", True)
        task = asyncio.create_task(killed.run(seconds=1000))
        await Apply(world, "next", clock=clock).run(at=LEASE, seconds=1)
        assert now() < 2.5 * LEASE + 5
        task.cancel()

    world = play(scene)
    world.assert_one_at_a_time()
    assert world.begun[-1][1] == "next"


# How long it holds


def test_a_lock_that_is_renewed_holds_as_long_as_the_apply_takes_and_leaves_no_rows_behind() -> None:
    async def scene(world: World) -> None:
        apply = asyncio.create_task(Apply(world, "one").run(seconds=10 * LEASE))
        await asyncio.sleep(9 * LEASE)
        assert len(world.rows) <= 2
        await apply
        assert world.rows == {}

    assert play(scene).begun[-1][0] >= 10 * LEASE - 1


def test_nothing_is_begun_in_the_last_part_of_a_lease_that_cannot_be_renewed() -> None:
    def fails(asked: Asked) -> Fate:
        return Fate(status=503) if asked.kind == "create" and asked.number > 1 else SWIFT

    world = play(lambda world: Apply(world, "one", fails).run(seconds=10 * LEASE))
    assert LEASE * 0.8 < world.begun[-1][0] < LEASE * 5 / 6 + 0.1


def test_a_renewal_that_fails_once_is_tried_again_in_time() -> None:
    def fails(asked: Asked) -> Fate:
        return Fate(status=503) if asked.kind == "create" and LEASE / 4 < now() < LEASE / 2 else SWIFT

    world = play(lambda world: Apply(world, "one", fails).run(seconds=2 * LEASE))
    assert world.begun[-1][0] >= 2 * LEASE - 1


def test_a_machine_that_slept_or_whose_clock_was_set_back_does_not_hold_it_longer() -> None:
    async def scene(world: World) -> None:
        slept, behind = await Apply(world, "slept").take(), None
        assert slept.lost_because() is None
        wrong_by.set(LEASE)  # the monotonic clock may have stood still
        assert slept.lost_because() is not None
        wrong_by.set(0)
        assert slept.lost_because() is not None  # once lost, it stays lost
        await asyncio.sleep(LEASE)
        behind = await Apply(world, "behind").take()
        await asyncio.sleep(LEASE)
        wrong_by.set(-3600)
        assert behind.lost_because() is not None

    play(scene)


# What the applies that were killed leave behind


@pytest.mark.parametrize("timeout", [0.0, 30.0])
@pytest.mark.parametrize("clock", [0.0, -3600.0, 3600.0])
def test_a_lease_that_is_over_stops_nobody_however_short_the_timeout_and_wrong_the_clock(
    timeout: float, clock: float
) -> None:
    async def scene(world: World) -> None:
        await Apply(world, "dead").take()
        await asyncio.sleep(LEASE + 1)
        await Apply(world, "next", timeout=timeout, clock=clock).run(seconds=1)

    assert {name for _, name in play(scene).begun} == {"next"}


def test_a_dead_row_that_may_not_be_deleted_does_not_keep_the_lock_from_being_given_back() -> None:
    async def scene(world: World) -> None:
        await Apply(world, "dead").take()
        (dead,) = world.rows
        await asyncio.sleep(LEASE)
        for name in ("second", "third"):
            began = now()
            is_of_dead = Apply(
                world,
                name,
                lambda asked: Fate(status=403) if asked == replace(asked, kind="delete", thread_id=dead) else SWIFT,
            )
            await is_of_dead.run(seconds=1)
            assert list(world.rows) == [dead]
            assert now() - began < LEASE / 2

    play(scene)


# Answers that are lost, requests that land late


def test_a_lock_whose_answers_are_all_lost_is_found() -> None:
    async def scene(world: World) -> None:
        lost = Apply(world, "one", lambda asked: LOST if asked.kind == "create" else SWIFT)
        await lost.run(seconds=1)
        assert world.rows == {}

    assert play(scene).begun


def test_a_lost_answer_to_giving_it_back_takes_nothing_from_the_next_holder() -> None:
    async def scene(world: World) -> None:
        first = Apply(world, "first", only("delete", 1, LOST))
        others = [Apply(world, "second").run(at=2.2), Apply(world, "third").run(at=2.9)]
        await asyncio.gather(first.run(seconds=2), *others)

    play(scene).assert_one_at_a_time()


def test_a_delete_that_lands_late_takes_nothing_from_the_next_holder() -> None:
    async def scene(world: World) -> None:
        first = Apply(world, "first", only("delete", 1, Fate(there=5, gives_up=0.1)))
        others = [Apply(world, "second").run(at=2.9), Apply(world, "third").run(at=6)]
        await asyncio.gather(first.run(seconds=2), *others)

    play(scene).assert_one_at_a_time()


def test_a_renewal_that_is_tried_again_holds_no_longer_than_its_row() -> None:
    async def scene(world: World) -> None:
        def fails(asked: Asked) -> Fate:
            is_listing = asked.kind == "search"
            fails = LEASE / 3 < now() < LEASE * 3 / 4 if is_listing else asked.kind == "create" and now() > LEASE
            return Fate(status=503) if fails else SWIFT

        await asyncio.gather(
            Apply(world, "first", fails).run(seconds=200), Apply(world, "second").run(at=30, seconds=100)
        )

    play(scene).assert_one_at_a_time()


def test_a_renewal_that_others_see_only_after_the_lease_is_none() -> None:
    async def scene(world: World) -> None:
        slow = Fate(hidden=42, gives_up=100)
        first = Apply(world, "first", only("create", 3, slow))
        await asyncio.gather(first.run(seconds=200, every=42.5), Apply(world, "second").run(at=81, seconds=30))

    play(scene).assert_one_at_a_time()


def test_a_renewal_that_is_not_finished_is_given_back_too() -> None:
    async def scene(world: World) -> None:
        def fails(asked: Asked) -> Fate:
            return Fate(status=503) if asked.kind == "search" and 19 < now() < 30 else SWIFT

        await Apply(world, "first", fails).run(seconds=22)
        began = now()
        await Apply(world, "second").run(seconds=1)
        assert now() - began < LEASE / 2

    play(scene)


# Unlock


def test_an_apply_that_is_unlocked_notices_when_it_renews_the_lock() -> None:
    async def scene(world: World) -> None:
        await asyncio.gather(Apply(world, "one").run(seconds=200), Apply(world, "unlock").unlock(at=30))

    assert 30 < play(scene).begun[-1][0] < LEASE * 2 / 3 + 1


def test_a_renewal_that_is_unlocked_before_it_is_seen_is_none() -> None:
    async def scene(world: World) -> None:
        slow = Apply(world, "one", lambda asked: Fate(there=3) if asked.kind == "search" else SWIFT)
        apply = asyncio.create_task(slow.run(seconds=200))
        while len(world.rows) < 2:  # noqa: ASYNC110 - time is virtual; until it renews
            await asyncio.sleep(0.1)
        unlocked = now()
        # The new row is taken away first, the former one only after the apply has looked.
        await Apply(world, "unlock", only("delete", 2, Fate(there=20))).unlock(at=0)
        await apply
        assert world.begun[-1][0] < unlocked + 8

    play(scene)


def test_what_is_deleted_at_the_end_is_what_was_dead_at_the_beginning() -> None:
    async def scene(world: World) -> None:
        await Apply(world, "dead").take()
        second, third, fourth = (Apply(world, name) for name in ("second", "third", "fourth"))
        await asyncio.gather(
            second.run(at=61, seconds=15, every=15),  # begins one change only: that it is unlocked comes too late
            Apply(world, "unlock").unlock(at=70),
            third.run(at=72, seconds=30),
            fourth.run(at=77),
        )

    play(scene).assert_one_at_a_time()


@pytest.mark.parametrize("comes", [0.5, 1.5])
def test_a_lock_that_is_taken_away_while_it_is_taken_is_neither_held_nor_a_deployment_without_locks(
    comes: float,
) -> None:
    async def scene(world: World) -> None:
        slow = Apply(world, "slow", lambda asked: Fate(there=1) if asked.kind == "search" else SWIFT)
        await asyncio.gather(slow.run(), Apply(world, "unlock").unlock(at=0.1), Apply(world, "other").run(at=comes))

    play(scene).assert_one_at_a_time()


def test_an_apply_does_not_wait_for_a_row_of_its_own_that_it_could_not_delete() -> None:
    async def scene(world: World) -> None:
        await Apply(world, "dead").take()
        # Its clock is ahead, so that it tries too early.
        second = Apply(world, "second", lambda asked: Fate(status=403) if asked.kind == "delete" else SWIFT, clock=5)
        await second.run(at=LEASE - 4, seconds=1)
        assert now() < LEASE + 5

    play(scene)
