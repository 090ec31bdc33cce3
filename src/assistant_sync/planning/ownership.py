"""Who owns a row: one table, decided before anything is planned (docs/safety.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.stamp import STAMP_KEY, Stamp

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant

_default_id = lru_cache(maxsize=1024)(default_assistant_id)


class Ownership(Enum):
    """Whose an assistant is."""

    OWNED = "owned"
    UNMANAGED = "unmanaged"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An ownership and what it was read off.

    Attributes:
        ownership: Whose the row is.
        because: The reason, fit to follow "it".
        stamp: The stamp that was read; None where there is none.
    """

    ownership: Ownership
    because: str
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class Owned:
    """An owned live assistant with its stamp."""

    row: Assistant
    stamp: Stamp


def judge(row: Assistant, project: str) -> Verdict:
    """Decide whose a row is.

    | the row                                   | ownership |
    | ----------------------------------------- | --------- |
    | a graph's default assistant               | foreign   |
    | no stamp, or one that cannot be read      | unmanaged |
    | a stamp with another id: it was copied    | unmanaged |
    | another project's stamp                   | foreign   |
    | this project's stamp with the row's id    | owned     |
    """
    if is_system(row):
        return Verdict(Ownership.FOREIGN, "is the default assistant of its graph, which the server manages")
    stamp = Stamp.read(row.metadata)
    if stamp is None:
        unreadable = row.metadata.get(STAMP_KEY) is not None
        because = "carries a stamp that cannot be read" if unreadable else "carries no stamp"
        return Verdict(Ownership.UNMANAGED, because)
    if stamp.id != row.assistant_id:
        return Verdict(Ownership.UNMANAGED, f"is a copy of {stamp.id}: its stamp came along", stamp)
    if stamp.project != project:
        return Verdict(Ownership.FOREIGN, f"belongs to project '{stamp.project}'", stamp)
    return Verdict(Ownership.OWNED, "carries this project's stamp", stamp)


def is_system(row: Assistant) -> bool:
    """Whether the server made the row for a graph.

    The id is that of the graph's name in the server's own namespace, or the name itself (docs/servers.md).
    """
    return row.metadata.get("created_by") == "system" or row.assistant_id in (
        _default_id(row.graph_id),
        row.graph_id,
    )
