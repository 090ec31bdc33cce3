"""The first round of planning: sort out what is equal, and ask what must be known about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.mirroring import detect_mirroring, is_equal
from assistant_sync.planning.ownership import Owned, Ownership, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.mirroring import Mirroring
    from assistant_sync.planning.policy import Policy


@dataclass(frozen=True, slots=True)
class Triage:
    """What the listing alone tells, and the questions that it leaves.

    Attributes:
        owned: The owned live assistants by id, in the order of their ids.
        mirroring: What the deployment is seen to do.
        equal: The ids of owned assistants that are what their manifests want.
        confirm: Ids that no owned row has: each is to be confirmed absent, or read.
        versions_of: Ids whose versions are needed; those of the rows that ``confirm`` finds are needed too.
        graphs: The graphs that writes may need.
        strays: The selected owned assistants without a manifest, in the order of their ids.
        copies: The ids of rows whose stamp came along with a copy; unmanaged.
    """

    owned: Mapping[str, Owned]
    mirroring: Mirroring
    equal: frozenset[str]
    confirm: tuple[str, ...]
    versions_of: tuple[str, ...]
    graphs: frozenset[str]
    strays: tuple[Owned, ...]
    copies: tuple[str, ...] = ()


def triage(desired: Sequence[Desired], listing: Iterable[Assistant], policy: Policy) -> Triage:
    """Compare the manifests with a listing.

    Args:
        desired: All manifests, selected or not.
        listing: At least all rows that carry this project's stamp.
        policy: The rules.
    """
    owned, copies = _sorted_out(listing, policy.project)
    mirroring = detect_mirroring(owned.values())
    selected = [one for one in desired if policy.selects(one.key)]
    equal = {
        one.assistant_id
        for one in selected
        if (live := owned.get(one.assistant_id)) is not None
        and is_equal(one.content, live_content(live.row, owned_keys(one, live.stamp)), mirroring)
    }
    open_ones = [one for one in selected if one.assistant_id not in equal]
    wanted = {one.assistant_id for one in desired}
    return Triage(
        owned=owned,
        mirroring=mirroring,
        equal=frozenset(equal),
        confirm=tuple(one.assistant_id for one in open_ones if one.assistant_id not in owned),
        versions_of=tuple(one.assistant_id for one in open_ones if one.assistant_id in owned),
        graphs=frozenset(one.content.graph_id for one in open_ones),
        strays=tuple(
            one for one in owned.values() if one.row.assistant_id not in wanted and policy.selects(one.stamp.key)
        ),
        copies=tuple(one for one in copies if one not in wanted),
    )


def owned_keys(desired: Desired, stamp: Stamp | None) -> tuple[str, ...]:
    """The metadata keys that count: the manifest's and the stamp's."""
    if stamp is None or stamp.metadata_keys == desired.metadata_keys:
        return desired.metadata_keys
    return tuple(sorted({*desired.metadata_keys, *stamp.metadata_keys}))


def last_commit(live: Owned, versions: Iterable[Assistant]) -> str | None:
    """The commit that an owned assistant was last written from, so far as the deployment remembers.

    The highest version with the assistant's own stamp tells, because the live row may be an earlier one that was
    activated since. An activation itself leaves no trace.
    """
    rows = sorted([*versions, live.row], key=lambda row: row.version, reverse=True)
    stamps = (Stamp.read(row.metadata) for row in rows)
    own = (stamp for stamp in stamps if stamp is not None and stamp.id == live.row.assistant_id)
    return next((stamp.commit for stamp in own), None)


def commits_to_relate(
    sorted_out: Triage, versions: Mapping[str, Sequence[Assistant]], policy: Policy, *, has_base: bool = False
) -> frozenset[str]:
    """The commits in stamps whose relation to HEAD decides about a change or a delete, or tells where it comes from."""
    strays = sorted_out.strays if policy.prune or has_base else ()
    rows = [*(sorted_out.owned[one] for one in sorted_out.versions_of), *strays]
    commits = {last_commit(one, versions.get(one.row.assistant_id, ())) for one in rows}
    commits |= {one.stamp.commit for one in strays}
    return frozenset(commit for commit in commits if commit)


def unmatched(desired: Iterable[Desired], sorted_out: Triage, policy: Policy) -> tuple[str, ...]:
    """The globs of the selection that match neither a manifest nor an owned live assistant."""
    keys = {one.key for one in desired} | {one.stamp.key for one in sorted_out.owned.values()}
    return tuple(glob for glob in policy.selection if not any(policy.matches(glob, key) for key in keys))


def unlisted(found: Iterable[Assistant | None], project: str) -> tuple[str, ...]:
    """The ids of rows that a listing of owned rows should have shown, and that were found by their ids."""
    rows = (row for row in found if row is not None)
    return tuple(row.assistant_id for row in rows if judge(row, project).ownership is Ownership.OWNED)


def _sorted_out(listing: Iterable[Assistant], project: str) -> tuple[dict[str, Owned], list[str]]:
    """The owned rows by id, and the ids of copies of ours."""
    owned: dict[str, Owned] = {}
    copies: list[str] = []
    for row in sorted(listing, key=lambda row: row.assistant_id):
        verdict = judge(row, project)
        if verdict.ownership is Ownership.OWNED and verdict.stamp is not None:
            owned[row.assistant_id] = Owned(row, verdict.stamp)
        elif verdict.ownership is Ownership.UNMANAGED and verdict.stamp and verdict.stamp.project == project:
            copies.append(row.assistant_id)
    return owned, copies
