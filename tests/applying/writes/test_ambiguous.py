"""What becomes of each kind of change under each fault: nothing is done twice, and what is not known is said."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import httpx
import pytest

from assistant_sync.errors import (
    BadAnswer,
    Denied,
    NotFound,
    RateLimited,
    Rejected,
    RemoteError,
    ServerFault,
    Taken,
    Unreachable,
)
from assistant_sync.live.settling import PollSchedule, settle
from assistant_sync.model.change import Delete
from assistant_sync.model.outcome import Failure
from tests.applying.kinds import KINDS
from tests.applying.memory_deployment import (
    LATEST,
    ONE,
    SEARCH,
    VERSIONS,
    landed,
    landed_as,
    late,
    lost,
    refused,
    status,
)
from tests.servers.fake_deployment import meanwhile
from tests.servers.recording import answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.change import Write
    from tests.servers.recording import Fault, Proceed

ALWAYS = 99
REPEATABLE = {"create", "delete"}


def html() -> httpx.Response:
    return httpx.Response(200, html="<h1>Gateway</h1>")


def cut_off() -> httpx.Response:
    return httpx.Response(200, content=b'{"assistant_id": "62e2', headers={"content-type": "application/json"})


DONE: dict[str, Callable[[str, str], Fault]] = {
    "the connection did not open at first": refused,
    "429": lambda method, path: status(429, method, path),
    "landed without an answer": landed,
    "landed without an answer, however often": lambda method, path: landed(method, path, ALWAYS),
    "landed with a web page": lambda method, path: landed_as(html, method, path),
    "landed with half an answer": lambda method, path: landed_as(cut_off, method, path),
    "landed with 500": lambda method, path: landed_as(lambda: httpx.Response(500, text="x"), method, path),
    "landed late": lambda method, path: late(method, path, after_reads=2),
}
"""Faults under which the change is made and told as done."""


@pytest.mark.parametrize("fault", DONE)
@pytest.mark.parametrize("kind", KINDS)
def test_what_landed_is_done_and_was_done_once(kind: str, fault: str) -> None:
    case = KINDS[kind]()
    result = case.memory.apply(case.plan, DONE[fault](*case.write))
    (outcome,) = result.outcomes
    assert (outcome.status.value, outcome.error, result.converged) == (case.done, None, True)
    assert case.has_landed
    case.memory.settle(*case.desired, **case.policy)
    assert case.has_landed


LOOKED: dict[str, list[str]] = {
    "create": ["POST versions", "GET"],
    "update": ["GET", "POST versions", "GET", "GET"],
    "adopt": ["GET", "POST versions", "GET", "GET"],
    "activate": ["GET", "GET", "POST versions", "GET"],
    "heal": ["GET", "GET", "POST versions", "GET", "GET"],
    "delete": ["GET", "GET", "POST count", "POST search"],
}
"""The reads of a change that landed without an answer, the final one included."""


@pytest.mark.parametrize("kind", KINDS)
def test_one_look_is_enough_for_what_landed_at_once(kind: str) -> None:
    case = KINDS[kind]()
    case.memory.apply(case.plan, landed(*case.write))
    assert case.memory.asked == LOOKED[kind]


IN_DOUBT: dict[str, Callable[..., Fault]] = {
    "lost": lost,
    "500": lambda method, path, times=1: status(500, method, path, times),
    "502": lambda method, path, times=1: status(502, method, path, times),
    "503": lambda method, path, times=1: status(503, method, path, times),
    "504": lambda method, path, times=1: status(504, method, path, times),
}
"""Faults after which nobody can know; in truth, nothing was carried out."""


@pytest.mark.parametrize("fault", IN_DOUBT)
@pytest.mark.parametrize("kind", KINDS)
def test_what_may_be_sent_again_is_and_all_else_is_left_open(kind: str, fault: str) -> None:
    case = KINDS[kind]()
    outcome = case.memory.one(case.plan, IN_DOUBT[fault](*case.write))
    if kind in REPEATABLE:
        assert (outcome.status.value, outcome.error) == (case.done, None)
        assert case.has_landed
    else:
        assert outcome.status.value == "unconfirmed"
        assert outcome.error is not None
        assert outcome.error.exit_code == 5
        assert "was not seen to take effect, and still may" in outcome.error.message
        assert case.numbers == case.before
    case.memory.settle(*case.desired, **case.policy)
    assert case.has_landed


@pytest.mark.parametrize("fault", IN_DOUBT)
@pytest.mark.parametrize("kind", KINDS)
def test_what_never_gets_through_is_unconfirmed_and_the_next_apply_makes_up_for_it(kind: str, fault: str) -> None:
    case = KINDS[kind]()
    outcome = case.memory.one(case.plan, IN_DOUBT[fault](*case.write, ALWAYS))
    tries = sum(sent == sent_as(case.write) for sent in case.memory.sent)
    assert (outcome.status.value, tries) == ("unconfirmed", 4 if kind in REPEATABLE else 1)
    assert outcome.error is not None
    assert (outcome.error.kind, outcome.error.exit_code) == ("Unreachable" if fault == "lost" else "ServerFault", 5)
    assert (outcome.version_before, outcome.source) == (case.change.base_version, source_of(case.change))
    case.memory.settle(*case.desired, **case.policy)
    assert case.has_landed


REFUSALS = {"refused": (5, "Unreachable"), "400": (1, "Rejected"), "401": (4, "Denied"), "403": (4, "Denied"),
            "429": (5, "RateLimited")}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSALS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_surely_was_not_written_failed_with_its_cause(kind: str, fault: str) -> None:
    case = KINDS[kind]()
    made = refused if fault == "refused" else lambda *where: status(int(fault), *where)
    outcome = case.memory.one(case.plan, made(*case.write, ALWAYS))
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.exit_code, outcome.error.kind) == ("failed", *REFUSALS[fault])
    assert case.numbers == case.before
    case.memory.settle(*case.desired, **case.policy)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in REPEATABLE])
def test_what_lands_only_after_the_last_look_at_it_is_found_at_the_end(kind: str) -> None:
    case = KINDS[kind]()
    result = case.memory.apply(case.plan, late(*case.write, after_reads=case.memory.looks))
    (outcome,) = result.outcomes
    assert (outcome.status.value, outcome.error, result.converged) == (case.done, None, True)
    assert (outcome.healed_from, len(outcome.notes)) == ((1, 1) if kind == "heal" else (None, 0))
    assert case.has_landed


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_stays_in_doubt_because_reading_fails_for_a_while(kind: str) -> None:
    case = KINDS[kind]()
    unreadable = status(503, "GET|POST", f"{ONE}|{VERSIONS}|{SEARCH}", 6)
    outcome = case.memory.one(case.plan, since(case.write, unreadable), landed(*case.write, ALWAYS))
    assert (outcome.status.value, outcome.error) == (case.done, None)


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read_either_is_unconfirmed_although_it_landed(kind: str) -> None:
    case = KINDS[kind]()
    unreadable = status(503, "GET|POST", f"{ONE}|{VERSIONS}|{SEARCH}", ALWAYS)
    outcome = case.memory.one(case.plan, since(case.write, unreadable), landed(*case.write, ALWAYS))
    assert outcome.status.value == "unconfirmed"
    assert case.has_landed


@pytest.mark.parametrize("kind", ["update", "adopt", "heal"])
def test_a_version_that_is_listed_but_never_became_active_is_in_doubt(kind: str) -> None:
    """As Aegra does where it fails between the two."""
    case = KINDS[kind]()
    rows, own_id = case.memory.deployment._rows, case.change.assistant_id  # noqa: SLF001, RUF100 - half a write

    async def half(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if request.method != "PATCH":
            return await proceed()
        base = dict(rows[own_id])
        await proceed()
        rows[own_id] = base
        return httpx.Response(500)

    outcome = case.memory.one(case.plan, half)
    assert outcome.status.value == "unconfirmed"
    assert len(case.numbers) == len(case.before) + 1


@pytest.mark.parametrize("kind", ["update", "adopt", "heal"])
def test_what_landed_and_was_written_over_since_is_done_and_told_as_written_over(kind: str) -> None:
    case = KINDS[kind]()
    theirs = meanwhile(*case.write, lambda: case.memory.deployment.patch(case.change.assistant_id, name="T"),
                       carried_out=True)  # fmt: skip
    result = case.memory.apply(case.plan, landed(*case.write), theirs)
    (outcome,), (difference,) = result.outcomes, result.differences
    assert (outcome.status.value, outcome.version_after) == (case.done, case.before[-1] + 1)
    assert (difference.paths, difference.is_explained) == (("name",), True)


def test_of_what_others_wrote_around_a_write_only_what_came_before_is_in_its_outcome() -> None:
    case = KINDS["update"]()

    def theirs() -> None:
        case.memory.deployment.patch(case.change.assistant_id, name="Theirs")

    result = case.memory.apply(
        case.plan, landed(*case.write), meanwhile(*case.write, theirs), meanwhile(*case.write, theirs, carried_out=True)
    )
    (outcome,), (difference,) = result.outcomes, result.differences
    assert (outcome.version_after, outcome.outside_versions, [one.version for one in outcome.outside]) == (3, (2,), [2])
    assert [one.version for one in difference.outside] == [4]


@pytest.mark.parametrize("kind", ["update", "adopt", "heal"])
def test_what_landed_and_is_gone_since_is_a_conflict(kind: str) -> None:
    case = KINDS[kind]()
    gone = meanwhile(*case.write, lambda: case.memory.deployment.delete(case.change.assistant_id), carried_out=True)
    outcome = case.memory.one(case.plan, landed(*case.write), gone)
    assert outcome.error == Failure("Conflict", "somebody else has deleted it meanwhile", 7)
    assert (outcome.key, outcome.status.value, outcome.version_after) == (case.change.key, "failed", None)
    assert (outcome.healed_from, outcome.notes) == (1 if kind == "heal" else None, ())


@pytest.mark.parametrize("kind", ["update", "adopt", "heal"])
def test_what_goes_away_while_it_is_looked_for_was_done_and_is_missing_in_the_end(kind: str) -> None:
    case = KINDS[kind]()
    gone = meanwhile("POST", VERSIONS, lambda: case.memory.deployment.delete(case.change.assistant_id),
                     carried_out=True)  # fmt: skip
    result = case.memory.apply(case.plan, landed(*case.write), gone)
    (outcome,), (difference,) = result.outcomes, result.differences
    assert (outcome.status.value, outcome.version_after) == (case.done, case.before[-1] + 1)
    assert difference.paths == ("missing",)


def test_an_activation_that_cannot_be_read_is_in_doubt_with_the_readings_error() -> None:
    case = KINDS["activate"]()
    outcome = case.memory.one(case.plan, since(case.write, status(403, "GET", ONE, ALWAYS)))
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind, outcome.error.exit_code) == ("unconfirmed", "Denied", 4)


def test_an_activation_that_is_answered_but_moves_nothing_is_in_doubt() -> None:
    case = KINDS["activate"]()
    row = case.memory.deployment.get(case.change.assistant_id)
    outcome = case.memory.one(case.plan, answered(*case.write, lambda: httpx.Response(200, json=row)))
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind) == ("unconfirmed", "BadAnswer")
    assert outcome.error.message.startswith("version 1 was activated, but version 2 is still active. ")


# The parts


def test_an_unconfirmed_outcome_names_the_cause_and_masks_credentials_in_it() -> None:
    case = KINDS["update"]()
    secret = "ghp_" + "a1B2" * 9
    outcome = case.memory.one(case.plan, answered(*case.write, lambda: httpx.Response(500, json={"detail": secret})))
    assert outcome.error is not None
    assert outcome.error.kind == "ServerFault"
    assert secret not in outcome.error.message
    assert outcome.error.message.endswith(
        "The write was not seen to take effect, and still may; the next plan shows whether it did"
    )


@pytest.mark.parametrize("kind", [Unreachable, ServerFault, BadAnswer])
def test_only_what_was_sent_and_may_have_been_carried_out_is_ambiguous(kind: type[RemoteError]) -> None:
    assert kind("x").may_have_landed
    assert not kind("x", sent=False).may_have_landed


@pytest.mark.parametrize("kind", [Denied, NotFound, RateLimited, Rejected, Taken])
def test_an_answer_that_refuses_is_not_ambiguous(kind: type[RemoteError]) -> None:
    assert not kind("x").may_have_landed


def look_at(*answers: str | RemoteError | None) -> tuple[str | None, list[float]]:
    """What is seen in the end, and the waits until then."""
    left = iter(answers)
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    async def look() -> str | None:
        answer = next(left)
        if isinstance(answer, RemoteError):
            raise answer
        return answer

    return asyncio.run(settle(look, PollSchedule((0.0, 0.5, 2.0), pause))), waited


def test_looking_ends_with_what_is_seen_or_with_patience() -> None:
    assert look_at("seen") == ("seen", [0.0])
    assert look_at(None, ServerFault("x"), "seen") == ("seen", [0.0, 0.5, 2.0])
    assert look_at(None, None, None) == (None, [0.0, 0.5, 2.0])
    assert look_at(*[Unreachable("x")] * 3) == (None, [0.0, 0.5, 2.0])


def test_a_commit_that_outlives_its_connection_is_looked_for_at_once_and_for_some_seconds() -> None:
    waits = PollSchedule().waits
    assert waits[0] == 0
    assert list(waits) == sorted(waits)
    assert 5 <= sum(waits) <= 30


def since(write: tuple[str, str], fault: Fault) -> Fault:
    """A fault that meets what comes after the write."""
    has_begun = False

    async def later(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        nonlocal has_begun
        is_write = re.fullmatch(write[0], request.method) and re.fullmatch(write[1], request.url.path)
        has_begun = has_begun or bool(is_write)
        return await (proceed() if is_write or not has_begun else fault(request, proceed))

    return later


def source_of(change: Write) -> str | None:
    """The source that an outcome names: what is deleted has no manifest any more."""
    return None if isinstance(change, Delete) else change.source


def sent_as(write: tuple[str, str]) -> str:
    return f"{write[0]} latest" if write[1] == LATEST else write[0]
