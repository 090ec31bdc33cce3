"""A cron: a schedule by which the deployment runs an assistant; it goes when its assistant is deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """One cron.

    Attributes:
        cron_id: Its id.
        schedule: When it runs, as the server has it.
        row: All that the server says of it, which a person needs to make it again.
    """

    cron_id: str
    schedule: str
    row: JsonObject = field(repr=False)
