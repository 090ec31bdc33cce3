"""Whether an assistant is still as we wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.planning.canonical import DIGEST_PREFIX, digest, live_content
from assistant_sync.planning.mirroring import is_equal, one_sided
from assistant_sync.planning.own_version import stamp_of_own_write

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from assistant_sync.model.assistant import Assistant, Content
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.stamp import Stamp


def is_as_written(row: Assistant, stamp: Stamp, mirroring: Mirroring) -> bool | None:
    """Whether a row has the content that its stamp was written with.

    Args:
        row: A live assistant or a version.
        stamp: The stamp that it carries.
        mirroring: What the deployment does.

    Returns:
        None if the stamp does not show it: it has no digest, or one of another canonical form.
    """
    if stamp.digest is None or not stamp.digest.startswith(DIGEST_PREFIX):
        return None
    return is_content_as_written(live_content(row, stamp.metadata_keys), stamp, mirroring)


def is_content_as_written(content: Content, stamp: Stamp, mirroring: Mirroring) -> bool:
    """Whether a content is the one of a stamp's digest, which is of our canonical form."""
    return any(stamp.digest == digest(form) and is_equal(form, content, mirroring) for form in one_sided(content))


def stamp_of_write(
    row: Assistant,
    own: Mapping[str, Assistant],
    project: str,
    mirroring: Mirroring,
    former_projects: Collection[str] = (),
) -> Stamp | None:
    """The stamp of a version that a write of this project made; None if somebody else made it.

    A merge carries the stamp forward into versions made by hand: only the lowest version with a write's id is that
    write's, and only while its content has the stamp's digest.

    Args:
        row: A version.
        own: What ``own_versions`` makes of all versions of the assistant.
        project: Ours.
        mirroring: What the deployment does.
        former_projects: The names that the project had before.
    """
    stamp = stamp_of_own_write(row, project, own, former_projects)
    is_changed = stamp is not None and is_as_written(row, stamp, mirroring) is False
    return None if is_changed else stamp
