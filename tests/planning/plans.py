"""Plans, made as an operation makes them: of a listing, and of observations that answer its questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.assemble import assemble_plan
from assistant_sync.planning.observations import Observations
from assistant_sync.planning.triage import triage
from tests.builders import SHA
from tests.planning.rows import make_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.cron import Cron
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.thread import ThreadCounts
    from assistant_sync.planning.causes import Base


def plan(
    desired: Sequence[Desired],
    rows: Sequence[Assistant],
    *,
    versions: Sequence[Assistant] = (),
    unregistered: frozenset[str] = frozenset(),
    unknown: frozenset[str] = frozenset(),
    served: frozenset[str] = frozenset(),
    ancestry: dict[str, Ancestry] | None = None,
    everything: Sequence[Assistant] = (),
    base: Base | None = None,
    unread: frozenset[str] = frozenset(),
    crons: Mapping[str, Sequence[Cron] | None] | None = None,
    threads: Mapping[str, ThreadCounts | None] | None = None,
    **policy: Any,
) -> Plan:
    """Plan against a deployment that holds ``rows``, and beside them ``versions`` that are not active."""
    rules = make_policy(**policy)
    by_id = {row.assistant_id: row for row in rows}
    triaged = triage(desired, rows, rules, base)
    found = {own: by_id.get(own) for own in triaged.confirm}
    asked = [*triaged.versions_of, *(own for own, row in found.items() if row is not None)]
    if rules.prune:
        asked += [one.assistant_id for one in triaged.orphans]
    fetched = {own: [v for v in (*versions, by_id[own]) if v.assistant_id == own] for own in asked}
    related = ancestry if ancestry is not None else {SHA: Ancestry.ANCESTOR}
    seen = Observations(
        found=found,
        versions=fetched,
        unregistered_graphs=unregistered,
        unknown_graphs=unknown,
        served_graphs=served,
        ancestry=related,
        everything=everything,
        unread_sources=unread,
        crons=crons or {},
        threads=threads or {},
    )
    return assemble_plan(triaged, seen, rules)


def actions(made: Plan) -> dict[str, str]:
    """What is intended for each key."""
    return {change.key: change.action.value for change in made.changes}
