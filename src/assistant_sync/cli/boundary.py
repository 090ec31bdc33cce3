"""The one place where errors become messages and exit codes (docs/exit-codes.md)."""

from __future__ import annotations

import io
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

from assistant_sync.errors import AssistantSyncError, ExitCode, Interrupted

if TYPE_CHECKING:
    from collections.abc import Sequence

WRITES_BEGAN = "writes_began"
"""Set among what a command remembers once it may have written."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        argv: The arguments without the program's name; None for the process's own.

    Returns:
        The exit code.
    """
    from assistant_sync.cli.app import app  # its errors belong to this boundary

    _let_any_character_print()
    said: dict[str, Any] = {}
    try:
        code = app.main(list(sys.argv[1:] if argv is None else argv), "assistant-sync", standalone_mode=False, obj=said)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.UsageError as error:
        error.show()
        return ExitCode.USAGE
    except click.ClickException as error:
        error.show()
        return ExitCode.FAILURE
    except (click.Abort, KeyboardInterrupt):
        began = said.get(WRITES_BEGAN)
        left = "what was in flight may have been written; the next plan shows it" if began else "nothing was written"
        _show(Interrupted(f"interrupted; {left}"), said)
        return ExitCode.INTERRUPTED
    except AssistantSyncError as error:
        _show(error, said)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output has gone; a second failure at exit would print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILURE
    except Exception as error:  # noqa: BLE001 - whatever else is raised is a bug, and is said to be one
        return _bug(error)
    code = code if isinstance(code, int) else ExitCode.OK
    return ExitCode.FAILURE if code == ExitCode.OK and said.get("output_failed") else code


def _let_any_character_print() -> None:
    """Show the number of a character that the terminal lacks, instead of failing: prompts hold any character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _show(error: AssistantSyncError, said: dict[str, Any]) -> None:
    from assistant_sync.cli.output import print_data, print_talk
    from assistant_sync.report.json.problems import error_json
    from assistant_sync.report.text.problems import error_text

    if said.get("format") == "json":
        print_data(error_json(error))
    print_talk(error_text(error))


def _bug(error: Exception) -> int:
    """Report a bug without a traceback, whose lines may hold values of manifests."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"  # noqa: PTH119
    click.echo(f"Error: this is a bug in assistant-sync: {type(error).__name__} at {place}", err=True)
    if os.environ.get("ASSISTANT_SYNC_DEBUG"):
        traceback.print_exception(error)
    else:
        click.echo("Run it again with ASSISTANT_SYNC_DEBUG=1 for the traceback, and report it.", err=True)
    return ExitCode.BUG
