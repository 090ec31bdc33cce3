"""Where things are printed: data to stdout, talk to stderr."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from assistant_sync.report.as_json import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assistant_sync.model.progress import Listener, Progress

_EVERY = 10.0
"""Seconds between two lines of progress where there is no terminal."""


def print_data(data: Text | Mapping[str, object]) -> None:
    """Print the result of a command to stdout."""
    _console(stderr=False).print(data if isinstance(data, Text) else Text(dumps(data)))


def print_talk(text: Text | str) -> None:
    """Tell a person something on stderr."""
    _console(stderr=True).print(Text(text) if isinstance(text, str) else text)


def _console(*, stderr: bool) -> Console:
    # Untrusted text must never be read as markup, a link or an emoji name; long lines are the terminal's to fold.
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Listener]:
    """Show progress on stderr: a bar on a terminal, a line now and then elsewhere, nothing where it is quick."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as listener:
            yield listener
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Listener]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=_console(stderr=True), transient=True) as bar:
        tasks = {}

        def show(event: Progress) -> None:
            if event.phase not in tasks:
                tasks[event.phase] = bar.add_task(event.phase, total=event.total)
            bar.update(tasks[event.phase], completed=event.done, total=event.total)

        yield show


def _lines() -> Listener:
    last = time.monotonic()

    def tell(event: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY:
            last = time.monotonic()
            of = f" of {event.total}" if event.total is not None else ""
            print_talk(f"{event.phase}: {event.done}{of}")

    return tell
