"""A plan of one change that somebody asked for by name, whatever the other manifests want."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.change import Action
from assistant_sync.model.plan import Plan
from assistant_sync.model.selection import Selection
from assistant_sync.planning.changes import make_change
from assistant_sync.planning.decide import refusal
from assistant_sync.planning.deferral import deferral
from assistant_sync.planning.digests import plan_digest
from assistant_sync.planning.guards import protection
from assistant_sync.planning.uniqueness import uniqueness_violations
from assistant_sync.planning.warnings import plan_warnings

if TYPE_CHECKING:
    from assistant_sync.model.change import Change
    from assistant_sync.planning.decide import Decision
    from assistant_sync.planning.observations import Observations
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay


def one_change(one: ThreeWay, decision: Decision, policy: Policy, seen: Observations) -> Change:
    """Make the change, unless what protects an assistant stops it.

    Args:
        one: The assistant.
        decision: What happens to it.
        policy: The rules.
        seen: The graphs that are not served and, if the deployment names owners, every row.
    """
    reason = protection(one, policy, is_changed=decision.action is not Action.KEEP)
    if reason is not None:
        return make_change(one, refusal(reason))
    deferred = deferral(one.desired, seen.unregistered_graphs)
    change = make_change(one, decision, deferred, literals=policy.literals)
    refused = uniqueness_violations([change], seen.everything, one.mirroring)
    return make_change(one, refusal(refused[one.assistant_id])) if refused else change


def plan_of(change: Change, one: ThreeWay, policy: Policy, seen: Observations) -> Plan:
    """Make the plan that has one change.

    Args:
        change: The change.
        one: The assistant that it is about.
        policy: The rules.
        seen: What was observed.
    """
    changes = (change,)
    return Plan(
        project=policy.project,
        target=policy.target,
        url=policy.url,
        commit=policy.commit,
        changes=changes,
        warnings=plan_warnings(changes, [one], (), seen, policy),
        guards=(),
        selection=Selection(),
        digest=plan_digest(policy.target, policy.url, changes),
        mirroring=one.mirroring,
    )
