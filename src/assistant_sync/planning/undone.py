"""Which edits made outside git a change undoes, and which it leaves as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.diff import diff
from assistant_sync.planning.mirroring import is_equal
from assistant_sync.planning.own_version import own_version
from assistant_sync.planning.taken_over import base_version
from assistant_sync.planning.three_way import owned_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import Path
    from assistant_sync.planning.three_way import ThreeWay

_MIRROR = ("config", "configurable")


def undoes_edit(one: ThreeWay) -> bool:
    """Whether a write over an assistant, or its delete, undoes what somebody edited outside git.

    An edit that the manifest has taken over since is not undone by a change of other fields. If the version that we
    wrote is not known, nothing says which fields were edited: then the edit counts as undone.
    """
    if not one.is_edited_outside or _keeps_content(one):
        return False
    owned, desired, compared, ours = one.owned, one.desired, one.comparison, base_version(one)
    if owned is None or desired is None or compared is None or ours is None:
        return True
    edited = _paths(diff(live_content(ours, owned_keys(desired, owned)), compared.found))
    changed = _paths(diff(compared.live, compared.desired))
    return not edited or any(_meet(one, other) for one in edited for other in changed)


def undoes_rollback(one: ThreeWay) -> bool:
    """Whether a write over an assistant undoes a rollback that somebody made on purpose, and that git has not made.

    If the manifest of the branch's base has the content that was rolled back to, git has agreed since.
    """
    owned = one.owned
    if owned is None or one.desired is None or one.comparison is None or owned.stamp.rollback is None:
        return False
    if _keeps_content(one) or one.is_accepted:
        return False
    ours = written_version(one)
    if one.is_edited_outside or (ours is not None and ours.version != owned.row.version):
        return False
    return one.base is None or not is_equal(one.base.content, one.comparison.found, one.mirroring)


def _keeps_content(one: ThreeWay) -> bool:
    """Whether desired and live have the same content: then a write changes the stamp alone, as a rename does."""
    return one.comparison is not None and not one.differs_in_content


def written_version(one: ThreeWay) -> Assistant | None:
    """The version that our last write made, if its versions are known."""
    owned = one.owned
    return None if owned is None or owned.stamp.write is None else own_version(owned.versions, owned.stamp.write)


def _paths(fields: Iterable[FieldChange]) -> set[Path]:
    """The paths of fields; servers mirror ``context`` into ``config.configurable``, so both are one."""
    paths = [field.path for field in fields]
    return {("context", *path[2:]) if path[:2] == _MIRROR else path for path in paths}


def _meet(one: Path, other: Path) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]
