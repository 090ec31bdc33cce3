"""The causes of each change: this branch, an earlier merge, an edit outside git, or a branch that is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action
from assistant_sync.model.frozen import Frozen
from assistant_sync.model.plan import PlanWarning
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.canonical import digest
from assistant_sync.planning.mirroring import is_equal
from assistant_sync.planning.undone import undoes_rollback
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.change import Change
    from assistant_sync.model.stamp import Stamp
    from assistant_sync.planning.three_way import ThreeWay

_WITHOUT = (Action.KEEP, Action.REFUSE)


class Base(Frozen, frozen=True):
    """The manifests where the branch began.

    Attributes:
        sha: The commit.
        desired: Its manifests, for the same target.
        is_readable: Whether its files were free of errors; else no cause is known.
    """

    sha: str
    desired: tuple[Desired, ...]
    is_readable: bool = True


def find_causes(
    changes: Iterable[Change], assistants: Mapping[str, ThreeWay], base: Base | None
) -> Mapping[str, tuple[Cause, ...]]:
    """Find the causes of all changes that do something or ask for something.

    Args:
        changes: At least those that do something, or ask for something.
        assistants: By id, those that the changes are about.
        base: Where the branch began; None if nothing is compared with.

    Returns:
        By assistant; empty without a base to compare with, or if its files had problems.
    """
    if base is None or not base.is_readable:
        return {}
    ids = [change.assistant_id for change in changes if change.action not in _WITHOUT]
    return {own: tuple(causes_of(assistants[own])) for own in ids}


def causes_of(one: ThreeWay) -> Iterator[Cause]:
    """Why desired and live differ."""
    before = _identity(one.base)
    if _identity(one.desired) != before:
        yield Cause.BRANCH
    owned = one.owned
    if owned is None:
        if one.base is not None:
            yield Cause.PENDING
        return
    if undoes_rollback(one):
        yield Cause.OUTSIDE
        return
    written, highest = _written(owned.stamp), _written(owned.last_written)
    wanted, wanted_last = _wanted(one, owned.stamp), _wanted(one, owned.last_written)
    if wanted != written and wanted_last != highest and not _is_live(one.base, one):
        yield Cause.BEHIND if one.relation is Ancestry.DIVERGED else Cause.PENDING
    # The pointer stands at another version than the one that the base was applied as.
    was_moved = wanted_last == highest and wanted != written
    if was_moved or one.is_edited_outside:
        yield Cause.OUTSIDE


def base_warnings(
    changes: Iterable[Change], base: Base | None, causes: Mapping[str, tuple[Cause, ...]]
) -> tuple[PlanWarning, ...]:
    """The warnings about the whole plan that a comparison with the base gives."""
    if base is None:
        return ()
    if not base.is_readable:
        message = f"where changes come from is unknown: the files of the base, {base.sha[:12]}, have problems"
        return (PlanWarning(message),)
    keys = [redact_text(one.key) for one in changes if Cause.BEHIND in causes.get(one.assistant_id, ())]
    if not keys:
        return ()
    return (
        PlanWarning(
            "This branch is behind: applying it would revert changes from commits that it does not contain "
            f"({', '.join(keys)}). Rebase or merge first"
        ),
    )


def _identity(desired: Desired | None) -> tuple[str, str | None, tuple[str, ...], bool] | None:
    """What distinguishes two manifests of one assistant."""
    if desired is None:
        return None
    return (desired.key, digest(desired.content), desired.metadata_keys, desired.prevent_delete)


def _is_live(base: Desired | None, one: ThreeWay) -> bool:
    """Whether the base has what is live because git has taken it over: then no merge waits."""
    found = None if one.comparison is None or not one.is_accepted else one.comparison.found
    return base is not None and found is not None and is_equal(base.content, found, one.mirroring)


def _wanted(one: ThreeWay, stamp: Stamp) -> tuple[str | None, bool]:
    """What the base would have left in a stamp."""
    return (None, False) if one.base is None else (one.digest_then(one.base, stamp), one.base.prevent_delete)


def _written(stamp: Stamp) -> tuple[str | None, bool]:
    """What a stamp shows of the manifest that it was written from."""
    return stamp.digest, stamp.prevent_delete
