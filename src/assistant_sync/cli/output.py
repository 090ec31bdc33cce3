"""Printing: results go to stdout; progress, warnings and errors go to stderr."""

from __future__ import annotations

import io
import os
import signal
import stat
import sys
import threading
import time
from typing import TYPE_CHECKING, Self, TextIO

import click
from rich.text import Text

from assistant_sync.cli.estimate import Estimate, line
from assistant_sync.cli.run_state import OUTPUT_FAILED, run_state
from assistant_sync.forge.runner_commands import inert, inert_json
from assistant_sync.model.ci import runner_obeys_output
from assistant_sync.redaction import without_sent
from assistant_sync.report.escape import escape_invisible
from assistant_sync.report.json.document import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from assistant_sync.model.progress import Progress

_MAY_ASK_FOR_COLOURS = ("FORCE_COLOR", "TTY_COMPATIBLE")
"""Variables by which rich may take for a terminal what is none."""

_EVERY = 10.0
"""Seconds between two lines of progress without a terminal."""


def print_data(data: Text | Mapping[str, object]) -> None:
    """Print the result of a command to stdout.

    What was done has been done, whether or not it can be printed: a reader that has gone is no failure, and any
    other one is reported on stderr and ends the program with 1 if nothing else is wrong.
    """
    if isinstance(data, Text):
        text = _rendered(data, sys.stdout)
        if runner_obeys_output(os.environ) and not _is_file(sys.stdout):
            text = inert(text)
    else:
        text = inert_json(dumps(data) + "\n")
    _write_data(text)


def print_part(text: str) -> None:
    """Print a part of a line to stdout, which is a terminal; control characters of it are shown, not obeyed."""
    _write_data("\n".join(map(escape_invisible, text.split("\n"))))


def print_status(text: Text | str) -> None:
    """Print a message for a person to stderr; without a reader, go on."""
    rendered = _rendered(Text(text) if isinstance(text, str) else text, sys.stderr)
    _write_status(inert(rendered) if runner_obeys_output(os.environ) else rendered)


def print_command(line: str, *, to_stderr: bool) -> None:
    """Print a workflow command, for the runner of GitHub Actions to obey.

    Args:
        line: The command.
        to_stderr: Whether stdout holds a JSON document, which nothing may interrupt.
    """
    (_write_status if to_stderr else _write_data)(line + "\n")


def _is_file(stream: TextIO) -> bool:
    """Whether the output goes into a file, which no runner reads."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False  # no file of the operating system at all


def _write_data(text: str) -> None:
    try:
        sys.stdout.write(without_sent(text))
        sys.stdout.flush()
    except OSError as error:
        _silence(sys.stdout)
        if isinstance(error, BrokenPipeError):
            return
        _write_status(f"Error: the output could not be written: {error.strerror or error}\n")
        run_state()[OUTPUT_FAILED] = True


def _write_status(text: str) -> None:
    try:
        sys.stderr.write(without_sent(text))
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
    """Return the text as it is written to a stream, with colours if that is a terminal."""
    is_terminal = stream.isatty()
    if not is_terminal and "\t" not in text.plain and not any(name in os.environ for name in _MAY_ASK_FOR_COLOURS):
        return f"{text.plain}\n"  # what the console would print, whose import takes a twentieth of a plan's start
    # Into a buffer: rich would end the program by itself if the reader of its output has gone.
    buffer = io.StringIO()
    _console(buffer, is_terminal=is_terminal).print(text)
    return buffer.getvalue()


def _silence(stream: TextIO) -> None:
    """Discard what is buffered, so that it does not fail again when the program ends."""
    null_device = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null_device, stream.fileno())
    except (OSError, ValueError):
        return  # the stream is no file of the operating system
    finally:
        os.close(null_device)


def _console(file: TextIO, *, is_terminal: bool) -> Console:
    from rich.console import Console

    # Untrusted text must never be read as markup, a link or an emoji name; the terminal folds long lines.
    # With None the environment decides, which may ask for colours.
    return Console(
        file=file,
        force_terminal=True if is_terminal else None,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
    )


class Display:
    """Shows progress on stderr: a bar with the time left on a terminal, elsewhere a line from time to time.

    It may be called from any thread. A context manager; ``clear`` removes the bar before anything else is printed, and
    the next event shows it again.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Bar | None = None
        self._tasks: dict[str, TaskID] = {}
        self._estimate = Estimate()
        self._last_line = time.monotonic()
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __call__(self, event: Progress) -> None:
        """Show one event."""
        if self._quiet:
            return
        with self._lock:
            restarts = self._estimate.restarts(event)
            if sys.stderr.isatty():
                self._show(event, restarts=restarts)
            elif time.monotonic() - self._last_line >= _EVERY:
                self._last_line = time.monotonic()
                print_status(line(event, self._estimate.left()))

    def clear(self) -> None:
        """Remove the bar."""
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
                self._bar = None
                self._tasks.clear()

    def _show(self, event: Progress, *, restarts: bool) -> None:
        if self._bar is None:
            self._bar = _new_bar()
            self._bar.start()
        if event.phase not in self._tasks:
            self._tasks[event.phase] = self._bar.add_task(event.phase, total=event.total)
        elif restarts:
            self._bar.reset(self._tasks[event.phase], total=event.total)
        self._bar.update(self._tasks[event.phase], completed=event.done, total=event.total)


def _new_bar() -> Bar:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Bar(*columns, console=_console(sys.stderr, is_terminal=True), transient=True)
