"""Doctor: look at a target without changing it, and measure it with a scratch assistant on demand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant_sync.doctor.checks import diagnose
from assistant_sync.doctor.observed import Observed, with_failure
from assistant_sync.doctor.probe import Scratch, marks_of_threads
from assistant_sync.errors import Denied, InvalidFiles, NotFound, RemoteError
from assistant_sync.live.graphs import look_at_graphs
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.live.schemas import schemas_of
from assistant_sync.live.server_info import identify
from assistant_sync.live.threads import ThreadsReader, ThreadsWriter
from assistant_sync.live.writer import AssistantsWriter
from assistant_sync.locking.rows import keeps_none, read_locks
from assistant_sync.model.frozen import replace
from assistant_sync.model.progress import silent
from assistant_sync.operations.connection import connected, endpoint_of
from assistant_sync.operations.contexts import check_contexts
from assistant_sync.operations.workspace import choose_target, open_project, open_workspace
from assistant_sync.transport import ReadConnection, WriteConnection

if TYPE_CHECKING:
    from assistant_sync.model.diagnosis import Diagnosis
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.workspace import Settings, Workspace
    from assistant_sync.transport import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorRequest:
    """What is asked of an examination.

    Attributes:
        settings: The common options.
        probe: Whether to measure with a scratch assistant.
        other_key_env: A variable with a second key, which should see what the first one sees.
    """

    settings: Settings
    probe: bool = False
    other_key_env: str | None = None


async def run_doctor(request: DoctorRequest, *, listener: Listener = silent) -> Diagnosis:
    """Examine one target.

    A check that fails ends the examination; what was found until then is reported.

    Raises:
        InvalidFiles, UnknownName: The project file cannot be read, or has no such target.
        Denied: A key that is named cannot be had.
    """
    settings = request.settings
    project, _ = await asyncio.to_thread(open_project, settings)
    target = choose_target(project, settings.target)
    endpoint = endpoint_of(settings, target)
    other = None
    if request.other_key_env is not None:
        other = endpoint_of(settings, target, api_key_env=request.other_key_env)
    found = Observed(
        project=project,
        target=target,
        url=endpoint.url,
        key_source=endpoint.key_source,
        credential=endpoint.credential,
    )
    workspace = await _workspace(settings)
    if workspace is not None:
        desired = workspace.manifests.desired
        needed = frozenset(one.content.graph_id for one in desired)
        found = replace(found, manifests=len(desired), needed=needed)
    found = await _look(found, endpoint, workspace, settings, listener)
    if other is not None and found.failure is None:
        found = await _look_with(other, found, settings)
    if request.probe and found.failure is None:
        found = await _measure(found, endpoint, settings)
    return diagnose(found)


async def _workspace(settings: Settings) -> Workspace | None:
    """The desired state; None if it has problems."""
    try:
        return await asyncio.to_thread(open_workspace, settings)
    except InvalidFiles:
        return None


async def _look(
    found: Observed, endpoint: Endpoint, workspace: Workspace | None, settings: Settings, listener: Listener
) -> Observed:
    """Read what there is, on a connection that cannot write."""
    where = "connection"
    try:
        async with connected(ReadConnection, endpoint, settings) as connection:
            found = await _reach(found, connection)
            reader = AssistantsReader(connection, listener=listener)
            where = "listing"
            rows = await reader.listing()
            found = replace(found, rows=rows, page_size=reader.page_size)
            where = "graphs"
            found = await _with_graphs(found, workspace, reader)
            where = "lock"
            return await _with_locks(found, ThreadsReader(connection))
    except Denied as error:
        return with_failure(found, "authentication", error)
    except RemoteError as error:
        return with_failure(found, where, error)


async def _with_graphs(found: Observed, workspace: Workspace | None, reader: AssistantsReader) -> Observed:
    samples: dict[str, str | None] = dict.fromkeys(found.needed)
    samples |= {row.graph_id: row.assistant_id for row in found.rows or ()}
    answers = await look_at_graphs(reader, samples)
    found = replace(
        found,
        served=frozenset(graph for graph, one in answers.items() if one.is_served),
        absent=frozenset(graph for graph, one in answers.items() if one.is_served is False),
    )
    if workspace is None:
        return found
    contexts = await check_contexts(workspace, workspace.manifests.desired, schemas_of(answers))
    misfits = contexts.of(contexts.problems.keys(), errors=True)
    return replace(found, misfits=tuple(map(str, misfits)), schema_notes=contexts.notes)


async def _with_locks(found: Observed, threads: ThreadsReader) -> Observed:
    try:
        return replace(found, locks=await read_locks(threads, found.project.first_name))
    except RemoteError as error:
        if keeps_none(error):
            return replace(found, lock_refusal=error.message)
        raise


async def _reach(found: Observed, connection: ReadConnection) -> Observed:
    """Ask what the server is, which it answers with or without a key."""
    try:
        answer = await connection.get("/info")
    except NotFound:
        return replace(found, is_reached=True)
    skew = None if answer.date is None else round((answer.date - datetime.now(UTC)).total_seconds())
    return replace(found, is_reached=True, server=identify(answer), skew=skew, server_time=answer.date)


async def _look_with(other: Endpoint, found: Observed, settings: Settings) -> Observed:
    name = other.key_source or "the other key"
    try:
        async with connected(ReadConnection, other, settings) as connection:
            rows = await AssistantsReader(connection).listing()
    except RemoteError as error:
        return with_failure(found, "view", error)
    return replace(found, other=(name, frozenset(row.assistant_id for row in rows)))


async def _measure(found: Observed, endpoint: Endpoint, settings: Settings) -> Observed:
    graphs = sorted(found.served or ())
    if not graphs:
        return replace(found, can_probe=False)
    async with connected(WriteConnection, endpoint, settings) as connection:
        scratch = Scratch(found.project.name, graphs[:2], AssistantsWriter(connection))
        try:
            found = replace(found, probe=await scratch.measure())
            return replace(found, marks=await marks_of_threads(found.project.name, ThreadsWriter(connection)))
        except RemoteError as error:
            return with_failure(found, "probe", error)
