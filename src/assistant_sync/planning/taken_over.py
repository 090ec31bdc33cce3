"""Which edits made outside git git has taken over since: a commit after our last write has what they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.frozen import replace
from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.canonical import as_document, live_content
from assistant_sync.planning.equality import same_json
from assistant_sync.planning.ignoring import keep_ignored
from assistant_sync.planning.merge import merge
from assistant_sync.planning.mirroring import align
from assistant_sync.planning.own_version import own_version, own_versions
from assistant_sync.planning.three_way import complete, owned_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant_sync.model.assistant import Assistant, Content, Desired
    from assistant_sync.planning.observations import Observations
    from assistant_sync.planning.ownership import Owned
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay


def complete_with_past(triaged: Iterable[ThreeWay], seen: Observations, policy: Policy) -> tuple[ThreeWay, ...]:
    """As ``complete``, with what git has taken over.

    Args:
        triaged: What triage made.
        seen: One answer for each of its questions.
        policy: The rules.

    Raises:
        KeyError: An answer is missing, which is a mistake of the caller's.
    """
    assistants = complete(triaged, seen, policy.project, policy.former_projects)
    return tuple(
        replace(one, accepted=_taken_over(one, seen.wanted[one.assistant_id]), is_past_known=True)
        if one.assistant_id in seen.wanted
        else one
        for one in assistants
    )


def asks_git(assistants: Iterable[ThreeWay]) -> tuple[ThreeWay, ...]:
    """Those about which the deployment alone does not say whether git has the live content already, or had it since."""
    return tuple(one for one in assistants if one.desired is not None and not one.is_equal and _is_odd(one))


def base_version(one: ThreeWay) -> Assistant | None:
    """The version that git had last: one that it has taken over, or else the one that our last write made.

    A rollback does not count, although a write of ours made it. None if the versions do not show any.
    """
    owned = one.owned
    if one.accepted is not None or owned is None:
        return one.accepted
    return wanted_version(owned)


def wanted_version(owned: Owned) -> Assistant | None:
    """The version that our last write made; one that a rollback made does not count."""
    own = own_versions(owned.versions).values()
    wanted = [row for row in own if (stamp := Stamp.read(row.metadata)) is not None and stamp.rollback is None]
    write = owned.last_written.write
    ours = None if write is None else own_version(owned.versions, write)
    if ours is None or not wanted or ours in wanted:
        return ours
    return max(wanted, key=lambda row: row.version)


def as_manifest_has(row: Assistant, manifest: Desired, one: ThreeWay) -> Content:
    """The content of a row, comparable with a manifest's."""
    keys = manifest.metadata_keys if one.owned is None else owned_keys(manifest, one.owned)
    return align(manifest.content, live_content(row, keys), one.mirroring)[1]


def _is_odd(one: ThreeWay) -> bool:
    owned = one.owned
    return owned is not None and (
        one.is_as_written is False or one.is_on_earlier_write or owned.stamp.rollback is not None
    )


def _taken_over(one: ThreeWay, manifests: Sequence[Desired]) -> Assistant | None:
    """The last version after our last write that one of the manifests since then has all changes of."""
    owned = one.owned
    written = None if owned is None else wanted_version(owned)
    if owned is None or written is None:
        return None
    later = [row for row in owned.versions if row.version > written.version and row.version != owned.row.version]
    for row in (owned.row, *sorted(later, key=lambda row: row.version, reverse=True)):
        if any(_has_changes(manifest, written, row, one) for manifest in manifests):
            return row
    return None


def _has_changes(manifest: Desired, written: Assistant, row: Assistant, one: ThreeWay) -> bool:
    ignored = () if one.desired is None else one.desired.ignored
    manifest = keep_ignored(manifest, row, ignored)
    content = as_manifest_has(row, manifest, one)
    if content.context and content.configurable:
        return False
    base, mine, theirs = (
        as_document(side) for side in (as_manifest_has(written, manifest, one), manifest.content, content)
    )
    return not same_json(base, theirs) and same_json(merge(base, mine, theirs).document, mine)
