"""The command line in processes of its own that start at once, and that can be killed at any moment.

One helper process has imported the program and forks for each command, which saves the half second that an
interpreter and its imports take. The helper has no threads; it and all its children end with the process that
started it, however that ends.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from tests.fast_time import fast_time
from tests.project_fixture import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parents[2]

PRELOADED = (
    "anyio._backends._asyncio",
    "assistant_sync.cli.app",
    "assistant_sync.cli.apply",
    "assistant_sync.cli.plan",
    "assistant_sync.report.json.problems",
    "deepdiff",
    "httpcore",
    "httpx",
    "rich.console",
    "rich.progress",
)

PATIENCE = 120.0
"""Seconds after which a command that has not ended is a failed test."""


class Running:
    """A command under way.

    Args:
        forkserver: Its starter.
        number: What the starter calls it.
        out: Where its stdout goes.
        err: Where its stderr goes.
    """

    def __init__(self, forkserver: ForkServer, number: int, out: Path, err: Path) -> None:
        self._forkserver = forkserver
        self._number = number
        self._out = out
        self._err = err
        self._ended = threading.Event()
        self._code: int | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing runs any more."""
        return self._ended.is_set()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens where the command has ended."""
        self._forkserver.tell({"do": "signal", "job": self._number, "number": int(number)})

    def kill(self) -> None:
        """End it with SIGKILL, and return when it is dead."""
        self.send(signal.SIGKILL)
        self._await(PATIENCE)

    def wait(self, seconds: float = PATIENCE) -> Run:
        """Wait for its end; the code of one that a signal ended is the signal's number, negative.

        Raises:
            TimeoutError: It did not end in time, and was killed.
        """
        self._await(seconds)
        assert self._code is not None, "the forkserver has ended"
        return Run(self._code, self._read(self._out), self._read(self._err))

    def ended(self, code: int) -> None:
        """For the starter: it has ended with this code."""
        self._code = code
        self._ended.set()

    def fail(self) -> None:
        """For the starter: whoever was to run it has ended itself."""
        self._ended.set()

    def _await(self, seconds: float) -> None:
        if self._ended.wait(seconds):
            return
        self.send(signal.SIGKILL)
        self._ended.wait(5)
        message = f"it did not end within {seconds:g} s\n{self._read(self._out)}\n{self._read(self._err)}"
        raise TimeoutError(message)

    @staticmethod
    def _read(file: Path) -> str:
        return file.read_text("utf-8", "replace")


class ForkServer:
    """Starts commands; may be used by several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._jobs: dict[int, Running] = {}
        self._lock = threading.Lock()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        # A session of its own: Ctrl-C in the terminal ends the tests, and they end this.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.forkserver"],
            cwd=TOP,
            env=environment | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The helper's process id."""
        return self._process.pid

    def start(self, folder: Path, *arguments: str, speed: float = 1.0, **environment: str) -> Running:
        """Start a command.

        Args:
            folder: Where it runs.
            arguments: What follows the program's name.
            speed: How much faster its clock runs.
            environment: Variables beside this process's own.
        """
        number = next(self._numbers)
        out, err = self._folder / f"{number}.out", self._folder / f"{number}.err"
        for file in (out, err):
            file.touch()
        running = self._jobs[number] = Running(self, number, out, err)
        order = {"folder": str(folder), "arguments": arguments, "speed": speed, "out": str(out), "err": str(err)}
        self.tell({"do": "start", "job": number, "environment": {**os.environ, **environment}, **order})
        return running

    def run(self, folder: Path, *arguments: str, speed: float = 1.0, **environment: str) -> Run:
        """Start a command and wait for its end."""
        return self.start(folder, *arguments, speed=speed, **environment).wait()

    def tell(self, order: dict[str, Any]) -> None:
        """Hand an order over."""
        assert self._process.stdin
        with self._lock:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def close(self) -> None:
        """End the helper and whatever still runs."""
        assert self._process.stdin
        with self._lock:
            self._process.stdin.close()
        self._process.wait(10)
        self._listener.join()
        assert self._process.stdout
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            told = json.loads(line)
            self._jobs.pop(told["job"]).ended(told["code"])
        for running in list(self._jobs.values()):
            running.fail()


@contextmanager
def running_forkserver() -> Iterator[ForkServer]:
    """Keep the program forkserver for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="forkserver-") as folder:
        forkserver = ForkServer(Path(folder))
        try:
            yield forkserver
        finally:
            forkserver.close()


class _Helper:
    """The helper process: forks at orders from stdin, tells of ends on stdout."""

    def __init__(self) -> None:
        self._orders = os.dup(0)
        self._news = os.dup(1)
        self._children: dict[int, int] = {}
        self._bell, ringer = os.pipe()
        for end in (self._bell, ringer):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(ringer)
        self._inner = (self._orders, self._news, self._bell, ringer)

    def serve(self) -> None:
        """Work until nobody gives orders any more."""
        rest = b""
        try:
            while True:
                ready, _, _ = select.select([self._orders, self._bell], [], [])
                if self._bell in ready:
                    with suppress(BlockingIOError):
                        os.read(self._bell, 4096)
                    self._collect()
                if self._orders in ready:
                    piece = os.read(self._orders, 1 << 16)
                    if not piece:
                        return
                    *lines, rest = (rest + piece).split(b"\n")
                    for line in lines:
                        self._obey(json.loads(line))
        finally:
            for pid in self._children.values():
                os.kill(pid, signal.SIGKILL)

    def _obey(self, order: dict[str, Any]) -> None:
        job = order["job"]
        if order["do"] == "signal":
            if job in self._children:
                os.kill(self._children[job], order["number"])
            return
        pid = os.fork()
        if pid == 0:
            _become(order, self._inner)
        self._children[job] = pid

    def _collect(self) -> None:
        for job, pid in list(self._children.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                # Not before: a process that is not collected keeps its id, so no signal reaches a stranger.
                del self._children[job]
                told = {"job": job, "code": os.waitstatus_to_exitcode(status)}
                os.write(self._news, json.dumps(told).encode() + b"\n")


def _become(order: dict[str, Any], inner: tuple[int, ...]) -> NoReturn:
    """Run one command in this child, and end."""
    code = 99  # no code of the program's
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in inner:
            os.close(descriptor)
        for number, path, flags in (
            (0, os.devnull, os.O_RDONLY),
            (1, order["out"], os.O_WRONLY),
            (2, order["err"], os.O_WRONLY),
        ):
            os.dup2(os.open(path, flags), number)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        code = _main(order["arguments"], order["speed"])
        sys.stdout.flush()
        sys.stderr.flush()
    except KeyboardInterrupt:
        # As an interpreter that is interrupted while it starts; an exit code cannot be negative.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    finally:
        os._exit(code)


def _main(arguments: list[str], speed: float) -> int:
    from assistant_sync.cli import main

    if speed == 1:
        return main(arguments)
    with fast_time(speed):
        return main(arguments)


def _prepare() -> None:
    import gc

    for name in PRELOADED:
        importlib.import_module(name)
    # What is there now stays in memory that parent and children share.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    _prepare()
    _Helper().serve()
