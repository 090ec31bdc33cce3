"""The lock is a thread: clients of the users' assistants never see it, and nobody has to remove what is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject
    from tests.servers.forkserver import ForkServer, Running
    from tests.servers.proxy import Forward, Request

LEASE = 3
"""Seconds; the next apply waits for the end of what a killed one left."""


def first_of_graph(project: ConformanceProject) -> str:
    """The name of the assistant that a client takes who asks for one of a graph, as AG-UI and CopilotKit do."""
    (row,) = project.deployment.try_search(graph_id="support_agent", limit=1).raise_for_status().json()
    return str(row["name"])


def test_a_client_that_takes_the_first_assistant_of_a_graph_gets_the_users_own(
    project: ConformanceProject, forkserver: ForkServer
) -> None:
    """During an apply, after a kill and after the lease."""
    project.repository.configure(project.wire.url, lock=LEASE)
    own = project.repository.manifest("support", context={"model": "a"})
    project.repository.apply()
    project.repository.manifest("support", context={"model": "b"})
    project.repository.commit()
    seen = [first_of_graph(project)]
    beside: list[Running] = []

    def kill_when_it_landed(request: Request, forward: Forward) -> Answer | None:
        if request.method != "PATCH":
            return forward(request)
        seen.append(first_of_graph(project))
        forward(request)
        beside[0].kill()
        return None

    project.wire.meddle = kill_when_it_landed
    beside.append(forkserver.start(project.repository.folder, "apply", "--yes", "--timeout", "300"))
    assert beside[0].wait().code < 0
    seen.append(first_of_graph(project))
    assert [lock["metadata"]["assistant_sync_lock"]["project"] for lock in project.deployment.locks()]
    project.wire.reset()
    assert project.repository.actions() == {"support": "keep"}
    time.sleep(LEASE)
    seen.append(first_of_graph(project))
    assert seen == ["support"] * 4
    assert project.deployment.numbers(own) == [2, 1]


def test_what_a_killed_apply_left_is_removed_by_the_next_one_that_writes(project: ConformanceProject) -> None:
    project.repository.configure(project.wire.url, lock=LEASE)
    project.repository.manifest("support", context={"model": "a"})

    def refuse_release(request: Request, forward: Forward) -> Answer | None:
        return None if request.is_lock and request.method == "DELETE" else forward(request)

    project.wire.meddle = refuse_release
    assert project.repository.statuses("--timeout", "1") == {"support": "created"}
    assert len(project.deployment.locks()) == 1
    project.wire.reset()
    project.repository.manifest("support", context={"model": "b"})
    assert project.repository.statuses() == {"support": "updated"}
    assert project.deployment.locks() == []


def test_a_lock_is_a_thread_without_graph_and_assistant(project: ConformanceProject) -> None:
    project.repository.manifest("support", context={"model": "a"})
    assistants, locks = [], []

    def look(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            assistants.append([row["name"] for row in project.deployment.users()])
            locks.extend(project.deployment.locks())
        return forward(request)

    project.wire.meddle = look
    assert project.repository.apply()["warnings"] == []
    assert assistants == [[]]
    (lock,) = locks
    assert not any(lock["metadata"].get(name) for name in ("graph_id", "assistant_id"))
    # Aegra adds its own three, and marks a thread with its user.
    assert lock["metadata"].keys() - {"thread_name", "graph_id", "assistant_id", "owner"} == {"assistant_sync_lock"}
    assert project.deployment.locks() == []


def test_without_threads_an_apply_warns_and_goes_on(project: ConformanceProject) -> None:
    """A key that may not write threads, or a gateway that passes on assistants alone."""
    project.repository.manifest("support", context={"model": "a"})
    denied = Answer(403, b'{"detail": "no threads for this key"}')
    project.wire.meddle = lambda request, forward: denied if request.is_lock else forward(request)
    run = project.repository.run("apply", "--format", "json").expect(0)
    assert "there is no lock against another apply" in run.json["warnings"][0]
    assert project.deployment.locks() == []
