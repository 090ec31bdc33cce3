"""Waiting for a deployment that is still being built: its graphs, and the revision that it shows."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from assistant_sync.errors import NotFound, SchemaNotServed, Unreachable
from assistant_sync.live.server_info import revision
from assistant_sync.model.frozen import Frozen
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from assistant_sync.model.plan import Plan
    from assistant_sync.transport import ReadConnection

PAUSE = 10.0
"""Seconds between two looks: a deployment builds for minutes."""


class WaitOptions(Frozen, frozen=True, kw_only=True):
    """How long to wait, and for what.

    Attributes:
        seconds: At most.
        revision: The revision that ``GET /info`` must show; None for any.
        pause: How to wait; gets the seconds.
        clock: Seconds that only ever grow.
    """

    seconds: float
    revision: str | None = None
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic


def missing_graphs(plan: Plan) -> tuple[str, ...]:
    """The graphs that the plan needs and the deployment does not have."""
    return tuple(sorted({change.graph_id for change in plan.deferred}))


async def wait_for(
    options: WaitOptions,
    connection: ReadConnection,
    make_plan: Callable[[], Awaitable[Plan]],
    status: Callable[[str], None],
) -> None:
    """Return once the revision is there and so is every graph that the plan needs.

    Args:
        options: How long, and for what.
        connection: To the deployment.
        make_plan: Plans again.
        status: Shows a person what is missing, whenever that changes.

    Raises:
        Unreachable: It was not there in time; nothing was written.
        RemoteError: The deployment fails.
    """
    end = options.clock() + options.seconds
    shown = None
    while (missing := await _missing(options, connection, make_plan)) is not None:
        left = end - options.clock()
        if left <= 0:
            message = f"the deployment is still missing {missing} after {options.seconds:g} s; nothing was written"
            raise Unreachable(message, hint="look at its build, or wait longer")
        if missing != shown:
            status(f"Waiting for the deployment: it is missing {missing}.")
            shown = missing
        await options.pause(min(PAUSE, left))


async def _missing(
    options: WaitOptions, connection: ReadConnection, make_plan: Callable[[], Awaitable[Plan]]
) -> str | None:
    """What is not there yet; None if nothing is missing, or nothing would be sent anyway."""
    try:
        return await _missing_now(options, connection, make_plan)
    except Unreachable as error:  # as while it is being replaced
        return f"an answer ({error.message})"
    except SchemaNotServed as error:
        return f"what schemas/ has of {_named(error.graphs)}"


async def _missing_now(
    options: WaitOptions, connection: ReadConnection, make_plan: Callable[[], Awaitable[Plan]]
) -> str | None:
    if options.revision is not None:
        shown = await _revision(connection)
        if shown != options.revision:
            return f"revision {redact_text(options.revision)} (it shows {redact_text(shown or 'none')})"
    plan = await make_plan()
    graphs = missing_graphs(plan)
    if not graphs or plan.is_refused:
        return None  # a refusal is shown at once
    return f"the {_named(graphs)}"


def _named(graphs: Sequence[str]) -> str:
    return f"graph{'s' if len(graphs) > 1 else ''} {redact_text(', '.join(graphs))}"


async def _revision(connection: ReadConnection) -> str | None:
    try:
        return revision(await connection.get("/info"))
    except NotFound:
        return None
