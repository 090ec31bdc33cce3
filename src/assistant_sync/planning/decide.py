"""The decision about one assistant: what to do, and why; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.change import Action
from assistant_sync.model.frozen import Frozen
from assistant_sync.planning.activation import find_version
from assistant_sync.planning.diff import diff
from assistant_sync.planning.guards import protection
from assistant_sync.planning.lineage import how_to_keep
from assistant_sync.planning.ownership import Foreign, Owned, Unmanaged
from assistant_sync.planning.taken_over import base_version
from assistant_sync.planning.undone import undoes_edit, undoes_rollback
from assistant_sync.redaction import redact_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.cron import Cron
    from assistant_sync.model.thread import ThreadCounts
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay

_MOST_NAMED = 5
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d):\d\d(?:\.\d{1,9})?(?:Z|\+00:00)")
"""A server's time, as the measured ones write it."""


class Decision(Frozen, frozen=True):
    """What happens to one assistant.

    Attributes:
        action: The kind of change.
        reason: Why, for people.
        to_version: The version to make active; None for other kinds.
    """

    action: Action
    reason: str
    to_version: int | None = None


_EQUAL = Decision(Action.KEEP, "equal")


def refusal(reason: str) -> Decision:
    """The decision to stop the plan."""
    return Decision(Action.REFUSE, reason)


def decide(one: ThreeWay, policy: Policy) -> Decision:
    """Decide about one assistant; its versions must be known if it may be written.

    Args:
        one: The assistant.
        policy: The rules.
    """
    desired = one.desired
    if desired is None:
        return _without_manifest(one, policy)
    if one.holder is not None:
        return refusal(
            f"this project already has an assistant with {_shared_key(desired, one.holder)}, with another id than "
            f"{one.assistant_id}. To keep that one, {how_to_keep(desired, one.holder, policy)}"
        )
    match one.live:
        case Owned() as owned:
            return _owned(one, desired, owned, policy)
        case None:
            return Decision(Action.CREATE, "the deployment does not have it yet")
        case Foreign(because=because):
            return refusal(f"the assistant with this id {because}")
        case Unmanaged() as found:
            return _unmanaged(desired, found)
        case _:
            assert_never(one.live)


def _without_manifest(one: ThreeWay, policy: Policy) -> Decision:
    reason = protection(one, policy, is_changed=policy.prune)
    if reason is not None:
        return refusal(reason)
    if one.claimant is not None:
        return Decision(
            Action.ORPHAN, f"{one.claimant} has this key, but with another id; see the entry for that manifest"
        )
    if policy.prune and one.is_protected:
        return refusal(_PREVENTED)
    if policy.prune:
        effects = f"{_with_crons(one.crons)}{_with_threads(one.threads)}"
        return Decision(Action.DELETE, f"no manifest has this key any more, and pruning is on{effects}")
    return Decision(
        Action.ORPHAN, "no manifest has this key; restore the manifest, or delete the assistant with --prune"
    )


_PREVENTED = (
    "no manifest has this key any more, and the one that it was written from has lifecycle.prevent_delete. To delete "
    "it, first apply a manifest without that line; to leave it alone, use --no-prune"
)


def _with_crons(crons: Sequence[Cron]) -> str:
    """What a delete takes along, as the end of a sentence; "" if nothing."""
    if not crons:
        return ""
    schedules = ", ".join(sorted(redact_text(cron.schedule) for cron in crons)[:_MOST_NAMED])
    more = f" and {len(crons) - _MOST_NAMED} more" if len(crons) > _MOST_NAMED else ""
    return f"; {plural(len(crons), 'cron')} will be deleted with it ({schedules}{more})"


def _with_threads(threads: ThreadCounts | None) -> str:
    """What becomes of the threads, as the end of a sentence; "" if there are none, or nobody knows."""
    if threads is None or not threads.total:
        return ""
    stay = "thread stays" if threads.total == 1 else "threads stay"
    on = "it" if threads.total == 1 else f"{threads.busy:,} of them" if threads.busy else ""
    runs = f", and what runs on {on} now will be interrupted" if threads.busy else ""
    return f"; {threads.total:,} {stay}, but cannot be continued with it{runs}"


def _unmanaged(desired: Desired, found: Unmanaged) -> Decision:
    if desired.id_is_named:
        return Decision(Action.ADOPT, f"the manifest names this unmanaged assistant, which {found.because}")
    return refusal(
        f"the assistant with this id {found.because}. To adopt it, put this line into the manifest: "
        f"assistant_id: {desired.assistant_id}"
    )


def _owned(one: ThreeWay, desired: Desired, owned: Owned, policy: Policy) -> Decision:
    is_kept = one.is_equal or one.is_normalised
    reason = protection(one, policy, is_changed=not is_kept)
    if reason is not None:
        return refusal(reason)
    if one.is_equal:
        return _EQUAL
    if is_kept:
        return Decision(Action.KEEP, "equal but for metadata that the server changed when it was written")
    version = find_version(desired, owned, policy, one.mirroring)
    if version is not None:
        edit = f"it was {_edit(one, owned)}; this undoes that edit: " if undoes_edit(one) else ""
        edit = f"{_rollback(owned)}: " if undoes_rollback(one) else edit
        reasons = [f"{edit}version {version} has the manifest's content"]
    else:
        reasons = [_why_it_differs(one, desired, owned)] if one.differs_in_content else []
    reasons += [one.stamp_change] if one.stamp_change else []
    if owned.stamp.project != policy.project:
        reasons.append(f"the project was renamed from {owned.stamp.project}")
    return Decision(Action.UPDATE if version is None else Action.ACTIVATE, "; ".join(reasons), version)


def _shared_key(desired: Desired, holder: Owned) -> str:
    """The key that a manifest and another assistant have in common."""
    return "this key" if holder.stamp.key == desired.key else f"the key '{holder.stamp.key}' that this one had before"


def _why_it_differs(one: ThreeWay, desired: Desired, owned: Owned) -> str:
    """What changed since our last write: the manifest, the live assistant, or both."""
    if undoes_rollback(one):
        return _rollback(owned)
    as_written = one.is_as_written
    # An earlier version that is live again may have been activated by us or by hand: the stamp is the same.
    is_moved = owned.row.version < owned.highest_version and not one.is_accepted
    if not one.is_edited_outside and (as_written is None or is_moved):
        return "the live assistant differs from the manifest"
    if not one.is_edited_outside:
        return f"{_what_has_changed(one, desired)} changed since it was last applied"
    edit = _edit(one, owned)
    if not undoes_edit(one):
        return f"the manifest has changed since it was last applied; what was {edit} stays"
    # The highest stamp: a pointer that was moved by hand carries an older one.
    last = owned.last_written
    if last.digest == one.digest_then(desired, last):
        return f"it was {edit}; this undoes that edit"
    return f"it was {edit}, and the manifest has changed since it was last applied; this undoes that edit"


def _edit(one: ThreeWay, owned: Owned) -> str:
    """That somebody edited it outside git, in which versions and when, fit to follow "it was"."""
    when = of_time(owned.row.updated_at)
    ours, active = base_version(one), owned.row.version
    if active < owned.highest_version:
        return f"set to version {active} outside git{when.replace(' of ', ', ', 1)}"
    if ours is not None and active - ours.version > 1:
        return f"edited outside git (versions {ours.version + 1} to {active}, the last{when or ' active now'})"
    return f"edited outside git (version {active}{when})"


def _rollback(owned: Owned) -> str:
    """That somebody rolled it back, when, and that this change undoes it, as a sentence."""
    which = f"version {owned.row.version}{of_time(owned.row.updated_at)}"
    return f"it was rolled back to version {owned.stamp.rollback} on purpose ({which}); this undoes that rollback"


def of_time(text: str | None) -> str:
    """A server's time for people, with "of" before it; "" if there is none that can be read."""
    found = _TIME.match(text or "")
    return "" if found is None else f" of {found[1]} {found[2]} UTC"


def _what_has_changed(one: ThreeWay, desired: Desired) -> str:
    """The manifest, or the texts that it includes if nothing else differs, as the subject of a sentence."""
    compared = one.comparison
    if not desired.included or compared is None:
        return "the manifest has"
    paths = [field.path for field in diff(compared.live, compared.desired)]
    files = sorted({desired.included[path] for path in paths if path in desired.included})
    if not files or any(path not in desired.included for path in paths):
        return "the manifest has"
    named = ", ".join(map(redact_text, files[:_MOST_NAMED]))
    more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
    if len(files) == 1:
        return f"the included text {named} has"
    return f"the included texts {named}{more} have"
