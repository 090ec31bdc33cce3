"""A cron: a schedule by which the deployment runs an assistant; it goes when its assistant is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject


class Cron(Frozen, frozen=True, kw_only=True):
    """One cron.

    Attributes:
        cron_id: Its id.
        schedule: When it runs, as the server has it.
        row: All that the server says of it, which a person needs to make it again.
    """

    unshown: ClassVar = ("row",)

    cron_id: str
    schedule: str
    row: JsonObject
