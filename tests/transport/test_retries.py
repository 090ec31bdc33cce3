from __future__ import annotations

import pytest

from assistant_sync.errors import Denied, NotFound, RateLimited, Rejected, RemoteError, ServerFault, Taken, Unreachable
from assistant_sync.transport.failures import FailedRequest
from assistant_sync.transport.retries import (
    FIRST_PAUSE,
    MAX_ATTEMPTS,
    MAX_PAUSE,
    WAIT_BUDGET,
    Repeat,
    final_error,
    pause_before_next,
)

UNOPENED = FailedRequest(Unreachable("no connection", sent=False), is_temporary=True)
LOST = FailedRequest(Unreachable("no answer"), is_temporary=True)
FAULT = FailedRequest(ServerFault("502", status=502), is_temporary=True)
LIMITED = FailedRequest(RateLimited("429", status=429), is_temporary=True)
REJECTED = FailedRequest(Rejected("422", status=422), is_temporary=False)


def again(failed: FailedRequest, repeat: Repeat, attempts: int = 1) -> bool:
    return pause_before_next(failed, repeat, attempts=attempts, waited=0) is not None


@pytest.mark.parametrize(
    ("failed", "read", "write", "unsent"),
    [
        (REJECTED, False, False, False),
        (UNOPENED, True, True, True),
        (LIMITED, True, True, True),
        (LOST, True, True, False),
        (FAULT, True, True, False),
    ],
)
def test_what_is_sent_again(failed: FailedRequest, *, read: bool, write: bool, unsent: bool) -> None:
    found = again(failed, Repeat.READ), again(failed, Repeat.WRITE), again(failed, Repeat.UNSENT)
    assert found == (read, write, unsent)


@pytest.mark.parametrize("failed", [UNOPENED, LOST, FAULT])
def test_attempts_are_counted(failed: FailedRequest) -> None:
    assert again(failed, Repeat.READ, MAX_ATTEMPTS - 1)
    assert not again(failed, Repeat.READ, MAX_ATTEMPTS)


def test_a_rate_limit_is_bounded_by_its_budget_and_not_by_attempts() -> None:
    assert pause_before_next(LIMITED, Repeat.UNSENT, attempts=9, waited=WAIT_BUDGET - MAX_PAUSE)
    assert pause_before_next(LIMITED, Repeat.UNSENT, attempts=9, waited=WAIT_BUDGET) is None


def test_pauses_double_with_jitter_up_to_a_bound() -> None:
    for attempts in range(1, 12):
        most = min(FIRST_PAUSE * 2 ** (attempts - 1), MAX_PAUSE)
        pauses = {pause_before_next(LIMITED, Repeat.READ, attempts=attempts, waited=0) for _ in range(20)}
        assert len(pauses) > 1
        assert all(pause is not None and most / 2 <= pause <= most for pause in pauses)


def test_the_server_may_ask_for_a_longer_pause_within_the_budget() -> None:
    def asked(wait: float, waited: float) -> float | None:
        return pause_before_next(FailedRequest(LIMITED.error, True, wait), Repeat.READ, attempts=1, waited=waited)

    assert asked(20, 0) == 20
    assert asked(20, WAIT_BUDGET - 20) == 20
    assert asked(20, WAIT_BUDGET - 19) is None
    assert asked(WAIT_BUDGET + 1, 0) is None
    assert asked(0, 0) is not None


@pytest.mark.parametrize("last", [UNOPENED, LIMITED, REJECTED, FailedRequest(Denied("401"), is_temporary=False)])
def test_a_lost_answer_is_not_hidden_by_a_later_failure_that_reveals_nothing_about_it(last: FailedRequest) -> None:
    assert final_error(last, LOST) is LOST.error
    assert final_error(last, None) is last.error


@pytest.mark.parametrize("error", [Taken("409"), NotFound("404"), ServerFault("500"), Unreachable("lost")])
def test_a_later_failure_that_does_reveal_it_is_raised_itself(error: RemoteError) -> None:
    assert final_error(FailedRequest(error, is_temporary=False), LOST) is error
