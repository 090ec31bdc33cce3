"""Two states of assistants compared: manifests, versions and live ones, in any pairing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.model.assistant import Desired
from assistant_sync.planning.attribution import Attributor
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.diff import diff
from assistant_sync.planning.ignoring import with_values_of
from assistant_sync.planning.mirroring import align
from assistant_sync.planning.ownership import judge
from assistant_sync.planning.three_way import owned_keys
from assistant_sync.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Collection

    from assistant_sync.model.assistant import Assistant, Content
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.values import Path

State: TypeAlias = "Desired | Assistant"
"""A manifest, or a row of the deployment: a live assistant or a version."""


def differences(
    left: State,
    right: State,
    *,
    project: str,
    mirroring: Mirroring,
    literals: Collection[Path] = (),
    former_projects: Collection[str] = (),
) -> tuple[FieldChange, ...]:
    """What differs between two states; masked.

    Of a manifest and a row, the metadata that git owns is compared; what the server copied, and what the manifest
    ignores, is left out. Of two rows all metadata is compared, but for the stamp.

    Args:
        left: The old state.
        right: The new one.
        project: Ours.
        mirroring: What the deployment does.
        literals: Paths whose values are no credentials, although they look like some.
        former_projects: The names that the project had before.
    """
    names = (project, former_projects)
    if isinstance(left, Desired):
        if isinstance(right, Desired):
            return redact(diff(left.content, right.content), literals)
        return redact(diff(*_aligned(left, right, mirroring, *names)), literals)
    if isinstance(right, Desired):
        desired, live = _aligned(right, left, mirroring, *names)
        return redact(diff(live, desired), literals)
    return Attributor(project, mirroring, literals=literals).changed(left, right)


def _aligned(
    desired: Desired, row: Assistant, mirroring: Mirroring, project: str, former_projects: Collection[str]
) -> tuple[Content, Content]:
    keys = owned_keys(desired, judge(row, project, former_projects))
    wanted, live = align(desired.content, live_content(row, keys), mirroring)
    return with_values_of(live, wanted, desired.ignored), live
