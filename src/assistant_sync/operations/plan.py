"""Plan: gather desired and live, and decide; on a client that cannot write."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant_sync.errors import IncompleteListing, RepositoryError, UnknownName
from assistant_sync.live.reader import LISTINGS, AssistantsReader
from assistant_sync.model.plan import PlanWarning
from assistant_sync.model.progress import silent
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.operations.base import load_base
from assistant_sync.operations.trust import check_trusted
from assistant_sync.operations.workspace import open_workspace
from assistant_sync.planning.decide import Answers, decide
from assistant_sync.planning.guards import Allowance
from assistant_sync.planning.policy import Policy
from assistant_sync.planning.triage import commits_to_relate, triage, unlisted, unmatched
from assistant_sync.repository.branch import pull_request_base_ref
from assistant_sync.repository.history import ancestry
from assistant_sync.suggest import did_you_mean
from assistant_sync.transport import ReadConnection, resolve_endpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.workspace import Settings, Workspace
    from assistant_sync.planning.causes import Base
    from assistant_sync.planning.triage import Triage
    from assistant_sync.problem import Problem
    from assistant_sync.transport import Endpoint

_WORTH_COUNTING = 3
"""From so many ids on, asking for the number of rows can save requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What is asked of a plan.

    Attributes:
        settings: The common options.
        selection: Globs over keys; empty selects all.
        prune: Whether owned assistants without a manifest are deleted; None leaves it to the target.
        allowance: What the command line allows in place of the target's limits.
        retarget: Whether assistants written as another target may be taken over.
        allow_older: Whether a newer commit's write may be overwritten.
        base: What the branch is to be merged into, to tell where changes come from; None for what continuous
            integration says.
        trusted_ref: The commit whose connection alone may be used; None where today's is trusted.
    """

    settings: Settings
    selection: tuple[str, ...] = ()
    prune: bool | None = None
    allowance: Allowance = field(default_factory=Allowance)
    retarget: bool = False
    allow_older: bool = False
    base: str | None = None
    trusted_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the problems of the manifests that do not stop it."""

    plan: Plan
    problems: tuple[Problem, ...]


async def plan(request: PlanRequest, *, listener: Listener = silent) -> Planned:
    """Make a plan.

    Raises:
        InvalidFiles, UnknownName, RepositoryError: The desired state cannot be read.
        RemoteError: The live state cannot be read, or not completely.
    """
    workspace = await asyncio.to_thread(open_workspace, request.settings, prune=request.prune)
    endpoint = connect_to(workspace, request)
    async with ReadConnection(endpoint, timeout=request.settings.timeout) as connection:
        reader = AssistantsReader(connection, listener=listener)
        made = await make_plan(request, workspace, endpoint.url, reader)
    return Planned(made, workspace.loaded.problems)


def connect_to(workspace: Workspace, request: PlanRequest) -> Endpoint:
    """Where the deployment is and what it is told, from project file, command line and environment.

    Raises:
        PlanRefused: The connection is not that of the trusted commit.
        UnknownName: There is no such commit.
        Denied: A key that is named cannot be had.
    """
    settings = request.settings
    if request.trusted_ref is not None:
        is_named = settings.target is not None
        check_trusted(workspace.project, workspace.target, workspace.tree, request.trusted_ref, is_named=is_named)
    return resolve_endpoint(workspace.target, settings.environ, url=settings.url, api_key_env=settings.api_key_env)


def find_base(request: PlanRequest, workspace: Workspace) -> tuple[Base | None, str | None]:
    """Where the branch began, and why that is not known where it should be.

    Raises:
        UnknownName: A base that was asked for does not exist here.
    """
    if request.base is not None:
        return load_base(workspace, request.base), None
    base_ref = pull_request_base_ref(request.settings.environ)
    if base_ref is None or not workspace.tree.is_git:
        return None, None
    try:
        return load_base(workspace, base_ref), None
    except (UnknownName, RepositoryError) as error:
        hint = "" if error.hint is None else f"; {error.hint}"
        return None, f"where changes come from cannot be told: {error.message}{hint}"


async def make_plan(request: PlanRequest, workspace: Workspace, url: str, reader: AssistantsReader) -> Plan:
    """Read the live state and decide.

    Raises:
        UnknownName: A glob of the selection matches nothing.
        RemoteError: The live state cannot be read, or not completely.
    """
    policy = _policy(request, workspace, url)
    desired = workspace.loaded.desired
    base, doubt = await asyncio.to_thread(find_base, request, workspace)
    for _ in range(LISTINGS):
        listing = await reader.listing({STAMP_KEY: {"project": policy.project}})
        sorted_out = triage(desired, listing, policy)
        _check_selection(desired, sorted_out, policy)
        answers = await _answer(sorted_out, policy, workspace, reader, base)
        late = unlisted(answers.found.values(), policy.project)
        if not late:
            made = decide(desired, sorted_out, answers, policy)
            return made if doubt is None else replace(made, warnings=(*made.warnings, PlanWarning(doubt)))
        # Made since the listing, as by a write of ours whose answer was lost.
    message = (
        f"{url} does not list {late[0]}, which is there and carries this project's stamp, {LISTINGS} times in a row"
    )
    raise IncompleteListing(message, hint="others may be creating assistants at this moment; try again")


def _check_selection(desired: Sequence[Desired], sorted_out: Triage, policy: Policy) -> None:
    missing = unmatched(desired, sorted_out, policy)
    if missing:
        message = f"no manifest and no owned live assistant has a key like {', '.join(map(repr, missing))}"
        raise UnknownName(message, hint=did_you_mean(missing[0], [one.key for one in desired]) or None)


def _policy(request: PlanRequest, workspace: Workspace, url: str) -> Policy:
    target = workspace.target
    return Policy(
        project=workspace.project.name,
        target=target.name,
        url=url,
        commit=workspace.commit,
        activation=target.activation,
        limits=target.limits,
        allowance=request.allowance,
        prune=target.prune if request.prune is None else request.prune,
        retarget=request.retarget,
        allow_older=request.allow_older,
        can_archive=workspace.project.archive is not None or not request.settings.in_ci,
        selection=request.selection,
    )


async def _answer(
    sorted_out: Triage, policy: Policy, workspace: Workspace, reader: AssistantsReader, base: Base | None
) -> Answers:
    named = {one.assistant_id for one in workspace.loaded.desired if one.id_is_named}
    found = await _confirm(sorted_out.confirm, named, reader)
    existing = [one for one, row in found.items() if row is not None]
    strays = [one.row.assistant_id for one in sorted_out.strays] if policy.prune else []
    versions = await reader.versions_of_many([*sorted_out.versions_of, *existing, *strays])
    unregistered = await reader.unregistered_graphs(sorted_out.graphs) if sorted_out.graphs else frozenset[str]()
    # Such a deployment may keep only one assistant of a graph with equal config: all of them must be known.
    everything = await reader.listing() if sorted_out.graphs and reader.names_users else ()
    commits = commits_to_relate(sorted_out, versions, policy, has_base=base is not None)
    related = await asyncio.to_thread(ancestry, workspace.tree, commits) if commits else {}
    served = await reader.served_graphs() if unregistered else frozenset[str]()
    return Answers(found, versions, unregistered, served, related, everything, base)


async def _confirm(ids: Sequence[str], named: Collection[str], reader: AssistantsReader) -> dict[str, Assistant | None]:
    """Read the ids that the listing of owned rows lacks, by GET or by a complete listing, whichever is cheaper.

    An id that a manifest names was made by somebody: where GET does not find it, the complete listing is asked, too,
    because GET answers 404 for an assistant whose graph is no longer registered (docs/servers.md).
    """
    if len(ids) >= _WORTH_COUNTING:
        total = await reader.count()
        if total is not None and total // reader.page_size + 2 < len(ids):
            everything = {row.assistant_id: row for row in await reader.listing()}
            return {one: everything.get(one) for one in ids}
    found = await reader.get_many(ids)
    if any(row is None and one in named for one, row in found.items()):
        everything = {row.assistant_id: row for row in await reader.listing()}
        found = {one: row or everything.get(one) for one, row in found.items()}
    return found
