"""One delete: a 404 is as good as an answer, and a row that is gone shows that a lost one landed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.applying.context import Attempt
from assistant_sync.applying.outcomes import done_as
from assistant_sync.applying.writes.ambiguous import resolve
from assistant_sync.applying.writes.conflict import conflict_with
from assistant_sync.errors import RemoteError
from assistant_sync.live.lookup import find
from assistant_sync.model.frozen import Frozen
from assistant_sync.model.outcome import Status

if TYPE_CHECKING:
    from assistant_sync.applying.context import WriteContext
    from assistant_sync.model.change import Delete
    from assistant_sync.model.outcome import Outcome


class DeleteWrite(Frozen, frozen=True, kw_only=True):
    """An assistant that is about to be deleted.

    Attributes:
        change: The change to carry out.
        context: How to write.
    """

    change: Delete
    context: WriteContext

    async def carry_out(self) -> Attempt:
        """Read it again, and delete it if it is the one that the plan saw.

        Raises:
            RemoteError: Nothing was written.
        """
        change, writer = self.change, self.context.writer
        now = await find(writer, change.assistant_id)
        if now is None:
            return Attempt(self._deleted())
        conflict = await conflict_with(change, now, self.context)
        if conflict is not None:
            return Attempt(conflict)
        try:
            await writer.delete(change.assistant_id)
        except RemoteError as error:
            if not error.may_have_landed:
                raise
            schedule = self.context.schedule
            return await resolve(change, error, look=self._look, conclude=self._conclude, schedule=schedule)
        return Attempt(self._deleted())

    def _deleted(self) -> Outcome:
        return done_as(self.change, Status.DELETED, None)

    async def _look(self) -> bool | None:
        return True if await find(self.context.writer, self.change.assistant_id) is None else None

    async def _conclude(self, _: bool) -> Outcome:  # noqa: FBT001 - what the look saw
        return self._deleted()
