"""The first round of planning: compare what the listing has, and ask for what must be known about the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import Frozen, replace
from assistant_sync.planning.mirroring import detect_mirroring, rows_to_ask
from assistant_sync.planning.ownership import Owned, Unmanaged, judge
from assistant_sync.planning.three_way import three_way, without_manifest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.selection import Selection
    from assistant_sync.planning.causes import Base
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay


class Triage(Frozen, frozen=True):
    """What the listing alone shows, and the questions that it leaves.

    Attributes:
        manifests: How many manifests there are, selected or not.
        assistants: The selected ones: those with a manifest in its order, then the orphans in the order of their ids.
        owned: All owned live assistants by id, in the order of their ids.
        mirroring: What the deployment is seen to do.
        copies: The ids of rows whose stamp came along with a copy; unmanaged.
        base: Where the branch began, if that is compared with.
    """

    manifests: int
    assistants: tuple[ThreeWay, ...]
    owned: Mapping[str, Owned]
    mirroring: Mirroring
    copies: tuple[str, ...] = ()
    base: Base | None = None

    @property
    def mirroring_of(self) -> tuple[str, ...]:
        """Owned ids whose versions show whether the deployment mirrors, if no row does."""
        return rows_to_ask(self.owned.values()) if self.mirroring is Mirroring.UNKNOWN else ()

    @property
    def open(self) -> tuple[ThreeWay, ...]:
        """Those with a manifest that are not known to be equal."""
        return tuple(one for one in self.assistants if one.desired is not None and not one.is_equal)

    @property
    def orphans(self) -> tuple[ThreeWay, ...]:
        """Those without a manifest."""
        return tuple(one for one in self.assistants if one.desired is None)

    @property
    def prunable(self) -> tuple[ThreeWay, ...]:
        """Those without a manifest that pruning would delete, as far as the listing shows."""
        return tuple(one for one in self.orphans if one.claimant is None and not one.is_protected)

    @property
    def confirm(self) -> tuple[str, ...]:
        """Ids that no owned row has: each must be confirmed absent, or read."""
        return tuple(one.assistant_id for one in self.open if one.assistant_id not in self.owned)

    @property
    def versions_of(self) -> tuple[str, ...]:
        """Owned ids whose versions decide; those of the rows that ``confirm`` finds are needed, too."""
        own = [one.assistant_id for one in self.open if one.assistant_id in self.owned]
        return (*own, *dict.fromkeys(one.holder.row.assistant_id for one in self.open if one.holder is not None))

    @property
    def graphs(self) -> dict[str, str | None]:
        """The graphs that manifests name, each with an owned row of it to ask by; None if there is none."""
        samples = self.live_graphs
        named = {one.desired.content.graph_id for one in self.assistants if one.desired is not None}
        return {graph: samples.get(graph) for graph in sorted(named)}

    @property
    def live_graphs(self) -> dict[str, str | None]:
        """The graphs that owned assistants run, each with one of them."""
        return {one.row.graph_id: own for own, one in self.owned.items()}


def triage(
    desired: Sequence[Desired],
    listing: Iterable[Assistant],
    policy: Policy,
    base: Base | None = None,
    mirroring: Mirroring | None = None,
) -> Triage:
    """Compare the manifests with a listing.

    Args:
        desired: All manifests, selected or not.
        listing: At least all rows that carry this project's stamp, under any of its names.
        policy: The rules.
        base: Where the branch began, if that is compared with.
        mirroring: What the deployment does, if that is known; else it is read off the rows.
    """
    former = policy.former_projects
    rows = [judge(row, policy.project, former) for row in sorted(listing, key=lambda row: row.assistant_id)]
    owned = {one.row.assistant_id: one for one in rows if isinstance(one, Owned)}
    named = {one.assistant_id for one in desired}
    mirroring = detect_mirroring(owned.values()) if mirroring is None else mirroring
    before = {} if base is None else {one.assistant_id: one for one in base.desired}
    pairs = [
        three_way(one, owned.get(one.assistant_id), mirroring, before.get(one.assistant_id))
        for one in _selected(desired, owned, policy.selection)
    ]
    orphans = [
        without_manifest(one, mirroring, before.get(own))
        for own, one in owned.items()
        if own not in named and policy.selection.selects(one.stamp.key, one.row.graph_id)
    ]
    return Triage(
        manifests=len(desired),
        assistants=tuple(_with_namesakes(desired, pairs, orphans, owned)),
        owned=owned,
        mirroring=mirroring,
        copies=tuple(own for own in _copies(rows, policy.projects) if own not in named),
        base=base,
    )


def commits_to_relate(triaged: Triage, versions: Mapping[str, Sequence[Assistant]], policy: Policy) -> frozenset[str]:
    """The commits in stamps whose relation to HEAD decides about a change or a delete, or shows its cause."""
    orphans = triaged.orphans if policy.prune or triaged.base is not None else ()
    found = [one.owned for one in (*triaged.open, *orphans) if one.owned is not None]
    known = [replace(one, versions=tuple(versions.get(one.row.assistant_id, ()))) for one in found]
    commits = {one.last_written.commit for one in known}
    commits |= {one.owned.stamp.commit for one in orphans if one.owned is not None}
    return frozenset(commit for commit in commits if commit)


def sources_to_find(triaged: Triage, policy: Policy) -> frozenset[str]:
    """The files that deletes were written from: if the commit has one that was not read, a manifest is there."""
    owned = [one.owned for one in triaged.orphans] if policy.prune else []
    return frozenset(one.stamp.source for one in owned if one is not None and one.stamp.source)


def known_keys(desired: Collection[Desired], triaged: Triage) -> frozenset[str]:
    """The keys that a selection can name: those of manifests, and of owned live assistants without one."""
    named = {one.assistant_id for one in desired}
    keys = {one.stamp.key for own, one in triaged.owned.items() if own not in named}
    return frozenset(keys | {one.key for one in desired})


def known_graphs(desired: Iterable[Desired], triaged: Triage) -> frozenset[str]:
    """The graphs that a selection can name: those of manifests, and of owned live assistants."""
    return frozenset({one.content.graph_id for one in desired} | {*triaged.live_graphs})


def unlisted(found: Iterable[Assistant | None], policy: Policy) -> tuple[str, ...]:
    """The ids of rows that a listing of owned rows should have shown, and that were found by their ids."""
    rows = (row for row in found if row is not None)
    former = policy.former_projects
    return tuple(row.assistant_id for row in rows if isinstance(judge(row, policy.project, former), Owned))


def _selected(desired: Sequence[Desired], owned: Mapping[str, Owned], selection: Selection) -> Sequence[Desired]:
    """The manifests that are selected, by the graph that they want or the one that is live."""
    if not selection.is_narrow:
        return desired
    live = {own: one.row.graph_id for own, one in owned.items()}

    def graphs(one: Desired) -> set[str]:
        wanted = one.content.graph_id
        return {wanted, live.get(one.assistant_id, wanted)}

    return [one for one in desired if selection.selects(one.key, *graphs(one))]


def _with_namesakes(
    desired: Sequence[Desired], pairs: Iterable[ThreeWay], orphans: Iterable[ThreeWay], owned: Mapping[str, Owned]
) -> Iterator[ThreeWay]:
    """All of them; a manifest without a row and an assistant that has its key, now or formerly, know of each other.

    A manifest that has a key now goes before one that had it, and its present key before the ones that it had.
    """
    named = {one.assistant_id for one in desired}
    if owned.keys() <= named:
        yield from pairs
        return
    waiting = [one for one in desired if one.assistant_id not in owned]
    claims = {key: one for one in waiting for key in one.moved_from} | {one.key: one for one in waiting}
    # Whatever is selected: an assistant that has a former key is another one to the selection.
    free = {one.stamp.key: one for own, one in owned.items() if own not in named}
    for one in pairs:
        keys = () if one.desired is None else (one.key, *reversed(one.desired.moved_from))
        key = next((key for key in keys if key in free and claims.get(key) is one.desired), None)
        yield one if key is None else replace(one, holder=free[key])
    for one in orphans:
        claimant = claims.get(one.key)
        yield one if claimant is None else replace(one, claimant=claimant.source)


def _copies(rows: Iterable[object], projects: Collection[str]) -> Iterator[str]:
    """The ids of rows that carry the stamp of another assistant of this project."""
    for one in rows:
        if isinstance(one, Unmanaged) and one.stamp is not None and one.stamp.project in projects:
            yield one.row.assistant_id
