"""Comparing what the deployment has with what was planned, seen or written; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.activation import unowned_metadata
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.diff import diff
from assistant_sync.planning.equality import same_content, same_json
from assistant_sync.planning.ignoring import with_values_of
from assistant_sync.planning.mirroring import align
from assistant_sync.planning.stamp_changes import stamp_differs
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.values import JsonObject, Path


def unwanted_paths(
    desired: Desired,
    row: Assistant,
    mirroring: Mirroring,
    stamped_keys: Iterable[str] = (),
    *,
    ignored: Collection[Path] = (),
) -> tuple[str, ...]:
    """The dotted paths in which a row differs from the manifest; empty if it does not.

    Args:
        desired: What was written.
        row: What was read back.
        mirroring: What the deployment was seen to do; if that is unknown, a mirror may be there or not.
        stamped_keys: The metadata keys that an earlier stamp owned; they must be gone or wanted.
        ignored: The paths that may have any value.
    """
    stamp = Stamp.read(row.metadata)
    is_stamped = (
        stamp is not None
        and (stamp.key, stamp.id) == (desired.key, desired.assistant_id)
        and stamp_differs(desired, stamp) is None
    )
    unstamped = () if is_stamped else (f"metadata.{STAMP_KEY}",)
    return (*unwanted_content(desired, row, mirroring, stamped_keys, ignored=ignored), *unstamped)


def unwanted_content(
    desired: Desired,
    row: Assistant,
    mirroring: Mirroring,
    stamped_keys: Iterable[str] = (),
    *,
    ignored: Collection[Path] = (),
) -> tuple[str, ...]:
    """As ``unwanted_paths``, whatever the stamp is."""
    live = live_content(row, {*desired.metadata_keys, *stamped_keys})
    wanted, found = align(desired.content, live, mirroring)
    wanted = with_values_of(found, wanted, ignored)
    if same_content(wanted, found):
        return ()
    return tuple(redact_text(".".join(map(str, change.path))) for change in diff(found, wanted))


def lost_metadata(before: Assistant, after: Assistant, owned_keys: Iterable[str]) -> tuple[str, ...]:
    """The unowned metadata keys that a write did not leave as they were, dotted."""
    keys = tuple(owned_keys)
    old, new = unowned_metadata(before, keys), unowned_metadata(after, keys)
    changed = {key for key in {*old, *new} if key not in old or key not in new or not same_json(old[key], new[key])}
    return tuple(redact_text(f"metadata.{key}") for key in sorted(changed))


def not_kept(metadata: JsonObject, row: Assistant) -> tuple[str, ...]:
    """The keys of some metadata that a row does not have as they were written, dotted."""
    found = row.metadata
    changed = [key for key in sorted(metadata) if key not in found or not same_json(metadata[key], found[key])]
    return tuple(redact_text(f"metadata.{key}") for key in changed)


def has_moved(base: Assistant, now: Assistant) -> bool:
    """Whether a row is not the one that the plan saw: another number, or the same number with other content."""
    return (
        now.version != base.version
        or (now.graph_id, now.name, now.description) != (base.graph_id, base.name, base.description)
        or not same_json(now.context, base.context)
        or not same_json(now.config, base.config)
        or not same_json(now.metadata, base.metadata)
    )
