"""Ctrl-C and SIGTERM: what is in flight settles, the rest is not begun, all of it is reported, the lock given back."""

from __future__ import annotations

import json
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Proxy, Request


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_the_write_in_flight_settle_and_reports_every_change(
    number: signal.Signals, code: int, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    for key in "abc":
        project.manifest(key)
    begun = threading.Event()

    def slow(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            begun.set()
            time.sleep(1)
        return forward(request)

    proxy.meddle = slow
    process = project.start("apply", "--format", "json", "--concurrency", "1")
    assert begun.wait(20)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert [one["status"] for one in json.loads(out)["outcomes"]] == ["created", "not_attempted", "not_attempted"]
    assert [row["name"] for row in deployment.users()] == ["a"]  # and no lock
    proxy.reset()
    assert project.statuses("--lock-timeout", "0") == {"b": "created", "c": "created"}


def test_a_signal_ends_the_wait_for_a_rate_limit(project: ProjectFixture, deployment: Deployment, proxy: Proxy) -> None:
    project.manifest("a")
    limited = threading.Event()

    def limit(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            limited.set()
            return Answer(429, b"{}", headers={"retry-after": "50"})
        return forward(request)

    proxy.meddle = limit
    process = project.start("apply", "--format", "json")
    assert limited.wait(20)
    time.sleep(0.2)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert process.returncode == 130, err
    (outcome,) = json.loads(out)["outcomes"]
    assert (outcome["status"], outcome["error"]["kind"]) == ("failed", "RateLimited")
    assert deployment.users() == []


def test_a_signal_during_the_second_plan_ends_it_and_nothing_is_written(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("a")
    planning = threading.Event()

    def slow(request: Request, forward: Forward) -> Answer:
        is_locked = any(one.is_lock for one in proxy.requests)
        if is_locked and not request.is_lock and not planning.is_set():
            planning.set()
            time.sleep(3)
        return forward(request)

    proxy.meddle = slow
    process = project.start("apply")
    assert planning.wait(20)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 143, err
    assert "nothing was written" in err
    assert proxy.writes == []
    assert deployment.users() == []
