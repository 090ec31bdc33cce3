"""What a process of git gets, and what becomes of it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import RepositoryError, Terminated
from assistant_sync.repository.command import run

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a program that runs as git; its text is a shell script's."""
    program = tmp_path / "programs" / "git"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


def test_git_speaks_english_asks_for_nothing_and_gets_no_variable_of_a_hook(
    stand_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de", "GIT_DIR": "x", "GIT_CONFIG_COUNT": "0"}.items():
        monkeypatch.setenv(name, value)
    stand_in.write_text("#!/bin/sh\nenv\n")
    printed = run(tmp_path, ["status"], environment={"GIT_INDEX_FILE": "own"}).stdout.decode()
    variables = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
    own = {
        name: value for name, value in variables.items() if name.startswith("GIT_") or name in ("LC_ALL", "LANGUAGE")
    }
    assert own == {
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_CONFIG_COUNT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_INDEX_FILE": "own",
    }


def test_much_output_on_both_pipes_and_much_input_do_not_block(stand_in: Path, tmp_path: Path) -> None:
    stand_in.write_text("#!/bin/sh\nhead -c 300000 /dev/zero\nhead -c 300000 /dev/zero | tr '\\0' ' ' >&2\ncat\n")
    result = run(tmp_path, ["cat-file"], stdin=b"x" * 300_000)
    assert (result.status, len(result.stdout), result.stderr) == (0, 600_000, "")


def test_an_exception_of_a_signal_ends_the_process(stand_in: Path, tmp_path: Path) -> None:
    stand_in.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Terminated("terminated")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(Terminated):
            run(tmp_path, ["fetch"])
    finally:
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_folder_that_cannot_be_entered_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match=r"git cannot be started in .*gone: No such file"):
        run(tmp_path / "gone", ["status"])
