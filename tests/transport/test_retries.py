from __future__ import annotations

import pytest

from assistant_sync.errors import Denied, NotFound, RateLimited, Rejected, RemoteError, ServerFault, Taken, Unreachable
from assistant_sync.transport.failures import Failure
from assistant_sync.transport.retries import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MOST_TRIES,
    WAIT_BUDGET,
    Repeat,
    final_error,
    pause_before_next,
)

UNOPENED = Failure(Unreachable("no connection", sent=False), may_pass=True)
LOST = Failure(Unreachable("no answer"), may_pass=True)
FAULT = Failure(ServerFault("502", status=502), may_pass=True)
LIMITED = Failure(RateLimited("429", status=429), may_pass=True)
REJECTED = Failure(Rejected("422", status=422), may_pass=False)


def again(failure: Failure, repeat: Repeat, tries: int = 1) -> bool:
    return pause_before_next(failure, repeat, tries=tries, waited=0) is not None


@pytest.mark.parametrize(
    ("failure", "read", "write", "unsent"),
    [
        (REJECTED, False, False, False),
        (UNOPENED, True, True, True),
        (LIMITED, True, True, True),
        (LOST, True, True, False),
        (FAULT, True, True, False),
    ],
)
def test_what_is_sent_again(failure: Failure, *, read: bool, write: bool, unsent: bool) -> None:
    found = again(failure, Repeat.READ), again(failure, Repeat.WRITE), again(failure, Repeat.UNSENT)
    assert found == (read, write, unsent)


@pytest.mark.parametrize("failure", [UNOPENED, LOST, FAULT])
def test_tries_are_counted(failure: Failure) -> None:
    assert again(failure, Repeat.READ, MOST_TRIES - 1)
    assert not again(failure, Repeat.READ, MOST_TRIES)


def test_a_rate_limit_is_bounded_by_its_budget_and_not_by_tries() -> None:
    assert pause_before_next(LIMITED, Repeat.UNSENT, tries=9, waited=WAIT_BUDGET - LONGEST_PAUSE)
    assert pause_before_next(LIMITED, Repeat.UNSENT, tries=9, waited=WAIT_BUDGET) is None


def test_pauses_double_with_jitter_up_to_a_bound() -> None:
    for tries in range(1, 12):
        most = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
        pauses = {pause_before_next(LIMITED, Repeat.READ, tries=tries, waited=0) for _ in range(20)}
        assert len(pauses) > 1
        assert all(pause is not None and most / 2 <= pause <= most for pause in pauses)


def test_the_server_may_ask_for_a_longer_pause_within_the_budget() -> None:
    def asked(wait: float, waited: float) -> float | None:
        return pause_before_next(Failure(LIMITED.error, True, wait), Repeat.READ, tries=1, waited=waited)

    assert asked(20, 0) == 20
    assert asked(20, WAIT_BUDGET - 20) == 20
    assert asked(20, WAIT_BUDGET - 19) is None
    assert asked(WAIT_BUDGET + 1, 0) is None
    assert asked(0, 0) is not None


@pytest.mark.parametrize("last", [UNOPENED, LIMITED, REJECTED, Failure(Denied("401"), may_pass=False)])
def test_a_lost_answer_is_not_hidden_by_a_later_failure_that_tells_nothing_about_it(last: Failure) -> None:
    assert final_error(last, LOST) is LOST.error
    assert final_error(last, None) is last.error


@pytest.mark.parametrize("error", [Taken("409"), NotFound("404"), ServerFault("500"), Unreachable("lost")])
def test_a_later_failure_that_does_tell_is_raised_itself(error: RemoteError) -> None:
    assert final_error(Failure(error, may_pass=False), LOST) is error
