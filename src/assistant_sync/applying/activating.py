"""One activation: the pointer moved once, and a version that was restored only in part healed at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.applying.conflict import conflict_with
from assistant_sync.applying.outcomes import conflicting, done_as, failed
from assistant_sync.applying.outside import Witness, numbers_between
from assistant_sync.applying.readback import has_moved, unwanted_paths
from assistant_sync.applying.reading import find, versions_if_readable
from assistant_sync.applying.replacing import UpdateWrite
from assistant_sync.applying.settling import settled
from assistant_sync.errors import BadAnswer, ExitCode, NotFound, RemoteError
from assistant_sync.model.outcome import Status
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from assistant_sync.applying.write import Writing
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Activate
    from assistant_sync.model.outcome import Outcome


class _Sighting(NamedTuple):
    """What a look saw: the row with the pointer where it should be, or that there is none."""

    row: Assistant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateWrite:
    """An earlier version, to be made active.

    Attributes:
        change: What wants it.
        base: The row, just read.
        writing: How to write.
    """

    change: Activate
    base: Assistant
    writing: Writing

    async def carry_out(self) -> Outcome:
        """Move the pointer once, read what that made, and heal it where it is a mixture.

        Raises:
            RemoteError: The pointer was not moved.
        """
        change = self.change
        try:
            await self.writing.writer.set_latest(change.assistant_id, change.to_version)
        except NotFound:
            # The assistant, or the version, which a deletion and a new create take away.
            conflict = await conflict_with(change, await self._find(), self.writing)
            if conflict is None:
                raise
            return conflict
        except RemoteError as error:
            if not error.may_have_landed:
                raise
            return await self._settled(error)
        try:
            row = await self._find()
        except RemoteError as error:
            return await self._settled(error)
        if row is not None and row.version != change.to_version and not has_moved(self.base, row):
            message = f"version {change.to_version} was activated, but version {row.version} is still active"
            return await self._settled(BadAnswer(message))
        return await self._conclude(_Sighting(row))

    async def _settled(self, error: RemoteError) -> Outcome:
        return await settled(self.change, error, look=self._look, conclude=self._conclude, writing=self.writing)

    async def _find(self) -> Assistant | None:
        return await find(self.writing.writer, self.change.assistant_id)

    async def _look(self) -> _Sighting | None:
        """The row, once the pointer is there; who moved it there does not matter."""
        row = await self._find()
        return _Sighting(row) if row is None or row.version == self.change.to_version else None

    async def _conclude(self, sighting: _Sighting) -> Outcome:
        change, row = self.change, sighting.row
        activated = f"version {change.to_version} was activated, but somebody else has"
        if row is None:
            return conflicting(change, f"{activated} deleted the assistant since", wrote_nothing=False)
        if row.version != change.to_version:
            outcome = conflicting(change, f"{activated} written since", wrote_nothing=False)
        elif unwanted_paths(change.desired, row, self.writing.mirroring, change.stamped_keys):
            return await self._heal(row)
        else:
            outcome = done_as(change, Status.ACTIVATED, row.version)
        return await self._with_outside(outcome)

    async def _with_outside(self, outcome: Outcome) -> Outcome:
        """Name the versions that somebody else wrote meanwhile."""
        change, writing = self.change, self.writing
        versions, error = await versions_if_readable(writing.writer, change.assistant_id)
        if error is not None:
            note = f"whether somebody else wrote meanwhile could not be read: {redact_text(error.message)}"
            return replace(outcome, notes=(*outcome.notes, note))
        above = change.highest_version
        witness = Witness.of(change, writing.project, writing.mirroring)
        return replace(
            outcome,
            outside_versions=numbers_between(versions, above=above, below=None),
            outside=witness.between(versions, self.base, above=above),
        )

    async def _heal(self, partial: Assistant) -> Outcome:
        """Complete at once what the server restored only in part."""
        writing = self.writing
        replacement = UpdateWrite(
            change=self.change, base=partial, writing=writing, write=writing.fresh_id(), done=Status.UPDATED
        )
        try:
            outcome = await replacement.carry_out()
        except RemoteError as error:
            outcome = replace(failed(self.change, error), version_after=partial.version)
        last_look = writing.in_doubt.get(self.change.assistant_id)
        if last_look is not None:

            async def looked() -> Outcome | None:
                found = await last_look()
                return None if found is None else self._healed(found)

            writing.in_doubt[self.change.assistant_id] = looked
        return self._healed(outcome)

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
        setting = "'activation: safe' or 'activation: never'" if self.writing.restores_all else "'activation: never'"
        return f"the server restored version {number} only partially; {healed}. Set {setting} on this target"
