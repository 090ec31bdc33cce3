"""Undelete: an archived assistant becomes live again under its id, and gets its manifest back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.errors import PlanRefused
from assistant_sync.live.lookup import find
from assistant_sync.model.aftermath import UndeleteReport
from assistant_sync.model.frozen import replace
from assistant_sync.model.lock import DEFAULT_LOCK_TIMEOUT
from assistant_sync.model.progress import silent
from assistant_sync.operations.archived import find_archive
from assistant_sync.operations.connection import endpoint_of
from assistant_sync.operations.cron_commands import cron_commands
from assistant_sync.operations.git_view import git_view
from assistant_sync.operations.one_assistant import observe_one, policy_of
from assistant_sync.operations.owned import owned_rows
from assistant_sync.operations.plan_run import PlanJob, run_plan
from assistant_sync.operations.restored_manifest import ManifestDraft, draft_manifest, write_manifest
from assistant_sync.operations.workspace import choose_target, open_project
from assistant_sync.planning.emergencies.rollback import commit_of, content_of
from assistant_sync.planning.emergencies.undelete import plan_undelete
from assistant_sync.planning.mirroring import mirroring_of
from assistant_sync.planning.ownership import Owned, judge
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.project import Project, Target
    from assistant_sync.operations.archived import FoundArchive
    from assistant_sync.operations.plan_run import ApplyRun, ApplyUI
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.planning.policy import Policy
    from assistant_sync.repository.worktree import WorkTree
    from assistant_sync.transport import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeleteRequest:
    """What should be restored.

    Attributes:
        settings: The common options.
        key: The assistant's key; None if ``file`` gives it.
        file: The archive's file; None for the newest one of the key.
        writes_manifest: Whether the manifest is written, too.
        lock_timeout: Seconds to wait for the lock of an apply.
    """

    settings: Settings
    key: str | None = None
    file: Path | None = None
    writes_manifest: bool = True
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT


@dataclass(frozen=True, slots=True)
class UndeleteRun:
    """The plan, and what became of it; no report if it was refused or not approved."""

    run: ApplyRun
    report: UndeleteReport | None = None


async def undelete(request: UndeleteRequest, ui: ApplyUI, *, listener: Listener = silent) -> UndeleteRun:
    """Restore one assistant, then write its manifest.

    The archive stays. If the program ends between the two, the next run finds the assistant live with the archived
    content, and writes the manifest.

    Args:
        request: What to do.
        ui: Shows the plan, and may stop it.
        listener: Gets progress.

    Raises:
        UnknownName: The archive has no such assistant.
        BadDocument: A file of the archive cannot be read.
        PlanRefused: The archive is another project's or target's, or holds what cannot be restored.
        StalePlan, Locked, Interrupted: As for ``run_plan``.
        InvalidFiles, RepositoryError: The project file cannot be read.
        RemoteError: The live state cannot be read, or not completely.
    """
    settings = request.settings
    project, tree = await asyncio.to_thread(open_project, settings)
    target = choose_target(project, settings.target)
    archive = await asyncio.to_thread(find_archive, project, target, request.key, request.file)
    if archive.content.target not in (target.name, *target.formerly):
        was = redact_text(archive.content.target)
        message = f"{archive.place}: was archived from the target '{was}', not from '{target.name}'"
        raise PlanRefused(message, hint=f"name that target with --target, or '{was}' under formerly of '{target.name}'")
    endpoint = endpoint_of(settings, target)
    restoring = await asyncio.to_thread(_Restoring.of, archive, project, target, tree, endpoint, request)
    job = PlanJob(
        settings=settings,
        project=project,
        target=target,
        endpoint=endpoint,
        make_plan=restoring.current_plan,
        lock_timeout=request.lock_timeout,
    )
    run = await run_plan(job, ui, listener=listener)
    report = await asyncio.to_thread(restoring.report, run, settings)
    return UndeleteRun(run, report)


@dataclass(frozen=True, slots=True)
class _Restoring:
    """One assistant that is being restored."""

    archive: FoundArchive
    owned: Owned
    desired: Desired
    mirroring: Mirroring
    policy: Policy
    draft: ManifestDraft
    tree: WorkTree
    target: Target
    endpoint: Endpoint

    @classmethod
    def of(
        cls,
        archive: FoundArchive,
        project: Project,
        target: Target,
        tree: WorkTree,
        endpoint: Endpoint,
        request: UndeleteRequest,
    ) -> _Restoring:
        """Prepare it.

        Raises:
            PlanRefused: The archived assistant is not this project's, or a mixture.
        """
        owned = _owned(archive, project)
        desired = content_of(owned.row, owned)
        if desired is None:
            message = (
                f"{archive.place}: its context and config.configurable differ, which no server takes in one write and "
                "no manifest can express"
            )
            hint = "Remove one of the two from a copy of the file, and name the copy with --from"
            raise PlanRefused(message, hint=hint)
        draft = ManifestDraft(because="--no-manifest was given")
        if request.writes_manifest:
            draft = draft_manifest(project, target, tree, desired)
        desired = replace(desired, source=draft.path or desired.source)
        mirroring = mirroring_of(owned)
        policy = policy_of(project, target, endpoint.url)
        policy = replace(policy, commit=commit_of(owned, owned.row, mirroring, policy.projects))
        return cls(archive, owned, desired, mirroring, policy, draft, tree, target, endpoint)

    async def current_plan(self, reader: AssistantsReader) -> Plan:
        """The plan as of now."""
        policy, desired, archived = self.policy, self.desired, self.owned.row
        row = await find(reader, desired.assistant_id, owned=False)
        live = None if row is None else judge(row, policy.project, policy.former_projects)
        seen = await observe_one(reader, desired.content.graph_id, row)
        holder = await self._holder(reader)
        place = f"{self.archive.place} of {self.archive.content.archived_at}"
        return plan_undelete(archived, desired, live, policy, self.mirroring, seen, holder=holder, place=place)

    async def _holder(self, reader: AssistantsReader) -> Owned | None:
        """Another owned assistant that has the key."""
        key, policy = self.desired.key, self.policy
        rows = await owned_rows(reader, policy.projects, key)
        judged = (judge(row, policy.project, policy.former_projects) for row in rows)
        found = [one for one in judged if isinstance(one, Owned) and one.stamp.key == key]
        return next((one for one in found if one.row.assistant_id != self.desired.assistant_id), None)

    def report(self, run: ApplyRun, settings: Settings) -> UndeleteReport | None:
        """Write the manifest if the assistant is live, and say what is left to do."""
        if run.result is None:
            return None
        content, desired = self.archive.content, self.desired
        crons = content.crons
        report = UndeleteReport(
            result=run.result,
            key=desired.key,
            assistant_id=desired.assistant_id,
            archive=self.archive.place,
            versions=len(content.versions),
            crons=None if crons is None else cron_commands(crons, desired.assistant_id, self.endpoint, self.target),
        )
        if not all(outcome.status.is_done for outcome in run.result.outcomes):
            return report
        manifest = write_manifest(self.draft, self.tree)
        # In continuous integration a file that git does not track yet would be an error.
        at_home = replace(settings, environ={})
        git = git_view(at_home, desired.key, self.owned.row, desired.metadata_keys, self.mirroring)
        return replace(report, manifest=manifest, git=git)


def _owned(archive: FoundArchive, project: Project) -> Owned:
    """The archived row as one of ours, with its versions.

    Raises:
        PlanRefused: It is not ours.
    """
    content = archive.content
    judged = judge(content.live, project.name, project.former_projects)
    if not isinstance(judged, Owned) or judged.stamp.key != content.key:
        because = "has another key" if isinstance(judged, Owned) else judged.because
        message = f"{archive.place}: the assistant in it {because}"
        raise PlanRefused(message, hint="Only an assistant of this project is restored")
    return replace(judged, versions=tuple(content.versions))
