"""Asking: several runs at a time, and a clean end whatever happens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.checking.questions import Asked, Question
from assistant_sync.checking.sides import Inline
from assistant_sync.live.runs import RunsClient
from assistant_sync.model.check import Case, Contains, Judge
from assistant_sync.model.checked import Verdict
from assistant_sync.model.run import CHECK_KEY
from assistant_sync.operations.asking import Asking, AskTerms, JudgeSeat
from assistant_sync.transport import Endpoint
from assistant_sync.transport.running import RunConnection
from tests.servers.run_server import RunServer, replied

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.checked import CheckedCase
    from assistant_sync.model.progress import Progress
    from tests.servers.run_server import Events

JUDGE = Judge("It is polite.", graph="reviewer")
SLOW = 60.0
"""Seconds that no test waits for."""

PASSED, FAILED, UNDECIDED = Verdict.PASSED, Verdict.FAILED, Verdict.UNDECIDED


class Asker:
    """Asks one server.

    Attributes:
        stop: Ends it.
        asking: What asked last.
        events: The progress that it told.
    """

    def __init__(self, server: RunServer) -> None:
        self.server = server
        self.stop = asyncio.Event()
        self.events: list[Progress] = []
        self.asking: Asking

    def ask(self, *questions: Question, when: Callable[[], bool] | None = None, **terms: Any) -> list[CheckedCase]:
        """Ask; once ``when`` holds, somebody stops it. No thread stays."""

        async def stopping() -> None:
            while when is not None and not when():  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(0.005)
            self.stop.set()

        async def main() -> tuple[CheckedCase, ...]:
            async with RunConnection(
                Endpoint("http://server", {}), transport=self.server, pause=no_pause
            ) as connection:
                client = RunsClient(connection, "acme")
                facts = AskTerms(**{"project": "acme", "run_deadline": 30.0, **terms})
                self.asking = Asking(client, facts, stop=self.stop, listener=self.events.append)
                stopper = None if when is None else asyncio.create_task(stopping())
                try:
                    return await self.asking.ask_all(questions)
                finally:
                    if stopper is not None:
                        stopper.cancel()

        try:
            return list(asyncio.run(main()))
        finally:
            assert self.server.threads == {}


async def no_pause(_: float) -> None:
    return


def case(name: str = "greets", *expectations: Any, **members: Any) -> Case:
    return Case(**{"name": name, "ask": "Hi", "expectations": expectations or (Contains("fine"),), **members})


def side(prompt: str | None = "new", *, refused: str | None = None) -> Asked:
    return Asked("agent", {"question": "Hi"}, Inline("agent", {"prompt": prompt}, {}), refused)


def question(one: Case | None = None, *, key: str = "support", before: Asked | None = None) -> Question:
    return Question(key, one or case(), side(), before)


def answering(**answers: Events | httpx.Response | Exception) -> RunServer:
    """A server whose runs depend on the prompt, or are those of a judge."""

    def run(body: dict[str, Any]) -> Events | httpx.Response:
        found = answers.get(body.get("context", {}).get("prompt", "judge"), replied("fine"))
        if isinstance(found, Exception):
            raise found
        return found

    return RunServer(run)


def reasons(one: CheckedCase) -> list[str]:
    return [reason for sample in one.after.samples for reason in sample.reasons]


def test_nothing_asked_is_nothing_found() -> None:
    asker = Asker(RunServer())
    assert asker.ask() == []
    assert (asker.asking.runs, asker.asking.was_stopped, asker.server.requests) == (0, False, [])


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_runs_go_on_at_once_than_are_allowed(concurrency: int) -> None:
    asker = Asker(RunServer(lambda _: [0.02, *replied("fine")]))
    found = asker.ask(*(question(case(f"c{number}")) for number in range(7)), concurrency=concurrency)
    assert [(one.case, one.verdict) for one in found] == [(f"c{number}", PASSED) for number in range(7)]
    assert asker.server.most_at_once == concurrency
    assert asker.asking.runs == 7
    assert sorted((event.done, event.total) for event in asker.events) == [(number, 7) for number in range(1, 8)]


def test_both_sides_of_a_case_are_asked_alike_but_for_their_content() -> None:
    asker = Asker(answering(old=replied("no")))
    (found,) = asker.ask(question(before=side("old")))
    assert found.before is not None
    assert (found.before.verdict, found.after.verdict) == (FAILED, PASSED)
    assert found.before.shown.answer == "no"
    after, before = sorted(asker.server.bodies, key=lambda body: body["context"]["prompt"])
    assert before.pop("context") == {"prompt": "old"}
    assert after.pop("context") == {"prompt": "new"}
    assert before == after
    assert after["metadata"] == {CHECK_KEY: "acme/support: greets"}


def test_equal_sides_are_not_mistaken_for_each_other() -> None:
    (found,) = Asker(RunServer()).ask(question(before=side()))
    assert found.before is not None
    assert len(found.before.samples) == len(found.after.samples) == 1


@pytest.mark.parametrize(("must_pass", "verdict"), [(2, PASSED), (3, FAILED)])
def test_a_repeated_case_is_asked_as_often_on_both_sides(must_pass: int, verdict: Verdict) -> None:
    answers = iter(["fine", "no", "fine"])
    server = RunServer(lambda body: replied("old" if body["context"]["prompt"] == "old" else next(answers)))
    asker = Asker(server)
    (found,) = asker.ask(question(case(repeat=3, must_pass=must_pass), before=side("old")), concurrency=1)
    assert (found.verdict, found.after.passed, found.must_pass) == (verdict, 2, must_pass)
    assert found.before is not None
    assert [one.answer for one in found.before.samples] == ["old"] * 3
    assert asker.asking.runs == 6
    assert [body["context"]["prompt"] for body in server.bodies] == ["new", "old"] * 3


def test_what_cannot_be_asked_is_undecided_and_sends_nothing() -> None:
    asker = Asker(RunServer())
    refused = Question("support", case(), side(refused="no such graph"), Asked(None, None))
    (found,) = asker.ask(refused)
    assert (found.verdict, reasons(found)) == (UNDECIDED, ["no such graph"])
    assert found.before is not None
    assert found.before.shown.reasons == ("there is nothing to ask",)
    assert (asker.asking.runs, asker.server.requests) == (0, [])


def test_a_stop_cancels_what_runs_and_leaves_the_rest_undecided() -> None:
    server = answering(old=replied("fine"), new=[("metadata", {}), SLOW])
    asker = Asker(server)
    quick = Question("a", case(), side("old"), None)
    found = asker.ask(
        quick, *(question(case(f"c{number}")) for number in range(5)), when=lambda: len(server.bodies) >= 3,
        concurrency=2,
    )  # fmt: skip
    assert asker.asking.was_stopped
    assert [one.verdict for one in found] == [PASSED, *[UNDECIDED] * 5]
    assert {reason for one in found[1:] for reason in reasons(one)} == {"the check was interrupted before this answer"}
    assert asker.asking.runs == 3
    assert server.cancelled == ["run-1", "run-1"]


def test_a_stop_before_the_first_question_asks_nothing() -> None:
    asker = Asker(RunServer())
    asker.stop.set()
    (found,) = asker.ask(question())
    assert (found.verdict, asker.asking.was_stopped, asker.server.bodies) == (UNDECIDED, True, [])


def test_a_stop_after_the_last_answer_takes_nothing_back() -> None:
    asker = Asker(RunServer())
    (found,) = asker.ask(question(), when=lambda: bool(asker.events))
    assert (found.verdict, asker.asking.was_stopped) == (PASSED, False)


def test_a_passed_deadline_leaves_the_rest_undecided() -> None:
    server = answering(old=replied("fine"), new=[("metadata", {}), SLOW])
    asker = Asker(server)
    found = asker.ask(Question("a", case(), side("old"), None), question(), question(case("b")), deadline=0.2)
    assert [one.verdict for one in found] == [PASSED, UNDECIDED, UNDECIDED]
    assert reasons(found[1]) == ["the check's own deadline passed before this answer"]
    assert asker.asking.was_stopped
    assert len(server.cancelled) == 2


def test_the_deadline_of_a_run_fails_its_case_alone() -> None:
    asker = Asker(answering(new=[("metadata", {}), SLOW]))
    late, quick = asker.ask(question(), Question("a", case(), side("old"), None), run_deadline=0.1)
    assert (late.verdict, reasons(late)) == (FAILED, ["no answer within 0.1 s"])
    assert (quick.verdict, asker.asking.was_stopped) == (PASSED, False)


class SlowToDelete(RunServer):
    """Takes its time to delete a thread."""

    is_deleting = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            self.is_deleting = True
            await asyncio.sleep(0.1)
        return await super().handle_async_request(request)


def test_a_stop_does_not_interrupt_the_cleaning_up() -> None:
    server = SlowToDelete()
    asker = Asker(server)
    asker.ask(question(), when=lambda: server.is_deleting)
    assert [method for method, _ in server.requests] == ["POST", "POST", "DELETE"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(403, json={"detail": "not yours"}), "not yours"),
        (httpx.Response(422, json={"detail": "no such input"}), "no such input"),
        ([("values", {"a": 1}), httpx.RemoteProtocolError("cut off")], "http://server"),
    ],
)
def test_a_run_that_the_deployment_refuses_is_one_undecided_case(answer: Any, reason: str) -> None:
    asker = Asker(answering(new=answer))
    refused, other = asker.ask(question(), Question("a", case(), side("old"), None))
    assert (refused.verdict, other.verdict) == (UNDECIDED, PASSED)
    assert reason in reasons(refused)[0]
    assert not asker.asking.was_stopped


def test_what_was_sent_as_a_secret_is_masked_in_answers_reasons_and_questions() -> None:
    secret = "lsv2_pt_0123456789abcdef0123456789abcdef_0123456789"
    asker = Asker(answering(new=replied(f"fine {secret}"), old=[("error", {"message": secret})]))
    asked = Question("support", case(ask=secret), side(), side("old"))
    assert secret not in repr(asker.ask(asked)[0].question)
    (found,) = asker.ask(asked)
    assert found.before is not None
    shown = [found.question, found.after.shown.answer, *found.before.shown.reasons]
    assert [secret in one for one in shown] == [False] * 3


# Judges


def judged(answer: Events, seat: JudgeSeat | None = None, **answers: Any) -> tuple[CheckedCase, RunServer]:
    """One case with a judge, whose answer is this."""
    server = answering(judge=answer, **answers)
    seats = {JUDGE: seat or JudgeSeat("reviewer")}
    (found,) = Asker(server).ask(question(case("polite", Contains("fine"), JUDGE)), judges=seats)
    return found, server


@pytest.mark.parametrize(
    ("answer", "verdict", "reason"),
    [
        (replied("pass: it is kind"), PASSED, None),
        (replied("fail: it is rude"), FAILED, "the judge fails it: it is rude"),
        (replied("who knows"), UNDECIDED, "begins with neither pass nor fail"),
        ([("error", {"message": "no model"})], UNDECIDED, "the judge gives no answer: the graph failed: no model"),
        ([httpx.ReadError("gone")], UNDECIDED, "the judge gives no answer: "),
    ],
)
def test_a_judge_passes_fails_or_leaves_undecided(answer: Events, verdict: Verdict, reason: str | None) -> None:
    found, server = judged(answer)
    assert found.verdict is verdict
    assert reason is None or reason in reasons(found)[0]
    asked = server.bodies[-1]
    assert (asked["assistant_id"], asked["metadata"]) == ("reviewer", {CHECK_KEY: "acme/support: judge of polite"})
    assert "context" not in asked
    text = asked["input"]["messages"][0]["content"]
    assert [part in text for part in ("\nHi\n", "\nfine\n", "It is polite.")] == [True] * 3


@pytest.mark.parametrize(
    ("seat", "reason"),
    [
        (JudgeSeat(None, refused="the judge cannot be asked: no such key"), "no such key"),
        (JudgeSeat(None), "there is no such judge"),
        (JudgeSeat("reviewer", {"type": "object", "properties": {"n": {"type": "integer"}}}), "the judge cannot be"),
    ],
)
def test_a_judge_who_cannot_be_asked_leaves_a_case_undecided(seat: JudgeSeat, reason: str) -> None:
    found, server = judged(replied("pass"), seat)
    assert found.verdict is UNDECIDED
    assert reason in reasons(found)[0]
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    "answer",
    [
        [("error", {"message": "no"})],
        [("values", {"messages": []})],
        [("values", {"messages": [{"type": "ai", "content": ""}]})],
        [("values", {"a": 1, "__interrupt__": [{"value": 1}]})],
        httpx.Response(403, json={}),
    ],
)
def test_a_judge_is_asked_about_answers_only(answer: Any) -> None:
    found, server = judged(replied("pass"), new=answer)
    assert found.verdict is not PASSED
    assert len(server.bodies) == 1


# Bugs


def test_a_bug_is_raised_and_leaves_no_thread() -> None:
    asker = Asker(answering(new=ZeroDivisionError("a bug"), old=[("metadata", {}), 0.1, *replied("fine")]))
    with pytest.raises(ZeroDivisionError, match="a bug"):
        asker.ask(Question("a", case(), side("old"), None), question())


def test_a_judge_without_a_seat_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Asker(RunServer()).ask(question(case("polite", JUDGE)), judges={})
