"""The advisory lock, on the real server: who holds it, who waits, and that nobody else ever sees it."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import Locked
from assistant_sync.live.threads import ThreadsWriter
from assistant_sync.locking import lock as lock_module
from assistant_sync.locking.lock import take
from assistant_sync.locking.rows import LockTerms
from assistant_sync.model.frozen import replace
from assistant_sync.model.lock import LOCK_KEY, Lock
from assistant_sync.transport import Endpoint, WriteConnection
from tests.project_fixture import PROJECT
from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Proxy, Request


def row_of(generation: int = 1, *, holder: str = "x", lease: float = 60) -> dict[str, Any]:
    """The body of a lock row that somebody else makes."""
    lock = Lock(project=PROJECT, generation=generation, holder=holder, lease=lease, by="bob@build", commit="a" * 40)
    return {"thread_id": lock.id, "metadata": {LOCK_KEY: lock.as_json()}}


def lock_requests(proxy: Proxy) -> list[Request]:
    return [request for request in proxy.requests if request.is_lock]


# Nothing to do, nothing taken


def test_an_apply_without_writes_takes_no_lock_and_waits_for_none(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("support")
    project.apply()
    held = deployment.create_thread(**row_of())
    proxy.reset()
    assert project.apply("--lock-timeout", "0")["outcomes"] == []
    assert lock_requests(proxy) == []
    assert deployment.locks() == [held]


def test_neither_a_plan_nor_a_refused_apply_takes_a_lock(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    deployment.create(assistant_id=own)
    project.run("plan").expect(6)
    project.run("apply").expect(6)
    assert lock_requests(proxy) == []


def test_lock_off_takes_no_lock(project: ProjectFixture, proxy: Proxy) -> None:
    project.configure(proxy.url, lock="off")
    project.manifest("support")
    assert project.statuses() == {"support": "created"}
    assert lock_requests(proxy) == []


# Held, and given back


def test_an_apply_holds_the_lock_while_it_writes_and_gives_it_back(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_JOB_URL", "https://ci.example/jobs/7")
    project.manifest("support")
    sha = project.commit()
    seen: list[dict[str, Any]] = []

    def look(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            seen.extend(deployment.locks())
        return forward(request)

    proxy.meddle = look
    project.apply()
    (row,) = seen
    lock = row["metadata"][LOCK_KEY]
    assert (lock["project"], lock["by"], lock["commit"]) == (PROJECT, "https://ci.example/jobs/7", sha)
    assert deployment.locks() == []


def test_the_plan_is_made_anew_under_the_lock_and_that_one_is_shown_and_carried_out(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", context={"temperature": 1})
    project.apply()
    project.manifest("support", context={"temperature": 2})
    other: list[object] = []

    def edit(request: Request, forward: Forward) -> Answer:
        if request.is_lock and not other:
            other.append(deployment.patch(own, name="By hand"))
        return forward(request)

    proxy.meddle = edit
    run = project.run("apply").expect(0)
    assert "from version 2" in run.out
    assert len(deployment.versions(own)) == 3


def test_what_another_apply_did_meanwhile_is_not_done_again(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    others: list[str] = []

    def race(request: Request, forward: Forward) -> Answer:
        if request.is_lock and not others:
            others.append("begun")
            others.append(project.start("apply", "--format", "json").communicate(timeout=60)[0])
        return forward(request)

    proxy.meddle = race
    assert project.apply()["outcomes"] == []
    assert [one["status"] for one in json.loads(others[1])["outcomes"]] == ["created"]
    assert len(deployment.versions(own)) == 1


# Waiting


def test_a_held_lock_is_waited_for_and_then_named_and_nothing_is_written(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("support")
    held = deployment.create_thread(**row_of())
    run = project.run("apply", "--lock-timeout", "0.5").expect(7)
    assert "bob@build" in run.err
    assert "unlock" in run.err
    assert proxy.writes == []
    assert deployment.locks() == [held]


def test_a_lock_that_is_given_back_is_waited_for(project: ProjectFixture, deployment: Deployment) -> None:
    project.manifest("support")
    held = deployment.create_thread(**row_of())
    timer = threading.Timer(0.7, deployment.delete_thread, [held["thread_id"]])
    timer.start()
    try:
        assert project.statuses() == {"support": "created"}
    finally:
        timer.join()


def test_the_lock_of_a_dead_apply_is_followed_by_the_next_generation_once_its_lease_is_over(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("support")
    dead = deployment.create_thread(**row_of(lease=2))
    rows: list[list[int]] = []

    def look(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            rows.append([row["metadata"][LOCK_KEY]["generation"] for row in deployment.locks()])
        return forward(request)

    proxy.meddle = look
    began = time.monotonic()
    assert project.statuses() == {"support": "created"}
    assert time.monotonic() - began >= 1.5
    [generations] = rows  # the dead one's row is there while the next one holds, at the second try or the third
    assert min(generations) == 1
    assert len(set(generations)) == 2
    deletes = [request.path for request in proxy.requests if request.method == "DELETE"]
    assert f"/threads/{dead['thread_id']}" in deletes
    assert deployment.locks() == []


def test_a_wrong_clock_of_ours_does_not_end_somebody_elses_lease(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:  # noqa: ARG003 - the library's signature
            return datetime.now(UTC) + timedelta(days=1)

    monkeypatch.setattr(lock_module, "datetime", Tomorrow)
    project.manifest("support")
    held = deployment.create_thread(**row_of())
    project.run("apply", "--lock-timeout", "1").expect(7)
    assert proxy.writes == []
    assert deployment.locks() == [held]
    tries = [request for request in lock_requests(proxy) if request.path == "/threads"]
    assert len(tries) == 1  # it told how long the lock still holds, by the server's clock


def test_sigterm_while_waiting_ends_with_143_and_leaves_no_lock(
    project: ProjectFixture, deployment: Deployment
) -> None:
    project.manifest("support")
    held = deployment.create_thread(**row_of())
    process = project.start("apply")
    deadline = time.monotonic() + 30
    line = ""
    while "Waiting" not in line and time.monotonic() < deadline:
        assert process.stderr is not None
        line = process.stderr.readline()
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143
    assert deployment.locks() == [held]


# Renewed, lost, refused


def slow_creates(seconds: float, *, lock_answer: Answer | None = None) -> Any:
    def meddle(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            time.sleep(seconds)
        elif request.is_lock and request.body and lock_answer and request.path == "/threads" and meddle.made:  # type: ignore[attr-defined] # its own memory
            return lock_answer
        elif request.is_lock and request.path == "/threads":
            meddle.made = True  # type: ignore[attr-defined] # its own memory
        return forward(request)

    meddle.made = False  # type: ignore[attr-defined] # its own memory
    return meddle


def test_an_apply_that_is_longer_than_its_lease_renews_it_by_the_next_generation(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.configure(proxy.url, lock=3)
    for key in "abc":
        project.manifest(key)
    proxy.meddle = slow_creates(1.5)
    assert set(project.statuses("--concurrency", "1").values()) == {"created"}
    made = {request.body for request in lock_requests(proxy) if request.path == "/threads"}
    assert len(made) >= 3
    assert deployment.locks() == []
    assert all(row["version"] == 1 for row in deployment.users())


def test_an_apply_whose_lock_cannot_be_renewed_begins_nothing_new_and_says_so(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.configure(proxy.url, lock=2)
    for key in "abc":
        project.manifest(key)
    proxy.meddle = slow_creates(2, lock_answer=Answer(403, b"{}"))
    result = project.apply("--concurrency", "1", code=8)
    assert [one["status"] for one in result["outcomes"]] == ["created", "not_attempted", "not_attempted"]
    assert result["outcomes"][1]["error"]["kind"] == "LockLost"
    assert [row["name"] for row in deployment.users()] == ["a"]
    proxy.reset()
    assert project.statuses() == {"b": "created", "c": "created"}


def test_an_apply_that_is_unlocked_by_mistake_notices_and_begins_nothing_new(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.configure(proxy.url, lock=2)
    for key in "abc":
        project.manifest(key)
    unlocked: list[object] = []

    def meddle(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            for row in deployment.locks() if not unlocked else []:
                unlocked.append(row)
                deployment.delete_thread(row["thread_id"])
            time.sleep(1.2)
        return forward(request)

    proxy.meddle = meddle
    result = project.apply("--concurrency", "1", code=8)
    assert "not_attempted" in [one["status"] for one in result["outcomes"]]
    assert deployment.locks() == []


@pytest.mark.parametrize("status", [403, 409, 422])
def test_where_no_lock_can_be_made_there_is_a_warning_and_the_apply_goes_on(
    status: int, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("support")
    proxy.meddle = lambda request, forward: (
        Answer(status, b'{"detail": "no locks here"}')
        if request.is_lock and request.path == "/threads"
        else forward(request)
    )
    run = project.run("apply", "--format", "json").expect(0)
    assert "there is no lock against another apply" in run.err
    assert "lock: off" in run.json["warnings"][0]
    assert [row["name"] for row in deployment.users()] == ["support"]


def test_a_lock_that_cannot_be_given_back_is_a_warning_and_ends_by_itself(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.configure(proxy.url, lock=2)
    project.manifest("support")
    proxy.meddle = lambda request, forward: (
        Answer(403, b"{}") if request.is_lock and request.method == "DELETE" else forward(request)
    )
    run = project.run("apply", "--format", "json").expect(0)
    assert run.json["converged"]
    assert "expires within 2 s" in run.json["warnings"][0]
    proxy.reset()
    project.manifest("support", description="next")
    assert project.statuses() == {"support": "updated"}
    assert deployment.locks() == []


def test_a_lock_whose_answer_is_lost_is_found_and_not_waited_for(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("support")
    lost: list[object] = []

    def lose(request: Request, forward: Forward) -> Answer | None:
        answer = forward(request)
        if request.is_lock and request.path == "/threads" and not lost:
            lost.append(request)
            return None
        return answer

    proxy.meddle = lose
    assert project.statuses("--lock-timeout", "0") == {"support": "created"}
    assert deployment.locks() == []


# Nobody else sees it


def test_a_lock_row_is_in_no_plan_and_is_not_pruned(project: ProjectFixture, deployment: Deployment) -> None:
    project.manifest("support")
    project.apply()
    held = deployment.create_thread(**row_of())
    plan = project.plan("--prune")
    assert [change["key"] for change in plan["changes"]] == ["support"]
    assert plan["warnings"] == []
    assert deployment.locks() == [held]


def test_nothing_is_hidden_by_looking_like_a_lock(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support")
    project.apply()
    deployment.patch(own, metadata={LOCK_KEY: {"project": PROJECT, "generation": 1, "holder": "x"}}, name="By hand")
    assert project.actions() == {"support": "update"}


def test_no_manifest_may_name_the_locks_key(project: ProjectFixture) -> None:
    project.manifest("support", metadata={LOCK_KEY: {}})
    run = project.run("plan").expect(3)
    assert LOCK_KEY in run.err


# unlock


def test_unlock_without_a_lock_does_nothing(project: ProjectFixture, proxy: Proxy) -> None:
    assert "no lock" in project.run("unlock").expect(0).out
    assert all(request.method == "POST" and request.path != "/threads" for request in proxy.requests)


def test_unlock_takes_away_the_locks_of_this_project_only(project: ProjectFixture, deployment: Deployment) -> None:
    for generation in (1, 2):
        deployment.create_thread(**row_of(generation))
    foreign = Lock(project="other", generation=1, holder="y", lease=60, by="", commit=None)
    kept = deployment.create_thread(thread_id=foreign.id, metadata={LOCK_KEY: foreign.as_json()})
    result = project.run("unlock", "--format", "json").expect(0).json
    assert [one["by"] for one in result["removed"]] == ["bob@build", "bob@build"]
    assert deployment.locks() == [kept]
    project.manifest("support")
    assert project.statuses("--lock-timeout", "0") == {"support": "created"}


# Mutual exclusion


def test_of_many_that_want_a_lock_one_at_a_time_holds_it(server_url: str, deployment: Deployment) -> None:
    deployment.create_thread(**row_of(lease=2))
    held: list[tuple[float, float]] = []

    async def one(number: int) -> None:
        lock = Lock(project=PROJECT, generation=0, holder=str(number), lease=60, by=str(number), commit=None)
        terms = LockTerms(lock=lock, timeout=60)
        async with WriteConnection(Endpoint(server_url, {})) as connection:
            taken = await take(terms, ThreadsWriter(connection), stop=asyncio.Event(), status=lambda _: None)
            async with taken:
                began = time.monotonic()
                await asyncio.sleep(0.05)
                held.append((began, time.monotonic()))

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in range(6)))

    asyncio.run(all_of_them())
    held.sort()
    assert len(held) == 6
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(held))
    assert deployment.locks() == []


def test_a_timeout_of_zero_takes_a_free_lock_and_does_not_wait_for_another(
    server_url: str, deployment: Deployment
) -> None:
    lock = Lock(project=PROJECT, generation=0, holder="me", lease=60, by="me", commit=None)
    terms = LockTerms(lock=lock, timeout=0)
    other = replace(terms, lock=replace(lock, holder="you"))

    async def try_it() -> None:
        async with WriteConnection(Endpoint(server_url, {})) as connection:
            threads = ThreadsWriter(connection)
            async with await take(terms, threads, stop=asyncio.Event(), status=lambda _: None):
                with pytest.raises(Locked):
                    await take(other, threads, stop=asyncio.Event(), status=lambda _: None)

    asyncio.run(try_it())
    assert deployment.locks() == []
