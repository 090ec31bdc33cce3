"""Which live assistants get a manifest, under which keys, and with which content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.mirroring import without_mirror
from assistant_sync.planning.ownership import Owned, Unmanaged, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from assistant_sync.model.assistant import Assistant, Content
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.selection import Selection


@dataclass(frozen=True, slots=True)
class Candidate:
    """A live assistant that no manifest names.

    Attributes:
        live: The row with who owns it.
        key: Its key: the stamp's, or one made of its name.
        content: What its manifest will want.
    """

    live: Owned | Unmanaged
    key: str
    content: Content

    @property
    def is_mixed(self) -> bool:
        """Whether ``context`` and ``config.configurable`` differ, which no manifest can express."""
        return bool(self.content.context and self.content.configurable)

    @property
    def is_unmanaged(self) -> bool:
        """Whether it carries no stamp of its own."""
        return isinstance(self.live, Unmanaged)

    @property
    def names(self) -> tuple[str, str, str]:
        """What it can be asked for by: its key, name and id."""
        return self.key, self.live.row.name, self.live.row.assistant_id

    def is_asked_for(self, selection: Selection, *, unmanaged: bool) -> bool:
        """Whether it gets a manifest: it is named, or all unmanaged ones are asked for.

        Args:
            selection: Its globs name assistants; graphs and changed keys only narrow.
            unmanaged: Whether all unmanaged assistants are asked for.
        """
        is_named = selection.matches_key(*self.names) if selection.globs else unmanaged and self.is_unmanaged
        return is_named and selection.matches_graph(self.live.row.graph_id) and selection.has_changed(self.key)


def candidates(
    rows: Iterable[Assistant],
    project: str,
    mirroring: Mirroring,
    *,
    named: Collection[str],
    keys: Collection[str],
    metadata: Sequence[str],
    key_for: Callable[[str, str, Collection[str]], str],
    former_projects: Collection[str] = (),
) -> Iterator[Candidate]:
    """The assistants that no manifest names, the oldest first, so that each gets the same key every time.

    Args:
        rows: All rows of the deployment.
        project: The owner.
        mirroring: What the deployment does.
        named: The ids that manifests have.
        keys: The keys that manifests have.
        metadata: The metadata keys to take over from unmanaged ones.
        key_for: Makes a key of a name and an id that is none of those taken.
        former_projects: The names that the project had before.
    """
    taken = set(keys)
    ordered = sorted(rows, key=lambda row: (row.created_at or "", row.assistant_id))
    judged = [judge(row, project, former_projects) for row in ordered]
    free = [one for one in judged if isinstance(one, Owned | Unmanaged) and one.row.assistant_id not in named]
    taken |= {one.stamp.key for one in free if isinstance(one, Owned)}
    for one in free:
        if isinstance(one, Owned):
            key, owned = one.stamp.key, one.stamp.metadata_keys
        else:
            key, owned = key_for(one.row.name, one.row.assistant_id, taken), tuple(metadata)
        taken.add(key)
        present = [name for name in owned if one.row.metadata.get(name) is not None]
        yield Candidate(one, key, without_mirror(live_content(one.row, present), mirroring))
