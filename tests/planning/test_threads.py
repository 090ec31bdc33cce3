"""The threads that a delete leaves behind: counted for people, and no part of what a saved plan is compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.change import Delete
from assistant_sync.model.cron import Cron
from assistant_sync.model.thread import ThreadCounts
from tests.builders import make_desired
from tests.planning.plans import plan
from tests.planning.rows import stored

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan

LIVE = stored(make_desired("a"))
WHY = "no manifest has this key any more, and pruning is on"
STAY = "threads stay, but cannot be continued with it"


def pruned(found: ThreadCounts | None, crons: int = 0) -> Plan:
    own = LIVE.assistant_id
    schedules = [Cron(cron_id=f"c{number}", schedule="0 3 * * *", row={}) for number in range(crons)]
    return plan([make_desired("b")], [LIVE], prune=True, crons={own: schedules}, threads={own: found})


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, ""),
        (ThreadCounts(0, 0), ""),
        (ThreadCounts(1, 0), "; 1 thread stays, but cannot be continued with it"),
        (
            ThreadCounts(1, 1),
            "; 1 thread stays, but cannot be continued with it, and what runs on it now will be interrupted",
        ),
        (ThreadCounts(12, 0), f"; 12 {STAY}"),
        (ThreadCounts(12, None), f"; 12 {STAY}"),
        (ThreadCounts(12, 2), f"; 12 {STAY}, and what runs on 2 of them now will be interrupted"),
        (
            ThreadCounts(12_345, 1_000),
            f"; 12,345 {STAY}, and what runs on 1,000 of them now will be interrupted",
        ),
    ],
)
def test_they_are_counted_so_far_as_they_are_known(found: ThreadCounts | None, words: str) -> None:
    change = pruned(found).changes[0]
    assert isinstance(change, Delete)
    assert (change.reason, change.threads) == (WHY + words, found)


def test_crons_come_first() -> None:
    assert pruned(ThreadCounts(3, 0), crons=1).changes[0].reason == (
        f"{WHY}; 1 cron will be deleted with it (0 3 * * *); 3 {STAY}"
    )


def test_other_numbers_make_no_other_plan() -> None:
    numbers = (None, ThreadCounts(0, 0), ThreadCounts(1, 1), ThreadCounts(12, None))
    assert len({pruned(found).digest for found in numbers}) == 1
