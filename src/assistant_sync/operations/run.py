"""Run: ask one assistant, as it is live, as its manifest has it, or as one of its versions was."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.checking.answers import shown_answer
from assistant_sync.checking.graph_input import input_of_text
from assistant_sync.checking.sides import inline_of, leak, why_not
from assistant_sync.errors import PlanRefused, UnknownName
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.live.runs import RunsClient
from assistant_sync.live.threads import ThreadsReader
from assistant_sync.model.asked import AnsweredRun
from assistant_sync.model.run import DEFAULT_DEADLINE, RunRequest, run_mark
from assistant_sync.operations.asked_graphs import look_at_asked_graphs
from assistant_sync.operations.connection import connected, endpoint_of
from assistant_sync.operations.owned import owned_assistant
from assistant_sync.operations.show import version_of
from assistant_sync.operations.workspace import choose_target, open_project, open_workspace
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.ignoring import keep_ignored
from assistant_sync.planning.mirroring import mirroring_of, without_mirror
from assistant_sync.suggest import did_you_mean
from assistant_sync.transport.running import RunConnection

if TYPE_CHECKING:
    from assistant_sync.checking.sides import AskedGraph
    from assistant_sync.model.assistant import Content, Desired
    from assistant_sync.model.project import Project, Target
    from assistant_sync.model.run import RunListener, RunResult
    from assistant_sync.model.values import JsonValue
    from assistant_sync.operations.workspace import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRequest:
    """What is asked of whom.

    Attributes:
        settings: The common options.
        key: The assistant's.
        text: What is asked; None if ``value`` is the graph's input.
        value: The graph's input.
        is_candidate: Whether to ask what the manifests have instead of the live assistant.
        version: The version to ask; None for the live assistant.
        keeps_thread: Whether the thread stays.
        thread_id: The thread to go on with; None for a new one.
        modes: What is streamed.
        deadline: Seconds that the run may take.
    """

    settings: Settings
    key: str
    text: str | None
    value: JsonValue = field(default=None, repr=False)
    is_candidate: bool = False
    version: int | None = None
    keeps_thread: bool = False
    thread_id: str | None = None
    modes: tuple[str, ...] = ("values",)
    deadline: float = DEFAULT_DEADLINE


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom a request is about.

    Attributes:
        content: What runs.
        assistant_id: Of the live assistant that runs; None to send the content inline.
        version: Of that content; None for the manifests'.
    """

    content: Content
    assistant_id: str | None
    version: int | None


async def ask(request: AskRequest, listener: RunListener) -> AnsweredRun:
    """Ask.

    Args:
        request: What to ask whom.
        listener: Gets the events of the run.

    Raises:
        InvalidFiles, UnknownName, RepositoryError: The project or the manifests cannot be read; there is no such
            assistant or version; the text does not become an input of the graph.
        PlanRefused: The graph cannot be run under its name.
        RemoteError: The deployment fails.
    """
    project, target, desired = await asyncio.to_thread(_opened, request)
    endpoint = endpoint_of(request.settings, target)
    async with connected(RunConnection, endpoint, request.settings) as connection:
        reader = AssistantsReader(connection)
        asked = await (_live(reader, project, request) if desired is None else _candidate(reader, project, desired))
        await _check_thread(connection, request, asked)
        graph_id = asked.content.graph_id
        graph = (await look_at_asked_graphs(reader, [graph_id]))[graph_id]
        run, notes = _run_request(request, asked, graph, project)
        result = await _ran(RunsClient(connection, project.name), request, run, listener)
    return AnsweredRun(
        key=request.key,
        graph_id=graph_id,
        assistant_id=asked.assistant_id,
        version=asked.version,
        target=target.name,
        url=endpoint.url,
        result=result,
        answer=shown_answer(result.state),
        is_thread_kept=request.keeps_thread or request.thread_id is not None,
        notes=notes,
    )


def _opened(request: AskRequest) -> tuple[Project, Target, Desired | None]:
    """The project with the target, and the manifest if that is asked."""
    if not request.is_candidate:
        project, _ = open_project(request.settings)
        return project, choose_target(project, request.settings.target), None
    workspace = open_workspace(request.settings)
    desired = {one.key: one for one in workspace.manifests.desired}
    found = desired.get(request.key)
    if found is None:
        hint = did_you_mean(request.key, list(desired)) or None
        raise UnknownName(f"no manifest has the key '{request.key}'", hint=hint)
    return workspace.project, workspace.target, found


async def _candidate(reader: AssistantsReader, project: Project, desired: Desired) -> _Asked:
    """The manifest's content; fields that it ignores have the live values, as an apply would leave them."""
    if desired.ignored:
        with suppress(UnknownName):  # not live yet
            owned = await owned_assistant(reader, project.name, desired.key, project.former_projects)
            desired = keep_ignored(desired, owned.row)
    return _Asked(desired.content, None, None)


async def _check_thread(connection: RunConnection, request: AskRequest, asked: _Asked) -> None:
    """Refuse a thread of another assistant: a run would rewrite whose it is."""
    if request.thread_id is None:
        return
    thread = await ThreadsReader(connection).get(request.thread_id)
    if thread is None:
        raise UnknownName(f"there is no thread {request.thread_id}")
    owner = thread.metadata.get("assistant_id")
    if owner not in (None, asked.assistant_id):
        raise PlanRefused(f"thread {request.thread_id} is of another assistant, {owner}, not of '{request.key}'")


async def _live(reader: AssistantsReader, project: Project, request: AskRequest) -> _Asked:
    try:
        owned = await owned_assistant(reader, project.name, request.key, project.former_projects)
    except UnknownName as error:
        hint = f"{error.hint}; --candidate asks what the manifest has"
        raise UnknownName(error.message, hint=hint) from None
    if request.version is None:
        return _Asked(live_content(owned.row, ()), owned.row.assistant_id, owned.row.version)
    row = version_of(owned, request.version)
    return _Asked(without_mirror(live_content(row, ()), mirroring_of(owned)), None, row.version)


def _run_request(
    request: AskRequest, asked: _Asked, graph: AskedGraph, project: Project
) -> tuple[RunRequest, tuple[str, ...]]:
    graph_id = asked.content.graph_id
    try:
        value = request.value if request.text is None else input_of_text(request.text, graph.input_schema)
        inline = None if asked.assistant_id is not None else inline_of(asked.content)
    except ValueError as error:
        raise UnknownName(f"'{request.key}' cannot be asked: {error}") from error
    refused = None if inline is None else why_not(graph, graph_id)
    if refused is not None:
        raise PlanRefused(f"'{request.key}' cannot be asked: {refused}")
    beneath = None if inline is None else leak(graph, inline)
    run = RunRequest(
        assistant=asked.assistant_id or graph_id,
        input=value,
        context=None if inline is None else inline.context,
        config=None if inline is None else inline.config,
        metadata=run_mark(project.name, request.key, "run"),
        modes=request.modes,
        deadline=request.deadline,
    )
    return run, () if beneath is None else (beneath,)


async def _ran(client: RunsClient, request: AskRequest, run: RunRequest, listener: RunListener) -> RunResult:
    if request.keeps_thread or request.thread_id is not None:
        return await client.run_kept(run, thread_id=request.thread_id, listener=listener)
    return await client.run(run, listener=listener)
