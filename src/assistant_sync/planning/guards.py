"""Guards: what stops a whole plan, at any fleet size (docs/safety.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.model.change import Activate, Delete, Update
from assistant_sync.model.plan import GuardViolation
from assistant_sync.model.provenance import Ancestry
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.change import Change
    from assistant_sync.model.project import Limits


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the command line allows for this run, in place of the limits; None where it says nothing."""

    deletes: int | None = None
    updates: int | None = None


def check_guards(
    changes: Sequence[Change],
    *,
    owned: int,
    manifests: int,
    limits: Limits,
    allowance: Allowance,
    origins: Sequence[Ancestry],
    can_archive: bool,
) -> tuple[GuardViolation, ...]:
    """Find the guards that a plan violates.

    Args:
        changes: All of them.
        owned: How many live assistants this project owns.
        manifests: How many manifests there are, selected or not.
        limits: The target's limits.
        allowance: The command line's.
        origins: For each delete whose stamp names a commit, how that commit relates to HEAD.
        can_archive: Whether there is a lasting place for deleted assistants.
    """
    violations: list[GuardViolation] = []
    deletes = sum(isinstance(change, Delete) for change in changes)
    updates = sum(isinstance(change, Update | Activate) for change in changes)
    most_deletes = limits.deletes.of(owned) if allowance.deletes is None else allowance.deletes
    if deletes > most_deletes:
        violations.append(GuardViolation("deletes", _beyond("delete", deletes, most_deletes, owned, "--allow-deletes")))
    most_updates = allowance.updates
    if most_updates is None and limits.updates is not None:
        most_updates = limits.updates.of(owned)
    if most_updates is not None and updates > most_updates:
        violations.append(GuardViolation("updates", _beyond("update", updates, most_updates, owned, "--allow-updates")))
    if deletes and not can_archive:
        violations.append(GuardViolation("archive", _LOST_ARCHIVE.format(plural(deletes, "assistant"))))
    if allowance.deletes is None and deletes:
        violations += _unspoken(deletes, manifests, origins)
    return tuple(violations)


_LOST_ARCHIVE = (
    "the plan would delete {}, and what this job archives is lost with it. "
    "Name a folder that is kept with 'archive:' in the project file"
)


def _beyond(verb: str, count: int, most: int, owned: int, option: str) -> str:
    return (
        f"the plan would {verb} {count} of {plural(owned, 'owned live assistant')}; the limit is {most}. "
        f"If that is meant, allow it for this run with {option} {count}"
    )


def _unspoken(deletes: int, manifests: int, origins: Sequence[Ancestry]) -> list[GuardViolation]:
    """Deletes that need to be allowed by number even within the limit."""
    violations = []
    if manifests == 0:
        violations.append(
            GuardViolation(
                "empty",
                f"there are no manifests, which would delete {plural(deletes, 'assistant')}. "
                f"If that is meant, allow it for this run with --allow-deletes {deletes}",
            )
        )
    strangers = sum(origin not in (Ancestry.SAME, Ancestry.ANCESTOR) for origin in origins)
    if strangers:
        violations.append(
            GuardViolation(
                "unknown-commit",
                f"the plan would delete {plural(strangers, 'assistant')} written from a commit that is not known "
                "to be in this repository's history (a stale branch, another repository, or a shallow clone, which "
                "'fetch-depth: 0' completes). "
                f"If that is meant, allow it for this run with --allow-deletes {deletes}",
            )
        )
    return violations
