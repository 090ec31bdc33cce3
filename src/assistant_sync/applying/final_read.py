"""The final read: one last look for what is in doubt, then all that is done is read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.applying.readback import has_moved, unwanted_paths
from assistant_sync.errors import RemoteError
from assistant_sync.live.lookup import find, versions_if_readable
from assistant_sync.model.change import Activate, Delete, Update
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import Difference, Status
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.applying.context import LastLook, WriteContext
    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Write
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.outcome import Outcome
    from assistant_sync.model.plan import Plan


async def verify(
    plan: Plan, outcomes: Sequence[Outcome], last_looks: Mapping[str, LastLook], context: WriteContext
) -> tuple[tuple[Outcome, ...], tuple[Difference, ...], str | None]:
    """Look once more for what is in doubt, and read the changed assistants once more.

    The read is made by GET or by listing, whichever is fewer requests.

    Returns:
        The outcomes, with those that were in doubt as they are known now; the assistants that are not as the plan
        wanted them; and why the read failed, if it did.
    """
    outcomes = await reconsider(outcomes, last_looks)
    done = {outcome.assistant_id: outcome for outcome in outcomes if outcome.status.is_done}
    changes = [change for change in plan.writes if change.assistant_id in done]
    if not changes:
        return outcomes, (), None
    try:
        rows = await _read(plan, changes, context.writer)
    except RemoteError as error:
        return outcomes, (), redact_text(error.message)
    differences = []
    for change in changes:
        row = rows.get(change.assistant_id)
        done[change.assistant_id] = outcome = _before(done[change.assistant_id], row)
        paths = (*_but_normalised(_differs(change, row, plan.mirroring), change, row, outcome), *outcome.lost)
        if paths:
            differences.append(await _difference(change, outcome, row, paths, context))
        elif row is not None and row.version != outcome.version_after:
            done[change.assistant_id] = _moved_on(outcome, row)
    return tuple(done.get(one.assistant_id, one) for one in outcomes), tuple(differences), None


async def reconsider(outcomes: Sequence[Outcome], last_looks: Mapping[str, LastLook]) -> tuple[Outcome, ...]:
    """Look once more for the writes that were not seen to land, now that all others are done.

    The first look that cannot be read ends it: a deployment that does not answer would hold up the report.
    """
    found: dict[str, Outcome] = {}
    for outcome in outcomes:
        last_look = last_looks.get(outcome.assistant_id)
        if outcome.status is not Status.UNCONFIRMED or last_look is None:
            continue
        try:
            seen = await last_look()
        except RemoteError:
            break
        if seen is not None:
            found[outcome.assistant_id] = replace(seen, notes=(*_kept(outcome), *seen.notes), crons=outcome.crons)
    return tuple(found.get(outcome.assistant_id, outcome) for outcome in outcomes)


def _kept(outcome: Outcome) -> tuple[str, ...]:
    """The notes that stay true of an outcome in doubt: those of a delete name the archive."""
    return outcome.notes if outcome.healed_from is None else ()


async def _read(plan: Plan, changes: Sequence[Write], reader: AssistantsReader) -> Mapping[str, Assistant | None]:
    pages = len(plan.changes) // reader.page_size + 2
    if len(changes) <= pages:
        return {change.assistant_id: await find(reader, change.assistant_id) for change in changes}
    rows = {row.assistant_id: row for row in await reader.listing({STAMP_KEY: {"project": plan.project}})}
    if any(change.assistant_id not in rows and not isinstance(change, Delete) for change in changes):
        # Gone, or there without our stamp.
        rows = {row.assistant_id: row for row in await reader.listing()}
    return rows


def _differs(change: Write, row: Assistant | None, mirroring: Mirroring) -> tuple[str, ...]:
    if isinstance(change, Delete):
        return () if row is None else ("still there",)
    if row is None:
        return ("missing",)
    stamped = change.stamped_keys if isinstance(change, Update | Activate) else ()
    return unwanted_paths(change.desired, row, mirroring, stamped, ignored=change.desired.ignored)


def _but_normalised(paths: tuple[str, ...], change: Write, row: Assistant | None, outcome: Outcome) -> tuple[str, ...]:
    """The paths, unless the server merely keeps the manifest's metadata otherwise than it was sent.

    No write can mend that; the outcome has a note of it, and so has each later plan.
    """
    if isinstance(change, Delete) or row is None or row.version != outcome.version_after:
        return paths
    owned = tuple(f"metadata.{redact_text(key)}." for key in change.desired.metadata_keys)
    return () if all(f"{path}.".startswith(owned) for path in paths) else paths


async def _difference(
    change: Write, outcome: Outcome, row: Assistant | None, paths: tuple[str, ...], context: WriteContext
) -> Difference:
    """A difference, with what somebody else did after our write."""
    plain = Difference(change.key, paths, outcome.version_after, source=outcome.source)
    if row is None:
        return plain
    plain = replace(plain, version_now=row.version)
    is_ours = not has_moved(change.live, row) if isinstance(change, Delete) else row.version == outcome.version_after
    if is_ours:
        return plain
    versions, _ = await versions_if_readable(context.writer, change.assistant_id)
    attributor = context.attributor(change)
    if isinstance(change, Delete):
        return replace(
            plain, outside=attributor.attribute_versions(versions, None, above=0), is_explained=bool(versions)
        )
    own = next((version for version in versions if version.version == outcome.version_after), None)
    if own is None:
        return plain
    above = own.version
    if isinstance(change, Activate):
        above = max(above, change.highest_version, *outcome.outside_versions)
    outside = attributor.attribute_since(versions, own, row, above=above)
    was_kept = not outcome.lost and not _differs(change, own, context.mirroring)
    return replace(plain, outside=outside, is_explained=was_kept)


def _before(outcome: Outcome, row: Assistant | None) -> Outcome:
    """The outcome without the versions that came after our write.

    An activation has no number of its own: a version that was seen right behind it may have come before or after. If
    it is the active one, it came after.
    """
    if row is None or row.version not in outcome.outside_versions:
        return outcome
    return replace(
        outcome,
        outside_versions=tuple(number for number in outcome.outside_versions if number < row.version),
        outside=tuple(one for one in outcome.outside if one.version < row.version),
    )


def _moved_on(outcome: Outcome, row: Assistant) -> Outcome:
    note = f"version {row.version} is active by now, with the content of the manifest"
    return replace(outcome, notes=(*outcome.notes, note))
