from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from assistant_sync.applying.executor import CONCURRENCY
from assistant_sync.errors import RepositoryError
from assistant_sync.model.outcome import Failure
from assistant_sync.model.progress import Progress
from tests.applying.memory_deployment import ALL, ONE, MemoryDeployment, changes_of, kept, refused, status, statuses
from tests.builders import make_desired

if TYPE_CHECKING:
    from assistant_sync.model.change import Delete
    from assistant_sync.model.outcome import Archived
    from assistant_sync.model.plan import Plan
    from tests.servers.recording import Fault, Proceed

KEYS = tuple(f"k{number:02}" for number in range(20))


def fleet(memory: MemoryDeployment) -> Plan:
    """A plan with a create, an update and a delete, and something to keep."""
    memory.settle(make_desired("b"), make_desired("c"), make_desired("d"))
    desired = (make_desired("a"), make_desired("b", description="x"), make_desired("d"))
    plan = memory.plan(*desired, prune=True)
    assert changes_of(plan) == [("a", "create"), ("b", "update"), ("c", "delete")]
    return plan


def test_a_plan_without_writes_sends_and_reads_nothing() -> None:
    memory = MemoryDeployment()
    memory.settle(make_desired("a"))
    result = memory.apply(memory.plan(make_desired("a")))
    assert (result.outcomes, result.converged, result.unchanged) == ((), True, 1)
    assert (memory.sent, memory.asked) == ([], [])


def test_every_write_of_a_plan_has_an_outcome_in_the_plans_order() -> None:
    memory = MemoryDeployment()
    result = memory.apply(fleet(memory))
    assert list(statuses(result).items()) == [("a", "created"), ("b", "updated"), ("c", "deleted")]
    assert (result.converged, result.unchanged, result.interrupted, result.unread) == (True, 1, False, None)


def test_deletes_wait_until_all_other_writes_are_done() -> None:
    memory = MemoryDeployment()
    memory.settle(*(make_desired(key) for key in ("a", "b")))
    memory.apply(memory.plan(*map(make_desired, KEYS), prune=True))
    assert memory.sent == ["POST"] * len(KEYS) + ["DELETE"] * 2


def test_one_failure_does_not_stop_the_others() -> None:
    memory = MemoryDeployment()
    result = memory.apply(fleet(memory), status(403, "PATCH", ONE))
    assert statuses(result) == {"a": "created", "b": "failed", "c": "deleted"}
    assert not result.converged


class Crowd:
    """A fault that counts how many writes are in flight at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def __call__(self, request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method != "POST" or request.url.path != ALL:
            return await proceed()
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(50):
            await asyncio.sleep(0)
        self.now -= 1
        return await proceed()


@pytest.mark.parametrize("concurrency", [None, 1, 3, 100])
def test_as_many_assistants_as_are_allowed_are_written_at_a_time(concurrency: int | None) -> None:
    memory, crowd = MemoryDeployment(), Crowd()
    settings = {} if concurrency is None else {"concurrency": concurrency}
    result = memory.apply(memory.plan(*map(make_desired, KEYS)), crowd, **settings)
    assert crowd.most == min(concurrency or CONCURRENCY, len(KEYS))
    assert set(statuses(result).values()) == {"created"}


def test_progress_is_told_with_each_change_that_ends() -> None:
    memory = MemoryDeployment()
    told: list[Progress] = []
    memory.apply(fleet(memory), listener=told.append, concurrency=1)
    assert told == [Progress("applying", n, 3, key) for n, key in ((1, "a"), (2, "b"), (3, "c"))]


def stop_at(method: str, event: asyncio.Event) -> Fault:
    """The stop comes while such a request is under way."""

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == method:
            event.set()
        return await proceed()

    return fault


def test_after_a_stop_nothing_new_is_begun_and_what_is_in_flight_is_finished() -> None:
    memory = MemoryDeployment()
    plan = fleet(memory)
    stop = asyncio.Event()
    result = memory.apply(plan, stop_at("PATCH", stop), stop=stop, concurrency=1)
    assert statuses(result) == {"a": "created", "b": "updated", "c": "not_attempted"}
    assert [outcome.error for outcome in result.outcomes] == [None, None, None]
    assert (result.interrupted, result.converged) == (True, False)
    assert memory.sent == ["POST", "PATCH"]


def test_a_lost_lock_ends_what_is_not_begun_with_its_reason() -> None:
    memory = MemoryDeployment()
    reasons = iter([None, "somebody removed it", "somebody removed it"])
    result = memory.apply(fleet(memory), lost_because=lambda: next(reasons), concurrency=1)
    assert statuses(result) == {"a": "created", "b": "not_attempted", "c": "not_attempted"}
    message = "skipped: the lock was lost (somebody removed it). Run apply again"
    assert {outcome.error for outcome in result.outcomes} == {None, Failure("LockLost", message, 7)}
    assert (memory.sent, result.interrupted) == (["POST"], False)


def test_a_write_that_needs_an_unregistered_graph_is_not_sent() -> None:
    memory = MemoryDeployment()
    memory.settle(make_desired("b"))
    desired = (make_desired("a", graph_id="coming"), make_desired("b", graph_id="coming"), make_desired("c"))
    result = memory.apply(memory.plan(*desired))
    assert statuses(result) == {"a": "not_attempted", "b": "not_attempted", "c": "created"}
    reason = "graph 'coming' is not registered on this deployment (yet)"
    assert result.outcomes[0].error == result.outcomes[1].error == Failure("Deferred", reason, 1)
    assert memory.sent == ["POST"]


def test_a_delete_is_archived_first_and_says_where() -> None:
    memory = MemoryDeployment()
    archived: list[tuple[str, bool]] = []

    async def archive(change: Delete) -> Archived:
        archived.append((change.key, memory.deployment.exists(change.assistant_id)))
        return await kept(change)

    result = memory.apply(fleet(memory), archive=archive)
    assert archived == [("c", True)]
    assert result.outcomes[2].notes == ("kept in archive/c.json",)


def test_what_cannot_be_archived_is_not_deleted() -> None:
    memory = MemoryDeployment()

    async def archive(_: Delete) -> Archived:
        raise RepositoryError("the disk is full", hint="make room")

    result = memory.apply(fleet(memory), archive=archive)
    outcome = result.outcomes[2]
    assert (outcome.status.value, outcome.error) == (
        "failed",
        Failure("RepositoryError", "the disk is full. make room", 1),
    )
    assert "DELETE" not in memory.sent
    assert memory.deployment.exists(outcome.assistant_id)


def test_what_was_being_archived_when_the_lock_was_lost_is_not_deleted() -> None:
    memory = MemoryDeployment()
    lost: str | None = None

    async def archive(change: Delete) -> Archived:
        nonlocal lost
        lost = "it ran out"
        return await kept(change)

    outcome = memory.apply(fleet(memory), archive=archive, lost_because=lambda: lost).outcomes[2]
    message = "skipped: the lock was lost (it ran out). Run apply again"
    assert (outcome.status.value, outcome.error) == ("not_attempted", Failure("LockLost", message, 7))
    assert memory.sent == ["POST", "PATCH"]
    assert memory.deployment.exists(outcome.assistant_id)


@pytest.mark.parametrize("unreadable", [1, 99], ids=["seen in the end", "in doubt"])
def test_a_delete_that_was_in_doubt_says_where_it_was_archived_too(unreadable: int) -> None:
    memory = MemoryDeployment(looks=1)
    memory.settle(make_desired("c"))
    plan = memory.plan(prune=True)
    is_deleted = asyncio.Event()
    own_id = plan.writes[0].assistant_id
    reads = 0

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        nonlocal reads
        if request.method == "DELETE":
            is_deleted.set()
            await proceed()
            raise httpx.ReadTimeout("made by the test", request=request)
        reads += is_deleted.is_set()
        return httpx.Response(403, request=request) if is_deleted.is_set() and reads <= unreadable else await proceed()

    (outcome,) = memory.apply(plan, fault).outcomes
    assert not memory.deployment.exists(own_id)
    assert outcome.status.value == ("deleted" if unreadable == 1 else "unconfirmed")
    assert outcome.notes == ("kept in archive/c.json",)


def test_a_bug_met_by_one_change_does_not_hide_what_became_of_the_others() -> None:
    memory = MemoryDeployment()

    async def bug(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method == "PATCH":
            raise ZeroDivisionError
        return await proceed()

    line = bug.__code__.co_firstlineno + 2
    result = memory.apply(fleet(memory), bug)
    assert statuses(result) == {"a": "created", "b": "unconfirmed", "c": "deleted"}
    error = result.outcomes[1].error
    assert error is not None
    assert (error.kind, error.exit_code) == ("Bug", 70)
    assert error.message == (
        f"this is a bug in assistant-sync: ZeroDivisionError at test_executor.py:{line}. "
        "It may have been written; plan again"
    )


def test_a_failure_carries_the_errors_name_message_hint_and_code() -> None:
    memory = MemoryDeployment()
    result = memory.apply(memory.plan(make_desired("a")), refused("POST", ALL, 9))
    (outcome,) = result.outcomes
    assert outcome.error is not None
    assert (outcome.error.kind, outcome.error.exit_code) == ("Unreachable", 5)
    assert (outcome.version_before, outcome.version_after) == (None, None)
