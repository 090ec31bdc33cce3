from __future__ import annotations

import pytest

from assistant_sync.cli.estimate import Estimate, line
from assistant_sync.model.progress import Progress
from tests.locking.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, 0.0)


def test_nothing_is_known_of_a_phase_that_has_just_begun_or_has_no_total(clock: Clock) -> None:
    estimate = Estimate()
    assert estimate.left() is None
    assert estimate.restarts(Progress("reading", 5, 10))
    clock.elapse(1)
    assert estimate.left() is None
    assert estimate.restarts(Progress("comparing", 0, None))
    assert not estimate.restarts(Progress("comparing", 3, None))
    assert estimate.left() is None


def test_the_time_left_follows_from_the_steps_since_the_phase_began(clock: Clock) -> None:
    estimate = Estimate()
    estimate.restarts(Progress("reading", 10, 100))
    clock.elapse(9)
    assert not estimate.restarts(Progress("reading", 40, 100))
    assert estimate.left() == 18
    clock.elapse(18)
    estimate.restarts(Progress("reading", 100, 100))
    assert estimate.left() == 0


@pytest.mark.parametrize(
    "event", [Progress("applying", 60, 100), Progress("reading", 10, 100), Progress("reading", 60, 70)]
)
def test_another_phase_or_total_or_a_step_back_begins_again(clock: Clock, event: Progress) -> None:
    estimate = Estimate()
    estimate.restarts(Progress("reading", 0, 100))
    clock.elapse(5)
    estimate.restarts(Progress("reading", 50, 100))
    assert estimate.restarts(event)
    assert estimate.left() is None


@pytest.mark.parametrize(
    ("event", "left", "text"),
    [
        (Progress("comparing", 0, None), None, "comparing"),
        (Progress("reading", 7, None), None, "reading: 7"),
        (Progress("reading", 0, 10), None, "reading: 0 of 10"),
        (Progress("reading", 7, 10), 2.6, "reading: 7 of 10, about 3 s left"),
        (Progress("applying", 7, 10), 119, "applying: 7 of 10, about 119 s left"),
        (Progress("applying", 7, 10), 600, "applying: 7 of 10, about 10 min left"),
    ],
)
def test_an_event_is_a_line(event: Progress, left: float | None, text: str) -> None:
    assert line(event, left) == text
