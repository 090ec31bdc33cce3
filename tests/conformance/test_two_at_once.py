"""Two applies at once: one does the work, the other waits and finds it done; no lock is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject
    from tests.servers.forkserver import ForkServer, Running
    from tests.servers.proxy import Answer, Forward, Request

SPEED = 5
"""How much faster the clocks of the applies run, so that they look at the lock more often."""

COMMAND = ("apply", "--format", "json", "--timeout", "300", "--lock-timeout", "3000")


@pytest.mark.parametrize("change", ["create", "update"])
def test_each_change_is_made_once(change: str, project: ConformanceProject, forkserver: ForkServer) -> None:
    keys = [f"a{number}" for number in range(6)]
    if change == "update":
        for key in keys:
            project.repository.manifest(key, context={"model": key, "round": 0})
        project.repository.commit()
        project.repository.apply()
    ids = {key: project.repository.manifest(key, context={"model": key, "round": 1}) for key in keys}
    project.repository.commit()
    pair = [forkserver.start(project.repository.folder, *COMMAND, speed=SPEED) for _ in range(2)]
    told = [one.wait().expect(0).json for one in pair]
    done = sorted(one["key"] for result in told for one in result["outcomes"])
    assert done == keys
    numbers = {key: project.deployment.numbers(own) for key, own in ids.items()}
    assert numbers == dict.fromkeys(keys, [2, 1] if change == "update" else [1])
    assert project.deployment.locks() == []
    assert project.repository.actions() == dict.fromkeys(keys, "keep")


def test_one_that_begins_while_the_other_writes_waits_for_it(
    project: ConformanceProject, forkserver: ForkServer
) -> None:
    own = project.repository.manifest("support", context={"model": "a"})
    project.repository.apply()
    project.repository.manifest("support", context={"model": "b"})
    project.repository.commit()
    held: list[int] = []
    beside: list[Running] = []

    def meddle(request: Request, forward: Forward) -> Answer:
        if request.is_write and not beside:
            held.append(len(project.deployment.locks()))
            beside.append(
                forkserver.start(project.repository.folder, *COMMAND, "--url", project.deployment.url, speed=SPEED)
            )
        return forward(request)

    project.wire.meddle = meddle
    assert project.repository.statuses() == {"support": "updated"}
    assert held == [1]
    assert beside[0].wait().expect(0).json["outcomes"] == []
    assert project.deployment.numbers(own) == [2, 1]
    assert project.deployment.locks() == []


def test_an_apply_that_fails_leaves_no_lock(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", context={"model": "a"})
    project.repository.apply()
    project.repository.manifest("support", context={"model": "b"})

    def meddle(request: Request, forward: Forward) -> Answer:
        if request.method == "PATCH" and project.deployment.exists(own):
            project.deployment.delete(own)
        return forward(request)

    project.wire.meddle = meddle
    assert project.repository.run("apply").code != 0
    assert project.deployment.locks() == []
