"""Who owns a row: one table, decided before anything is planned (docs/safety.md)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from assistant_sync.model.frozen import Frozen
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.stamp import STAMP_KEY, Stamp

if TYPE_CHECKING:
    from collections.abc import Collection

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.values import JsonValue

_default_id = lru_cache(maxsize=1024)(default_assistant_id)


class _Row(Frozen, frozen=True):
    """What every live assistant has, whoever owns it.

    Attributes:
        row: As the deployment has it.
        versions: All its versions, in any order; empty until they are read.
    """

    row: Assistant
    versions: tuple[Assistant, ...] = ()

    @property
    def highest_version(self) -> int:
        """The highest number among the versions that are known."""
        return max([self.row.version, *(version.version for version in self.versions)])


class Owned(_Row, frozen=True, kw_only=True):
    """Ours: it carries this project's stamp with its own id."""

    because: ClassVar[str] = "carries this project's stamp"
    stamp: Stamp

    @property
    def last_written(self) -> Stamp:
        """The stamp of our last write, so far as the deployment remembers.

        The highest version with the assistant's own stamp has it, because the live row may be an earlier one that
        was activated since. An activation itself leaves no trace.
        """
        for row in sorted([*self.versions, self.row], key=lambda row: row.version, reverse=True):
            stamp = Stamp.read(row.metadata)
            if stamp is not None and stamp.id == self.row.assistant_id:
                return stamp
        return self.stamp


class Unmanaged(_Row, frozen=True, kw_only=True):
    """Nobody's.

    Attributes:
        because: The reason, fit to follow "it".
        stamp: The stamp that came along with a copy; None if there is none that can be read.
    """

    because: str
    stamp: Stamp | None = None


class Foreign(_Row, frozen=True, kw_only=True):
    """Another project's, or the server's own.

    Attributes:
        because: The reason, fit to follow "it".
        stamp: The other project's; None for a default assistant.
    """

    because: str
    stamp: Stamp | None = None


Live: TypeAlias = Owned | Unmanaged | Foreign
"""An assistant of the deployment, by who owns it."""


def judge(row: Assistant, project: str, former_projects: Collection[str] = ()) -> Live:
    """Decide who owns a row.

    A stamp with one of the project's former names is this project's.

    | the row                                   | ownership |
    | ----------------------------------------- | --------- |
    | a graph's default assistant               | foreign   |
    | no stamp, or one that cannot be read      | unmanaged |
    | an unreadable one of another project      | foreign   |
    | a stamp with another id: it was copied    | unmanaged |
    | another project's stamp                   | foreign   |
    | this project's stamp with the row's id    | owned     |
    """
    if is_system(row):
        return Foreign(row, because="is the default assistant of its graph, which the server manages")
    stamp = Stamp.read(row.metadata)
    if stamp is None:
        return _unreadable(row, row.metadata.get(STAMP_KEY), (project, *former_projects))
    if stamp.id != row.assistant_id:
        return Unmanaged(row, because=f"is a copy of {stamp.id}: its stamp came along", stamp=stamp)
    if stamp.project != project and stamp.project not in former_projects:
        return Foreign(row, because=f"belongs to project '{stamp.project}'", stamp=stamp)
    return Owned(row, stamp=stamp)


def _unreadable(row: Assistant, stamp: JsonValue, names: Collection[str]) -> Live:
    """A row without a stamp that can be read whole: what names another project is that project's."""
    if stamp is None:
        return Unmanaged(row, because="carries no stamp")
    owner = stamp.get("project") if isinstance(stamp, Mapping) else None
    is_copy = isinstance(stamp, Mapping) and stamp.get("id", row.assistant_id) != row.assistant_id
    if isinstance(owner, str) and owner not in ("", *names) and not is_copy:
        return Foreign(row, because=f"belongs to project '{owner}', whose stamp cannot be read whole")
    return Unmanaged(row, because="carries a stamp that cannot be read")


def is_system(row: Assistant) -> bool:
    """Whether the server made the row for a graph.

    The id is that of the graph's name in the server's own namespace, or the name itself (docs/servers.md).
    """
    return row.metadata.get("created_by") == "system" or row.assistant_id in (
        _default_id(row.graph_id),
        row.graph_id,
    )
