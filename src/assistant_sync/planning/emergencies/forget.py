"""Letting go of an assistant: one new version, without the stamp and otherwise as it is; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.change import Action, FieldChange, Op, Update
from assistant_sync.model.frozen import replace
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.canonical import as_document
from assistant_sync.planning.decide import Decision, refusal
from assistant_sync.planning.digests import change_digest
from assistant_sync.planning.emergencies.one_change import one_change, plan_of
from assistant_sync.planning.emergencies.rollback import content_of
from assistant_sync.planning.three_way import three_way, without_manifest

if TYPE_CHECKING:
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.plan import Plan
    from assistant_sync.planning.observations import Observations
    from assistant_sync.planning.ownership import Owned
    from assistant_sync.planning.policy import Policy

_STAMP = FieldChange(("metadata", STAMP_KEY), Op.REMOVED, "(the stamp)", None)


def plan_forget(
    owned: Owned, policy: Policy, mirroring: Mirroring, seen: Observations, *, manifest: str | None
) -> Plan:
    """Make the plan.

    Args:
        owned: The live row, with all its versions.
        policy: The rules.
        mirroring: What the deployment does.
        seen: The graphs that are not served.
        manifest: The file that still wants it; None if none does.
    """
    desired = content_of(owned.row, owned)
    if manifest is not None or desired is None:
        one = without_manifest(owned, mirroring, None)
        reason = _MIXED if manifest is None else f"{manifest} still wants it; {_REMOVE_FIRST}"
        return plan_of(one_change(one, refusal(reason), policy, seen), one, policy, seen)
    one = three_way(desired, owned, mirroring, None)
    change = one_change(one, Decision(Action.UPDATE, _REASON), policy, seen)
    if isinstance(change, Update):
        own_digest = change_digest(change.action, change.assistant_id, change.digest, as_document(desired.content))
        change = replace(change, fields=(_STAMP,), digest=own_digest, source=None)
    return plan_of(change, one, policy, seen)


_REASON = "git lets go of it: the stamp is removed, and all else stays as it is"
_REMOVE_FIRST = (
    "without its stamp, the next plan would refuse it. Remove the manifest and merge that, with --no-prune if the "
    "target prunes; then run forget"
)
_MIXED = (
    "its context and config.configurable differ, which no server takes in one write. Bring one of its versions back "
    "first, with 'assistant-sync rollback'"
)
