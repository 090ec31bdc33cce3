"""How questions are asked, as the command line has it."""

from __future__ import annotations

from assistant_sync.model.frozen import Frozen
from assistant_sync.model.run import DEFAULT_DEADLINE

CONCURRENCY = 4
"""Questions at a time: each is a run that a model may answer."""


class AskOptions(Frozen, frozen=True, kw_only=True):
    """How questions are asked.

    Attributes:
        concurrency: Runs at a time.
        run_deadline: Seconds that one run may take.
        deadline: Seconds for the whole; None for no such bound.
        max_runs: The most runs; None for the project's.
    """

    concurrency: int = CONCURRENCY
    run_deadline: float = DEFAULT_DEADLINE
    deadline: float | None = None
    max_runs: int | None = None
