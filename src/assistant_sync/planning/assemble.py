"""The plan, made of one decision for each desired and each owned live assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.change import Activate, Adopt, Delete, Keep, Update
from assistant_sync.model.plan import MissingGraph, Plan
from assistant_sync.model.progress import in_steps
from assistant_sync.planning.causes import base_warnings, find_causes
from assistant_sync.planning.changes import make_change
from assistant_sync.planning.decide import refusal
from assistant_sync.planning.deferral import deferral
from assistant_sync.planning.digests import plan_digest
from assistant_sync.planning.guards import check_guards
from assistant_sync.planning.made_changes import change_of
from assistant_sync.planning.taken_over import complete_with_past
from assistant_sync.planning.undone import undoes_edit, undoes_rollback
from assistant_sync.planning.uniqueness import uniqueness_violations
from assistant_sync.planning.warnings import plan_warnings
from assistant_sync.redaction import redact_text
from assistant_sync.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from assistant_sync.model.change import Change
    from assistant_sync.model.plan import GuardViolation
    from assistant_sync.model.stamp import Stamp
    from assistant_sync.planning.made_changes import MadeChanges
    from assistant_sync.planning.observations import Observations
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay
    from assistant_sync.planning.triage import Triage


def assemble_plan(triaged: Triage, seen: Observations, policy: Policy, made: MadeChanges | None = None) -> Plan:
    """Make the plan.

    Args:
        triaged: What ``triage`` made of the manifests and the listing.
        seen: One answer for each of its questions.
        policy: The rules.
        made: Has the changes of earlier plans of the same run, and gets those of this one; None for none.

    Raises:
        KeyError: An answer is missing, which is a mistake of the caller's.
    """
    assistants = _completed(triaged, seen, policy)
    changes = _changes(assistants, triaged, seen, policy, made)
    others = [one for one in changes if not isinstance(one, Keep)]  # few, as a rule
    causes = find_causes(others, assistants, triaged.base)
    rolled_back = _undoing(others, assistants, undoes_rollback)
    warnings = plan_warnings(changes, assistants.values(), triaged.copies, seen, policy)
    return Plan(
        project=policy.project,
        target=policy.target,
        url=policy.url,
        commit=policy.commit,
        changes=changes,
        warnings=(*warnings, *base_warnings(changes, triaged.base, causes)),
        guards=_guards(others, assistants, triaged, seen, policy),
        selection=policy.selection,
        prune=policy.prune,
        mirroring=triaged.mirroring,
        digest=plan_digest(policy.target, policy.url, changes),
        base=None if triaged.base is None else triaged.base.sha,
        causes=causes,
        edited=_undoing(others, assistants, undoes_edit) | rolled_back,
        rolled_back=rolled_back,
        missing_graphs=_missing_graphs(assistants.values(), seen),
    )


def _missing_graphs(assistants: Iterable[ThreeWay], seen: Observations) -> tuple[MissingGraph, ...]:
    """The graphs that manifests name and the deployment surely does not serve."""
    named = {one.desired.content.graph_id for one in assistants if one.desired is not None}
    return tuple(
        MissingGraph(redact_text(graph), nearest(graph, sorted(seen.served_graphs)))
        for graph in sorted(named & seen.unregistered_graphs)
    )


def _completed(triaged: Triage, seen: Observations, policy: Policy) -> Mapping[str, ThreeWay]:
    """What the plan is about, by id."""
    completed = complete_with_past(triaged.assistants, seen, policy)
    return {one.assistant_id: one for one in completed}


def _changes(
    assistants: Mapping[str, ThreeWay], triaged: Triage, seen: Observations, policy: Policy, made: MadeChanges | None
) -> tuple[Change, ...]:
    """A change for each assistant, in the order of the keys."""
    change = change_of if made is None else made.change
    changes = [
        change(one, policy, deferral(one.desired, seen.unregistered_graphs))
        for one in in_steps("comparing", list(assistants.values()))
    ]
    refused = uniqueness_violations(changes, seen.everything, triaged.mirroring)
    if refused:
        changes = [
            make_change(assistants[one.assistant_id], refusal(refused[one.assistant_id]))
            if one.assistant_id in refused
            else one
            for one in changes
        ]
    return tuple(sorted(changes, key=lambda change: (change.key, change.assistant_id)))


def _guards(
    changes: Sequence[Change], assistants: Mapping[str, ThreeWay], triaged: Triage, seen: Observations, policy: Policy
) -> tuple[GuardViolation, ...]:
    """The guards that stop the plan."""
    deleted = _deleted_stamps(changes, assistants)
    return check_guards(
        changes,
        policy,
        owned=len(triaged.owned),
        manifests=triaged.manifests,
        written_from=[seen.relation(stamp.commit) for stamp in deleted if stamp.commit],
        unread=sorted(stamp.source for stamp in deleted if stamp.source in seen.unread_sources),
    )


def _deleted_stamps(changes: Sequence[Change], assistants: Mapping[str, ThreeWay]) -> list[Stamp]:
    """The stamps of what is deleted."""
    owned = [assistants[one.assistant_id].owned for one in changes if isinstance(one, Delete)]
    return [one.stamp for one in owned if one is not None]


def _undoing(
    changes: Sequence[Change], assistants: Mapping[str, ThreeWay], undoes: Callable[[ThreeWay], bool]
) -> frozenset[str]:
    """The assistants that are written over or deleted, and of which that undoes what somebody did since our write."""
    written = (one.assistant_id for one in changes if isinstance(one, Update | Activate | Adopt | Delete))
    return frozenset(own for own in written if undoes(assistants[own]))
