"""Where each change comes from: this branch, an earlier merge, a hand outside git, or a branch that is behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action
from assistant_sync.model.plan import PlanWarning
from assistant_sync.model.provenance import Ancestry
from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.canonical import digest
from assistant_sync.planning.mirroring import carries_digest
from assistant_sync.planning.triage import last_commit
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.change import Change
    from assistant_sync.planning.ownership import Owned
    from assistant_sync.planning.triage import Triage

_WITHOUT = (Action.KEEP, Action.REFUSE)


@dataclass(frozen=True, slots=True)
class Base:
    """What the manifests wanted where the branch began.

    Attributes:
        sha: The commit.
        desired: Its manifests, for the same target.
        is_readable: Whether its files were free of errors; else nothing is told.
    """

    sha: str
    desired: tuple[Desired, ...]
    is_readable: bool = True


def find_causes(
    changes: Iterable[Change],
    desired: Iterable[Desired],
    base: Base | None,
    sorted_out: Triage,
    versions: Mapping[str, Sequence[Assistant]],
    ancestry: Mapping[str, Ancestry],
) -> Mapping[str, tuple[Cause, ...]]:
    """Tell the causes of all changes that do something or ask for something.

    Args:
        changes: The whole plan.
        desired: All manifests of the branch.
        base: Those where it began; None where that is not asked for.
        sorted_out: What triage found.
        versions: By assistant, as far as they were read.
        ancestry: How the commits in stamps relate to HEAD.

    Returns:
        By assistant; nothing where there is no base to compare with, or its files had problems.
    """
    if base is None or not base.is_readable:
        return {}
    now = {one.assistant_id: one for one in desired}
    before = {one.assistant_id: one for one in base.desired}
    found = {}
    for change in changes:
        if change.action in _WITHOUT:
            continue
        own = change.assistant_id
        case = _Case(now.get(own), before.get(own), sorted_out.owned.get(own), versions.get(own, ()))
        found[own] = tuple(case.causes(sorted_out, ancestry))
    return found


def notices_of_base(
    changes: Iterable[Change], base: Base | None, causes: Mapping[str, tuple[Cause, ...]]
) -> tuple[PlanWarning, ...]:
    """What the base makes worth saying about the whole plan."""
    if base is None:
        return ()
    if not base.is_readable:
        message = f"where changes come from cannot be told: the files of the base, {base.sha[:12]}, have problems"
        return (PlanWarning(message),)
    keys = [redact_text(one.key) for one in changes if Cause.BEHIND in causes.get(one.assistant_id, ())]
    if not keys:
        return ()
    return (
        PlanWarning(
            f"THIS BRANCH IS BEHIND: applied now, it would undo what was applied from commits that it does not have, "
            f"for {', '.join(keys)}. Merge or rebase it first"
        ),
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """One assistant: as the branch wants it, as its base did, and as it is."""

    now: Desired | None
    before: Desired | None
    owned: Owned | None
    versions: Sequence[Assistant]

    def causes(self, sorted_out: Triage, ancestry: Mapping[str, Ancestry]) -> Iterator[Cause]:
        wanted = _wish(self.before)
        if _wish(self.now) != wanted:
            yield Cause.BRANCH
        if self.owned is None:
            if wanted is not None:
                yield Cause.PENDING
            return
        written, highest = self.owned.stamp.digest, self._last_written(self.owned)
        before = None if self.before is None else digest(self.before.content)
        if before not in (written, highest):
            commit = last_commit(self.owned, self.versions)
            is_behind = commit is not None and ancestry.get(commit) is Ancestry.DIVERGED
            yield Cause.BEHIND if is_behind else Cause.PENDING
        # The pointer stands at another version than the one that the base was applied as.
        was_moved = before == highest != written
        if was_moved or carries_digest(self.owned, sorted_out.mirroring) is False:
            yield Cause.OUTSIDE

    def _last_written(self, owned: Owned) -> str | None:
        """The digest of the highest version that carries the assistant's own stamp."""
        for row in sorted([*self.versions, owned.row], key=lambda row: row.version, reverse=True):
            stamp = Stamp.read(row.metadata)
            if stamp is not None and stamp.id == owned.row.assistant_id:
                return stamp.digest
        return None


def _wish(desired: Desired | None) -> tuple[str, str | None, tuple[str, ...]] | None:
    """What tells two wishes for one assistant apart."""
    return None if desired is None else (desired.key, digest(desired.content), desired.metadata_keys)
