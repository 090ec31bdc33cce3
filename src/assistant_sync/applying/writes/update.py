"""One full update: written once over a row that was just read, and found again if its answer is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.applying.context import Attempt
from assistant_sync.applying.outcomes import checked, conflicting, done_as
from assistant_sync.applying.readback import has_moved, lost_metadata
from assistant_sync.applying.writes.ambiguous import resolve
from assistant_sync.applying.writes.body import make_stamp, update_body
from assistant_sync.errors import NotFound, RemoteError
from assistant_sync.live.lookup import find, versions_if_readable
from assistant_sync.model.change import Adopt, Update
from assistant_sync.model.frozen import Frozen, replace
from assistant_sync.planning.attribution import numbers_between
from assistant_sync.planning.own_version import own_version, write_of
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.applying.context import WriteContext
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Activate
    from assistant_sync.model.outcome import Outcome, Status
    from assistant_sync.model.values import JsonObject


class _Landing(NamedTuple):
    """What a look saw: our version among all versions, or that the assistant is gone."""

    own: Assistant | None
    versions: Sequence[Assistant]


class UpdateWrite(Frozen, frozen=True, kw_only=True):
    """The whole content of an assistant, about to be written over it.

    Attributes:
        change: The change to carry out.
        base: The row that it replaces, just read.
        context: How to write.
        write: The id of this write.
        done: The status of the outcome if it succeeds.
    """

    change: Update | Adopt | Activate
    base: Assistant
    context: WriteContext
    write: str
    done: Status

    async def carry_out(self) -> Attempt:
        """Write once.

        Raises:
            RemoteError: Nothing was written.
        """
        change, writer = self.change, self.context.writer
        try:
            row = await writer.patch(change.assistant_id, self._body())
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
        if row.version == self._expected and write_of(row) == self.write:
            return Attempt(self._outcome(_Landing(row, ())))
        return Attempt(await self._unexpected(row))

    @property
    def _expected(self) -> int:
        return max(self.change.highest_version, self.base.version) + 1

    def _body(self) -> JsonObject:
        context, desired = self.context, self.change.desired
        stamp = make_stamp(
            desired,
            project=context.project,
            target=context.target,
            write=self.write,
            version=self._expected,
            commit=context.commit,
            rollback=self.change.rollback_to if isinstance(self.change, Update) else None,
        )
        return update_body(desired, stamp, self.base, self.change.stamped_keys, context.mirroring)

    async def _look(self) -> _Landing | None:
        versions = await self.context.writer.versions(self.change.assistant_id)
        own = own_version(versions, self.write)
        if own is None and versions:
            return None
        now = await self._find()
        if now is None:
            return _Landing(own, versions)
        # A server may list a version that it failed to make active, as Aegra does.
        was_active = own is not None and (now.version == own.version or has_moved(self.base, now))
        return _Landing(own, versions) if was_active else None

    async def _find(self) -> Assistant | None:
        return await find(self.context.writer, self.change.assistant_id, owned=not isinstance(self.change, Adopt))

    async def _conclude(self, landing: _Landing) -> Outcome:
        return self._outcome(landing)

    async def _unexpected(self, row: Assistant) -> Outcome:
        """Another number than expected, or another write's row: somebody else wrote, and the versions show what."""
        versions, error = await versions_if_readable(self.context.writer, self.change.assistant_id)
        outcome = self._outcome(_Landing(own_version(versions, self.write) or row, versions))
        if error is None:
            return outcome
        note = f"whether somebody else wrote meanwhile could not be read: {redact_text(error.message)}"
        return replace(outcome, notes=(*outcome.notes, note))

    def _outcome(self, landing: _Landing) -> Outcome:
        change, (own, versions) = self.change, landing
        if own is None:
            return conflicting(change, "somebody else has deleted it meanwhile", wrote_nothing=False)
        above = self._expected - 1
        attributor = self.context.attributor(change)
        outcome = replace(
            done_as(change, self.done, own.version),
            outside_versions=numbers_between(versions, above=above, below=own.version),
            outside=attributor.attribute_versions(versions, change.live, above=above, below=own.version),
            lost=self._lost(own, versions),
        )
        return checked(outcome, change.desired, own, self.context.mirroring, change.stamped_keys)

    def _lost(self, own: Assistant, versions: Sequence[Assistant]) -> tuple[str, ...]:
        """The unowned metadata that our write did not leave as it was.

        It was written over the base or over one of the versions between: only what is as in none of them is lost.
        """
        between = [row for row in versions if self._expected <= row.version < own.version]
        if own.version != self._expected and not between:
            return ()
        owned = {*self.change.desired.metadata_keys, *self.change.stamped_keys}
        missing = [set(lost_metadata(row, own, owned)) for row in (self.base, *between)]
        return tuple(sorted(set.intersection(*missing)))
