"""Which earlier version may be activated instead of writing its content again (docs/safety.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.project import Activation
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.equality import same_json
from assistant_sync.planning.mirroring import is_equal
from assistant_sync.planning.stamp_changes import stamp_differs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.values import JsonObject
    from assistant_sync.planning.ownership import Owned
    from assistant_sync.planning.policy import Policy


def find_version(desired: Desired, owned: Owned, policy: Policy, mirroring: Mirroring) -> int | None:
    """Find the highest version that has the desired content and may be activated.

    Args:
        desired: The manifest.
        owned: The live row, whose content or stamp differs, with all its versions.
        policy: Its ``activation``: ``safe`` lets only such a version through that agrees with the live row in what
            servers are known not to restore, ``full`` lets every one through, ``never`` none.
        mirroring: What the deployment does.

    Returns:
        The version's number, or None.
    """
    if policy.activation is Activation.NEVER:
        return None
    for version in sorted(owned.versions, key=lambda row: row.version, reverse=True):
        if version.version == owned.row.version or not _is_identical(desired, owned, version, policy, mirroring):
            continue
        if policy.activation is Activation.FULL or _restores_all(owned.row, version):
            return version.version
    return None


def unowned_metadata(row: Assistant, owned_keys: Iterable[str]) -> JsonObject:
    """The metadata that neither a manifest nor the stamp owns."""
    ours = {*owned_keys, STAMP_KEY}
    return {key: value for key, value in row.metadata.items() if key not in ours}


def _is_identical(desired: Desired, owned: Owned, version: Assistant, policy: Policy, mirroring: Mirroring) -> bool:
    """Whether a version is ours, has the desired content, and would leave unowned metadata as it is.

    One that a rollback made is no candidate: active again, it would look like that rollback.
    """
    stamp = Stamp.read(version.metadata)
    if stamp is None or stamp.id != desired.assistant_id or stamp.rollback is not None:
        return False
    if stamp.project not in policy.projects or stamp_differs(desired, stamp):
        return False
    keys = {*desired.metadata_keys, *stamp.metadata_keys, *owned.stamp.metadata_keys}
    return is_equal(desired.content, live_content(version, keys), mirroring) and same_json(
        unowned_metadata(version, keys), unowned_metadata(owned.row, keys)
    )


def _restores_all(live: Assistant, version: Assistant) -> bool:
    """Whether runs see the version's content whole even if the server restores only a part of it.

    The official in-memory and JS servers leave ``graph_id`` and ``context`` (docs/servers.md).
    """
    return (
        version.graph_id == live.graph_id
        and same_json(version.context, live.context)
        and same_json(version.config.get("configurable") or {}, live.config.get("configurable") or {})
    )
