from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.project_fixture import ProjectFixture
from tests.servers.forkserver import TOP, ForkServer, running_forkserver
from tests.servers.loopback import Asked, Reply, loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def forkserver() -> Iterator[ForkServer]:
    with running_forkserver() as forkserver:
        yield forkserver


def test_a_command_ends_with_its_code_and_its_output(forkserver: ForkServer, tmp_path: Path) -> None:
    version = forkserver.run(tmp_path, "--version")
    assert (version.code, version.err) == (0, "")
    assert version.out.startswith("assistant-sync")
    missing = forkserver.run(tmp_path, "plan")
    assert missing.code == 3
    assert "assistant-sync.yaml" in missing.err
    assert forkserver.run(tmp_path, "no-such-command").code == 64


def test_a_command_sees_its_own_folder_and_environment(forkserver: ForkServer, tmp_path: Path) -> None:
    project = ProjectFixture(tmp_path, "http://127.0.0.1:9")
    project.manifest("a")
    untracked = forkserver.run(tmp_path, "validate", CI="true")
    assert untracked.code == 3
    assert "assistants/a.yaml" in untracked.out
    project.commit()
    assert forkserver.run(tmp_path, "validate", CI="true").code == 0
    assert "CI" not in os.environ


def test_several_run_at_once(forkserver: ForkServer, tmp_path: Path) -> None:
    running = [forkserver.start(tmp_path, "--version") for _ in range(5)]
    assert {one.wait().code for one in running} == {0}


def test_one_that_waits_is_killed_at_once_and_the_others_go_on(forkserver: ForkServer, tmp_path: Path) -> None:
    project = ProjectFixture(tmp_path, "http://127.0.0.1:9")
    project.manifest("a")

    def silent(_: Asked) -> Reply:
        time.sleep(1)
        return Reply()

    with loopback(silent) as server:
        waiting = forkserver.start(tmp_path, "plan", "--url", server.url)
        while not server.asked:
            time.sleep(0.01)
        assert not waiting.has_ended
        waiting.kill()
        assert waiting.has_ended
        assert waiting.wait().code == -signal.SIGKILL
        waiting.kill()
    assert forkserver.run(tmp_path, "--version").code == 0


def test_waits_shrink_with_a_faster_clock(forkserver: ForkServer, tmp_path: Path) -> None:
    ProjectFixture(tmp_path, "http://127.0.0.1:9").manifest("a")
    with loopback(lambda _: Reply(429, b"{}", {"retry-after": "20"})) as server:
        start = time.monotonic()
        run = forkserver.run(tmp_path, "plan", "--url", server.url, speed=200)
        assert run.code == 5, run
        assert time.monotonic() - start < 10


def test_one_that_does_not_end_is_a_timeout_and_is_killed(forkserver: ForkServer, tmp_path: Path) -> None:
    ProjectFixture(tmp_path, "http://127.0.0.1:9").manifest("a")
    with loopback(lambda _: Reply(429, b"{}", {"retry-after": "20"})) as server:
        running = forkserver.start(tmp_path, "plan", "--url", server.url)
        with pytest.raises(TimeoutError, match=r"within 0\.3 s"):
            running.wait(0.3)
        assert running.has_ended


ORPHANED = """
import sys, time
from pathlib import Path
from tests.servers.forkserver import ForkServer
forkserver = ForkServer(Path(sys.argv[1]))
forkserver.start(Path(sys.argv[1]), "plan", "--url", sys.argv[2])
time.sleep(60)
"""


def test_nothing_outlives_a_starter_that_was_killed(tmp_path: Path) -> None:
    ProjectFixture(tmp_path, "http://127.0.0.1:9").manifest("a")
    with loopback(lambda _: Reply(429, b"{}", {"retry-after": "1"})) as server:
        with subprocess.Popen([sys.executable, "-c", ORPHANED, tmp_path, server.url], cwd=TOP) as starter:
            while not server.asked:
                time.sleep(0.05)
            starter.kill()
        time.sleep(0.5)
        seen = len(server.asked)
        time.sleep(1.5)
        assert len(server.asked) == seen


def test_nobody_waits_for_a_forkserver_that_has_ended(tmp_path: Path) -> None:
    with running_forkserver() as forkserver:
        os.kill(forkserver.pid, signal.SIGSTOP)  # or it might be done before the next line but one
        running = forkserver.start(tmp_path, "--version")
        os.kill(forkserver.pid, signal.SIGKILL)
        with pytest.raises(AssertionError, match="the forkserver has ended"):
            running.wait()
