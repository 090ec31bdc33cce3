"""Plans, made as an operation makes them: of a listing, and of answers to the questions that it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.decide import Answers, decide
from assistant_sync.planning.triage import triage
from tests.builders import SHA
from tests.planning.rows import make_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.plan import Plan


def plan(
    desired: Sequence[Desired],
    rows: Sequence[Assistant],
    *,
    versions: Sequence[Assistant] = (),
    unregistered: frozenset[str] = frozenset(),
    served: frozenset[str] = frozenset(),
    ancestry: dict[str, Ancestry] | None = None,
    everything: Sequence[Assistant] = (),
    **policy: Any,
) -> Plan:
    """Plan against a deployment that holds ``rows``, and beside them ``versions`` that are not active."""
    rules = make_policy(**policy)
    by_id = {row.assistant_id: row for row in rows}
    sorted_out = triage(desired, rows, rules)
    found = {one: by_id.get(one) for one in sorted_out.confirm}
    asked = [*sorted_out.versions_of, *(one for one, row in found.items() if row is not None)]
    if rules.prune:
        asked += [one.row.assistant_id for one in sorted_out.strays]
    fetched = {one: [v for v in (*versions, by_id[one]) if v.assistant_id == one] for one in asked}
    related = ancestry if ancestry is not None else {SHA: Ancestry.ANCESTOR}
    answers = Answers(found, fetched, unregistered, served, related, everything)
    return decide(desired, sorted_out, answers, rules)


def actions(made: Plan) -> dict[str, str]:
    """What is intended for each key."""
    return {change.key: change.action.value for change in made.changes}
