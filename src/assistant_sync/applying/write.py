"""One change, carried out: re-read, compare with what the plan saw, write once, check (docs/lifecycle.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never
from uuid import uuid4

from assistant_sync.applying.activating import ActivateWrite
from assistant_sync.applying.conflict import conflict_with
from assistant_sync.applying.creating import CreateWrite
from assistant_sync.applying.outcomes import conflicting, done_as, failed
from assistant_sync.applying.reading import find
from assistant_sync.applying.replacing import UpdateWrite
from assistant_sync.applying.settling import Patience, settled
from assistant_sync.errors import RemoteError
from assistant_sync.model.change import Action, Activate, Adopt, Create, Delete, Update
from assistant_sync.model.mirroring import Mirroring
from assistant_sync.model.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from assistant_sync.live.writer import AssistantsWriter
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
        restores_all: Whether the target says that the deployment restores whole versions (``activation: full``).
        patience: How long a write without an answer is looked for.
        fresh_id: Makes the id of a write.
        in_doubt: By assistant, one last look for a write that was not seen to land; fills up meanwhile.
    """

    writer: AssistantsWriter
    project: str
    target: str
    commit: str | None
    mirroring: Mirroring = Mirroring.UNKNOWN
    restores_all: bool = False
    patience: Patience = field(default_factory=Patience)
    fresh_id: Callable[[], str] = lambda: uuid4().hex
    in_doubt: dict[str, Callable[[], Awaitable[Outcome | None]]] = field(default_factory=dict)


async def carry_out(change: Write, writing: Writing) -> Outcome:
    """Carry one change out; every error of the deployment ends in the outcome."""
    try:
        match change:
            case Create():
                return await CreateWrite(change=change, writing=writing, write=writing.fresh_id()).carry_out()
            case Update() | Adopt() | Activate():
                return await _over_a_base(change, writing)
            case Delete():
                return await _delete(change, writing)
            case _:
                assert_never(change)
    except RemoteError as error:
        return failed(change, error)


async def _over_a_base(change: Update | Adopt | Activate, writing: Writing) -> Outcome:
    base = await find(writing.writer, change.assistant_id, owned=not isinstance(change, Adopt))
    conflict = await conflict_with(change, base, writing)
    if conflict is not None or base is None:
        return conflict or conflicting(change, "it is gone")
    if isinstance(change, Activate):
        return await ActivateWrite(change=change, base=base, writing=writing).carry_out()
    done = Status.UPDATED if change.action is Action.UPDATE else Status.ADOPTED
    return await UpdateWrite(change=change, base=base, writing=writing, write=writing.fresh_id(), done=done).carry_out()


async def _delete(change: Delete, writing: Writing) -> Outcome:
    now = await find(writing.writer, change.assistant_id)
    if now is None:
        return done_as(change, Status.DELETED, None)
    conflict = await conflict_with(change, now, writing)
    if conflict is not None:
        return conflict

    async def gone() -> bool | None:
        return True if await find(writing.writer, change.assistant_id) is None else None

    async def conclude(_: bool) -> Outcome:  # noqa: FBT001 - what the look saw
        return done_as(change, Status.DELETED, None)

    try:
        await writing.writer.delete(change.assistant_id)
    except RemoteError as error:
        if not error.may_have_landed:
            raise
        return await settled(change, error, look=gone, conclude=conclude, writing=writing)
    return done_as(change, Status.DELETED, None)
