from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.applying.exit_code import exit_code
from assistant_sync.model.change import Action
from assistant_sync.model.outcome import ApplyResult, Difference, Failure, Outcome, Status


def outcome(status: Status, code: int | None = None, **members: Any) -> Outcome:
    error = None if code is None else Failure("Denied", "no", code)
    return Outcome(action=Action.UPDATE, key="a", assistant_id="1", status=status, error=error, **members)


DONE = outcome(Status.UPDATED)
REFUSED = outcome(Status.FAILED, 4)
BROKEN = outcome(Status.FAILED, 1)
UNCONFIRMED = outcome(Status.UNCONFIRMED, 5)
WITHHELD = outcome(Status.NOT_ATTEMPTED, 1)
BUG = outcome(Status.UNCONFIRMED, 70)
DIFFERS = Difference("a", ("name",))
EXPLAINED = Difference("b", ("name",), is_explained=True)


@pytest.mark.parametrize(
    ("outcomes", "more", "expected"),
    [
        ((), {}, 0),
        ((DONE,), {}, 0),
        ((REFUSED, BROKEN), {}, 4),
        ((BROKEN, REFUSED), {}, 1),
        ((outcome(Status.FAILED, 7),), {}, 7),
        ((WITHHELD,), {}, 1),
        ((outcome(Status.NOT_ATTEMPTED),), {}, 1),
        ((DONE, BROKEN), {}, 8),
        ((DONE, WITHHELD), {}, 8),
        ((DONE, UNCONFIRMED), {}, 5),
        ((UNCONFIRMED,), {}, 5),
        ((DONE, UNCONFIRMED, BROKEN), {}, 8),
        ((BUG,), {}, 70),
        ((DONE, BUG, BROKEN), {}, 70),
        ((UNCONFIRMED, BUG), {}, 70),
        ((DONE,), {"differences": (DIFFERS,)}, 9),
        ((DONE, BROKEN), {"differences": (DIFFERS,)}, 8),
        ((DONE,), {"differences": (EXPLAINED,)}, 7),
        ((DONE,), {"differences": (EXPLAINED, DIFFERS)}, 9),
        ((outcome(Status.UPDATED, outside_versions=(2,)),), {"differences": (DIFFERS,)}, 9),
        ((DONE,), {"unread": "no answer"}, 5),
        ((outcome(Status.UPDATED, outside_versions=(2,)),), {}, 7),
        ((DONE, outcome(Status.NOT_ATTEMPTED)), {"interrupted": True}, 130),
        ((BUG,), {"interrupted": True}, 130),
    ],
)
def test_the_exit_code_tells_how_an_apply_ended(
    outcomes: tuple[Outcome, ...], more: dict[str, Any], expected: int
) -> None:
    assert exit_code(ApplyResult(outcomes, **more)) == expected


def test_only_a_read_back_of_everything_done_is_convergence() -> None:
    assert ApplyResult(()).converged
    assert ApplyResult((DONE,)).converged
    assert not ApplyResult((DONE, UNCONFIRMED)).converged
    assert not ApplyResult((DONE,), unread="no answer").converged
    assert not ApplyResult((DONE,), (DIFFERS,)).converged
    assert not ApplyResult((DONE,), (EXPLAINED,)).converged
