"""What was edited outside git in one assistant, and what its manifest is once it has taken that over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.planning.canonical import as_document
from assistant_sync.planning.equality import same_json
from assistant_sync.planning.ignoring import with_values_of
from assistant_sync.planning.merge import merge
from assistant_sync.planning.taken_over import as_manifest_has, base_version

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, Path
    from assistant_sync.planning.three_way import ThreeWay


@dataclass(frozen=True, slots=True)
class OutsideEdit:
    """What a manifest would take over.

    Attributes:
        mine: What the manifest wants now, in the API's shape.
        merged: The same with what was edited outside git since our last write.
        conflicts: Paths that git has changed since, too; ``merged`` has the live values.
        is_mixed: Whether the live ``context`` and ``config.configurable`` differ, which no manifest can express.
    """

    mine: JsonObject
    merged: JsonObject
    conflicts: tuple[Path, ...] = ()
    is_mixed: bool = False

    @property
    def is_taken_over(self) -> bool:
        """Whether the manifest has all of it already."""
        return not self.is_mixed and same_json(self.mine, self.merged)


def outside_edit(one: ThreeWay) -> OutsideEdit | None:
    """What was edited outside git since our last write; None without a manifest, or if the row is not ours.

    If the version that we wrote last is not known, nothing shows which fields were edited: then all of the live
    content counts.

    Args:
        one: An assistant whose versions are known.
    """
    desired, owned, compared = one.desired, one.owned, one.comparison
    if desired is None or owned is None:
        return None
    mine = as_document(desired.content)
    if compared is None:
        return OutsideEdit(mine, mine)
    theirs = compared.live
    written = base_version(one)
    base = mine
    if written is not None:
        base = as_document(with_values_of(theirs, as_manifest_has(written, desired, one), desired.ignored))
    merged = merge(base, mine, as_document(theirs))
    # Also if the server's copy of the one in the other was taken away: no manifest is without it.
    is_mixed = any(side.context and side.configurable for side in (theirs, compared.desired))
    return OutsideEdit(mine, merged.document, merged.conflicts, is_mixed)
