"""One create: with its fixed id it may be sent again, and the row with that id shows whether it landed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.applying.context import Attempt
from assistant_sync.applying.outcomes import checked, conflicting, deferred, done_as
from assistant_sync.applying.readback import not_kept
from assistant_sync.applying.writes.ambiguous import in_doubt, resolve
from assistant_sync.applying.writes.body import create_body, make_stamp
from assistant_sync.errors import NotFound, RemoteError, Taken
from assistant_sync.live.settling import settle
from assistant_sync.model.frozen import Frozen, replace
from assistant_sync.model.outcome import Attribution, Status
from assistant_sync.planning.attribution import numbers_between
from assistant_sync.planning.deferral import unregistered
from assistant_sync.planning.own_version import own_version, write_of
from assistant_sync.planning.uniqueness import existing_holder
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.applying.context import WriteContext
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Create
    from assistant_sync.model.outcome import Outcome

_LOOKS_AT_A_TAKEN_ID = 4
"""What has the id was there before the answer was given: it is seen soon, if at all."""


class _Sighting(NamedTuple):
    """What has the id: all its versions, and the one that we made, if we did."""

    own: Assistant | None
    versions: Sequence[Assistant]


class CreateWrite(Frozen, frozen=True, kw_only=True):
    """An assistant that is about to be made.

    Attributes:
        change: The change to carry out.
        context: How to write.
        write: The id of this write.
    """

    change: Create
    context: WriteContext
    write: str

    async def carry_out(self) -> Attempt:
        """Write, and again if an answer is lost.

        Raises:
            RemoteError: Nothing was written.
        """
        try:
            row = await self._send()
        except Taken as error:
            return await self._taken(error)
        except NotFound as error:
            # No such graph; but an earlier try may have landed without an answer.
            sighting = await self._look()
            if sighting is None or sighting.own is None:
                reason = f"{unregistered(self.change.graph_id)}: {redact_text(error.message)}"
                return Attempt(deferred(self.change, reason))
            return Attempt(await self._conclude(sighting))
        except RemoteError as error:
            if not error.may_have_landed:
                raise
            schedule = self.context.schedule
            return await resolve(self.change, error, look=self._look, conclude=self._conclude, schedule=schedule)
        return Attempt(self._created(row) if write_of(row) == self.write else await self._unexpected(row))

    async def _send(self) -> Assistant:
        context = self.context
        stamp = make_stamp(
            self.change.desired,
            project=context.project,
            target=context.target,
            write=self.write,
            version=1,
            commit=context.commit,
        )
        return await context.writer.create(create_body(self.change.desired, stamp, self.change.unowned))

    async def _taken(self, error: Taken) -> Attempt:
        """The id is in use: a create that is sent again after its answer was lost finds itself."""
        has_read = False

        async def look() -> _Sighting | None:
            nonlocal has_read
            sighting = await self._look()
            has_read = True
            return sighting

        schedule = self.context.schedule
        sighting = await settle(look, replace(schedule, waits=schedule.waits[:_LOOKS_AT_A_TAKEN_ID]))
        if sighting is not None:
            return Attempt(await self._conclude(sighting))
        if not has_read:
            return in_doubt(self.change, error, self._look, self._conclude)
        message = (
            f"{redact_text(error.message)}, but no assistant with this id is visible: the API key may lack access, "
            f"it may have been deleted meanwhile, or the server allows one assistant per graph and config"
            f"{await self._holder()}"
        )
        return Attempt(conflicting(self.change, message, wrote_nothing=False))

    async def _holder(self) -> str:
        """Which assistant has this config, as the end of a sentence; "" if none is seen."""
        try:
            rows = await self.context.writer.listing()
        except RemoteError:
            return ""
        holder = existing_holder(self.change.desired, rows, self.context.mirroring)
        return "" if holder is None else f", which assistant {holder.assistant_id} ('{redact_text(holder.name)}') has"

    async def _unexpected(self, row: Assistant) -> Outcome:
        """An answer without our write: of an assistant that was there before, or of a server that drops stamps."""
        try:
            sighting = await self._look()
        except RemoteError:
            sighting = None
        is_known = sighting is not None and (sighting.own is not None or write_of(row) is not None)
        return await self._conclude(sighting) if sighting is not None and is_known else self._created(row)

    async def _look(self) -> _Sighting | None:
        writer, own_id = self.context.writer, self.change.assistant_id
        versions = await writer.versions(own_id)
        if not versions:
            row = await writer.get(own_id)
            versions = () if row is None else (row,)
        return _Sighting(own_version(versions, self.write), versions) if versions else None

    async def _conclude(self, sighting: _Sighting) -> Outcome:
        own, versions = sighting
        if own is not None:
            return self._created(own)
        attributor = self.context.attributor(self.change)
        outside = attributor.attribute_versions(versions, None, above=0)
        who = "another apply" if outside and outside[0].attribution is Attribution.APPLY else "somebody else"
        outcome = conflicting(self.change, f"{who} has made an assistant with this id since the plan")
        return replace(outcome, outside=outside, outside_versions=numbers_between(versions, above=0, below=None))

    def _created(self, row: Assistant) -> Outcome:
        lost = not_kept(self.change.unowned, row)
        outcome = replace(done_as(self.change, Status.CREATED, row.version), lost=lost)
        return checked(outcome, self.change.desired, row, self.context.mirroring)
