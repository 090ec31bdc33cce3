"""Guards: what protects one assistant, and what stops a whole plan at any fleet size (docs/safety.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.change import Activate, Delete, Update
from assistant_sync.model.plan import GuardViolation
from assistant_sync.model.provenance import Ancestry
from assistant_sync.redaction import redact_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assistant_sync.model.change import Change
    from assistant_sync.planning.policy import Policy
    from assistant_sync.planning.three_way import ThreeWay


def protection(one: ThreeWay, policy: Policy, *, is_changed: bool) -> str | None:
    """Why an owned assistant must be left alone; None if it may be changed.

    Args:
        one: The assistant.
        policy: The rules.
        is_changed: Whether it would be changed.
    """
    owned = one.owned
    if owned is None:
        return None
    target = owned.stamp.target
    if target != policy.target and target not in policy.formerly and not policy.retarget:
        return (
            f"it was written as target '{owned.stamp.target}', and this is target '{policy.target}': is the URL right? "
            f"If the target was renamed, add 'formerly: [{owned.stamp.target}]' to it, or pass --retarget in each run "
            "until the assistant has changed once"
        )
    commit = owned.last_written.commit if is_changed and one.relation is Ancestry.DESCENDANT else None
    if commit is not None and not policy.allow_older:
        return (
            f"it was last written from commit {commit[:12]}, which is newer than this checkout. "
            "Check out the newest commit, or use --allow-older to go back to this one"
        )
    return None


def check_guards(
    changes: Sequence[Change],
    policy: Policy,
    *,
    owned: int,
    manifests: int,
    written_from: Iterable[Ancestry],
    unread: Sequence[str] = (),
) -> tuple[GuardViolation, ...]:
    """Find the guards that a plan violates.

    Args:
        changes: At least those that write.
        policy: The rules; its ``allowance`` replaces the target's limits.
        owned: How many live assistants this project owns.
        manifests: How many manifests there are, selected or not.
        written_from: For each delete whose stamp names a commit, how that commit relates to HEAD.
        unread: The files that deletes were written from, that the commit has, and that this plan has not read.
    """
    violations: list[GuardViolation] = []
    deletes = sum(isinstance(change, Delete) for change in changes)
    updates = sum(isinstance(change, Update | Activate) for change in changes)
    limits, allowance = policy.limits, policy.allowance
    most_deletes = limits.deletes.of(owned) if allowance.deletes is None else allowance.deletes
    if deletes > most_deletes:
        violations.append(GuardViolation("deletes", _beyond("delete", deletes, most_deletes, owned, "--allow-deletes")))
    most_updates = allowance.updates
    if most_updates is None and limits.updates is not None:
        most_updates = limits.updates.of(owned)
    if most_updates is not None and updates > most_updates:
        violations.append(GuardViolation("updates", _beyond("update", updates, most_updates, owned, "--allow-updates")))
    violations += _archive_violations(deletes, policy)
    if allowance.deletes is None and deletes:
        violations += _unallowed(deletes, manifests, _unrelated(written_from, policy), unread)
    return tuple(violations)


def _archive_violations(deletes: int, policy: Policy) -> Iterator[GuardViolation]:
    """Deletes whose archive would be lost, or read by everybody."""
    if deletes and not policy.can_archive:
        yield GuardViolation("archive", _LOST_ARCHIVE.format(plural(deletes, "assistant")))
    if deletes and policy.archive_is_public:
        yield GuardViolation("public-archive", _PUBLIC_ARCHIVE.format(plural(deletes, "assistant")))


_LOST_ARCHIVE = (
    "the plan would delete {}, and what this job archives is lost with it. "
    "Name a folder that is kept with 'archive:' in the project file"
)


_PUBLIC_ARCHIVE = (
    "the plan would delete {}, and this repository is public: everybody can read what its jobs keep, and the archive "
    "has the prompts and metadata of all versions. Apply from a place that only your team can read; "
    "if everybody may read them, use --allow-public-archive"
)


def _beyond(verb: str, count: int, most: int, owned: int, option: str) -> str:
    return (
        f"the plan would {verb} {count} of {plural(owned, 'owned live assistant')}; the limit is {most}. "
        f"If this is intended, allow it for this run with {option} {count}"
    )


def _unallowed(deletes: int, manifests: int, unrelated: int, unread: Sequence[str]) -> Iterator[GuardViolation]:
    """Deletes that need to be allowed by number even within the limit."""
    if manifests == 0:
        yield GuardViolation(
            "empty",
            f"there are no manifests, which would delete {plural(deletes, 'assistant')}. "
            f"If this is intended, allow it for this run with --allow-deletes {deletes}",
        )
    if unrelated:
        yield GuardViolation(
            "unknown-commit",
            f"the plan would delete {plural(unrelated, 'assistant')} written from a commit that is not known "
            "to be in this repository's history (a stale branch, another repository, or a shallow clone, which "
            "'fetch-depth: 0' completes). "
            f"If this is intended, allow it for this run with --allow-deletes {deletes}",
        )
    if unread:
        named = ", ".join(map(redact_text, unread[:_MOST_NAMED]))
        more = f" and {len(unread) - _MOST_NAMED} more" if len(unread) > _MOST_NAMED else ""
        yield GuardViolation(
            "source-unread",
            f"the plan would delete {plural(len(unread), 'assistant')} whose manifest is in this commit, but not among "
            f"this project's files: {named}{more}. Another project has the same name, most likely: give each its own "
            f"'project:'. If this is intended, allow it for this run with --allow-deletes {deletes}",
        )


_MOST_NAMED = 3


def _unrelated(written_from: Iterable[Ancestry], policy: Policy) -> int:
    """How many commits are not known to be part of this history; newer ones count unless they are allowed."""
    known = {Ancestry.SAME, Ancestry.ANCESTOR} | ({Ancestry.DESCENDANT} if policy.allow_older else set())
    return sum(relation not in known for relation in written_from)
