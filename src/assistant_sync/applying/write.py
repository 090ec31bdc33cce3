"""One change, carried out: re-read, compare with what the plan saw, write once, check (docs/lifecycle.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never
from uuid import uuid4

from assistant_sync.applying.body import create_body, make_stamp, update_body
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
from assistant_sync.errors import AssistantSyncError, RemoteError, Taken
from assistant_sync.model.change import Action, Activate, Adopt, Create, Delete, Update
from assistant_sync.model.outcome import Failure, Outcome, Status
from assistant_sync.planning.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.live.writer import AssistantsWriter
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Write

_CONFLICT = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What every write of one apply shares.

    Attributes:
        writer: The client that may write.
        project: The owner.
        target: The target's name.
        commit: Where the manifests come from; None without git.
        patience: How long a write without an answer is looked for.
        fresh_id: Makes the id of a write.
    """

    writer: AssistantsWriter
    project: str
    target: str
    commit: str | None
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


def failed(change: Write, error: AssistantSyncError) -> Outcome:
    """The outcome of a change that an error ended before anything was written."""
    message = redact_text(error.message if error.hint is None else f"{error.message}. {error.hint}")
    return _ended(change, Status.FAILED, Failure(type(error).__name__, message, error.exit_code))


def withheld(change: Write, reason: str) -> Outcome:
    """The outcome of a change that is not sent."""
    return _ended(change, Status.NOT_ATTEMPTED, Failure("Withheld", reason, 1))


def not_attempted(change: Write) -> Outcome:
    """The outcome of a change that an interrupted apply did not come to."""
    return _ended(change, Status.NOT_ATTEMPTED, None)


def _ended(change: Write, status: Status, error: Failure | None) -> Outcome:
    return Outcome(
        action=change.action,
        key=change.key,
        assistant_id=change.assistant_id,
        status=status,
        version_before=change.base_version,
        error=error,
    )


def _done(change: Write, status: Status, version: int | None) -> Outcome:
    return replace(_ended(change, status, None), version_after=version)


def _conflict(change: Write, message: str) -> Outcome:
    return _ended(change, Status.FAILED, Failure("Conflict", f"{message}; nothing was written", _CONFLICT))


def _unconfirmed(change: Write, error: RemoteError) -> Outcome:
    message = (
        f"{redact_text(error.message)}. It was not seen to land, and may still do so; "
        "the next plan shows whether it did"
    )
    return _ended(change, Status.UNCONFIRMED, Failure(type(error).__name__, message, error.exit_code))


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
        found = await ours()
        if found is None:
            return _conflict(
                change, "somebody else has made an assistant with this id since the plan, or the key may not see it"
            )
        row = found
    except RemoteError as error:
        if not is_ambiguous(error):
            raise
        seen = await settle(ours, writing.patience)
        if seen is None:
            return _unconfirmed(change, error)
        row = seen
    return _checked(_done(change, Status.CREATED, row.version), unwanted_paths(change.desired, row))


async def _update(change: Update | Adopt, writing: Writing) -> Outcome:
    base = await find(writing.writer, change.assistant_id)
    conflict = _moved(change, base)
    if conflict is not None or base is None:
        return conflict or _conflict(change, "it is gone")
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
    outside: tuple[int, ...] = ()
    try:
        row = await writing.writer.patch(change.assistant_id, body)
    except RemoteError as error:
        if not is_ambiguous(error):
            raise

        async def ours() -> Assistant | None:
            return own_version(await writing.writer.versions(change.assistant_id), write)

        seen = await settle(ours, writing.patience)
        if seen is None:
            return _unconfirmed(change, error)
        row = seen
    if row.version != highest + 1:
        versions = await writing.writer.versions(change.assistant_id)
        outside = outside_between(versions, above=highest, below=row.version, write=write)
    owned = {*change.desired.metadata_keys, *change.stamped_keys}
    wrong = unwanted_paths(change.desired, row, change.stamped_keys)
    if not outside:
        wrong += lost_metadata(base, row, owned)
    return _checked(replace(_done(change, done, row.version), outside_versions=outside), wrong)


async def _activate(change: Activate, writing: Writing) -> Outcome:
    base = await find(writing.writer, change.assistant_id)
    conflict = _moved(change, base)
    if conflict is not None:
        return conflict

    async def pointed() -> Assistant | None:
        row = await find(writing.writer, change.assistant_id)
        return row if row is not None and row.version == change.to_version else None

    try:
        await writing.writer.set_latest(change.assistant_id, change.to_version)
    except RemoteError as error:
        if not is_ambiguous(error):
            raise
        row = await settle(pointed, writing.patience)
        if row is None:
            return _unconfirmed(change, error)
    else:
        row = await pointed()
    versions = await writing.writer.versions(change.assistant_id)
    outside = outside_between(versions, above=change.highest_version, below=None, write="")
    if row is None:
        error_text = f"version {change.to_version} was activated, but somebody else has written since"
        return replace(
            _ended(change, Status.FAILED, Failure("Conflict", error_text, _CONFLICT)), outside_versions=outside
        )
    if unwanted_paths(change.desired, row, change.stamped_keys):
        return await _heal(change, row, writing)
    return replace(_done(change, Status.ACTIVATED, row.version), outside_versions=outside)


async def _heal(change: Activate, partial: Assistant, writing: Writing) -> Outcome:
    """Complete at once what the server restored only in part."""
    healed = await _replace(change, partial, writing, Status.UPDATED)
    note = (
        f"this deployment restored only a part of version {change.to_version}; the whole content was written anew. "
        "Set 'activation: never' (or 'safe') on this target"
    )
    return replace(healed, healed_from=change.to_version, notes=(*healed.notes, note))


async def _delete(change: Delete, writing: Writing) -> Outcome:
    now = await find(writing.writer, change.assistant_id)
    if now is None:
        return _done(change, Status.DELETED, None)
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
            return _unconfirmed(change, error)
    return _done(change, Status.DELETED, None)


def _moved(change: Update | Adopt | Activate | Delete, now: Assistant | None) -> Outcome | None:
    """The conflict where a row is not the one that the plan saw; None where it is."""
    if now is None:
        return _conflict(change, "somebody else has deleted it since the plan")
    if not has_moved(change.live, now):
        return None
    if now.version != change.live.version:
        moved = f"version {change.live.version} was active when the plan was made, now version {now.version} is"
    else:
        moved = f"version {now.version} is not what it was when the plan was made"
    return _conflict(change, f"somebody else has written since the plan: {moved}. Plan again")


def _checked(outcome: Outcome, wrong: tuple[str, ...]) -> Outcome:
    """Tell what the server's answer shows otherwise than it was sent; the final read decides."""
    if not wrong:
        return outcome
    return replace(outcome, notes=(*outcome.notes, f"the deployment did not take over: {', '.join(wrong)}"))
