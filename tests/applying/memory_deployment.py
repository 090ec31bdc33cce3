"""A deployment in memory, and plans and applies on it as an operation makes them, without any waiting."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from assistant_sync.applying.context import WriteContext
from assistant_sync.applying.executor import execute
from assistant_sync.live.graphs import served_by
from assistant_sync.live.settling import PollSchedule
from assistant_sync.live.threads import ThreadsWriter
from assistant_sync.live.writer import AssistantsWriter
from assistant_sync.model.outcome import Archived
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.assemble import assemble_plan
from assistant_sync.planning.observations import Observations
from assistant_sync.planning.triage import triage
from assistant_sync.transport import Endpoint, WriteConnection
from tests.builders import PROJECT, TARGET
from tests.planning.rows import make_policy
from tests.servers.fake_deployment import URL, FakeDeployment
from tests.servers.recording import RecordingTransport, answered, lost_after, lost_before

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.change import Delete, Write
    from assistant_sync.model.outcome import ApplyResult, Outcome
    from assistant_sync.model.plan import Plan
    from tests.servers.fake_deployment import Row
    from tests.servers.recording import Fault, Proceed

COMMIT = "c0ffee" * 6 + "c0ff"

ANY = "/assistants.*"
ALL = "/assistants"
ONE = "/assistants/[0-9a-f-]{36}"
LATEST = f"{ONE}/latest"
VERSIONS = f"{ONE}/versions"
SEARCH = "/assistants/search"
THREADS = "/threads"
THREAD = "/threads/[0-9a-f-]{36}"
THREADS_SEARCH = "/threads/search"


async def at_once(_: float) -> None:
    """Takes the place of every wait."""


async def kept(change: Delete) -> Archived:
    """An archive that keeps nothing."""
    return Archived(f"archive/{change.key}.json")


@dataclass
class MemoryDeployment:
    """A deployment, and what was sent to it in the last apply.

    Attributes:
        deployment: To arrange it and to look at it.
        looks: How often a write without an answer is looked for.
        restores_all: Whether the target has ``activation: full``, as the plans that heal are made with.
    """

    deployment: FakeDeployment = field(default_factory=lambda: FakeDeployment(["agent", "research"]))
    looks: int = 3
    restores_all: bool = True
    transport: RecordingTransport = field(init=False)

    def __post_init__(self) -> None:
        self.transport = RecordingTransport(self.deployment)

    @asynccontextmanager
    async def writer(self, *faults: Fault) -> AsyncIterator[AssistantsWriter]:
        """A client whose requests meet these faults, the first one first."""
        self.transport = RecordingTransport(self.deployment, all_of(*faults))
        async with WriteConnection(Endpoint(URL, {}), transport=self.transport, pause=at_once) as connection:
            yield AssistantsWriter(connection)

    @asynccontextmanager
    async def threads(self, *faults: Fault) -> AsyncIterator[ThreadsWriter]:
        """As ``writer``, for threads."""
        self.transport = RecordingTransport(self.deployment, all_of(*faults))
        async with WriteConnection(Endpoint(URL, {}), transport=self.transport, pause=at_once) as connection:
            yield ThreadsWriter(connection)

    def plan(self, *desired: Desired, **policy: Any) -> Plan:
        """Plan."""
        return asyncio.run(self._plan(desired, policy))

    def apply(self, plan: Plan, *faults: Fault, **settings: Any) -> ApplyResult:
        """Carry a plan out."""
        return asyncio.run(self.applied(plan, *faults, **settings))

    def one(self, plan: Plan, *faults: Fault) -> Outcome:
        """Carry a plan of one change out; its outcome."""
        (outcome,) = self.apply(plan, *faults).outcomes
        return outcome

    def settle(self, *desired: Desired, **policy: Any) -> None:
        """Make the deployment what these manifests want."""
        assert self.apply(self.plan(*desired, **policy)).converged
        assert self.plan(*desired, **policy).writes == ()

    async def applied(self, plan: Plan, *faults: Fault, **settings: Any) -> ApplyResult:
        """As ``apply``, within a loop that runs already."""
        async with self.writer(*faults) as writer:
            return await execute(plan, self.context(writer, plan), **{"archive": kept, **settings})

    def context(self, writer: AssistantsWriter, plan: Plan) -> WriteContext:
        """What the writes of a plan share."""
        return WriteContext(
            writer=writer,
            project=PROJECT,
            target=TARGET,
            commit=COMMIT,
            mirroring=plan.mirroring,
            restores_all=self.restores_all,
            schedule=PollSchedule(waits=(0.0,) * self.looks, pause=at_once),
        )

    def numbers(self, assistant_id: str) -> list[int]:
        """The versions that an assistant has, in rising order."""
        return sorted(row["version"] for row in self.deployment.versions(assistant_id))

    @property
    def sent(self) -> list[str]:
        """What the last apply wrote, or tried to: methods and ends of paths."""
        return [_short(exchange.method, exchange.path) for exchange in self.transport.writes]

    @property
    def asked(self) -> list[str]:
        """What it read."""
        return [_short(one.method, one.path) for one in self.transport.exchanges if not one.is_write]

    async def _plan(self, desired: tuple[Desired, ...], policy: dict[str, Any]) -> Plan:
        rules = make_policy(**policy)
        async with self.writer() as reader:
            triaged = triage(desired, await reader.listing({STAMP_KEY: {"project": PROJECT}}), rules)
            found = await reader.get_many(triaged.confirm)
            existing = [own for own, row in found.items() if row is not None]
            orphans = [one.assistant_id for one in triaged.orphans] if rules.prune else []
            versions = await reader.versions_of_many([*triaged.versions_of, *existing, *orphans])
            answers = await served_by(reader, triaged.graphs)
        unregistered = frozenset(graph for graph, is_served in answers.items() if is_served is False)
        return assemble_plan(triaged, Observations(found, versions, unregistered), rules)


def unmirrored(row: Row) -> None:
    """A quirk: context and configurable are kept apart, as the JS server does."""
    if row["context"]:
        row["config"] = {key: value for key, value in row["config"].items() if key != "configurable"}


def all_of(*faults: Fault) -> Fault | None:
    """Several faults, one around the other."""
    if not faults:
        return None
    first, inner = faults[0], all_of(*faults[1:])

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        async def next_one() -> httpx.Response:
            return await (inner(request, proceed) if inner else proceed())

        return await first(request, next_one)

    return fault


def in_turn(method: str, path: str, *faults: Fault) -> Fault:
    """The first such request meets the first fault, the next one the next."""
    left = iter(faults)

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        is_meant = re.fullmatch(method, request.method) and re.fullmatch(path, request.url.path)
        own = next(left, None) if is_meant else None
        return await (own(request, proceed) if own else proceed())

    return fault


def status(code: int, method: str, path: str, times: int = 1) -> Fault:
    """Such requests are answered with an error and never reach the server."""
    return answered(method, path, lambda: httpx.Response(code, json={"detail": "made by the test"}), times)


def lost(method: str, path: str, times: int = 1) -> Fault:
    """Such requests leave, and nobody knows what became of them: they never reach the server."""
    return lost_before(method, path, httpx.ReadTimeout, times)


def landed(method: str, path: str, times: int = 1) -> Fault:
    """Such requests are carried out, and nobody hears of it."""
    return lost_after(method, path, httpx.ReadTimeout, times)


def refused(method: str, path: str, times: int = 1) -> Fault:
    """The connection for such requests never opens."""
    return lost_before(method, path, httpx.ConnectError, times)


def landed_as(answer: Callable[[], httpx.Response], method: str, path: str) -> Fault:
    """The first such request is carried out, and its answer replaced."""
    is_done = False

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        nonlocal is_done
        response = await proceed()
        if is_done or not re.fullmatch(method, request.method) or not re.fullmatch(path, request.url.path):
            return response
        is_done = True
        return answer()

    return fault


def late(method: str, path: str, *, after_reads: int) -> Fault:
    """The first such request times out, and is carried out after so many further reads."""
    waiting: list[Callable[[], Awaitable[httpx.Response]]] = []
    left = after_reads
    is_done = False

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        nonlocal left, is_done
        if not is_done and re.fullmatch(method, request.method) and re.fullmatch(path, request.url.path):
            is_done = True
            waiting.append(proceed)
            raise httpx.ReadTimeout("made by the test", request=request)
        if waiting:
            if left == 0:
                await waiting.pop()()
            left -= 1
        return await proceed()

    return fault


def changes_of(plan: Plan) -> list[tuple[str, str]]:
    """Key and action of each write."""
    return [(change.key, change.action.value) for change in plan.writes]


def statuses(result: ApplyResult) -> dict[str, str]:
    """What became of each change."""
    return {outcome.key: outcome.status.value for outcome in result.outcomes}


def the_write(plan: Plan) -> Write:
    """The one write of a plan."""
    (change,) = plan.writes
    return change


def _short(method: str, path: str) -> str:
    short = re.sub(f"{ONE}|{THREAD}", "", path)
    return f"{method} {re.sub('^/(assistants|threads)', '', short).strip('/')}".strip()
