"""One assistant let go: written once as it is, without the stamp, and found again if the answer is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.applying.context import Attempt
from assistant_sync.applying.final_read import reconsider
from assistant_sync.applying.outcomes import conflicting, done_as, failed, not_attempted, unlocked
from assistant_sync.applying.readback import lost_metadata, unwanted_content
from assistant_sync.applying.writes.ambiguous import resolve
from assistant_sync.applying.writes.body import forget_body
from assistant_sync.applying.writes.conflict import conflict_with
from assistant_sync.errors import NotFound, RemoteError
from assistant_sync.live.lookup import find, versions_if_readable
from assistant_sync.model.change import Update
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import ApplyResult, Difference, Status
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.attribution import Attributor, numbers_between
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from assistant_sync.applying.context import LastLook, WriteContext
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.outcome import Outcome
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener

_UNMANAGED = "it is unmanaged from now on"


async def forget(
    plan: Plan,
    context: WriteContext,
    *,
    stop: asyncio.Event,
    lost_because: Callable[[], str | None],
    listener: Listener,  # noqa: ARG001 - one change needs no progress
) -> ApplyResult:
    """Carry out the plan of one update that removes the stamp, and read the assistant once more.

    Args:
        plan: With that one change.
        context: How to write.
        stop: Once it is set, nothing is begun.
        lost_because: Why the lock does not hold any more, or None.
        listener: As for the executor.
    """
    change = next(change for change in plan.writes if isinstance(change, Update))
    lost = lost_because()
    if stop.is_set():
        return ApplyResult((not_attempted(change),), interrupted=True)
    if lost is not None:
        return ApplyResult((unlocked(change, lost),))
    write = ForgetWrite(change=change, context=context)
    try:
        attempt = await write.carry_out()
    except RemoteError as error:
        attempt = Attempt(failed(change, error))
    looks: dict[str, LastLook] = {}
    if attempt.last_look is not None:
        looks[change.assistant_id] = attempt.last_look
    (outcome,) = await reconsider([attempt.outcome], looks)
    if not outcome.status.is_done:
        return ApplyResult((outcome,), interrupted=stop.is_set())
    try:
        difference = await write.final_read(outcome)
    except RemoteError as error:
        return ApplyResult((outcome,), unread=redact_text(error.message), interrupted=stop.is_set())
    return ApplyResult((outcome,), () if difference is None else (difference,), interrupted=stop.is_set())


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetWrite:
    """An assistant that is about to lose its stamp.

    Attributes:
        change: The change to carry out; its desired content is the live one.
        context: How to write.
    """

    change: Update
    context: WriteContext

    async def carry_out(self) -> Attempt:
        """Read it again, and write once if it is the one that the plan saw.

        Raises:
            RemoteError: Nothing was written.
        """
        change, writer = self.change, self.context.writer
        base = await find(writer, change.assistant_id)
        conflict = await conflict_with(change, base, self.context)
        if conflict is not None or base is None:
            return Attempt(conflict or conflicting(change, "it is gone"))
        try:
            row = await writer.patch(change.assistant_id, forget_body(change.desired, base, self.context.mirroring))
        except NotFound:
            # The assistant, or its graph: only the first is somebody else's doing.
            if await self._find() is None:
                return Attempt(conflicting(change, "somebody else has deleted it since the plan"))
            raise
        except RemoteError as error:
            if not error.may_have_landed:
                raise
            schedule = self.context.schedule
            return await resolve(change, error, look=self._look, conclude=self._conclude, schedule=schedule)
        return Attempt(await self._conclude(row))

    async def final_read(self, outcome: Outcome) -> Difference | None:
        """What a last read shows other than planned; None if it does not."""
        change = self.change
        row = await self._find()
        plain = Difference(change.key, ("missing",), outcome.version_after)
        if row is None:
            return plain
        paths = (*self._paths(row), *outcome.lost)
        if not paths:
            return None
        is_outside = row.version != outcome.version_after
        return replace(plain, paths=paths, version_now=row.version, is_explained=is_outside and not outcome.lost)

    @property
    def _expected(self) -> int:
        return max(self.change.highest_version, self.change.live.version) + 1

    async def _find(self) -> Assistant | None:
        return await find(self.context.writer, self.change.assistant_id, owned=False)

    async def _look(self) -> Assistant | None:
        """The row, once it has no stamp: whoever removed it, nobody owns it."""
        row = await self._find()
        return row if row is not None and row.metadata.get(STAMP_KEY) is None else None

    async def _conclude(self, row: Assistant) -> Outcome:
        change = self.change
        versions: tuple[Assistant, ...] = (row,)
        above = self._expected - 1
        if row.version != self._expected:
            versions = (await versions_if_readable(self.context.writer, change.assistant_id))[0] or versions
        ours = [one for one in versions if one.version > above and one.metadata.get(STAMP_KEY) is None]
        own = min(ours, key=lambda one: one.version, default=row)
        attributor = Attributor.of(change, self.context.project, self.context.mirroring)
        kept = (*change.stamped_keys, *change.desired.metadata_keys)
        outcome = replace(
            done_as(change, Status.UPDATED, own.version),
            outside_versions=numbers_between(versions, above=above, below=own.version),
            outside=attributor.attribute_versions(versions, change.live, above=above, below=own.version),
            lost=lost_metadata(change.live, own, kept) if own.version == self._expected else (),
        )
        paths = self._paths(own)
        notes = (f"the server did not take over: {', '.join(paths)}",) if paths else (_UNMANAGED,)
        return replace(outcome, notes=notes)

    def _paths(self, row: Assistant) -> tuple[str, ...]:
        """The dotted paths in which a row is not the live one without its stamp."""
        stamped = () if row.metadata.get(STAMP_KEY) is None else (f"metadata.{STAMP_KEY}",)
        return (*unwanted_content(self.change.desired, row, self.context.mirroring), *stamped)
