from __future__ import annotations

import io
import re
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.text import Text

from assistant_sync.cli import output
from assistant_sync.cli.output import Display
from assistant_sync.model.progress import Progress
from tests.locking.clock import Clock


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, 0.0)


def steps(display: Display, clock: Clock, count: int, phase: str = "reading files") -> None:
    """One step a second."""
    for done in range(count + 1):
        display(Progress(phase, done, count))
        clock.elapse(1)


def test_without_a_terminal_what_is_over_within_ten_seconds_shows_nothing(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Display(quiet=False) as display:
        steps(display, clock, 9)
    assert capsys.readouterr() == ("", "")


def test_without_a_terminal_there_is_a_line_with_the_time_left_every_ten_seconds(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Display(quiet=False) as display:
        steps(display, clock, 35)
        display(Progress("comparing", 0, None))
        clock.elapse(10)
        display(Progress("applying", 0, 7))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "reading files: 10 of 35, about 25 s left",
        "reading files: 20 of 35, about 15 s left",
        "reading files: 30 of 35, about 5 s left",
        "applying: 0 of 7",
    ]


@pytest.mark.parametrize("is_terminal", [False, True])
def test_quiet_shows_none(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    terminal = Terminal()
    if is_terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
    with Display(quiet=True) as display:
        steps(display, clock, 50)
    assert capsys.readouterr() == ("", "")
    assert terminal.getvalue() == ""


def test_a_terminal_shows_how_far_each_phase_is_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Display(quiet=False) as display:
        for done in (0, 500, 1000):
            display(Progress("reading files", done, 1000))
        for done in (0, 1, 2, 3, 1):  # it begins again with the last one
            display(Progress("reading", done, 4))
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue()).replace("\r", "\n").splitlines()
    *_, files, rows = [one.split() for one in shown if one.strip()]
    assert (files[:2], files[-2:]) == (["reading", "files"], ["1000/1000", "0:00:00"])
    assert (rows[0], rows[-2:]) == ("reading", ["1/4", "-:--:--"])


WORDS = st.text("ab c\t\n\r\x0b\x1b\x85\u2028é中\u200b[/]:", max_size=30)


@given(WORDS, WORDS)
@example("a" * 300, ":smile: [bold]b[/bold]")
def test_without_a_terminal_a_text_is_printed_as_the_console_prints_it(one: str, other: str) -> None:
    text = Text(one, style="red").append(other, style="bold")
    buffer = io.StringIO()
    output._console(buffer, is_terminal=False).print(text)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
            patch.delenv(name, raising=False)
        assert output._rendered(text, io.StringIO()) == buffer.getvalue()


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_without_a_terminal_the_environment_may_ask_for_colours(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(variable, "1")
    assert output._rendered(Text("a", style="red"), io.StringIO()) == "\x1b[31ma\x1b[0m\n"
