"""Run the official LangGraph dev server on this machine only, without a model or a key.

    python examples/dev_server.py [--port P]                     # prints the URL, serves until Ctrl-C
    python examples/dev_server.py [--port P] -- COMMAND ARG...   # runs a command beside it

The command gets the URL in ASSISTANT_SYNC_URL. The program ends with the exit code of the command.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

EXAMPLES = Path(__file__).resolve().parent
CONFIG = EXAMPLES / "langgraph.json"

START_SECONDS = 60.0
STOP_SECONDS = 10.0
TRIES = 3
"""Ports tried: between finding a free one and the server's start, another program may take it."""

NOT_INHERITED = ("LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_", "LANGSERVE_", "OTEL_", "MOUNT_PREFIX")
QUIET = {
    "LANGSMITH_TRACING": "false",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "true",
}
"""With these, and without a key, the server opens no connection to anywhere."""


class ServerFailed(Exception):
    """The server did not start; the message ends with its last log lines."""


class PortTaken(ServerFailed):
    """Another program took the port, and the server chose another one."""


@contextmanager
def running_server(*, config: Path = CONFIG, port: int | None = None) -> Iterator[str]:
    """Run ``langgraph dev`` with nothing stored before, and stop it whatever happens.

    Args:
        config: The langgraph.json to serve; paths in it that stay below its folder are followed.
        port: The port to listen on; None for a free one.

    Yields:
        The server's URL.

    Raises:
        ServerFailed: If it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="langgraph-dev-") as folder, _termination_as_exit():
        for tries_left in reversed(range(TRIES)):
            try:
                with _served(config, Path(folder), port or _free_port()) as url:
                    yield url
            except PortTaken:
                if port or not tries_left:
                    raise
            else:
                return


def run_graph(url: str, assistant_id: str, question: str, thread_id: str | None = None) -> dict[str, Any]:
    """Run an assistant to its end and return the graph's state.

    Args:
        url: The deployment's URL.
        assistant_id: An assistant, or a graph's name for its default assistant.
        question: What to ask it.
        thread_id: The thread to run on; None for a run without one.

    Raises:
        RuntimeError: If the run failed; the server answers that with status 200.
    """
    path = f"/threads/{thread_id}/runs/wait" if thread_id else "/runs/wait"
    body = {"assistant_id": assistant_id, "input": {"question": question}}
    answer = httpx.post(url + path, json=body, timeout=60, trust_env=False).raise_for_status()
    state: dict[str, Any] = answer.json()
    if "__error__" in state:
        raise RuntimeError(f"the run of {assistant_id} failed: {state['__error__']}")
    return state


@contextmanager
def _served(config: Path, folder: Path, port: int) -> Iterator[str]:
    log = folder / ".log"
    nonce = secrets.token_hex(8)
    # The server stores its data in its working folder and looks for the graphs there, too.
    work = Path(tempfile.mkdtemp(dir=folder))
    for entry in config.resolve().parent.iterdir():
        if not entry.name.startswith((".", "__pycache__")):
            (work / entry.name).symlink_to(entry)
    command = [sys.executable, "-m", "langgraph_cli", "dev", "--no-browser", "--no-reload"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--config", config.name]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=work, env=_environment(nonce), stdout=output, stderr=output, start_new_session=True
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(server, url, nonce, log)
        yield url
    finally:
        _stop(server)


def _environment(nonce: str) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(NOT_INHERITED) and not name.lower().endswith("_proxy")
    }
    # The server returns it in GET /info, which distinguishes it from any other server on the port.
    return inherited | QUIET | {"LANGSMITH_HOST_REVISION_ID": nonce}


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, nonce: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(base_url=url, timeout=5, trust_env=False) as client:
        while server.poll() is None and time.monotonic() < deadline:
            if "is already in use, using port" in log.read_text("utf-8", "replace"):
                raise PortTaken(f"the dev server cannot listen on {url}: another program does")
            with suppress(httpx.HTTPError, ValueError, KeyError, TypeError):
                if client.get("/info").json()["host"]["host_revision_id"] == nonce:
                    client.get("/ok").raise_for_status()
                    return
            time.sleep(0.05)
    state = "did not answer in time" if server.poll() is None else f"ended with code {server.returncode}"
    tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-30:])
    raise ServerFailed(f"the dev server for {url} {state}; its log ends with:\n{tail}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    try:
        _signal_group(server, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)
    finally:
        _signal_group(server, signal.SIGKILL)
        server.wait()


def _signal_group(server: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(server.pid, number)


@contextmanager
def _termination_as_exit() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end this program by an exception, so that the server is stopped, too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    former = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _run_beside(url: str, command: Sequence[str]) -> int:
    process = subprocess.Popen(command, env=os.environ | {"ASSISTANT_SYNC_URL": url})
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    return code if code >= 0 else 128 - code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server alone or beside a command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Run the official LangGraph dev server on this machine.")
    parser.add_argument("--port", type=int, help="the port to listen on; a free one if not given")
    parser.add_argument("command", nargs="*", help="what to run beside it, after --")
    options = parser.parse_args(arguments)
    try:
        with running_server(port=options.port) as url:
            if options.command:
                return _run_beside(url, options.command)
            print(url, flush=True)
            threading.Event().wait()
    except ServerFailed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
