"""One change, carried out: re-read, compare with what the plan saw, write once, check (docs/lifecycle.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never
from uuid import uuid4

from assistant_sync.applying.body import create_body, make_stamp, update_body
from assistant_sync.applying.outcomes import CONFLICT, conflicting, done_as, ended, failed, unconfirmed
from assistant_sync.applying.readback import (
    has_moved,
    lost_metadata,
    outside_between,
    own_version,
    unwanted_paths,
    write_of,
)
from assistant_sync.applying.reading import find
from assistant_sync.applying.settling import Patience, is_ambiguous, settle
from assistant_sync.errors import NotFound, RemoteError, Taken
from assistant_sync.model.change import Action, Activate, Adopt, Create, Delete, Update
from assistant_sync.model.mirroring import Mirroring
from assistant_sync.model.outcome import Failure, Status
from assistant_sync.planning.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.live.writer import AssistantsWriter
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.change import Write
    from assistant_sync.model.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What every write of one apply shares.

    Attributes:
        writer: The client that may write.
        project: The owner.
        target: The target's name.
        commit: Where the manifests come from; None without git.
        mirroring: What the deployment was seen to do.
        patience: How long a write without an answer is looked for.
        fresh_id: Makes the id of a write.
    """

    writer: AssistantsWriter
    project: str
    target: str
    commit: str | None
    mirroring: Mirroring = Mirroring.UNKNOWN
    patience: Patience = field(default_factory=Patience)
    fresh_id: Callable[[], str] = lambda: uuid4().hex


async def carry_out(change: Write, writing: Writing) -> Outcome:
    """Carry one change out; every error of the deployment ends in the outcome."""
    try:
        match change:
            case Create():
                return await _create(change, writing)
            case Update() | Adopt():
                return await _update(change, writing)
            case Activate():
                return await _activate(change, writing)
            case Delete():
                return await _delete(change, writing)
            case _:
                assert_never(change)
    except RemoteError as error:
        return failed(change, error)


async def _create(change: Create, writing: Writing) -> Outcome:
    write = writing.fresh_id()
    stamp = make_stamp(
        change.desired,
        project=writing.project,
        target=writing.target,
        write=write,
        version=1,
        commit=writing.commit,
    )

    async def ours() -> Assistant | None:
        row = await writing.writer.get(change.assistant_id)
        return row if row is not None and write_of(row) == write else None

    try:
        row = await writing.writer.create(create_body(change.desired, stamp))
    except Taken:
        # A create that is sent again after its answer was lost finds itself.
        try:
            found = await ours()
        except RemoteError as error:
            found = await settle(ours, writing.patience)
            if found is None:
                return unconfirmed(change, error)
        if found is None:
            return conflicting(
                change, "somebody else has made an assistant with this id since the plan, or the key may not see it"
            )
        row = found
    except RemoteError as error:
        if not is_ambiguous(error):
            raise
        seen = await settle(ours, writing.patience)
        if seen is None:
            return unconfirmed(change, error)
        row = seen
    return _checked(done_as(change, Status.CREATED, row.version), change.desired, row, writing)


async def _update(change: Update | Adopt, writing: Writing) -> Outcome:
    base = await find(writing.writer, change.assistant_id, owned=isinstance(change, Update))
    conflict = _moved(change, base)
    if conflict is not None or base is None:
        return conflict or conflicting(change, "it is gone")
    done = Status.UPDATED if change.action is Action.UPDATE else Status.ADOPTED
    return await _replace(change, base, writing, done)


async def _replace(change: Update | Adopt | Activate, base: Assistant, writing: Writing, done: Status) -> Outcome:
    """Write the whole content over a row that was just read."""
    write = writing.fresh_id()
    highest = max(change.highest_version, base.version)
    stamp = make_stamp(
        change.desired,
        project=writing.project,
        target=writing.target,
        write=write,
        version=highest + 1,
        commit=writing.commit,
    )
    body = update_body(change.desired, stamp, base, change.stamped_keys)
    try:
        row = await writing.writer.patch(change.assistant_id, body)
    except NotFound:
        # The assistant, or its graph: only the first is somebody else's doing.
        if await find(writing.writer, change.assistant_id) is None:
            return conflicting(change, "somebody else has deleted it since the plan")
        raise
    except RemoteError as error:
        if not is_ambiguous(error):
            raise

        async def ours() -> Assistant | None:
            return own_version(await writing.writer.versions(change.assistant_id), write)

        seen = await settle(ours, writing.patience)
        if seen is None:
            return unconfirmed(change, error)
        row = seen
    outcome = done_as(change, done, row.version)
    if row.version != highest + 1:
        outcome = await _with_outside(outcome, writing, above=highest, below=row.version, write=write)
    if not outcome.outside_versions:
        lost = lost_metadata(base, row, {*change.desired.metadata_keys, *change.stamped_keys})
        outcome = replace(outcome, lost=lost)
    return _checked(outcome, change.desired, row, writing, change.stamped_keys)


async def _activate(change: Activate, writing: Writing) -> Outcome:
    base = await find(writing.writer, change.assistant_id)
    conflict = _moved(change, base)
    if conflict is not None:
        return conflict

    async def pointed() -> Assistant | None:
        row = await find(writing.writer, change.assistant_id)
        return row if row is not None and row.version == change.to_version else None

    has_moved_pointer = False
    try:
        await writing.writer.set_latest(change.assistant_id, change.to_version)
        has_moved_pointer = True
        row = await pointed()
    except RemoteError as error:
        if not (has_moved_pointer or is_ambiguous(error)):
            raise
        row = await settle(pointed, writing.patience)
        if row is None:
            return unconfirmed(change, error)
    if row is None:
        error_text = f"version {change.to_version} was activated, but somebody else has written since"
        outcome = ended(change, Status.FAILED, Failure("Conflict", error_text, CONFLICT))
    elif unwanted_paths(change.desired, row, writing.mirroring, change.stamped_keys):
        return await _heal(change, row, writing)
    else:
        outcome = done_as(change, Status.ACTIVATED, row.version)
    return await _with_outside(outcome, writing, above=change.highest_version, below=None, write="")


async def _with_outside(outcome: Outcome, writing: Writing, *, above: int, below: int | None, write: str) -> Outcome:
    """Name the versions that somebody else wrote meanwhile; the write itself is done, whatever this look finds."""
    try:
        versions = await writing.writer.versions(outcome.assistant_id)
    except RemoteError as error:
        note = f"whether somebody else wrote meanwhile could not be read: {redact_text(error.message)}"
        return replace(outcome, notes=(*outcome.notes, note))
    return replace(outcome, outside_versions=outside_between(versions, above=above, below=below, write=write))


async def _heal(change: Activate, partial: Assistant, writing: Writing) -> Outcome:
    """Complete at once what the server restored only in part."""
    try:
        healed = await _replace(change, partial, writing, Status.UPDATED)
    except RemoteError as error:
        healed = replace(failed(change, error), version_after=partial.version)
    then = "the whole content was written anew" if healed.status.is_done else "a mixture may be live: apply again"
    note = (
        f"this deployment restored only a part of version {change.to_version}; {then}. "
        "Set 'activation: never' (or 'safe') on this target"
    )
    return replace(healed, healed_from=change.to_version, notes=(*healed.notes, note))


async def _delete(change: Delete, writing: Writing) -> Outcome:
    now = await find(writing.writer, change.assistant_id)
    if now is None:
        return done_as(change, Status.DELETED, None)
    conflict = _moved(change, now)
    if conflict is not None:
        return conflict
    try:
        await writing.writer.delete(change.assistant_id)
    except RemoteError as error:
        if not is_ambiguous(error):
            raise

        async def gone() -> bool | None:
            return True if await find(writing.writer, change.assistant_id) is None else None

        if not await settle(gone, writing.patience):
            return unconfirmed(change, error)
    return done_as(change, Status.DELETED, None)


def _moved(change: Update | Adopt | Activate | Delete, now: Assistant | None) -> Outcome | None:
    """The conflict where a row is not the one that the plan saw; None where it is."""
    if now is None:
        return conflicting(change, "somebody else has deleted it since the plan")
    if not has_moved(change.live, now):
        return None
    if now.version != change.live.version:
        moved = f"version {change.live.version} was active when the plan was made, now version {now.version} is"
    else:
        moved = f"version {now.version} is not what it was when the plan was made"
    return conflicting(change, f"somebody else has written since the plan: {moved}. Plan again")


def _checked(
    outcome: Outcome, desired: Desired, row: Assistant, writing: Writing, stamped_keys: tuple[str, ...] = ()
) -> Outcome:
    """Tell what the server's answer shows otherwise than it was sent; the final read decides."""
    notes = list(outcome.notes)
    wrong = unwanted_paths(desired, row, writing.mirroring, stamped_keys)
    if wrong:
        notes.append(f"the deployment did not take over: {', '.join(wrong)}")
    if outcome.lost:
        notes.append(f"what git does not own was not left as it was: {', '.join(outcome.lost)}")
    return replace(outcome, notes=tuple(notes))
