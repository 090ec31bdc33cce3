from __future__ import annotations

import ast
import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from assistant_sync.cli import interrupts
from assistant_sync.model.progress import Progress, in_steps
from tests.project_fixture import ProjectFixture
from tests.servers.loopback import Reply, loopback
from tests.test_structure import TREES, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.loopback import Asked

LONG = 20.0
"""Seconds that work takes which nothing ends."""


def ctrl_c_in(seconds: float) -> None:
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()


def seconds_of(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """The usual handler, before and after; another test may have left its own."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    after = signal.signal(signal.SIGINT, before)
    assert after is signal.default_int_handler


def test_what_nobody_interrupts_returns_and_its_threads_report() -> None:
    heard: list[Progress] = []

    async def main() -> list[int]:
        return await asyncio.to_thread(lambda: list(in_steps("reading", range(3))))

    assert interrupts.run(main(), heard.append) == [0, 1, 2]
    assert heard == [Progress("reading", 0, 3), Progress("reading", 3, 3)]


def test_an_error_comes_through() -> None:
    async def main() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        interrupts.run(main())


def test_ctrl_c_ends_a_thread_at_its_next_steps() -> None:
    def work() -> None:
        for _ in in_steps("reading", range(int(LONG * 1000))):
            time.sleep(0.001)

    async def main() -> None:
        await asyncio.to_thread(work)

    def interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            interrupts.run(main())

    ctrl_c_in(0.2)
    assert seconds_of(interrupted) < LONG / 4


def test_ctrl_c_ends_a_computation_that_keeps_the_event_loop_busy() -> None:
    cleaned_up = []

    async def main() -> None:
        try:
            end = time.monotonic() + LONG
            while time.monotonic() < end:
                sum(range(100))
        finally:
            cleaned_up.append(True)

    def interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            interrupts.run(main())

    ctrl_c_in(0.2)
    assert seconds_of(interrupted) < LONG / 4
    assert cleaned_up == [True]


def test_ctrl_c_leaves_a_coroutine_that_waits_the_time_to_clean_up() -> None:
    cleaned_up = []

    async def main() -> None:
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            await asyncio.sleep(0.6)
            cleaned_up.append(True)
            raise

    ctrl_c_in(0.1)
    with pytest.raises(KeyboardInterrupt):
        interrupts.run(main())
    assert cleaned_up == [True]


def test_a_command_that_handles_ctrl_c_itself_is_not_ended_by_it() -> None:
    """As from the first write on: also if the event loop is busy for longer than it has to react."""

    async def main() -> list[str]:
        heard: list[str] = []
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, heard.append, "Ctrl-C")
        ctrl_c_in(0.1)
        time.sleep(0.8)  # noqa: ASYNC251 - it is busy
        work = asyncio.to_thread(lambda: list(in_steps("reading", range(3))))
        assert await work == [0, 1, 2]
        return heard

    assert interrupts.run(main()) == ["Ctrl-C"]


def test_outside_of_the_main_thread_it_runs_as_asyncio_does() -> None:
    async def main() -> int:
        return 7

    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(interrupts.run(main())))
    thread.start()
    thread.join()
    assert results == [7]


@pytest.mark.parametrize("module", ["click", "assistant_sync.cli.app"])
def test_ctrl_c_while_the_program_starts_shows_no_traceback(module: str) -> None:
    program = (
        "import runpy, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder())\n"
        "sys.argv = ['assistant-sync', 'plan']\n"
        "runpy.run_module('assistant_sync', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (130, False)


def test_no_command_runs_a_coroutine_in_another_way() -> None:
    def runs(tree: ast.AST) -> bool:
        return any(isinstance(node, ast.Attribute) and ast.unparse(node) == "asyncio.run" for node in ast.walk(tree))

    assert [name_of(path) for path, tree in TREES.items() if ".cli." in name_of(path) and runs(tree)] == [
        "assistant_sync.cli.interrupts"
    ]


def empty(asked: Asked) -> Reply:
    """What a deployment without assistants answers."""
    if asked.target.endswith("/schemas"):
        return Reply(404, b"{}")
    return Reply(body=b"0" if asked.target.endswith("/count") else b"[]")


def many(folder: Path, url: str, count: int) -> ProjectFixture:
    project = ProjectFixture(folder, url)
    prompt = "\n".join(f"    line {number} of a prompt: what to do, and what not to do" for number in range(30))
    for number in range(count):
        text = f"graph_id: support_agent\ncontext:\n  number: {number}\n  prompt: |\n{prompt}\n"
        project.write(f"assistants/team{number % 20}/a{number}.yaml", text)
    project.commit()
    return project


@pytest.mark.full
@pytest.mark.parametrize("command", ["plan", "validate"])
def test_ctrl_c_ends_a_command_on_ten_thousand_manifests_at_any_moment(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    # Python's own start takes as long as the machine is busy, and nothing can report a Ctrl-C in it.
    program = "from assistant_sync.cli import run; print('started', flush=True); run()"
    moments = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.7, 1, 1.5, 2, 3, 5, 7]
    ended = []
    with loopback(empty) as server:
        project = many(folder, server.url, 10_000)
        for moment in moments:
            process = subprocess.Popen(
                [sys.executable, "-c", program, command],
                cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=10)
            if process.returncode == 0:
                break  # this machine is faster
            assert process.returncode == 130, (moment, err)
            assert "Traceback" not in err
            assert err.splitlines()[-1] == "Error: interrupted; nothing was written"
            ended.append(moment)
    assert len(ended) >= 3
