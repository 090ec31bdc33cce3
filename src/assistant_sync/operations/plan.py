"""Plan: gather desired and live, and decide; on a client that cannot write."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from assistant_sync.errors import IncompleteListing, InvalidFiles, SchemaNotServed
from assistant_sync.live.listings import LISTINGS
from assistant_sync.model.change import Keep
from assistant_sync.model.frozen import Frozen, field, replace
from assistant_sync.model.plan import PlanWarning
from assistant_sync.model.progress import begin, silent
from assistant_sync.operations.base import find_base
from assistant_sync.operations.contexts import Contexts, ahead_note, check_contexts, misfit_note
from assistant_sync.operations.light_rows import rows_for_plan
from assistant_sync.operations.observe import find_mirroring, observe
from assistant_sync.operations.past_manifests import manifests_since
from assistant_sync.operations.reading import reading
from assistant_sync.operations.selecting import changed_since, check_graphs, check_keys
from assistant_sync.planning.assemble import assemble_plan
from assistant_sync.planning.policy import Policy
from assistant_sync.planning.taken_over import asks_git
from assistant_sync.planning.three_way import complete
from assistant_sync.planning.triage import known_graphs, known_keys, triage, unlisted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.model.selection import Selection
    from assistant_sync.operations.plan_request import PlanRequest
    from assistant_sync.operations.workspace import Workspace
    from assistant_sync.planning.made_changes import MadeChanges
    from assistant_sync.planning.observations import Observations
    from assistant_sync.planning.triage import Triage
    from assistant_sync.problem import Problem


_WHAT = "manifest or owned assistant"


class PlanResult(Frozen, frozen=True):
    """A plan.

    Attributes:
        plan: It.
        problems: Those of the manifests that do not stop it.
        made_of: What it was made of; None if nobody has kept that.
    """

    unshown: ClassVar = ("made_of",)

    plan: Plan
    problems: tuple[Problem, ...]
    made_of: Compared | None = None


async def plan(request: PlanRequest, *, listener: Listener = silent) -> PlanResult:
    """Make a plan.

    Raises:
        InvalidFiles, UnknownName, RepositoryError: The desired state cannot be read.
        RemoteError: The live state cannot be read, or not completely.
    """
    async with reading(request, listener, may_be_light=True) as (workspace, reader):
        compared = await compare(request, workspace, reader.url, reader)
    return planned(compared, workspace)


def planned(compared: Compared, workspace: Workspace) -> PlanResult:
    """Decide, with all problems that do not stop it.

    Raises:
        InvalidFiles: As ``Compared.plan``.
    """
    plan = compared.plan(is_shown_only=True)
    return PlanResult(plan, (*workspace.manifests.problems, *compared.doubts), compared)


class Compared(Frozen, frozen=True):
    """The desired and the live state, read and held against each other.

    Attributes:
        policy: The rules.
        triaged: What the listing shows.
        seen: What was observed after that.
        doubt: Why it is not known where the branch began; None if it is, or nothing is compared with.
        contexts: What the schemas of the graphs say of the manifests.
    """

    policy: Policy
    triaged: Triage
    seen: Observations
    doubt: str | None = None
    contexts: Contexts = field(default_factory=Contexts)

    def plan(self, *, is_shown_only: bool = False, made: MadeChanges | None = None) -> Plan:
        """Decide.

        Args:
            is_shown_only: Whether nobody carries this plan out, so that it may show what a graph must be deployed for.
            made: As for ``assemble_plan``.

        Raises:
            InvalidFiles: A manifest that something would be written for does not fit the schema of its graph.
            SchemaNotServed: It fits the one that git keeps.
        """
        begin("comparing")
        plan = assemble_plan(self.triaged, self.seen, self.policy, made)
        contexts, kept = self.contexts, {one.key for one in plan.changes if isinstance(one, Keep)}
        unfit = contexts.unfit - kept
        if unfit and not (is_shown_only and unfit <= contexts.ahead.keys()):
            problems = contexts.of(contexts.problems.keys() - kept)
            if not unfit <= contexts.ahead.keys():
                raise InvalidFiles(problems)
            raise SchemaNotServed(problems, sorted({contexts.ahead[key] for key in unfit}))
        notes = (self.doubt, ahead_note(contexts, unfit), misfit_note(contexts, kept), *contexts.notes)
        return replace(plan, warnings=(*plan.warnings, *(PlanWarning(one) for one in notes if one is not None)))

    @property
    def doubts(self) -> tuple[Problem, ...]:
        """What does not fit the schemas of the graphs, but stops nothing."""
        changing = self.contexts.problems.keys() - {one.key for one in self.triaged.assistants if one.is_equal}
        return self.contexts.of(changing, errors=False)


async def make_plan(
    request: PlanRequest, workspace: Workspace, url: str, reader: AssistantsReader, made: MadeChanges | None = None
) -> Plan:
    """Read the live state and decide.

    Args:
        request: What is selected, and by which rules.
        workspace: The desired state.
        url: The deployment's.
        reader: The client.
        made: As for ``assemble_plan``.

    Raises:
        UnknownName: A glob of the selection matches nothing.
        RemoteError: The live state cannot be read, or not completely.
    """
    return (await compare(request, workspace, url, reader)).plan(made=made)


async def compare(
    request: PlanRequest, workspace: Workspace, url: str, reader: AssistantsReader, *, for_drift: bool = False
) -> Compared:
    """Read the live state and hold it against the manifests.

    Args:
        request: What is selected, and by which rules.
        workspace: The desired state.
        url: The deployment's.
        reader: The client.
        for_drift: Whether to observe what drift needs and a plan does not: of owned assistants without a manifest, too.

    Raises:
        UnknownName: A glob of the selection matches nothing.
        RemoteError: The live state cannot be read, or not completely.
    """
    policy = _policy(await asyncio.to_thread(selected, request, workspace), workspace, url)
    desired = workspace.manifests.desired
    base, doubt = await asyncio.to_thread(find_base, workspace, request.base, request.settings.environ)
    for _ in range(LISTINGS):
        listing = await rows_for_plan(reader, desired, policy)
        triaged = triage(desired, listing, policy, base)
        mirroring = await find_mirroring(triaged, reader)
        if mirroring is not triaged.mirroring:
            triaged = triage(desired, listing, policy, base, mirroring)
        _check_selection(policy.selection, desired, triaged)
        read = workspace.manifests.files
        seen = await observe(triaged, policy, workspace.tree, reader, read=read, for_drift=for_drift)
        late = unlisted(seen.found.values(), policy)
        if not late:
            odd = asks_git(complete(triaged.assistants, seen, policy.project, policy.former_projects))
            if odd:
                seen = replace(seen, wanted=await asyncio.to_thread(manifests_since, workspace, odd))
            return Compared(policy, triaged, seen, doubt, await _check_contexts(workspace, triaged, seen))
        # Made since the listing, as by a write of ours whose answer was lost.
    message = (
        f"{url} does not list {late[0]}, which is there and carries this project's stamp, {LISTINGS} times in a row"
    )
    raise IncompleteListing(message, hint="others may be creating assistants at this moment; try again")


async def _check_contexts(workspace: Workspace, triaged: Triage, seen: Observations) -> Contexts:
    equal = {one.key for one in triaged.assistants if one.is_equal}
    desired = [one.desired for one in triaged.assistants if one.desired is not None]
    return await check_contexts(workspace, desired, seen.schemas, unchanged=equal, mirroring=triaged.mirroring)


def selected(request: PlanRequest, workspace: Workspace) -> PlanRequest:
    """The request with the keys that changed since the commit that it names, which are then found only once.

    Raises:
        UnknownName: There is no such commit, or no git.
        RepositoryError: Git fails.
    """
    if request.changed_since is None:
        return request
    found = changed_since(
        request.selection, request.changed_since, workspace.project, [workspace.target.name], workspace.tree
    )
    return replace(request, selection=found, changed_since=None)


def _check_selection(selection: Selection, desired: Sequence[Desired], triaged: Triage) -> None:
    if not selection.is_narrow:
        return
    former = {key: one.key for one in desired for key in one.moved_from}
    check_keys(selection, known_keys(desired, triaged), what=_WHAT, names=former)
    check_graphs(selection, known_graphs(desired, triaged), what=_WHAT)


def _policy(request: PlanRequest, workspace: Workspace, url: str) -> Policy:
    target = workspace.target
    return Policy(
        project=workspace.project.name,
        former_projects=workspace.project.former_projects,
        target=target.name,
        url=url,
        formerly=target.formerly,
        commit=workspace.commit,
        activation=target.activation,
        limits=target.limits,
        allowance=request.allowance,
        prune=target.prune if request.prune is None else request.prune,
        retarget=request.retarget,
        allow_older=request.allow_older,
        can_archive=workspace.project.archive is not None or not request.settings.in_ci,
        archive_is_public=request.in_public and not request.allow_public_archive,
        selection=request.selection,
        literals=workspace.project.allow_literals,
    )
