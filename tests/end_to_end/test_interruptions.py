"""Ctrl-C and SIGTERM: what is in flight settles, the rest is not begun, all of it is reported, the lock given back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
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


SIGNALLED = """\
import os, signal, sys
from assistant_sync.cli import apply, main
print_data = apply.print_data
def interrupted(data):
    for _ in range({times}):
        os.kill(os.getpid(), {number})
    print_data(data)
apply.print_data = interrupted
before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
code = main(["apply", "--format", "json"])
assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before
sys.exit(code)
"""
"""An apply that gets signals when everything is written, right before it prints its report."""


def signalled(project: ProjectFixture, number: signal.Signals, times: int) -> subprocess.CompletedProcess[str]:
    program = SIGNALLED.format(number=int(number), times=times)
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_when_everything_is_written_does_not_keep_it_from_being_reported(
    number: signal.Signals, project: ProjectFixture
) -> None:
    project.manifest("a")
    done = signalled(project, number, times=1)
    assert done.returncode == 0, done.stderr
    assert [one["status"] for one in json.loads(done.stdout)["outcomes"]] == ["created"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_second_signal_then_aborts_the_report(number: signal.Signals, code: int, project: ProjectFixture) -> None:
    project.manifest("a")
    done = signalled(project, number, times=2)
    assert done.returncode == code
    assert "created" not in done.stdout


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
