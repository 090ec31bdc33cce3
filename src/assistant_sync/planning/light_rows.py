"""Rows of a light listing: which of them surely have the desired content, by their stamps; pure.

A stamp holds the digest of what a write sent. That the row still has it follows only under conditions, each of which
has its reason in docs/decisions/0013-light-listings.md. Whatever does not meet one of them is read whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.planning.canonical import digest, live_content
from assistant_sync.planning.equality import same_content, same_json
from assistant_sync.planning.mirroring import detect_mirroring
from assistant_sync.planning.ownership import Owned, judge
from assistant_sync.planning.stamp_changes import stamp_differs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.planning.policy import Policy

MOST_SAMPLES = 5
"""Rows that are read whole although their stamps fit, beside the oldest write."""


def equal_by_stamp(desired: Iterable[Desired], rows: Iterable[Assistant], policy: Policy) -> dict[str, Desired]:
    """The manifests whose rows have their content, so far as stamps show it, by id.

    Args:
        desired: All manifests.
        rows: Of a light listing.
        policy: The rules.
    """
    manifests = {one.assistant_id: one for one in desired}
    return {
        row.assistant_id: manifests[row.assistant_id]
        for row in rows
        if row.assistant_id in manifests and _fits(manifests[row.assistant_id], row, policy)
    }


def _fits(desired: Desired, row: Assistant, policy: Policy) -> bool:
    live = judge(row, policy.project)
    if not isinstance(live, Owned):
        return False
    stamp = live.stamp
    return (
        stamp.version == row.version
        and stamp.write is not None
        and stamp.rollback is None
        and stamp.target == policy.target
        and stamp.metadata_keys == desired.metadata_keys
        and stamp_differs(desired, stamp) is None
        and not desired.ignored
        and _same_but_values(desired, row)
        and stamp.digest is not None
        and stamp.digest == digest(desired.content)
    )


def _same_but_values(desired: Desired, row: Assistant) -> bool:
    """Whether what a light row has of the content is the desired one: the server may have kept less than was sent."""
    content = desired.content
    metadata = {key: row.metadata[key] for key in desired.metadata_keys if row.metadata.get(key) is not None}
    return (
        (row.graph_id, row.name, row.description) == (content.graph_id, content.name, content.description)
        and same_json(metadata, content.metadata)
    )  # fmt: skip


def samples(known: Mapping[str, Desired], rows: Iterable[Assistant]) -> tuple[str, ...]:
    """The ids of rows to read whole, to see what the stamps cannot show: what the server keeps of a write.

    The oldest write is one of them, and then, the newest first, as few as have each name in context and config.

    Args:
        known: As ``equal_by_stamp`` made it.
        rows: Of the light listing.
    """
    newest = sorted((row for row in rows if row.assistant_id in known), key=_written_at, reverse=True)
    names = {row.assistant_id: _names(known[row.assistant_id]) for row in newest}
    chosen = [row.assistant_id for row in newest[-1:]]
    left = set[tuple[str, str]]().union(*names.values()).difference(*(names[own] for own in chosen))
    while left and len(chosen) <= MOST_SAMPLES:
        own = max(names, key=lambda one: len(left & names[one]))
        chosen.append(own)
        left -= names[own]
    return tuple(chosen)


def seen_in(known: Mapping[str, Desired], sampled: Iterable[str]) -> dict[str, Desired]:
    """Those of the manifests whose names in context and config the samples have, all of them."""
    seen = set[tuple[str, str]]().union(*(_names(known[own]) for own in sampled))
    return {own: one for own, one in known.items() if _names(one) <= seen}


def _written_at(row: Assistant) -> tuple[str, str]:
    return row.updated_at or row.created_at or "", row.assistant_id


def _names(desired: Desired) -> set[tuple[str, str]]:
    """The places that a server may treat in a way of its own: names at the top of each field."""
    content = desired.content
    fields = {"context": content.context, "configurable": content.configurable, "config": content.config}
    return {(field, name) for field, values in fields.items() for name in values}


def with_content(row: Assistant, desired: Desired) -> Assistant:
    """A light row with the content that its stamp names, as a deployment that mirrors keeps it."""
    content = desired.content
    values = content.context or content.configurable
    config = {**content.config, "configurable": values} if values else content.config
    return replace(row, context=values, config=config, is_whole=True)


def confirmed(
    known: Mapping[str, Desired], light: Mapping[str, Assistant], whole: Iterable[Assistant], policy: Policy
) -> bool:
    """Whether rows that were read whole are what their stamps promised, on a deployment that is seen to mirror.

    Args:
        known: As ``equal_by_stamp`` made it.
        light: The rows of the light listing, by id.
        whole: The samples.
        policy: The rules.
    """
    owned = []
    for row in whole:
        own = row.assistant_id
        keys = known[own].metadata_keys
        expected = with_content(light[own], known[own])
        is_same_write = (row.version, row.metadata) == (expected.version, expected.metadata)
        if not is_same_write or not same_content(live_content(row, keys), live_content(expected, keys)):
            return False
        owned.append(judge(row, policy.project))
    return detect_mirroring(one for one in owned if isinstance(one, Owned)) is Mirroring.YES
