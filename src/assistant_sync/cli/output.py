"""Where things are printed: data to stdout, talk to stderr."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

import click
from rich.console import Console
from rich.text import Text

from assistant_sync.report.as_json import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from assistant_sync.model.progress import Progress

_EVERY = 10.0
"""Seconds between two lines of progress where there is no terminal."""


def print_data(data: Text | Mapping[str, object]) -> None:
    """Print the result of a command to stdout."""
    if isinstance(data, Text):
        _console(stderr=False).print(data)
    else:
        click.echo(dumps(data))


def print_talk(text: Text | str) -> None:
    """Tell a person something on stderr."""
    _console(stderr=True).print(Text(text) if isinstance(text, str) else text)


def _console(*, stderr: bool) -> Console:
    # Untrusted text must never be read as markup, a link or an emoji name; long lines are the terminal's to fold.
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


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
    return Bar(*columns, console=_console(stderr=True), transient=True)
