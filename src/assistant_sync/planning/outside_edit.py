"""What was edited outside git in one assistant, and what its manifest is once it has taken that over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.canonical import as_document, live_content
from assistant_sync.planning.equality import same_json
from assistant_sync.planning.merge import merge
from assistant_sync.planning.mirroring import align
from assistant_sync.planning.own_version import own_version, own_versions
from assistant_sync.planning.three_way import owned_keys

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Content, Desired
    from assistant_sync.model.values import JsonObject, Path
    from assistant_sync.planning.ownership import Owned
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
        return same_json(self.mine, self.merged)


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
    written = _wanted_version(owned)
    base = mine if written is None else as_document(_as_the_manifest_has_it(written, desired, owned, one))
    merged = merge(base, mine, as_document(theirs))
    return OutsideEdit(mine, merged.document, merged.conflicts, bool(theirs.context and theirs.configurable))


def last_own_version(owned: Owned) -> Assistant | None:
    """The version that our last write made; None if its versions do not show it."""
    write = owned.last_written.write
    return None if write is None else own_version(owned.versions, write)


def _wanted_version(owned: Owned) -> Assistant | None:
    """The version that git wanted last: a rollback is none, although a write of ours made it."""
    own = own_versions(owned.versions).values()
    wanted = [row for row in own if (stamp := Stamp.read(row.metadata)) is not None and stamp.rollback is None]
    ours = last_own_version(owned)
    if ours is None or not wanted or ours in wanted:
        return ours
    return max(wanted, key=lambda row: row.version)


def _as_the_manifest_has_it(row: Assistant, desired: Desired, owned: Owned, one: ThreeWay) -> Content:
    """The content of a version, comparable with the manifest's."""
    _, content = align(desired.content, live_content(row, owned_keys(desired, owned)), one.mirroring)
    return content
