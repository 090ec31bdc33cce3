"""The final read: whether the listed changes are on the deployment as the plan wanted them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.applying.readback import unwanted_paths
from assistant_sync.applying.reading import find
from assistant_sync.errors import RemoteError
from assistant_sync.model.change import Activate, Delete, Update
from assistant_sync.model.outcome import Difference
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Write
    from assistant_sync.model.mirroring import Mirroring
    from assistant_sync.model.outcome import Outcome
    from assistant_sync.model.plan import Plan

_PAGE = 1000


async def prove(
    plan: Plan, outcomes: Sequence[Outcome], reader: AssistantsReader
) -> tuple[tuple[Difference, ...], str | None]:
    """Read the changed assistants once more, by GET or by listing, whichever is fewer requests.

    Returns:
        The assistants that are not as the plan wanted them, and why the read could not be made where it could not.
    """
    done = {outcome.assistant_id: outcome for outcome in outcomes if outcome.status.is_done}
    changes = [change for change in plan.writes if change.assistant_id in done]
    if not changes:
        return (), None
    try:
        rows = await _read(plan, changes, reader)
    except RemoteError as error:
        return (), redact_text(error.message)
    found = (
        (change, (*_differs(change, rows.get(change.assistant_id), plan.mirroring), *done[change.assistant_id].lost))
        for change in changes
    )
    return tuple(Difference(change.key, paths) for change, paths in found if paths), None


async def _read(plan: Plan, changes: Sequence[Write], reader: AssistantsReader) -> Mapping[str, Assistant | None]:
    pages = len(plan.changes) // _PAGE + 2
    if len(changes) <= pages:
        return {change.assistant_id: await find(reader, change.assistant_id) for change in changes}
    listing = await reader.listing({STAMP_KEY: {"project": plan.project}})
    return {row.assistant_id: row for row in listing}


def _differs(change: Write, row: Assistant | None, mirroring: Mirroring) -> tuple[str, ...]:
    if isinstance(change, Delete):
        return () if row is None else ("still there",)
    if row is None:
        return ("missing",)
    stamped = change.stamped_keys if isinstance(change, Update | Activate) else ()
    return unwanted_paths(change.desired, row, mirroring, stamped)
