"""The crons that a delete takes along: counted, named, and part of what a saved plan is compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.change import Delete
from assistant_sync.model.cron import Cron
from assistant_sync.planning.policy import Allowance
from tests.builders import make_desired
from tests.planning.plans import plan
from tests.planning.rows import stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.plan import Plan

LIVE, OTHER = stored(make_desired("a")), stored(make_desired("b"))
ALLOWANCE = Allowance(deletes=9)
WHY = "no manifest has this key any more, and pruning is on"


def crons(count: int) -> tuple[Cron, ...]:
    return tuple(Cron(cron_id=f"c{n}", schedule=f"{n} 3 * * *", row={}) for n in reversed(range(count)))


def pruned(found: Sequence[Cron] | None) -> Plan:
    return plan([], [LIVE], prune=True, allowance=ALLOWANCE, crons={LIVE.assistant_id: found})


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, ""),
        (1, "; 1 cron will be deleted with it (0 3 * * *)"),
        (2, "; 2 crons will be deleted with it (0 3 * * *, 1 3 * * *)"),
        (5, "; 5 crons will be deleted with it (0 3 * * *, 1 3 * * *, 2 3 * * *, 3 3 * * *, 4 3 * * *)"),
        (7, "; 7 crons will be deleted with it (0 3 * * *, 1 3 * * *, 2 3 * * *, 3 3 * * *, 4 3 * * * and 2 more)"),
    ],
)
def test_they_are_counted_and_some_are_named(count: int, words: str) -> None:
    (change,) = pruned(crons(count)).changes
    assert isinstance(change, Delete)
    assert (change.reason, change.crons) == (WHY + words, crons(count))


def test_a_schedule_in_the_shape_of_a_credential_is_masked() -> None:
    secret = "ghp_" + "a1B2" * 9
    (change,) = pruned([Cron(cron_id="c", schedule=secret, row={})]).changes
    assert change.reason.endswith("(" + "(masked))")


def test_other_crons_make_another_plan() -> None:
    digests = {pruned(found).digest for found in (crons(0), crons(1), crons(2))}
    assert len(digests) == 3
    assert pruned(crons(2)).digest in digests


def test_those_of_what_stays_are_nobodys_business() -> None:
    made = plan([], [LIVE], crons={LIVE.assistant_id: crons(1)})
    assert "cron" not in made.changes[0].reason
    assert made.warnings == plan([], [LIVE], crons={LIVE.assistant_id: None}).warnings == ()


def test_that_they_may_not_be_read_is_said_of_each_delete() -> None:
    unread = {LIVE.assistant_id: None, OTHER.assistant_id: crons(1)}
    made = plan([], [LIVE, OTHER], prune=True, allowance=ALLOWANCE, crons=unread)
    (warning,) = made.warnings
    assert warning.key == "a"
    assert warning.message.startswith("its crons will be deleted with it, and this key may not read them")
