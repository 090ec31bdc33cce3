"""A user's repository whose deployment is in memory, and operations on the two, in time that costs nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from assistant_sync.documents.plan_file import SavedPlan
from assistant_sync.model.lock import LOCK_KEY, Lock
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.operations.apply import ApplyRequest, apply
from assistant_sync.operations.plan import PlanResult, plan
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.workspace import Settings
from assistant_sync.report.json.plan import plan_json
from tests.applying.memory_deployment import all_of
from tests.project_fixture import PROJECT, ProjectFixture
from tests.servers.fake_deployment import FakeDeployment
from tests.servers.recording import Exchange, RecordingTransport

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    import httpx

    from assistant_sync.model.plan import Plan
    from assistant_sync.operations.plan_run import ApplyRun
    from tests.locking.clock import Clock
    from tests.servers.fake_deployment import Row
    from tests.servers.recording import Fault, Proceed

T = TypeVar("T")

URL = "http://127.0.0.1:2024"

OWNED = {"metadata": {STAMP_KEY: {"project": PROJECT}}}
"""What a plan begins with: how many assistants are this project's."""

_OF_APPLY = {*ApplyRequest.__struct_fields__} - {"plan"}


class ScriptedUI:
    """The person or job that an apply is carried out for, as a test wants it.

    Args:
        timeline: Gets the name of each call.
        asks: As in ``ApplyUI``.
        agrees: What ``approve`` answers.
        stops_at: The call that sets ``stop``.
    """

    def __init__(
        self, timeline: list[str], *, asks: bool = False, agrees: bool = True, stops_at: str | None = None
    ) -> None:
        self.asks = asks
        self.stop = asyncio.Event()
        self.plans: list[Plan] = []
        self.statuses: list[str] = []
        self._timeline = timeline
        self._agrees = agrees
        self._stops_at = stops_at

    def is_stopping(self) -> bool:
        return self.stop.is_set()

    def approve(self, planned: PlanResult) -> bool:
        self.plans.append(planned.plan)
        self._note("approve")
        return self._agrees

    def begin_asking(self) -> None:
        self._note("begin_asking")

    def begin_writes(self) -> None:
        self._note("begin_writes")

    def status(self, text: str) -> None:
        self.statuses.append(text)

    def _note(self, call: str) -> None:
        self._timeline.append(call)
        if call == self._stops_at:
            self.stop.set()


class MemoryProject(ProjectFixture):
    """A project for one deployment.

    Args:
        folder: An empty folder.
        clock: The time of program and deployment.

    Attributes:
        deployment: To arrange it and to look at it.
        transport: What was sent in the last operation.
        environ: The environment variables.
        timeline: What the last operation did, in order: ``list`` for each plan that it began to make, ``lock`` and
            ``unlock`` for the lock's row, the method of each other write, and the calls of the user interface.
        clock: Runs coroutines.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder, URL)
        self.deployment = FakeDeployment()
        self.transport = RecordingTransport(self.deployment)
        self.environ: dict[str, str] = {}
        self.timeline: list[str] = []
        self.clock = clock
        clock.listeners.append(self._elapsed)

    def settings(self, *faults: Fault, **members: Any) -> Settings:
        """The common options; requests meet these faults."""
        self.transport = RecordingTransport(self.deployment, all_of(self._noting, *faults))
        self.timeline.clear()
        defaults = {"environ": self.environ, "folder": self.folder, "transport": self.transport}
        return Settings(**{**defaults, **members})

    def run_at_once(self, main: Coroutine[Any, Any, T]) -> T:
        """Run an operation to its end."""
        return self.clock.run(main)

    def planned(self, *faults: Fault, settings: Settings | None = None, **request: Any) -> Plan:
        """Plan."""
        asked = PlanRequest(settings=settings or self.settings(*faults), **request)
        return self.run_at_once(plan(asked)).plan

    def applied(
        self, *faults: Fault, ui: ScriptedUI | None = None, settings: Settings | None = None, **request: Any
    ) -> ApplyRun:
        """Apply; ``request`` has members of ``PlanRequest`` and of ``ApplyRequest``."""
        of_plan = {name: value for name, value in request.items() if name not in _OF_APPLY}
        of_apply = {name: value for name, value in request.items() if name in _OF_APPLY}
        asked = PlanRequest(settings=settings or self.settings(*faults), **of_plan)
        return self.run_at_once(apply(ApplyRequest(plan=asked, **of_apply), ui or self.ui())).run

    def ui(self, **script: Any) -> ScriptedUI:
        """A user interface that notes its calls in the timeline."""
        return ScriptedUI(self.timeline, **script)

    def settle(self, **request: Any) -> None:
        """Make the deployment what the manifests want."""
        result = self.applied(**request).result
        assert result is not None
        assert result.converged

    def saved(self, **request: Any) -> SavedPlan:
        """The plan of now, as ``plan --out`` saves it."""
        document = plan_json(self.planned(**request), created_at="2026-11-22T10:00:00+00:00", tool_version="1")
        return SavedPlan.model_validate(document)

    def leave_lock(self, generation: int = 1, holder: str = "theirs", *, project: str = PROJECT) -> str:
        """A lock that another apply made now and does not renew; its id."""
        lock = Lock(project=project, generation=generation, holder=holder, lease=60.0, by="bob@build", commit=None)
        self.deployment.create_thread(thread_id=lock.id, metadata={LOCK_KEY: lock.as_json()})
        return lock.id

    @property
    def lock_rows(self) -> list[Row]:
        """The lock rows that there are."""
        return [row for row in self.deployment.threads() if LOCK_KEY in row["metadata"]]

    @property
    def sent(self) -> list[Exchange]:
        """The writes of the last operation, without those of the lock."""
        return [one for one in self.transport.writes if not is_lock(one)]

    def numbers(self, assistant_id: str) -> list[int]:
        """The versions that an assistant has, in rising order."""
        return sorted(row["version"] for row in self.deployment.versions(assistant_id))

    def beside_the_lock(self, fault: Fault) -> Fault:
        """The fault, for all requests but those of the lock."""

        async def spared(request: httpx.Request, proceed: Proceed) -> httpx.Response:
            return await (proceed() if is_lock(Exchange.of(request)) else fault(request, proceed))

        return spared

    def on_the_lock(self, fault: Fault) -> Fault:
        """The fault, for the requests of the lock alone."""

        async def met(request: httpx.Request, proceed: Proceed) -> httpx.Response:
            return await (fault(request, proceed) if is_lock(Exchange.of(request)) else proceed())

        return met

    async def _noting(self, request: httpx.Request, proceed: Proceed) -> httpx.Response:
        one = Exchange.of(request)
        if is_lock(one):
            if one.is_write:
                self.timeline.append("unlock" if one.method == "DELETE" else "lock")
        elif one.is_write:
            self.timeline.append(one.method)
        elif one.path == "/assistants/count" and one.body == OWNED:
            self.timeline.append("list")
        return await proceed()

    def _elapsed(self, seconds: float) -> None:
        self.deployment.now += timedelta(seconds=seconds)


def is_lock(one: Exchange) -> bool:
    """Whether a request is about the lock."""
    return one.path.startswith("/threads") and one.path != "/threads/count"
