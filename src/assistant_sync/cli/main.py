"""The entry point, and the one place where errors become messages and exit codes (docs/exit-codes.md)."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from assistant_sync.cli.run_state import AT_THE_END, OUTPUT_FAILED, WRITES_BEGAN
from assistant_sync.errors import AssistantSyncError, ExitCode, Interrupted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_OBJECTS_PER_COLLECTION = 1_000_000
"""More than the modules and a plan of 10,000 assistants have: the collector would find nothing among them, in 0.1 s."""


def run() -> NoReturn:
    """Run the program, and end the process without taking apart what it has made, which nobody will miss."""
    state: dict[str, Any] = {}
    code = main(state=state)
    atexit._run_exitfuncs()  # what os._exit leaves out, and all of it that matters but the buffers
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.exit(code)  # Python reports that in its own way
    os._exit(code)


def main(argv: Sequence[str] | None = None, *, state: dict[str, Any] | None = None) -> int:
    """Run the program.

    Args:
        argv: The arguments without the program's name; None for the process's own.
        state: Gets what the run remembers; None for nobody.

    Returns:
        The exit code.
    """
    _start_quickly()
    state = {} if state is None else state
    _open_closed_streams(state)
    _let_any_character_print()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments, state)
    finally:
        if AT_THE_END in state:
            state[AT_THE_END]()


def _run(arguments: list[str], state: dict[str, Any]) -> int:
    """Run the program, and return its exit code when everything is reported."""
    try:
        from assistant_sync.cli.app import (  # its errors belong to this boundary, and so does Ctrl-C meanwhile
            app,
            help_width,
        )

        returned = app.main(arguments, "assistant-sync", standalone_mode=False, obj=state, terminal_width=help_width())
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - an unknown one is reported as a bug
        _report(error, state)
        return exit_code_of_error(error)
    return exit_code_of_return(returned, state)


def _start_quickly() -> None:
    """Leave out what takes a third of the time of a small plan and is of no use here (docs/performance.md)."""
    # httpx reads its own command line, and with it pygments, unless that is missing.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # the mark of a module that is missing
    # Pydantic asks every distribution of the environment for plugins, which nobody wants here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # What a command makes lives until its end: the collector would walk through all of it, again and again, and once
    # more when the program ends.
    gc.set_threshold(_OBJECTS_PER_COLLECTION, 50, 100)
    atexit.unregister(gc.freeze)  # a test calls this many times
    atexit.register(gc.freeze)


def exit_code_of_error(error: BaseException) -> int:
    """Return the exit code of a run that an exception ended."""
    match error:
        case AssistantSyncError() | click.exceptions.Exit():
            return error.exit_code
        case click.UsageError():
            return ExitCode.USAGE
        case click.ClickException() | BrokenPipeError():
            return ExitCode.FAILURE
        case click.Abort() | KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case _:
            return ExitCode.BUG


def exit_code_of_return(returned: object, state: Mapping[str, Any]) -> int:
    """Return the exit code of a run whose command returned.

    Args:
        returned: By the command: its exit code, or None.
        state: What the run remembers.
    """
    code = returned if isinstance(returned, int) else ExitCode.OK
    return ExitCode.FAILURE if code == ExitCode.OK and state.get(OUTPUT_FAILED) else code


def show_error(error: AssistantSyncError, state: Mapping[str, Any]) -> None:
    """Print an expected error: its text to stderr, and with ``--format json`` a document to stdout.

    Args:
        error: The error.
        state: What the run remembers.
    """
    from assistant_sync.cli.output import print_data, print_status
    from assistant_sync.report.json.problems import error_json
    from assistant_sync.report.text.problems import error_text

    if state.get("format") == "json":
        print_data(error_json(error))
    print_status(error_text(error))


def _report(error: BaseException, state: Mapping[str, Any]) -> None:
    match error:
        case click.exceptions.Exit():
            pass  # whoever raised it has reported why
        case click.ClickException():
            error.show()
        case click.Abort() | KeyboardInterrupt():
            in_flight = "what was in flight may have been written; the next plan shows it"
            written = in_flight if state.get(WRITES_BEGAN) else "nothing was written"
            show_error(Interrupted(f"interrupted; {written}"), state)
        case AssistantSyncError():
            show_error(error, state)
        case BrokenPipeError():
            # The reader of our output has gone; a second failure at exit would print a traceback.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        case _:
            _report_bug(error)


def _open_closed_streams(state: dict[str, Any]) -> None:
    """Write nowhere where the caller closed stdout or stderr; without stdout the output could not be written."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - for the rest of the process, without pathlib
        state[OUTPUT_FAILED] = True
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - as above


def _let_any_character_print() -> None:
    """Print the number of a character that the terminal does not have, instead of failing: prompts hold any."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _report_bug(error: BaseException) -> None:
    """Report a bug without a traceback, whose lines may hold values of manifests."""
    import traceback  # only here: it takes a tenth of the time of --help

    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"  # noqa: PTH119
    click.echo(f"Error: this is a bug in assistant-sync: {type(error).__name__} at {place}", err=True)
    if os.environ.get("ASSISTANT_SYNC_DEBUG"):
        traceback.print_exception(error)
    else:
        click.echo("Run it again with ASSISTANT_SYNC_DEBUG=1 for the traceback, and report it.", err=True)
