"""Observe: ask the deployment and git the questions that triage leaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from assistant_sync.live.graphs import look_at_graphs, seen_to_serve
from assistant_sync.live.pages import MOST_ROWS
from assistant_sync.live.schemas import schemas_of
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.planning.mirroring import shown_by_versions
from assistant_sync.planning.observations import Observations
from assistant_sync.planning.triage import commits_to_relate, sources_to_find
from assistant_sync.repository.history import ancestry
from assistant_sync.repository.index import committed_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay
    from assistant_sync.planning.triage import Triage
    from assistant_sync.repository.worktree import WorkTree

_WORTH_COUNTING = 3
"""From so many ids on, asking for the number of rows can save requests."""

_MOST_ASKED = 5
"""Rows whose versions are asked whether the deployment mirrors; the first one shows it but for odd histories."""


async def find_mirroring(triaged: Triage, reader: AssistantsReader) -> Mirroring:
    """Whether the deployment mirrors, from versions if no row shows it.

    Args:
        triaged: What triage made of manifests and listing.
        reader: The client.

    Raises:
        RemoteError: Versions cannot be read.
    """
    for own in triaged.mirroring_of[:_MOST_ASKED]:
        shown = shown_by_versions(triaged.owned[own], await reader.versions(own))
        if shown is not Mirroring.UNKNOWN:
            return shown
    return triaged.mirroring


async def observe(
    triaged: Triage, policy: Policy, tree: WorkTree, reader: AssistantsReader, *, read: Collection[str] = (),
    for_drift: bool = False,
) -> Observations:  # fmt: skip
    """Answer the questions of triage.

    Args:
        triaged: What it made of manifests and listing.
        policy: The rules.
        tree: The repository.
        reader: The client.
        read: The files that the manifests were read from.
        for_drift: Whether assistants without a manifest matter although nothing is pruned.

    Raises:
        RemoteError: The live state cannot be read, or not completely.
        RepositoryError: Git fails.
    """
    named = {one.assistant_id for one in triaged.open if one.desired is not None and one.desired.id_is_named}
    found = await _confirm(triaged.confirm, named, reader)
    existing = {own: row for own, row in found.items() if row is not None}
    orphans = _ids(triaged.orphans if policy.prune or for_drift else ())
    rows = {own: one.row for own, one in triaged.owned.items()} | existing
    versions = await reader.versions_of_many(dict.fromkeys([*triaged.versions_of, *existing, *orphans]), rows)
    doomed = _ids(triaged.prunable if policy.prune else ())
    seen = await _look_at_graphs(triaged.graphs | (triaged.live_graphs if for_drift else {}), reader)
    commits = commits_to_relate(triaged, versions, policy)
    return replace(
        seen,
        found=found,
        versions=versions,
        ancestry=await asyncio.to_thread(ancestry, tree, commits) if commits else {},
        unread_sources=await _unread(sources_to_find(triaged, policy).difference(read), tree),
        # Such a deployment may keep only one assistant of a graph with equal config: all of them must be known.
        everything=await reader.listing() if triaged.open and reader.names_users else (),
        crons=await reader.for_each(reader.crons.of_assistant, doomed, reports=False),
        threads=await reader.for_each(reader.thread_counts.of_assistant, doomed, reports=False),
    )


def _ids(assistants: Iterable[ThreeWay]) -> list[str]:
    return [one.assistant_id for one in assistants]


async def _unread(sources: Collection[str], tree: WorkTree) -> frozenset[str]:
    """Those of some files that the commit has."""
    if not sources or not tree.is_git:
        return frozenset()
    return await asyncio.to_thread(committed_files, tree.top, sources)


async def _look_at_graphs(graphs: Mapping[str, str | None], reader: AssistantsReader) -> Observations:
    """The graphs that are surely not served, those of which it cannot be seen, and, if there are any, the others."""
    answers = await look_at_graphs(reader, graphs)
    unregistered = frozenset(graph for graph, one in answers.items() if one.is_served is False)
    unknown = frozenset(graph for graph, one in answers.items() if one.is_served is None)
    return Observations(
        unregistered_graphs=unregistered,
        unknown_graphs=unknown,
        schemas=schemas_of(answers),
        served_graphs=await seen_to_serve(reader) if unregistered or unknown else frozenset(),
    )


async def _confirm(ids: Sequence[str], named: Collection[str], reader: AssistantsReader) -> dict[str, Assistant | None]:
    """Read the ids that the listing of owned rows does not have, by GET or by a complete listing: whichever is cheaper.

    An id that a manifest names was made by somebody: if GET does not find it, the complete listing is asked, too,
    because GET answers 404 for an assistant whose graph is no longer registered (docs/servers.md).
    """
    if len(ids) >= _WORTH_COUNTING:
        total = await reader.count()
        # A listing beyond the bound ends the command, however few of its rows are ours.
        if total is not None and total <= MOST_ROWS and total // reader.page_size + 2 < len(ids):
            everything = {row.assistant_id: row for row in await reader.listing()}
            return {own: everything.get(own) for own in ids}
    found = await reader.get_many(ids)
    if any(row is None and own in named for own, row in found.items()):
        everything = {row.assistant_id: row for row in await reader.listing()}
        found = {own: row or everything.get(own) for own, row in found.items()}
    return found
