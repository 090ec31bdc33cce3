"""Programs are stopped whatever happens, and one that does not come up says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.conformance.starting import DoesNotStart, environment, free_port, listens, scratch, serving

if TYPE_CHECKING:
    from pathlib import Path

LISTEN = """
import http.server, signal, subprocess, sys
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("child", "w").write(str(child.pid))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def lives(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody asked for does not."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607 - of the system
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while lives(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.full
@pytest.mark.parametrize("manners", ["polite", "deaf"])
def test_a_program_and_its_children_end_with_the_block(
    tmp_path: Path, manners: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.conformance.starting.STOP_SECONDS", 0.5)
    port = free_port()
    command = [sys.executable, "-c", LISTEN, str(port), manners]

    def fail() -> None:
        with serving(command, tmp_path, partial(listens, port)):
            assert lives(int((tmp_path / "child").read_text()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not listens(port)
    wait_until_gone(int((tmp_path / "child").read_text()))


def test_a_program_that_ends_at_once_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such table'); raise SystemExit(3)"]
    with (
        pytest.raises(DoesNotStart, match=r"ended with code 3; its log ends with:\nno such table"),
        serving(command, tmp_path, lambda: False),
    ):
        pass


def test_a_program_that_is_never_ready_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.conformance.starting.START_SECONDS", 0.5)
    write = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"
    with (
        pytest.raises(DoesNotStart, match="did not answer in time"),
        serving([sys.executable, "-c", write], tmp_path, lambda: False),
    ):
        pass
    wait_until_gone(int((tmp_path / "pid").read_text()))


TERMINATED = """
import sys
from functools import partial
from tests.conformance.starting import free_port, listens, serving, termination_as_interrupt
from pathlib import Path
port = free_port()
command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]

def test_that_lasts():
    with termination_as_interrupt(), serving(command, Path(sys.argv[-1]).parent, partial(listens, port)):
        import os, subprocess, time
        Path(sys.argv[-1]).with_name("port").write_text(str(port))
        os.kill(os.getpid(), SIGNAL)
        time.sleep(60)
"""


@pytest.mark.full
@pytest.mark.parametrize(
    ("number", "code"), [(15, pytest.ExitCode.INTERRUPTED), (2, pytest.ExitCode.INTERRUPTED), (9, -9)]
)
def test_a_test_run_that_is_ended_stops_what_it_started(tmp_path: Path, number: int, code: int) -> None:
    script = tmp_path / "test_lasting.py"
    script.write_text(TERMINATED.replace("SIGNAL", str(number)))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(script)]
    more = {"PYTHONPATH": os.getcwd()}  # noqa: PTH109 - as it stands
    # As from a shell's background, where SIGINT is ignored.
    command = ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
    done = subprocess.run(command, env=os.environ | more, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == code, done.stdout
    port, deadline = int((tmp_path / "port").read_text()), time.monotonic() + 5
    while listens(port):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_keys_proxies_and_settings_are_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    steering = ("LANGSMITH_API_KEY", "HTTPS_PROXY", "no_proxy", "DATABASE_URL", "PGHOST", "NODE_OPTIONS", "PYTHONPATH")
    for name in steering:
        monkeypatch.setenv(name, "x")
    made = environment()
    assert [name for name in steering if name in made] == []
    assert (made["LANGSMITH_TRACING"], made["LANGGRAPH_CLI_NO_ANALYTICS"]) == ("false", "1")
    assert made["PATH"] == os.environ["PATH"]


def test_the_working_folder_is_a_fresh_copy(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)  # a server of this session may run, and have set its own
    (tmp_path / "graph.py").write_text("one")
    with scratch(tmp_path / "graph.py") as folder:
        (folder / "graph.py").write_text("two")
        (folder / "state").write_text("kept?")
    assert (tmp_path / "graph.py").read_text() == "one"
    assert not folder.exists()
    assert signal.getsignal(signal.SIGTERM) == before
