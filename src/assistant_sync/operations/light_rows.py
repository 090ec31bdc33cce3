"""Read the owned rows for a plan without most of their bytes, if the deployment was measured to allow that.

For ``plan`` alone: an apply reads everything (docs/decisions/0013-light-listings.md).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from assistant_sync.errors import BadAnswer, Rejected
from assistant_sync.live.server_info import reports_version
from assistant_sync.model.project import Activation
from assistant_sync.operations.owned import owned_rows
from assistant_sync.planning.light_rows import confirmed, equal_by_stamp, samples, seen_in, with_content

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.project import Target
    from assistant_sync.operations.workspace import Settings, Workspace
    from assistant_sync.planning.policy import Policy
    from assistant_sync.transport import ReadConnection

_FEW, _SHARE = 10, 20
"""Rows that are read one by one, eight at a time: so many, or one of twenty; else whole pages are less work."""


async def may_list_lightly(connection: ReadConnection, target: Target, settings: Settings) -> bool:
    """Whether the target was measured to restore whole versions, and is still the server that was measured."""
    if target.activation is not Activation.FULL or target.measured_version is None or settings.url is not None:
        return False
    return await reports_version(connection, target.measured_version)


async def unless_failed(loading: asyncio.Task[Workspace], asked: Coroutine[Any, Any, bool]) -> bool:
    """The answer to a question; False as soon as the loading has failed, whose problems are reported first.

    Args:
        loading: Reads the desired state.
        asked: The question to the deployment, which may take its time.
    """
    asking = asyncio.ensure_future(asked)
    try:
        await asyncio.wait([loading, asking], return_when=asyncio.FIRST_COMPLETED)
        has_failed = loading.done() and loading.exception() is not None
        return False if has_failed and not asking.done() else await asking
    finally:
        asking.cancel()


async def rows_for_plan(reader: AssistantsReader, desired: Sequence[Desired], policy: Policy) -> tuple[Assistant, ...]:
    """The rows that ``owned_rows`` reads.

    If the reader may list lightly, those that their stamps show to be equal get the content of their manifests.

    Args:
        reader: The client.
        desired: All manifests.
        policy: The rules.

    Raises:
        RemoteError: The live state cannot be read, or not completely.
    """
    if not reader.is_light:
        return await owned_rows(reader, policy.projects)
    try:
        listed = await owned_rows(reader, policy.projects, is_light=True)
    except (Rejected, BadAnswer):  # the columns, perhaps
        return await owned_rows(reader, policy.projects)
    light = {row.assistant_id: row for row in listed if not row.is_whole}
    whole = await _whole(reader, desired, light, policy) if light else {}
    if whole is None:
        return await owned_rows(reader, policy.projects)
    return tuple(whole.get(row.assistant_id, row) for row in listed)


async def _whole(
    reader: AssistantsReader, desired: Sequence[Desired], light: Mapping[str, Assistant], policy: Policy
) -> dict[str, Assistant] | None:
    """The rows with their contents, by id; None if all of them must be listed whole."""
    known = equal_by_stamp(desired, light.values(), policy)
    sampled = samples(known, light.values())
    known = seen_in(known, sampled)
    missing = dict.fromkeys([*sampled, *(own for own in light if own not in known)])
    if not known or len(missing) > max(_FEW, len(light) // _SHARE):
        return None
    found = await reader.get_many(missing)
    rows = {own: row for own, row in found.items() if row is not None}
    # GET does not find a row whose graph is gone. Rows that name users want rules that need all of them.
    if len(rows) < len(missing) or any(row.user_id is not None for row in rows.values()):
        return None
    if not confirmed(known, light, [rows[own] for own in sampled], policy):
        return None
    return {own: with_content(light[own], one) for own, one in known.items()} | rows
