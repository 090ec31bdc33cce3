"""Rollback: the live content becomes that of an earlier version, whatever the manifests want."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.errors import UnknownName
from assistant_sync.model.aftermath import RollbackReport
from assistant_sync.model.lock import DEFAULT_LOCK_TIMEOUT
from assistant_sync.model.progress import silent
from assistant_sync.operations.connection import endpoint_of
from assistant_sync.operations.git_view import git_view, ignored_paths
from assistant_sync.operations.one_assistant import observe_one, policy_of
from assistant_sync.operations.owned import owned_assistant
from assistant_sync.operations.plan_run import PlanJob, run_plan
from assistant_sync.operations.workspace import choose_target, open_project
from assistant_sync.planning.emergencies.rollback import commits_of, content_of, plan_rollback, version_of
from assistant_sync.planning.mirroring import mirroring_of
from assistant_sync.redaction import redact_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Collection

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.aftermath import GitView
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.values import Path
    from assistant_sync.operations.plan_run import ApplyRun, ApplyUI
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.planning.ownership import Owned
    from assistant_sync.planning.policy import Policy

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRequest:
    """What a rollback should do.

    Attributes:
        settings: The common options.
        key: The assistant's key.
        to: The version to go back to; None to find it by ``commit``.
        commit: The commit that the version was applied from, or the beginning of its hash.
        retarget: Whether an assistant that was written as another target may be written.
        lock_timeout: Seconds to wait for the lock of an apply.
    """

    settings: Settings
    key: str
    to: int | None = None
    commit: str | None = None
    retarget: bool = False
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT


@dataclass(frozen=True, slots=True)
class RollbackRun:
    """The plan, and what became of it; no report if it was refused or not approved."""

    run: ApplyRun
    report: RollbackReport | None = None


async def rollback(request: RollbackRequest, ui: ApplyUI, *, listener: Listener = silent) -> RollbackRun:
    """Roll one assistant back; manifests are read in the end only, and need not be valid.

    Args:
        request: What to do.
        ui: Shows the plan, and may stop it.
        listener: Gets progress.

    Raises:
        UnknownName: There is no such assistant or version.
        StalePlan, Locked, Interrupted: As for ``run_plan``.
        InvalidFiles, RepositoryError: The project file cannot be read.
        RemoteError: The live state cannot be read, or not completely.
    """
    settings = request.settings
    project, _ = await asyncio.to_thread(open_project, settings)
    target = choose_target(project, settings.target)
    endpoint = endpoint_of(settings, target)
    policy = policy_of(project, target, endpoint.url, retarget=request.retarget)
    planner = _Planner(request, policy, await asyncio.to_thread(ignored_paths, settings, request.key))
    job = PlanJob(
        settings=settings,
        project=project,
        target=target,
        endpoint=endpoint,
        make_plan=planner,
        lock_timeout=request.lock_timeout,
    )
    run = await run_plan(job, ui, listener=listener)
    if run.result is None or planner.seen is None:
        return RollbackRun(run)
    seen = planner.seen
    is_done = all(outcome.status.is_done for outcome in run.result.outcomes)
    git = await asyncio.to_thread(seen.git_view, settings) if is_done else None
    return RollbackRun(run, RollbackReport(run.result, request.key, seen.version.version, git))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the last plan was made of."""

    owned: Owned
    version: Assistant
    mirroring: Mirroring

    def git_view(self, settings: Settings) -> GitView:
        """What git wants, now that the version's content is live."""
        wanted = content_of(self.version, self.owned)
        keys = () if wanted is None else wanted.metadata_keys
        return git_view(settings, self.owned.stamp.key, self.version, keys, self.mirroring)


class _Planner:
    """Makes the plan as of now, and keeps what it was made of."""

    def __init__(self, request: RollbackRequest, policy: Policy, ignored: tuple[Path, ...]) -> None:
        self.seen: _Seen | None = None
        self._ignored = ignored
        self._request = request
        self._policy = policy

    async def __call__(self, reader: AssistantsReader) -> Plan:
        policy = self._policy
        owned = await owned_assistant(reader, policy.project, self._request.key, policy.former_projects)
        mirroring = mirroring_of(owned)
        version = self._version(owned, mirroring)
        self.seen = _Seen(owned, version, mirroring)
        sample = owned.row if owned.row.graph_id == version.graph_id else None
        seen = await observe_one(reader, version.graph_id, sample)
        return plan_rollback(owned, version, policy, mirroring, seen, ignored=self._ignored)

    def _version(self, owned: Owned, mirroring: Mirroring) -> Assistant:
        number, commit = self._request.to, self._request.commit
        if number is None:
            number = _version_of_commit(owned, commit or "", mirroring, self._policy.projects)
        version = version_of(owned, number)
        if version is None:
            message = f"'{owned.stamp.key}' has no version {number}"
            raise UnknownName(message, hint=f"it has {_numbers(owned)}")
        return version


def _version_of_commit(owned: Owned, commit: str, mirroring: Mirroring, projects: Collection[str]) -> int:
    """The highest version that was applied from a commit.

    Raises:
        UnknownName: None was, or the beginning of a hash fits several commits.
    """
    known = list(commits_of(owned, mirroring, projects))
    wanted = commit.lower()
    fitting = [(number, sha) for number, sha in known if sha.removesuffix("-dirty").startswith(wanted)]
    if wanted and len({sha.removesuffix("-dirty") for _, sha in fitting}) == 1:
        return fitting[0][0]
    what = "several commits begin with" if wanted and fitting else "no version was applied from"
    message = f"'{owned.stamp.key}': {what} '{commit}'"
    named = ", ".join(f"{redact_text(sha[:12])} (version {number})" for number, sha in (fitting or known)[:_MOST_NAMED])
    more = len(fitting or known) - _MOST_NAMED
    listed = f"{named} and {more} more" if more > 0 else named
    hint = f"its versions name {listed}" if listed else f"none of its versions names a commit; it has {_numbers(owned)}"
    raise UnknownName(message, hint=f"{hint}; or name a version with --to")


def _numbers(owned: Owned) -> str:
    """Which versions there are, in words."""
    numbers = sorted(row.version for row in owned.versions)
    if not numbers:
        return "no version that can be read"
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"version {numbers[0]}" if len(numbers) == 1 else f"versions {numbers[0]} to {numbers[-1]}"
    return f"{plural(len(numbers), 'version')} from {numbers[0]} to {numbers[-1]}"
