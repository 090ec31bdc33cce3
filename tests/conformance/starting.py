"""Programs that serve for as long as they are needed: on this machine only, and stopped whatever happens."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from examples.dev_server import NOT_INHERITED, QUIET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

START_SECONDS = 120.0
STOP_SECONDS = 10.0
LAST_LINES = 30

SETTINGS = (*NOT_INHERITED, "AEGRA_", "AUTH_", "DATABASE_", "NODE_", "PG", "POSTGRES_", "PYTHON", "REDIS_")
"""What would steer a server from outside this test, beside the proxies."""


class DoesNotStart(Exception):
    """An installed program did not come up; the message ends with what it last logged."""


@contextmanager
def scratch(*copied: Path) -> Iterator[Path]:
    """A working folder with copies of these files: servers keep their state where they work."""
    with tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True) as folder:
        for path in copied:
            shutil.copy(path, folder)
        yield Path(folder)


@contextmanager
def serving(
    command: Sequence[str],
    folder: Path,
    ready: Callable[[], bool],
    *,
    more: Mapping[str, str] | None = None,
    user: str | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    """Run a program beside the block.

    Args:
        command: The program by its path, and its arguments.
        folder: Where it works; its log is put beside its files.
        ready: Asked until it says so, again and again.
        more: Environment variables beside the inherited ones.
        user: Whom it runs as; None for the user of this process.
        stop: The signal that ends it in good order.

    Raises:
        DoesNotStart: If it ends, or is not ready in time.
    """
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as output:
        program = subprocess.Popen(
            command, cwd=folder, env=environment() | dict(more or {}), stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True, user=user, group=group_of(user),
            extra_groups=None if user is None else [],
        )  # fmt: skip
    try:
        with _guarded(program):
            _wait(program, ready, Path(command[0]).name, log)
            yield
    finally:
        _end(program, stop)


def environment() -> dict[str, str]:
    """The inherited environment without what would steer a server, call out, or give it a key."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(SETTINGS) and not name.lower().endswith("_proxy")
    } | QUIET


def group_of(user: str | None) -> int | None:
    """The group of a user; None for no user."""
    return None if user is None else pwd.getpwnam(user).pw_gid


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether somebody takes connections on a port of this machine."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end this program as Ctrl-C does, so that what it started is stopped, too.

    Pytest would take ``SystemExit`` for the failure of a test, and go on. Where a shell has started this program in the
    background, SIGINT is ignored unless somebody asks for it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _: FrameType | None) -> None:
        raise KeyboardInterrupt(f"signal {number}")

    former = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _wait(program: subprocess.Popen[bytes], ready: Callable[[], bool], name: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while program.poll() is None and time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.1)
    state = "did not answer in time" if program.poll() is None else f"ended with code {program.returncode}"
    tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:])
    raise DoesNotStart(f"{name} {state}; its log ends with:\n{tail}")


@contextmanager
def _guarded(program: subprocess.Popen[bytes]) -> Iterator[None]:
    """Have the program killed where this process is: the pipe to the guard then closes."""
    guard = subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -s KILL -- "-$1"', "guard", str(program.pid)],
        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        guard.kill()
        guard.communicate()


def _end(program: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    try:
        _signal_group(program, stop)
        with suppress(subprocess.TimeoutExpired):
            program.wait(STOP_SECONDS)
    finally:
        _signal_group(program, signal.SIGKILL)
        program.wait()


def _signal_group(program: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, number)
