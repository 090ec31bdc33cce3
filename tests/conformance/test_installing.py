"""What is installed is complete, and is found again by its versions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.conformance import installing
from tests.conformance.installing import CannotRun, find_python, installed, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(installing.HOME, str(tmp_path / "home"))


def test_what_is_complete_is_not_made_again() -> None:
    made: list[Path] = []
    first = installed("server", ["a==1"], made.append)
    assert installed("server", ["a==1"], made.append) == first
    assert made == [first]


def test_what_broke_off_is_made_anew() -> None:
    def broken(folder: Path) -> None:
        (folder / "half").write_text("")
        raise CannotRun("no registry")

    with pytest.raises(CannotRun, match="no registry"):
        installed("server", ["a==1"], broken)
    seen: list[list[Path]] = []
    folder = installed("server", ["a==1"], lambda folder: seen.append(list(folder.iterdir())))
    assert seen == [[]]
    assert (folder / installing.STAMP).read_text("utf-8") == "a==1\n"


def test_other_versions_have_a_folder_of_their_own() -> None:
    folders = {installed("server", pins, lambda _: None) for pins in (["a==1"], ["a==2"], ["a==1", "b==1"])}
    assert len(folders) == 3


def test_an_installer_that_fails_says_what_it_said_last() -> None:
    with pytest.raises(CannotRun, match=r"failed: one / no matching distribution$"):
        run([sys.executable, "-c", "print('one'); print(); print('no matching distribution'); raise SystemExit(1)"])
    with pytest.raises(CannotRun, match="could not run no-such-program"):
        run(["/no-such-program"])


def test_a_python_that_nobody_has_is_named() -> None:
    assert find_python((3, 11)) == sys.executable
    with pytest.raises(CannotRun, match=r"no Python 9\.9 or newer"):
        find_python((9, 9))
