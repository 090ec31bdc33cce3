"""The options of every command that asks questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant_sync.cli.options import option, timeout_of
from assistant_sync.cli.parameters import Duration, Group
from assistant_sync.model.run import DEFAULT_DEADLINE
from assistant_sync.operations.ask_options import CONCURRENCY, AskOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

F = TypeVar("F", bound=Callable[..., Any])

TIMEOUT_OF_RUNS = {"timeout": "Timeout for a single run and any other request.  [default: 120 for runs, else 30]"}
"""What ``--timeout`` means to a command that runs graphs."""


def asking_options(function: F) -> F:
    """Add the options that bound the questions."""
    for add in reversed(
        (
            option(
                "--concurrency",
                group=Group.CONNECTION,
                type=click.IntRange(1, 64),
                default=CONCURRENCY,
                show_default=True,
                metavar="N",
                help="How many questions to ask at the same time.",
            ),
            option(
                "--deadline", group=Group.SAFETY, type=Duration(), metavar="DURATION", help="Stop asking after that."
            ),
            option(
                "--max-runs",
                group=Group.SAFETY,
                type=click.IntRange(min=1),
                metavar="N",
                help="Ask nothing if more runs are needed, judges included.  [default: the project's checks.max_runs]",
            ),
        )
    ):
        function = add(function)
    return function


def ask_options(ctx: click.Context, options: Mapping[str, Any]) -> AskOptions:
    """How to ask, from the options."""
    return AskOptions(
        concurrency=options["concurrency"],
        run_deadline=run_deadline(ctx),
        deadline=options["deadline"],
        max_runs=options["max_runs"],
    )


def run_deadline(ctx: click.Context) -> float:
    """The seconds that one run may take."""
    return timeout_of(ctx, default=DEFAULT_DEADLINE)
