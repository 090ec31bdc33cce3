"""Take back: what an apply updated or activated becomes what it was before, through the same executor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.errors import UnknownName
from assistant_sync.model.change import Action
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.plan import Plan
from assistant_sync.model.selection import Selection
from assistant_sync.operations.one_assistant import observe_one, policy_of
from assistant_sync.operations.owned import owned_assistant
from assistant_sync.operations.plan_run import run_plan
from assistant_sync.planning.digests import plan_digest
from assistant_sync.planning.emergencies.rollback import plan_rollback, version_of
from assistant_sync.planning.mirroring import mirroring_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from assistant_sync.live.reader import AssistantsReader
    from assistant_sync.model.outcome import ApplyResult, Outcome
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.plan import PlanResult
    from assistant_sync.operations.plan_run import ApplyUI, PlanJob
    from assistant_sync.planning.policy import Policy

_TAKEN_BACK = (Action.UPDATE, Action.ACTIVATE)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back.

    Attributes:
        result: As that of an apply; None if there was nothing to take back.
        left: The keys of what stays: created, adopted or deleted assistants, those that somebody else has written
            since, and those that could not be written.
        because: Why nothing could be taken back; None if it could.
    """

    result: ApplyResult | None
    left: tuple[str, ...] = ()
    because: str | None = None


async def take_back(job: PlanJob, outcomes: Sequence[Outcome], ui: ApplyUI, *, listener: Listener) -> TakenBack:
    """Take back every update and activation of an apply.

    Args:
        job: The apply.
        outcomes: What it did.
        ui: Of the apply, whose stop ends this as well.
        listener: Gets progress.

    Raises:
        StalePlan, Locked, Interrupted: As for ``run_plan``.
        RemoteError: The live state cannot be read.
    """
    done = [one for one in outcomes if one.status.is_done]
    wanted = [one for one in done if one.action in _TAKEN_BACK and one.version_before is not None]
    planner = _Planner(policy_of(job.project, job.target, job.endpoint.url), wanted)
    left = [one.key for one in done if one not in wanted]
    if not wanted:
        return TakenBack(None, tuple(left))
    again = replace(job, make_plan=planner, check=lambda _: None, gate=None, problems=(), wait=None)
    run = await run_plan(again, _Agreed(ui), listener=listener)
    failed = () if run.result is None else (one.key for one in run.result.outcomes if not one.status.is_done)
    return TakenBack(run.result, tuple(sorted({*left, *planner.left, *failed})))


class _Planner:
    """Makes the plan that brings each assistant back to the version that it had, as of now."""

    def __init__(self, policy: Policy, outcomes: Sequence[Outcome]) -> None:
        self.left: set[str] = set()
        self._policy = policy
        self._outcomes = outcomes

    async def __call__(self, reader: AssistantsReader) -> Plan:
        self.left.clear()
        policy = self._policy
        parts = [one for one in [await self._one(reader, outcome) for outcome in self._outcomes] if one is not None]
        changes = tuple(change for part in parts for change in part.changes)
        return Plan(
            project=policy.project,
            target=policy.target,
            url=policy.url,
            commit=None,
            changes=changes,
            warnings=tuple(warning for part in parts for warning in part.warnings),
            guards=(),
            selection=Selection(),
            digest=plan_digest(policy.target, policy.url, changes),
            mirroring=next(
                (one.mirroring for one in parts if one.mirroring is not Mirroring.UNKNOWN), Mirroring.UNKNOWN
            ),
        )

    async def _one(self, reader: AssistantsReader, outcome: Outcome) -> Plan | None:
        policy = self._policy
        try:
            owned = await owned_assistant(reader, policy.project, outcome.key, policy.former_projects)
        except UnknownName:  # somebody else has deleted it since
            self.left.add(outcome.key)
            return None
        version = version_of(owned, outcome.version_before or 0)
        if version is None or owned.row.version != outcome.version_after:
            self.left.add(outcome.key)
            return None
        mirroring = mirroring_of(owned)
        sample = owned.row if owned.row.graph_id == version.graph_id else None
        seen = await observe_one(reader, version.graph_id, sample)
        plan = plan_rollback(owned, version, policy, mirroring, seen)
        if not plan.is_refused:
            return plan
        self.left.add(outcome.key)
        return None


class _Agreed:
    """The user of an apply that takes itself back: the command line has agreed to that."""

    asks = False

    def __init__(self, ui: ApplyUI) -> None:
        self.stop: asyncio.Event = ui.stop
        self._ui = ui

    def is_stopping(self) -> bool:
        return self._ui.is_stopping()

    def approve(self, planned: PlanResult) -> bool:
        return not planned.plan.is_refused

    def begin_writes(self) -> None:
        return

    def status(self, text: str) -> None:
        self._ui.status(text)
