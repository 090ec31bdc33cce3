"""``assistant-sync run``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.asking_options import TIMEOUT_OF_RUNS, run_deadline
from assistant_sync.cli.options import common_options, format_of, is_quiet, option, renderer_of, settings_of
from assistant_sync.cli.output import print_data, print_status
from assistant_sync.cli.parameters import Group, GroupedCommand
from assistant_sync.cli.signals import ending_on_sigterm, handlers_kept
from assistant_sync.cli.streaming import printer_of
from assistant_sync.errors import ExitCode
from assistant_sync.manifests.limits import MAX_FILE_BYTES
from assistant_sync.manifests.yaml12.decode import decode
from assistant_sync.model.run import RunStatus
from assistant_sync.operations.run import AskRequest, ask
from assistant_sync.redaction import redact_text
from assistant_sync.report.text.lines import message_text
from assistant_sync.repository.files import read_regular

if TYPE_CHECKING:
    from assistant_sync.model.asked import AnsweredRun
    from assistant_sync.model.values import JsonValue

_EPILOG = """\b
Examples:
  assistant-sync run support --input 'Where is my parcel?'
  assistant-sync run support --candidate --input @question.txt    as the manifest has it now
  assistant-sync run support --version 3 --input -                as version 3 was
  assistant-sync run support --keep-thread --input 'Hello'        prints the thread's id
  assistant-sync run support --thread ID --input 'And yesterday?'
  assistant-sync run support --input '{"messages": [{"role": "user", "content": "Hi"}]}' --format json
"""

_MODES = {"messages": "messages-tuple", "updates": "updates", "values": "values"}


@click.command("run", cls=GroupedCommand, epilog=_EPILOG)
@click.argument("key")
@option("--input", metavar="TEXT|@FILE|-", help="What to ask; a JSON object is the graph's input as it stands.")
@option("--candidate", is_flag=True, help="Ask what manifest and overlay have now, instead of the live assistant.")
@option("--version", "version", type=click.IntRange(min=1), metavar="N", help="Ask version N as it was.")
@option("--keep-thread", is_flag=True, help="Keep the thread, and print its id.")
@option("--thread", metavar="ID", help="Go on with this thread; live assistants only.")
@option(
    "--stream",
    group=Group.OUTPUT,
    type=click.Choice(tuple(_MODES)),
    default="messages",
    show_default=True,
    help="Print the answer as it arrives (messages), or a line of JSON for each step's updates or values.",
)
@common_options(meanings=TIMEOUT_OF_RUNS)
@click.pass_context
def command(ctx: click.Context, /, key: str, stream: str, **options: Any) -> int:
    """Ask the assistant KEY a question, and print its answer as it arrives.

    The graph really runs, so models cost money and tools act. Ctrl-C ends the run on the server as well. The thread is
    deleted afterwards unless --keep-thread or --thread is given.
    """
    render = renderer_of(ctx, "run")
    _check(ctx, options)
    question, value = _input(ctx, options["input"])
    as_json = format_of(ctx) == "json"
    request = AskRequest(
        settings=settings_of(ctx),
        key=key,
        text=question,
        value=value,
        is_candidate=options["candidate"],
        version=options["version"],
        keeps_thread=options["keep_thread"],
        thread_id=options["thread"],
        modes=tuple(dict.fromkeys((_MODES[stream], "values"))) if not as_json else ("values",),
        deadline=run_deadline(ctx),
    )
    printer = printer_of(stream, is_silent=as_json)
    with handlers_kept():
        answered = interrupts.run(ending_on_sigterm(ask(request, printer)))
    printer.end(answered)
    if as_json:
        print_data(render(answered))
    return _end(ctx, answered)


def _check(ctx: click.Context, options: dict[str, Any]) -> None:
    """Refuse options that exclude each other.

    Raises:
        click.UsageError: Some do.
    """
    if options["candidate"] and options["version"] is not None:
        message = "--candidate and --version exclude each other."
        raise click.UsageError(message, ctx)
    if options["thread"] is not None and (options["candidate"] or options["version"] is not None):
        message = "--thread goes with live assistants only: any other run would rewrite whose thread it is."
        raise click.UsageError(message, ctx)


def _input(ctx: click.Context, given: str | None) -> tuple[str | None, JsonValue]:
    """The text that is asked, or the graph's input if it is a JSON object.

    Raises:
        click.UsageError: Nothing is asked.
        RepositoryError: The file cannot be read.
    """
    if given is None and sys.stdin is not None and sys.stdin.isatty():
        given = click.prompt("Input", err=True)
    text = _read(given)
    if not text.strip():
        message = "nothing is asked: give --input TEXT, --input @FILE, or --input - to read standard input."
        raise click.UsageError(message, ctx)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text, None
    return (None, value) if isinstance(value, dict) else (text, None)


def _read(given: str | None) -> str:
    if given == "@":
        message = "--input @ names no file: write --input @FILE."
        raise click.UsageError(message)
    if given is not None and given.startswith("@"):
        file = given.removeprefix("@")
        return decode(read_regular(file, file, limit=MAX_FILE_BYTES), file)
    if given not in (None, "-"):
        return str(given)
    return "" if sys.stdin is None else sys.stdin.read(MAX_FILE_BYTES)


def _end(ctx: click.Context, answered: AnsweredRun) -> int:
    """Report what the answer does not say, and return the exit code."""
    result = answered.result
    if not is_quiet(ctx):
        for note in answered.notes:
            print_status(message_text(f"Warning: {note}"))
        if answered.is_thread_kept:
            print_status(
                message_text(f"Thread {result.thread_id} is kept; --thread {result.thread_id} goes on with it.")
            )
    if result.status is RunStatus.SUCCESS:
        return ExitCode.OK
    print_status(message_text(f"Error: {redact_text(result.reason or result.status.value)}"))
    return ExitCode.UNREACHABLE if result.status is RunStatus.TIMEOUT else ExitCode.FAILURE
