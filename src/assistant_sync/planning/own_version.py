"""Which version of an assistant a write of ours made: the lowest that carries the write's id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from assistant_sync.model.assistant import Assistant


def write_of(row: Assistant) -> str | None:
    """The id of the write that a row's stamp names."""
    stamp = Stamp.read(row.metadata)
    return None if stamp is None else stamp.write


def own_version(versions: Sequence[Assistant], write: str) -> Assistant | None:
    """The version that a write made: the lowest that carries its id, because merges carry stamps forward."""
    carrying = [row for row in versions if write_of(row) == write]
    return min(carrying, key=lambda row: row.version, default=None)


def own_versions(versions: Iterable[Assistant]) -> dict[str, Assistant]:
    """As ``own_version``, for every write that versions carry the id of."""
    found: dict[str, Assistant] = {}
    for row in sorted(versions, key=lambda row: row.version):
        write = write_of(row)
        if write is not None:
            found.setdefault(write, row)
    return found


def stamp_of_own_write(
    row: Assistant, project: str, own: Mapping[str, Assistant], former_projects: Collection[str] = ()
) -> Stamp | None:
    """The stamp of a version that a write of ours made, so far as numbers show it; None if none did.

    Args:
        row: The version.
        project: Ours.
        own: What ``own_versions`` makes of all versions.
        former_projects: The names that it had before.
    """
    stamp = Stamp.read(row.metadata)
    if stamp is None or stamp.write is None or stamp.id != row.assistant_id:
        return None
    if stamp.project not in (project, *former_projects):
        return None
    return stamp if own[stamp.write].version == row.version else None


def is_untouched(row: Assistant, versions: Sequence[Assistant]) -> bool:
    """Whether a live row is the version that our last write made, just as the server took it.

    Nobody else has written since, so whatever it has other than was sent is the server's doing. A pointer that was
    moved by hand may leave a mixture of two versions, which is not what any write made.

    Args:
        row: The live row.
        versions: All its versions; none if they are not known.
    """
    stamp = Stamp.read(row.metadata)
    own = None if stamp is None or stamp.write is None else own_version(versions, stamp.write)
    return (
        own is not None
        and stamp is not None
        and own.version == row.version == stamp.version
        and (own.graph_id, own.name, own.description) == (row.graph_id, row.name, row.description)
        and same_json(own.context, row.context)
        and same_json(own.config, row.config)
        and same_json(own.metadata, row.metadata)
    )
