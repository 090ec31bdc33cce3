"""The one canonical body of a write (docs/servers.md).

Every write carries all six fields. A server that merges keeps what is omitted, one that replaces drops it, and
some drop ``context`` if only ``config`` is sent: only a whole body means the same everywhere. The one exception is
an update of ``config.configurable``: Aegra takes an empty ``context`` beside it for the newer one, and empties both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.canonical import digest
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.values import JsonObject, JsonValue


def make_stamp(
    desired: Desired,
    *,
    project: str,
    target: str,
    write: str,
    version: int,
    commit: str | None,
    rollback: int | None = None,
) -> Stamp:
    """Make the stamp of one write.

    Args:
        desired: What is written.
        project: The owner.
        target: The target's name.
        write: An id that no other write has.
        version: The number that the write is expected to make.
        commit: Where the manifests come from; None without git.
        rollback: The version that the write goes back to on purpose; None for every other write.
    """
    return Stamp(
        project=project,
        target=target,
        key=desired.key,
        id=desired.assistant_id,
        digest=digest(desired.content),
        write=write,
        version=version,
        commit=commit,
        source=desired.source or None,
        metadata_keys=desired.metadata_keys,
        rollback=rollback,
        prevent_delete=desired.prevent_delete,
    )


def create_body(desired: Desired, stamp: Stamp, unowned: JsonObject | None = None) -> dict[str, JsonValue]:
    """The body of a create; with its fixed id and ``if_exists: raise`` it may be sent again.

    Args:
        desired: What is written.
        stamp: The new stamp.
        unowned: Metadata beside that, which no manifest will own.
    """
    return {"assistant_id": desired.assistant_id, "if_exists": "raise", **_body(desired, stamp, unowned or {})}


def update_body(
    desired: Desired, stamp: Stamp, live: Assistant, stamped_keys: Iterable[str], mirroring: Mirroring
) -> dict[str, JsonValue]:
    """The body of an update.

    Args:
        desired: What is written.
        stamp: The new stamp.
        live: The row that it replaces.
        stamped_keys: The metadata keys that the replaced stamp owned: those no longer wanted are set to null,
            because a merge cannot delete.
        mirroring: What the deployment was seen to do.
    """
    dropped: dict[str, JsonValue] = {
        key: None
        for key in sorted({*stamped_keys, *desired.metadata_keys})
        if key not in desired.content.metadata and live.metadata.get(key) is not None
    }
    return _without_context(_body(desired, stamp, dropped), desired, live, mirroring)


def forget_body(desired: Desired, live: Assistant, mirroring: Mirroring) -> dict[str, JsonValue]:
    """The body of the update that removes the stamp, which a merge cannot delete: it becomes null.

    Args:
        desired: The live content.
        live: The row that it replaces.
        mirroring: What the deployment was seen to do.
    """
    return _without_context(_body(desired, None, {}), desired, live, mirroring)


def _without_context(
    body: dict[str, JsonValue], desired: Desired, live: Assistant, mirroring: Mirroring
) -> dict[str, JsonValue]:
    """The body of an update, without the context if the deployment would take an empty one for the newer one."""
    if desired.content.configurable and not _must_be_emptied(live, mirroring):
        del body["context"]
    return body


def _must_be_emptied(live: Assistant, mirroring: Mirroring) -> bool:
    """Whether a live context would stay, or might, if an update leaves it out."""
    if mirroring is not Mirroring.UNKNOWN:
        return mirroring is Mirroring.NO
    return bool(live.context) and not same_json(live.context, live.config.get("configurable"))


def _body(desired: Desired, stamp: Stamp | None, beside: JsonObject) -> dict[str, JsonValue]:
    content = desired.content
    return {
        "graph_id": content.graph_id,
        "name": content.name,
        "description": content.description,
        "context": content.context,
        "config": {**content.config, "configurable": content.configurable},
        "metadata": {**beside, **content.metadata, STAMP_KEY: None if stamp is None else stamp.as_json()},
    }
