"""One activation: the pointer moved once, and a version that was restored only in part healed at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.applying.context import Attempt
from assistant_sync.applying.outcomes import conflicting, done_as, failed
from assistant_sync.applying.readback import has_moved, unwanted_paths
from assistant_sync.applying.writes.ambiguous import in_doubt
from assistant_sync.applying.writes.conflict import conflict_with
from assistant_sync.applying.writes.update import UpdateWrite
from assistant_sync.errors import BadAnswer, ExitCode, NotFound, RemoteError
from assistant_sync.live.lookup import find, versions_if_readable
from assistant_sync.live.settling import settle
from assistant_sync.model.frozen import Frozen, replace
from assistant_sync.model.outcome import Status
from assistant_sync.planning.attribution import numbers_between
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from assistant_sync.applying.context import LastLook, WriteContext
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Activate
    from assistant_sync.model.outcome import Outcome


class _Sighting(NamedTuple):
    """What a look saw: the row with the pointer at the right version, or that there is none."""

    row: Assistant | None


class ActivateWrite(Frozen, frozen=True, kw_only=True):
    """An earlier version that is about to be made active.

    Attributes:
        change: The change to carry out.
        base: The row, just read.
        context: How to write.
    """

    change: Activate
    base: Assistant
    context: WriteContext

    async def carry_out(self) -> Attempt:
        """Move the pointer once, read the result, and heal it if it is a mix of two versions.

        Raises:
            RemoteError: The pointer was not moved.
        """
        change = self.change
        try:
            await self.context.writer.set_latest(change.assistant_id, change.to_version)
        except NotFound:
            # The assistant, or the version, is gone: a delete and a new create remove both.
            conflict = await conflict_with(change, await self._find(), self.context)
            if conflict is None:
                raise
            return Attempt(conflict)
        except RemoteError as error:
            if not error.may_have_landed:
                raise
            return await self._resolved(error)
        try:
            row = await self._find()
        except RemoteError as error:
            return await self._resolved(error)
        if row is not None and row.version != change.to_version and not has_moved(self.base, row):
            message = f"version {change.to_version} was activated, but version {row.version} is still active"
            return await self._resolved(BadAnswer(message))
        return await self._concluded(_Sighting(row))

    async def _resolved(self, error: RemoteError) -> Attempt:
        schedule = self.context.schedule
        seen = await settle(self._look, schedule)
        return in_doubt(self.change, error, self._look, self._conclude) if seen is None else await self._concluded(seen)

    async def _find(self) -> Assistant | None:
        return await find(self.context.writer, self.change.assistant_id)

    async def _look(self) -> _Sighting | None:
        """The row, once the pointer is there; who moved it there does not matter."""
        row = await self._find()
        return _Sighting(row) if row is None or row.version == self.change.to_version else None

    async def _conclude(self, sighting: _Sighting) -> Outcome:
        return (await self._concluded(sighting)).outcome

    async def _concluded(self, sighting: _Sighting) -> Attempt:
        change, row = self.change, sighting.row
        activated = f"version {change.to_version} was activated, but somebody else has"
        if row is None:
            return Attempt(conflicting(change, f"{activated} deleted the assistant since", wrote_nothing=False))
        if row.version != change.to_version:
            outcome = conflicting(change, f"{activated} written since", wrote_nothing=False)
        elif unwanted_paths(change.desired, row, self.context.mirroring, change.stamped_keys):
            return await self._heal(row)
        else:
            outcome = done_as(change, Status.ACTIVATED, row.version)
        return Attempt(await self._with_outside(outcome))

    async def _with_outside(self, outcome: Outcome) -> Outcome:
        """Name the versions that somebody else wrote meanwhile."""
        change, context = self.change, self.context
        versions, error = await versions_if_readable(context.writer, change.assistant_id)
        if error is not None:
            note = f"whether somebody else wrote meanwhile could not be read: {redact_text(error.message)}"
            return replace(outcome, notes=(*outcome.notes, note))
        above = change.highest_version
        attributor = context.attributor(change)
        return replace(
            outcome,
            outside_versions=numbers_between(versions, above=above, below=None),
            outside=attributor.attribute_versions(versions, self.base, above=above),
        )

    async def _heal(self, partial: Assistant) -> Attempt:
        """Complete at once what the server restored only in part."""
        context = self.context
        update = UpdateWrite(
            change=self.change, base=partial, context=context, write=context.fresh_id(), done=Status.UPDATED
        )
        try:
            attempt = await update.carry_out()
        except RemoteError as error:
            attempt = Attempt(replace(failed(self.change, error), version_after=partial.version))
        return Attempt(self._healed(attempt.outcome), self._healed_look(attempt.last_look))

    def _healed_look(self, last_look: LastLook | None) -> LastLook | None:
        if last_look is None:
            return None

        async def look() -> Outcome | None:
            found = await last_look()
            return None if found is None else self._healed(found)

        return look

    def _healed(self, outcome: Outcome) -> Outcome:
        number = self.change.to_version
        if outcome.error is not None and outcome.error.exit_code == ExitCode.STALE:
            return replace(outcome, healed_from=number)  # it is gone, and the mixture with it
        return replace(outcome, healed_from=number, notes=(*outcome.notes, self._how_it_was_mixed(outcome)))

    def _how_it_was_mixed(self, outcome: Outcome) -> str:
        """What made a mix of two versions, as far as that is known: the server, or another writer's version."""
        number, healed = self.change.to_version, "one full update followed at once"
        if not outcome.status.is_done:
            return f"activating version {number} left the live assistant a mix of two versions. Run apply again"
        if outcome.outside_versions:
            return (
                "somebody else changed this assistant at the same moment, so activating "
                f"version {number} left a mix of two versions; {healed}"
            )
        setting = "'activation: safe' or 'activation: never'" if self.context.restores_all else "'activation: never'"
        return f"the server restored version {number} only partially; {healed}. Set {setting} on this target"
