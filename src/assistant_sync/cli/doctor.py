"""``assistant-sync doctor``."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import click

from assistant_sync.cli import interrupts
from assistant_sync.cli.options import (
    common_options,
    is_quiet,
    is_verbose,
    option,
    renderer_of,
    settings_of,
    variable_name,
)
from assistant_sync.cli.output import Display, print_data
from assistant_sync.cli.parameters import GroupedCommand
from assistant_sync.errors import Terminated
from assistant_sync.operations.doctor import DoctorRequest, run_doctor
from assistant_sync.report.options import Options

if TYPE_CHECKING:
    from assistant_sync.model.diagnosis import Diagnosis

_EPILOG = """\b
Examples:
  assistant-sync doctor
  assistant-sync doctor --target production --other-key-env APPLY_KEY
  assistant-sync doctor -v                     also the unmanaged assistants, by graph and name
  assistant-sync doctor --probe --format json
"""


@click.command("doctor", cls=GroupedCommand, epilog=_EPILOG)
@option(
    "--probe",
    is_flag=True,
    help="Measure the deployment's behaviour with a scratch assistant and a thread that are deleted afterwards.",
)
@option(
    "--other-key-env",
    metavar="NAME",
    help="Check whether the API key in this variable can see the same assistants.",
)
@common_options()
@click.pass_context
def command(ctx: click.Context, probe: bool, other_key_env: str | None) -> int:
    """Check a target: connection, API key, server, graphs, and who owns the assistants.

    Changes nothing. With --verbose it lists the assistants that are unmanaged, by graph and name. With --probe it
    creates one scratch assistant, measures what 'set_latest' restores and what a PATCH keeps, deletes the assistant,
    and recommends the target's 'activation' and 'measured_version'. It also creates one thread, to see whether threads,
    which the lock is kept in, are kept apart by user, and deletes it.
    """
    render = renderer_of(ctx, "diagnosis")
    other = None if other_key_env is None else variable_name(ctx, "--other-key-env", other_key_env)
    request = DoctorRequest(settings=settings_of(ctx), probe=probe, other_key_env=other)
    with Display(quiet=is_quiet(ctx)) as display:
        diagnosis = interrupts.run(_examined(request, display), display)
    print_data(render(diagnosis, Options(is_verbose(ctx))))
    return diagnosis.exit_code


async def _examined(request: DoctorRequest, display: Display) -> Diagnosis:
    """Run the checks, and let SIGTERM end them as Ctrl-C does: the scratch assistant is deleted first."""
    task = asyncio.ensure_future(run_doctor(request, listener=display))
    is_terminated = False

    def end() -> None:
        nonlocal is_terminated
        is_terminated = True
        task.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    try:
        return await task
    except asyncio.CancelledError:
        if is_terminated:
            message = "terminated; nothing was left behind"
            raise Terminated(message) from None
        raise
