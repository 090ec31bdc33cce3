"""The group of all commands; a command's module is loaded when the command is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from assistant_sync import __version__
from assistant_sync.cli.options import common_options
from assistant_sync.cli.parameters import GroupedCommand
from assistant_sync.suggest import did_you_mean

_COMMANDS = {
    "init": "Create a project file, an example manifest and CI workflows.",
    "validate": "Check the manifests; needs no key and no network.",
    "schema": "Write JSON Schemas for editors; needs no key and no network.",
    "plan": "Show what apply would do.",
    "apply": "Make the deployment match the manifests.",
    "drift": "Show what was changed outside git.",
    "pull": "Write what is live into the manifests.",
    "reviewed-plan": "Download the plan that the pull request of this commit showed.",
    "history": "List the versions of an assistant: who made each, and what it changed.",
    "show": "Print a live assistant, or a version of it, as a manifest.",
    "diff": "Compare two states of an assistant: versions, live, commits, the work tree.",
    "outputs": "Print the ids of the assistants for applications; needs no key and no network.",
    "run": "Ask an assistant a question: live, as the manifest has it, or as a version was.",
    "check": "Ask the questions of checks/ about what apply would change; writes nothing.",
    "doctor": "Check a target; changes nothing.",
    "rollback": "Bring an earlier version of an assistant back, whatever git says.",
    "undelete": "Restore a deleted assistant from the archive.",
    "forget": "Let go of an assistant, and leave it live.",
    "unlock": "Remove the lock of an apply that is no longer running.",
}
"""The one-line help is here so that ``--help`` loads no command."""


_NARROWEST, _USUAL, _WIDEST = 50, 80, 100
"""Columns of a help text, without its margin; of a terminal that does not report them."""


class Commands(click.Group, GroupedCommand):
    """Loads commands when they are called, and suggests one for a misspelt name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order of their use."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"assistant_sync.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)  # noqa: S101 - a mistake in this package
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; the error for an unknown one names the nearest."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], _COMMANDS) or f"the commands are {', '.join(_COMMANDS)}"
            message = f"no such command '{args[0]}'; {hint}"
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def help_width() -> int:
    """The columns of a help text on this terminal, as click finds them.

    Click asks shutil, which brings in three libraries of compression: a twentieth of the time of ``--help``.
    """
    named = os.environ.get("COLUMNS", "")
    columns = int(named) if named.isdecimal() else 0
    if columns <= 0:
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else _USUAL
        except (OSError, ValueError):
            columns = _USUAL
    return max(min(columns or _USUAL, _WIDEST) - 2, _NARROWEST)


EPILOG = """\b
Examples:
  assistant-sync init                      start in an empty repository
  assistant-sync validate                  check the manifests offline
  assistant-sync plan                      what would change on the default target
  assistant-sync plan --target production  ... on another target
  assistant-sync apply                     change it

\b
Exit codes: 0 success, 1 failure, 2 changes (--detailed-exitcode) or drift,
3 invalid files, 4 not allowed, 5 unreachable, 6 refused, 7 stale or conflict,
8 partly applied, 9 not converged, 10 a condition or check fails, 11 applied and a check fails,
64 usage, 70 a bug, 130 interrupted, 143 terminated.
"""


@click.group(
    cls=Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDEST},
)
@click.version_option(__version__, prog_name="assistant-sync")
@common_options(top=True)
def app() -> None:
    """GitOps for LangGraph assistants.

    Assistants are described by YAML manifests in git. 'plan' shows what would change on a deployment, 'apply' changes
    it: one new version of each assistant that changed, and none of any other.
    """
