"""The gate of an apply: the questions about its plan before the first write, and one of each change after the last."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.checking.questions import Asked, Question, cases_of
from assistant_sync.checking.subjects import subjects_of
from assistant_sync.errors import Interrupted
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.live.runs import RunsClient
from assistant_sync.operations.ask_plan import AskJob, ask_about, ask_terms
from assistant_sync.operations.asked_graphs import look_at_asked_graphs
from assistant_sync.operations.asking import Asking
from assistant_sync.operations.connection import connected
from assistant_sync.transport.running import RunConnection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.change import DesiredWrite
    from assistant_sync.model.checked import CheckReport
    from assistant_sync.model.outcome import Outcome
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.progress import Listener
    from assistant_sync.operations.ask_plan import AskUI


@dataclass(frozen=True, slots=True)
class PlanGate:
    """Asks about one apply.

    Attributes:
        job: What is asked where.
        ui: May stop the questions.
        listener: Gets progress.
    """

    job: AskJob
    ui: AskUI
    listener: Listener

    async def before(self, plan: Plan, reader: AssistantsReader) -> CheckReport:
        """Ask about what a plan would change; the graphs run under their names, and nothing is written.

        Raises:
            PlanRefused: More runs are needed than are allowed.
            Interrupted: The questions were stopped.
            RemoteError: The graphs cannot be looked at.
        """
        report = await ask_about(self.job, subjects_of(plan), reader, self.ui, listener=self.listener)
        if self.ui.stop.is_set():
            raise Interrupted("interrupted; nothing was written")
        return report

    async def after(self, plan: Plan, outcomes: Sequence[Outcome]) -> CheckReport:
        """Ask one question of each assistant that was changed, of the live one.

        Args:
            plan: What was carried out.
            outcomes: What became of it.

        Raises:
            RemoteError: The graphs cannot be looked at.
        """
        began, job = time.monotonic(), self.job
        done = {one.assistant_id for one in outcomes if one.status.is_done}
        changes = [one for one in plan.desired_writes if one.assistant_id in done]
        async with connected(RunConnection, job.endpoint, job.settings) as connection:
            questions = await self._live_questions(changes, AssistantsReader(connection))
            terms = await ask_terms(job, AssistantsReader(connection), questions)
            asking = Asking(RunsClient(connection, job.project.name), terms, stop=self.ui.stop, listener=self.listener)
            cases = await asking.ask_all(questions)
        return job.report(
            cases, runs=asking.runs, seconds=time.monotonic() - began, is_interrupted=self.ui.stop.is_set()
        )

    async def _live_questions(self, changes: Sequence[DesiredWrite], reader: AssistantsReader) -> list[Question]:
        """The first case of each assistant, for the live one by its id."""
        cases = {one.assistant_id: cases_of(one.key, one.graph_id, self.job.files)[:1] for one in changes}
        graphs = await look_at_asked_graphs(
            reader, sorted({one.graph_id for one in changes if cases[one.assistant_id]})
        )
        return [
            Question(one.key, case, Asked.of_live(case, one.assistant_id, graphs[one.graph_id]), None)
            for one in changes
            for case in cases[one.assistant_id]
        ]
