"""An apply that has ended, with what was asked and taken back after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from assistant_sync.model.checked import CheckReport
    from assistant_sync.operations.plan_run import ApplyRun
    from assistant_sync.operations.take_back import TakenBack


class AppliedRun(Frozen, frozen=True):
    """An apply.

    Attributes:
        run: The plan, and what became of it.
        live: What the checks afterwards found; None if there were none.
        taken_back: What was taken back because of that; None if nothing was.
    """

    run: ApplyRun
    live: CheckReport | None = None
    taken_back: TakenBack | None = None
