"""A base that moved since the plan is a conflict, which names what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.change import Op
from assistant_sync.model.outcome import Attribution
from tests.applying.kinds import KINDS, NEW, OLD, TAGGED, Case
from tests.applying.memory_deployment import (
    VERSIONS,
    MemoryDeployment,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.outcome import Outcome

CHANGED = [kind for kind in KINDS if kind not in ("create", "delete")]


def conflict(outcome: Outcome) -> str:
    """What a conflict says."""
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind, outcome.error.exit_code) == ("failed", "Conflict", 7)
    return outcome.error.message


BEFORE: dict[str, Callable[[Case], object]] = {
    "wrote": lambda case: case.memory.deployment.patch(case.change.assistant_id, name="Theirs"),
    "wrote the same again": lambda case: case.memory.deployment.patch(case.change.assistant_id),
    "deleted it": lambda case: case.memory.deployment.delete(case.change.assistant_id),
}


@pytest.mark.parametrize("what", BEFORE)
@pytest.mark.parametrize("kind", [*CHANGED, "delete"])
def test_a_base_that_moved_since_the_plan_is_never_written_over(kind: str, what: str) -> None:
    case = KINDS[kind]()
    BEFORE[what](case)
    there = case.memory.deployment.versions(case.change.assistant_id)
    outcome = case.memory.one(case.plan)
    if (kind, what) == ("delete", "deleted it"):
        assert outcome.status.value == "deleted"
    else:
        assert conflict(outcome).endswith("nothing was written")
    assert case.memory.sent == []
    assert case.memory.deployment.versions(case.change.assistant_id) == there


@pytest.mark.parametrize("kind", ["update", "adopt", "activate", "heal"])
def test_a_conflict_tells_which_version_is_active_now_and_what_it_changed(kind: str) -> None:
    case = KINDS[kind]()
    case.memory.deployment.patch(case.change.assistant_id, name="Theirs")
    outcome = case.memory.one(case.plan)
    base, now = case.before[-1], case.before[-1] + 1
    assert conflict(outcome) == (
        f"somebody else has written since the plan: version {base} was active when the plan was made, "
        f"now version {now} is. Plan again; nothing was written"
    )
    (theirs,) = outcome.outside
    assert (theirs.version, theirs.attribution, outcome.outside_versions) == (now, Attribution.OUTSIDE, (now,))
    assert [(field.path, field.op, field.after) for field in theirs.fields] == [(("name",), Op.CHANGED, "Theirs")]


def test_a_conflict_over_a_pointer_that_was_moved_tells_what_that_changed() -> None:
    memory = MemoryDeployment()
    memory.settle(OLD)
    memory.settle(TAGGED)
    plan = memory.plan(NEW)
    memory.deployment.set_latest(OLD.assistant_id, 1)
    outcome = memory.one(plan)
    assert "version 2 was active when the plan was made, now version 1 is" in conflict(outcome)
    assert outcome.outside_versions == ()
    (theirs,) = outcome.outside
    assert (theirs.version, theirs.attribution) == (1, Attribution.ACTIVATED)
    assert [field.path for field in theirs.fields] == [("config", "tags", 0)]


def test_a_conflict_under_the_same_number_says_so() -> None:
    """A deletion and a new create bring the numbers back to 1."""
    memory = MemoryDeployment()
    memory.settle(OLD)
    plan = memory.plan(NEW)
    memory.deployment.delete(OLD.assistant_id)
    memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    assert "version 1 is not what it was when the plan was made" in conflict(memory.one(plan))


def test_a_conflict_is_told_although_its_versions_cannot_be_read() -> None:
    case = KINDS["update"]()
    case.memory.deployment.patch(case.change.assistant_id, name="Theirs")
    outcome = case.memory.one(case.plan, status(403, "POST", VERSIONS))
    assert "now version 2 is" in conflict(outcome)
    assert [one.version for one in outcome.outside] == [2]


def test_an_assistant_that_vanished_is_told_as_deleted() -> None:
    case = KINDS["update"]()
    case.memory.deployment.delete(case.change.assistant_id)
    assert conflict(case.memory.one(case.plan)) == ("somebody else has deleted it since the plan; nothing was written")
