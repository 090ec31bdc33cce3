"""Where things are printed: data to stdout, talk to stderr."""

from __future__ import annotations

import io
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Self, TextIO

import click
from rich.console import Console
from rich.text import Text

from assistant_sync.report.json.document import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from assistant_sync.model.progress import Progress

_EVERY = 10.0
"""Seconds between two lines of progress where there is no terminal."""


OUTPUT_FAILED = "output_failed"
"""Set among what a command remembers once its result could not be printed."""


def print_data(data: Text | Mapping[str, object]) -> None:
    """Print the result of a command to stdout.

    What was done has been done, whether or not it can be printed: a reader that has gone is no failure, and any
    other one is told on stderr and ends the program with 1 where nothing else is wrong.
    """
    text = _rendered(data, sys.stdout) if isinstance(data, Text) else dumps(data) + "\n"
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        _silence(sys.stdout)
        if isinstance(error, BrokenPipeError):
            return
        print_talk(f"Error: the output could not be written: {error.strerror or error}")
        context = click.get_current_context(silent=True)
        if context is not None and isinstance(context.find_root().obj, dict):
            context.find_root().obj[OUTPUT_FAILED] = True


def print_talk(text: Text | str) -> None:
    """Tell a person something on stderr; where nobody can hear it, go on."""
    try:
        sys.stderr.write(_rendered(Text(text) if isinstance(text, str) else text, sys.stderr))
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr)


def confirmed(question: str) -> bool:
    """Ask a person on the terminal."""
    # The event loop's own handler would not end a blocking read.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return click.confirm(question, err=True)
    finally:
        signal.signal(signal.SIGINT, before)


def _rendered(text: Text, stream: TextIO) -> str:
    """The text as it is written to a stream, with colours where that is a terminal."""
    # Into a buffer: rich would end the program by itself where the reader of its output has gone.
    buffer = io.StringIO()
    _console(buffer, is_terminal=stream.isatty()).print(text)
    return buffer.getvalue()


def _silence(stream: TextIO) -> None:
    """Let what is buffered go nowhere, so that it does not fail again when the program ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):
        return  # not a file of the system's
    finally:
        os.close(nowhere)


def _console(file: TextIO, *, is_terminal: bool) -> Console:
    # Untrusted text must never be read as markup, a link or an emoji name; long lines are the terminal's to fold.
    # None leaves it to the environment, which may ask for colours.
    return Console(
        file=file,
        force_terminal=True if is_terminal else None,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
    )


class Display:
    """Shows progress on stderr: a bar on a terminal, a line now and then elsewhere.

    A context manager; ``clear`` takes the bar away before anything else is printed, and the next event brings it
    back.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Bar | None = None
        self._tasks: dict[str, TaskID] = {}
        self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __call__(self, event: Progress) -> None:
        """Show one event."""
        if self._quiet:
            return
        if sys.stderr.isatty():
            self._show(event)
        elif time.monotonic() - self._last_line >= _EVERY:
            self._last_line = time.monotonic()
            of = f" of {event.total}" if event.total is not None else ""
            print_talk(f"{event.phase}: {event.done}{of}")

    def clear(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._tasks.clear()

    def _show(self, event: Progress) -> None:
        if self._bar is None:
            self._bar = _new_bar()
            self._bar.start()
        if event.phase not in self._tasks:
            self._tasks[event.phase] = self._bar.add_task(event.phase, total=event.total)
        self._bar.update(self._tasks[event.phase], completed=event.done, total=event.total)


def _new_bar() -> Bar:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Bar(*columns, console=_console(sys.stderr, is_terminal=True), transient=True)
