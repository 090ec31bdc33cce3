"""``check --watch`` shows what changed since the last time."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.cli.check_watch import _Answers, watch_files
from assistant_sync.cli.output import Display
from assistant_sync.model.frozen import replace
from assistant_sync.operations.ask_options import AskOptions
from assistant_sync.operations.check import CheckRequest, CheckResult
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.workspace import Settings
from tests.fast_time import fast_time
from tests.project_fixture import ProjectFixture
from tests.report.check_examples import case, failed, passed, report, undecided
from tests.servers.asked_deployment import AskedDeployment, obedient

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assistant_sync.model.checked import CheckedCase, Side
    from tests.servers.run_server import Events


def shown(answers: _Answers, *cases: CheckedCase, **members: Any) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """The cases that are shown, and the notes."""
    found = answers.changes(CheckResult(report(*cases, **members), ()))
    return [(one.key, one.case) for one in found.report.cases], found.report.notes


def test_of_nothing_nothing_is_shown() -> None:
    assert shown(_Answers()) == ([], ())


def test_the_first_time_everything_is_shown_and_without_a_change_nothing_the_second() -> None:
    answers, cases = _Answers(), (case("a", None, passed()), case("b", None, failed(), key="sales"))
    assert shown(answers, *cases) == ([("support", "a"), ("sales", "b")], ())
    assert shown(answers, *cases, notes=("a note",)) == ([], ("a note", "2 cases as before"))


@pytest.mark.parametrize(
    ("after", "is_shown"),
    [
        (passed("Hello."), False),
        (passed("Hello.", seconds=9.5), False),
        (passed("Hello!"), True),
        (failed("Hello."), True),
        (undecided("Hello."), True),
    ],
)
def test_another_verdict_or_answer_is_shown_and_another_time_is_not(after: Side, is_shown: bool) -> None:
    answers, other = _Answers(), case("other", None, passed())
    shown(answers, case("a", None, passed("Hello.")), other)
    names, notes = shown(answers, case("a", None, after), other)
    assert names == ([("support", "a")] if is_shown else [])
    assert notes == ("1 case as before" if is_shown else "2 cases as before",)


def test_other_reasons_and_another_question_are_shown() -> None:
    answers, one = _Answers(), case("a", None, failed())
    shown(answers, one)
    assert shown(answers, case("a", None, failed(reasons=("it is too long",))))[0] == [("support", "a")]
    assert shown(answers, case("a", None, failed(reasons=("it is too long",)), question="Why?"))[0]


def test_another_answer_of_the_live_side_alone_is_not_shown() -> None:
    answers = _Answers()
    shown(answers, case("a", passed("One."), passed()))
    assert shown(answers, case("a", passed("Two."), passed()))[0] == []


def test_cases_of_the_same_name_are_told_apart_and_one_that_comes_back_is_new() -> None:
    answers, one = _Answers(), case("a", None, passed())
    same = (one, replace(one, file="checks/b.yaml"), replace(one, key="sales"))
    assert len(shown(answers, *same)[0]) == 3
    assert shown(answers, *same)[0] == []
    shown(answers, one)
    assert len(shown(answers, *same)[0]) == 2


# The loop


CASE = {"name": "is kind", "ask": "Hi", "expect": [{"contains": "kind"}]}


@pytest.fixture
def project(tmp_path: Path) -> ProjectFixture:
    """A project whose manifest includes its prompt, with one case."""
    folder = tmp_path / "repository"
    folder.mkdir()
    project = ProjectFixture(folder, "http://127.0.0.1:2024")
    project.write("prompts/support.md", "be kind")
    project.write("prompts/other.md", "be kind as well")
    project.manifest("support", context={"prompt": {"$file": "../prompts/support.md"}})
    project.write("checks/all.yaml", json.dumps({"assistants": "*", "cases": [CASE]}))
    return project


def watch(request: CheckRequest, show: Callable[[CheckResult], None], *soon: Callable[[], object]) -> None:
    """Watch for a while, in which something happens soon."""

    async def main() -> None:
        for act in soon:
            asyncio.get_running_loop().call_later(2, act)
        with suppress(TimeoutError):
            await asyncio.wait_for(watch_files(request, Display(quiet=True), show), 12)

    with fast_time(10):
        asyncio.run(main())


def watched(
    project: ProjectFixture, *edits: Callable[[], object], server: AskedDeployment | None = None
) -> list[list[str]]:
    """Watch, make an edit after each result that is shown, and go on for a while; the answers that were shown."""
    found: list[list[str]] = []
    left = list(edits)
    settings = Settings(environ={}, folder=project.folder, transport=server or AskedDeployment())
    request = CheckRequest(plan=PlanRequest(settings=settings), options=AskOptions())

    def show(result: CheckResult) -> None:
        found.append([one.after.shown.answer for one in result.report.cases])
        if left:
            # Not at once: the signature of the files is taken after a result is shown.
            asyncio.get_running_loop().call_later(2, left.pop(0))

    watch(request, show)
    return found


def test_without_an_edit_a_check_is_asked_once(project: ProjectFixture) -> None:
    assert watched(project) == [["be kind"]]


def test_an_included_text_that_is_edited_is_asked_about_once(project: ProjectFixture) -> None:
    assert watched(project, lambda: project.write("prompts/support.md", "be kind!")) == [["be kind"], ["be kind!"]]


def test_an_edit_while_the_check_asks_is_asked_about(project: ProjectFixture) -> None:
    server = AskedDeployment()

    def run(body: dict[str, Any]) -> Events:
        if len(server.runs.bodies) == 1:
            project.manifest("support", context={"prompt": "be very kind"})
        return obedient(body)

    server.run = run
    assert watched(project, server=server) == [["be kind"], ["be very kind"]]


def test_another_included_text_is_asked_about_once(project: ProjectFixture) -> None:
    other = {"prompt": {"$file": "../prompts/other.md"}}
    assert watched(project, lambda: project.manifest("support", context=other)) == [
        ["be kind"],
        ["be kind as well"],
    ]


def test_an_error_is_shown_and_the_next_edit_is_asked_about(
    project: ProjectFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("checks/all.yaml", "cases: [\n")

    def mend() -> None:
        project.write("checks/all.yaml", json.dumps({"assistants": "*", "cases": [CASE]}))

    settings = Settings(environ={}, folder=project.folder, transport=AskedDeployment())
    request = CheckRequest(plan=PlanRequest(settings=settings), options=AskOptions())
    found: list[CheckResult] = []

    watch(request, found.append, mend)
    assert len(found) == 1
    assert "checks/all.yaml" in capsys.readouterr().err
