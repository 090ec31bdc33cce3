"""Questions about a plan: what they may cost, who judges, and what is said beside the answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.checking.questions import Asked, Question
from assistant_sync.errors import ExitCode, PlanRefused
from assistant_sync.model.check import Case, Contains, Judge
from assistant_sync.model.checked import Verdict
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.project import DEFAULT_MAX_RUNS, CheckTerms
from assistant_sync.model.run import CHECK_KEY
from assistant_sync.operations.ask_options import AskOptions
from assistant_sync.operations.ask_plan import AskJob, check_budget
from assistant_sync.operations.check import CheckRequest, check
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.workspace import open_workspace
from assistant_sync.transport import Endpoint
from tests.applying.memory_deployment import all_of
from tests.project_fixture import PROJECT
from tests.servers.asked_deployment import AskedDeployment, obedient
from tests.servers.recording import RecordingTransport, answered
from tests.servers.run_server import replied

if TYPE_CHECKING:
    from assistant_sync.model.checked import CheckReport
    from tests.operations.memory_project import MemoryProject
    from tests.servers.recording import Fault
    from tests.servers.run_server import Events

ASKED = Asked("agent", {})
REFUSED = Asked("agent", {}, refused="no")
JUDGES = (Judge("Polite.", graph="reviewer"), Judge("Short.", graph="reviewer"))


def question(*, before: Asked | None = None, after: Asked = ASKED, judges: int = 0, repeat: int = 1) -> Question:
    case = Case(name="a", ask="Hi", expectations=(Contains("x"), *JUDGES[:judges]), repeat=repeat)
    return Question("support", case, after, before)


def job(project: MemoryProject, limit: int | None = None, **terms: Any) -> AskJob:
    opened = open_workspace(project.settings())
    return AskJob(
        settings=project.settings(),
        project=opened.project,
        target=opened.target,
        endpoint=Endpoint("http://server", {}),
        commit=None,
        files=(),
        terms=CheckTerms(**terms),
        options=AskOptions(max_runs=limit),
    )


@pytest.mark.parametrize(
    ("questions", "runs"),
    [
        ([], 0),
        ([question()], 1),
        ([question(before=ASKED)], 2),
        ([question(before=ASKED, repeat=3)], 6),
        ([question(before=ASKED, repeat=3, judges=1)], 12),
        ([question(before=ASKED, repeat=3, judges=2)], 18),
        ([question(after=REFUSED, before=ASKED, judges=1)], 2),
        ([question(after=REFUSED, repeat=9)], 0),
        ([question(), question(judges=2), question(before=ASKED)], 6),
    ],
)
def test_the_budget_counts_sides_repeats_and_judges(
    questions: list[Question], runs: int, project: MemoryProject
) -> None:
    check_budget(questions, job(project, max(1, runs)))
    if runs > 1:
        with pytest.raises(PlanRefused) as caught:
            check_budget(questions, job(project, runs - 1))
        assert f"need {runs} runs, more than the {runs - 1} allowed; nothing was asked" in caught.value.message
        assert caught.value.exit_code == ExitCode.REFUSED


@pytest.mark.parametrize(
    ("option", "terms", "limit"),
    [(None, {}, DEFAULT_MAX_RUNS), (None, {"max_runs": 3}, 3), (5, {"max_runs": 3}, 5), (2, {"max_runs": 3}, 2)],
)
def test_the_option_goes_before_the_project_file(
    option: int | None, terms: dict[str, int], limit: int, project: MemoryProject
) -> None:
    check_budget([question(repeat=limit)], job(project, option, **terms))
    with pytest.raises(PlanRefused, match=f"more than the {limit} allowed") as caught:
        check_budget([question(repeat=limit + 1)], job(project, option, **terms))
    assert caught.value.hint is not None
    assert "--max-runs" in caught.value.hint


# Through a check


@pytest.fixture
def server(project: MemoryProject) -> AskedDeployment:
    """The deployment of the project, which answers with the prompt that it gets."""
    server = AskedDeployment()
    server.assistants = project.deployment
    return server


def case(**members: Any) -> dict[str, Any]:
    return {"name": "is kind", "ask": "Hi", "expect": [{"contains": "kind"}], **members}


def changed(project: MemoryProject, *cases: dict[str, Any], assistants: str = "support") -> None:
    """A live assistant whose manifest has another prompt now, and these cases."""
    project.manifest("support", context={"prompt": "be kind"})
    project.settle()
    project.manifest("support", context={"prompt": "be rude"})
    project.write("checks/a.yaml", json.dumps({"assistants": assistants, "cases": list(cases or (case(),))}))


def checked(project: MemoryProject, server: AskedDeployment, *faults: Fault, **request: Any) -> CheckReport:
    settings = project.settings(transport=RecordingTransport(server, all_of(*faults)))
    options = AskOptions(max_runs=request.pop("max_runs", None))
    asked = CheckRequest(plan=PlanRequest(settings=settings), options=options, **request)
    return project.run_at_once(check(asked, project.ui())).report


def test_without_a_change_nothing_is_asked(project: MemoryProject, server: AskedDeployment) -> None:
    project.manifest("support", context={"prompt": "be kind"})
    project.settle()
    project.write("checks/a.yaml", json.dumps({"assistants": "*", "cases": [case()]}))
    report = checked(project, server)
    assert (report.cases, report.unchanged, report.unchecked, report.runs, report.holds) == ((), True, (), 0, True)
    assert server.runs.bodies == []
    (one,) = checked(project, server, is_about_all=True).cases
    assert (one.before, one.verdict) == (None, Verdict.PASSED)


def test_a_change_is_asked_on_both_sides_and_nothing_is_written(
    project: MemoryProject, server: AskedDeployment
) -> None:
    changed(project)
    rows = project.deployment.users()
    report = checked(project, server)
    (one,) = report.cases
    assert one.before is not None
    assert (one.before.shown.answer, one.after.shown.answer) == ("be kind", "be rude")
    assert (one.file, one.verdict, report.runs, report.notes) == ("checks/a.yaml", Verdict.FAILED, 2, ())
    assert (report.project, report.target, report.holds) == (PROJECT, "local", False)
    assert project.deployment.users() == rows
    assert server.runs.threads == {}


def test_beyond_the_budget_nothing_is_asked(project: MemoryProject, server: AskedDeployment) -> None:
    changed(project, case(repeat=3, expect=[{"judge": {"graph": "research_agent", "rubric": "Kind."}}]))
    with pytest.raises(PlanRefused, match="need 12 runs, more than the 11 allowed"):
        checked(project, server, max_runs=11)
    assert server.runs.requests == []


def test_changed_assistants_without_a_check_are_named(project: MemoryProject, server: AskedDeployment) -> None:
    changed(project, assistants="other")
    project.manifest("other")
    report = checked(project, server)
    assert (report.unchecked, [one.key for one in report.cases]) == (("support",), ["other"])


@pytest.mark.parametrize("judge", [{"graph": "research_agent"}, {"assistant": "judge"}])
def test_a_judge_is_a_graph_without_context_or_a_live_assistant(
    judge: dict[str, str], project: MemoryProject, server: AskedDeployment
) -> None:
    own = project.manifest("judge", graph_id="research_agent", context={"prompt": "pass: fine"})
    changed(project, case(expect=[{"judge": {**judge, "rubric": "Polite."}}]))

    def run(body: dict[str, Any]) -> Events:
        if "judge of" not in body["metadata"][CHECK_KEY]:
            return obedient(body)
        assert body["assistant_id"] == judge.get("graph", own)
        return replied("pass: fine")

    server.run = run
    (one,) = checked(project, server).cases
    assert (one.verdict, one.after.shown.judgements) == (Verdict.PASSED, ("fine",))


@pytest.mark.parametrize(
    ("judge", "reason"),
    [
        ({"graph": "nowhere"}, "does not serve graph 'nowhere'"),
        (
            {"assistant": "judge"},
            "the judge cannot be asked: project 'acme-support' has no live assistant with the key",
        ),
    ],
)
def test_a_judge_that_is_not_there_leaves_its_case_undecided_and_no_other(
    judge: dict[str, str], reason: str, project: MemoryProject, server: AskedDeployment
) -> None:
    project.manifest("judge", graph_id="research_agent")
    judged = case(name="judged", expect=[{"judge": {**judge, "rubric": "Polite."}}])
    changed(project, judged, case(expect=[{"contains": "rude"}]))
    for row in project.deployment.users():
        if row["graph_id"] == "research_agent":
            project.deployment.delete(row["assistant_id"])
    found = {one.case: one for one in checked(project, server).cases if one.key == "support"}
    assert (found["judged"].verdict, found["is kind"].verdict) == (Verdict.UNDECIDED, Verdict.PASSED)
    assert reason in found["judged"].after.shown.reasons[0]


def test_a_judge_whose_default_assistant_is_absent_cannot_be_asked(
    project: MemoryProject, server: AskedDeployment
) -> None:
    changed(project, case(expect=[{"judge": {"graph": "research_agent", "rubric": "Polite."}}]))
    project.deployment.delete(default_assistant_id("research_agent"))
    (one,) = checked(project, server).cases
    assert one.verdict is Verdict.UNDECIDED
    assert "the default assistant of graph 'research_agent' is absent" in one.after.shown.reasons[0]


def test_what_a_killed_check_left_is_removed_and_noted(project: MemoryProject, server: AskedDeployment) -> None:
    changed(project)
    server.runs.add_thread("left", seconds_ago=1e5, **{CHECK_KEY: {"project": PROJECT, "seconds": 60}})
    server.runs.add_thread("theirs", seconds_ago=1e5)
    assert checked(project, server).notes == ("1 thread of an earlier check that was killed removed",)
    assert list(server.runs.threads) == ["theirs"]


def test_a_check_goes_on_if_left_over_threads_cannot_be_looked_for(
    project: MemoryProject, server: AskedDeployment
) -> None:
    changed(project)
    report = checked(project, server, answered("POST", "/threads/search", lambda: httpx.Response(403, json={})))
    (note,) = report.notes
    assert note.startswith("threads that an earlier check may have left could not be looked for: ")
    assert len(report.cases) == 1


def test_what_lies_beneath_both_answers_leaves_cases_undecided_unless_it_is_allowed(
    project: MemoryProject, server: AskedDeployment
) -> None:
    changed(project)
    project.deployment.patch(default_assistant_id("support_agent"), context={"style": "short"})
    report = checked(project, server)
    assert (report.cases[0].verdict, report.runs) == (Verdict.UNDECIDED, 0)
    assert "context.style" in report.cases[0].after.shown.reasons[0]
    text = (project.folder / "assistant-sync.yaml").read_text("utf-8")
    project.write("assistant-sync.yaml", f"{text}checks: {{allow_default_context: true}}\n")
    assert checked(project, server).cases[0].verdict is Verdict.FAILED
