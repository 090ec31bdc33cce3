"""Restoring an assistant from the archive: one create under the same id; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.change import Action, Create, FieldChange, Op
from assistant_sync.model.frozen import replace
from assistant_sync.planning.activation import unowned_metadata
from assistant_sync.planning.decide import Decision, refusal
from assistant_sync.planning.digests import change_digest
from assistant_sync.planning.emergencies.one_change import one_change, plan_of
from assistant_sync.planning.ownership import Owned
from assistant_sync.planning.three_way import three_way
from assistant_sync.redaction import redact, redact_text

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.change import Change
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.plan import Plan
    from assistant_sync.planning.observations import Observations
    from assistant_sync.planning.ownership import Live
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay


def plan_undelete(
    archived: Assistant,
    desired: Desired,
    live: Live | None,
    policy: Policy,
    mirroring: Mirroring,
    seen: Observations,
    *,
    holder: Owned | None,
    place: str,
) -> Plan:
    """Make the plan.

    Args:
        archived: The row that was live.
        desired: Its content, as a manifest would want it.
        live: What has its id now; None if that is confirmed absent.
        policy: The rules; its commit is the one that the content was applied from.
        mirroring: What the deployment does.
        seen: The graphs that are not served and, if the deployment names owners, every row.
        holder: Another owned assistant that has the key; None if there is none.
        place: The archive's file, for people.
    """
    one = replace(three_way(desired, live, mirroring, None), holder=holder)
    change = one_change(one, _decide(one, place), policy, seen)
    if isinstance(change, Create):
        change = _with_metadata(change, archived, policy)
    return plan_of(change, one, policy, seen)


def _decide(one: ThreeWay, place: str) -> Decision:
    if one.holder is not None:
        return refusal(f"another assistant of this project has this key now: {one.holder.row.assistant_id}")
    if one.live is None:
        return Decision(Action.CREATE, f"this restores {redact_text(place)}, under the same id")
    if not isinstance(one.live, Owned):
        return refusal(f"the assistant with this id {one.live.because}")
    if one.is_equal:
        return Decision(Action.KEEP, "it is live already, with the archived content")
    return refusal(
        f"it is live, with other content than the archive has (version {one.live.row.version}): nothing was lost. "
        "'assistant-sync rollback' brings an earlier version back"
    )


def _with_metadata(change: Create, archived: Assistant, policy: Policy) -> Change:
    """The create with the metadata that nobody owns."""
    unowned = unowned_metadata(archived, change.desired.metadata_keys)
    fields = [FieldChange(("metadata", key), Op.ADDED, None, unowned[key]) for key in sorted(unowned)]
    own_digest = change_digest(change.action, change.assistant_id, change.digest, unowned)
    return replace(
        change, unowned=unowned, fields=(*change.fields, *redact(fields, policy.literals)), digest=own_digest
    )
