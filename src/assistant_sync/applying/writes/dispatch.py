"""One change, carried out: read again, compare with what the plan saw, write once, check (docs/lifecycle.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from assistant_sync.applying.context import Attempt
from assistant_sync.applying.outcomes import conflicting, failed
from assistant_sync.applying.writes.activate import ActivateWrite
from assistant_sync.applying.writes.conflict import conflict_with
from assistant_sync.applying.writes.create import CreateWrite
from assistant_sync.applying.writes.delete import DeleteWrite
from assistant_sync.applying.writes.update import UpdateWrite
from assistant_sync.errors import RemoteError
from assistant_sync.live.lookup import find
from assistant_sync.model.change import Activate, Adopt, Create, Delete, Update
from assistant_sync.model.outcome import Status

if TYPE_CHECKING:
    from assistant_sync.applying.context import WriteContext
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Write


async def carry_out(change: Write, context: WriteContext) -> Attempt:
    """Carry one change out; every error of the deployment ends in the outcome."""
    try:
        match change:
            case Create():
                return await CreateWrite(change=change, context=context, write=context.fresh_id()).carry_out()
            case Update() | Adopt() | Activate():
                return await _over_a_base(change, context)
            case Delete():
                return await DeleteWrite(change=change, context=context).carry_out()
            case _:
                assert_never(change)
    except RemoteError as error:
        return Attempt(failed(change, error))


async def _over_a_base(change: Update | Adopt | Activate, context: WriteContext) -> Attempt:
    base = await find(context.writer, change.assistant_id, owned=not isinstance(change, Adopt))
    conflict = await conflict_with(change, base, context)
    if conflict is not None or base is None:
        return Attempt(conflict or conflicting(change, "it is gone"))
    match change:
        case Activate():
            return await ActivateWrite(change=change, base=base, context=context).carry_out()
        case Update():
            return await _update(change, base, context, Status.UPDATED)
        case Adopt():
            return await _update(change, base, context, Status.ADOPTED)
        case _:
            assert_never(change)


async def _update(change: Update | Adopt, base: Assistant, context: WriteContext, done: Status) -> Attempt:
    write = UpdateWrite(change=change, base=base, context=context, write=context.fresh_id(), done=done)
    return await write.carry_out()
