"""A rollback: an earlier version's content becomes the live one, as a new version; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.assistant import Desired
from assistant_sync.model.change import Action, Update
from assistant_sync.model.frozen import replace
from assistant_sync.model.plan import PlanWarning
from assistant_sync.model.provenance import Commit
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.canonical import digest, live_content
from assistant_sync.planning.decide import Decision, of_time, refusal
from assistant_sync.planning.digests import change_digest
from assistant_sync.planning.drift import is_as_written, stamp_of_write
from assistant_sync.planning.emergencies.one_change import one_change, plan_of
from assistant_sync.planning.ignoring import is_ignored
from assistant_sync.planning.mirroring import one_sided
from assistant_sync.planning.own_version import own_versions
from assistant_sync.planning.three_way import three_way, without_manifest
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Change
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.values import Path
    from assistant_sync.planning.observations import Observations
    from assistant_sync.planning.ownership import Owned
    from assistant_sync.planning.policy import Policy


def version_of(owned: Owned, number: int) -> Assistant | None:
    """A version by its number; None if the assistant does not have it."""
    return next((row for row in owned.versions if row.version == number), None)


def commits_of(owned: Owned, mirroring: Mirroring, projects: Collection[str] = ()) -> Iterator[tuple[int, str]]:
    """The versions that writes of ours made, each with the commit that it was written from; the highest first."""
    own = own_versions(owned.versions)
    for row in sorted(owned.versions, key=lambda row: row.version, reverse=True):
        stamp = stamp_of_write(row, own, owned.stamp.project, mirroring, projects)
        if stamp is not None and stamp.commit:
            yield row.version, stamp.commit


def plan_rollback(
    owned: Owned,
    version: Assistant,
    policy: Policy,
    mirroring: Mirroring,
    seen: Observations,
    *,
    ignored: Collection[Path] = (),
) -> Plan:
    """Make the plan.

    Args:
        owned: The live row, with all its versions.
        version: The one whose content it gets.
        policy: The rules; its commit is replaced by the one that the version was written from.
        mirroring: What the deployment does.
        seen: The graphs that are not served and, if the deployment names owners, every row.
        ignored: The fields that the manifest ignores, which a rollback resets all the same.
    """
    policy = replace(policy, commit=commit_of(owned, version, mirroring, policy.projects))
    desired = content_of(version, owned)
    if desired is None:
        one = without_manifest(owned, mirroring, None)
        change = one_change(one, refusal(_mixed(version, owned)), policy, seen)
        return plan_of(change, one, policy, seen)
    one = three_way(desired, owned, mirroring, None)
    number = version.version
    if one.is_equal:
        decision = Decision(Action.KEEP, f"the live content is that of version {number} already")
    else:
        decision = Decision(Action.UPDATE, _why(version, policy.commit))
    change = one_change(one, decision, policy, seen)
    source = None if change.source is None else redact_text(change.source) or None
    change = replace(change, source=source)
    if isinstance(change, Update):
        own_digest = change_digest(change.action, change.assistant_id, change.digest, number)
        change = replace(change, rollback_to=number, digest=own_digest)
    plan = plan_of(change, one, policy, seen)
    return replace(plan, warnings=(*plan.warnings, *_resets(change, ignored)))


def _resets(change: Change, ignored: Collection[Path]) -> Iterator[PlanWarning]:
    """That fields which somebody else owns get the values of the version, too."""
    paths = [".".join(map(str, field.path)) for field in change.fields if is_ignored(field, ignored)]
    if paths:
        verb = "is" if len(paths) == 1 else "are"
        message = f"{', '.join(paths)} {verb} in the manifest's ignore_changes; a rollback resets all of an assistant"
        yield PlanWarning(message, key=change.key)


def content_of(version: Assistant, owned: Owned) -> Desired | None:
    """The content of a version as a manifest would want it; None if no manifest can.

    Args:
        version: Of the assistant.
        owned: The assistant, whose key it keeps.
    """
    stamp = Stamp.read(version.metadata)
    stamp = stamp if stamp is not None and stamp.id == version.assistant_id else owned.stamp
    keys = tuple(sorted({*stamp.metadata_keys} - {STAMP_KEY}))
    forms = one_sided(live_content(version, keys))
    if not forms:
        return None
    return Desired(
        key=owned.stamp.key,
        assistant_id=owned.row.assistant_id,
        id_is_named=False,
        content=next((form for form in forms if digest(form) == stamp.digest), forms[0]),
        metadata_keys=keys,
        source=stamp.source or owned.stamp.source or "",
        prevent_delete=owned.stamp.prevent_delete,
    )


def commit_of(owned: Owned, version: Assistant, mirroring: Mirroring, projects: Collection[str] = ()) -> Commit | None:
    """The commit that the content of a version was applied from; None if somebody made it outside git."""
    stamp = Stamp.read(version.metadata)
    if stamp is None or stamp.id != owned.row.assistant_id or not stamp.commit:
        return None
    if stamp.project not in (owned.stamp.project, *projects):
        return None
    # A version that somebody made without a change of what git owns has the content of the stamp that it carries.
    if is_as_written(version, stamp, mirroring) is not True:
        return None
    return Commit(stamp.commit.removesuffix("-dirty"), dirty=stamp.commit.endswith("-dirty"))


def _why(version: Assistant, commit: Commit | None) -> str:
    origin = "not applied from a commit" if commit is None else f"applied from commit {redact_text(commit.sha[:12])}"
    return f"this brings back version {version.version}{of_time(version.created_at)}, {origin}"


def _mixed(version: Assistant, owned: Owned) -> str:
    """That a version is a mixture, and which other one is none."""
    others = sorted(
        (row.version for row in owned.versions if row.version != version.version and content_of(row, owned)),
        key=lambda number: (number > version.version, abs(number - version.version)),
    )
    other = f" Take another version, such as {others[0]}" if others else ""
    return (
        f"version {version.version} has a context and a config.configurable that differ, which no server takes in one "
        f"write and no manifest can express.{other}"
    )
