"""The gate of an apply, on a real server: answers decide what is written, and what is taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.frozen import replace
from tests.servers.proxy import Answer, untouched

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Proxy, Request

GOOD, BAD = "You are kind.", "You are rude."


def write_check(project: ProjectFixture, *expect: Any, name: str = "is kind", keys: str = "*") -> None:
    case = {"name": name, "ask": "Hello", "expect": list(expect) or [{"contains": "kind"}]}
    project.write("checks/all.yaml", json.dumps({"assistants": keys, "cases": [case]}))


def prompt(project: ProjectFixture, key: str, text: str) -> str:
    return project.manifest(key, graph_id="support_agent", context={"system_prompt": text})


def written(proxy: Proxy) -> list[Request]:
    """The writes to assistants."""
    return [one for one in proxy.writes if one.path.startswith("/assistants")]


def saying(deployment: Deployment, own: str) -> str:
    return str(deployment.run(own)["answer"])


@pytest.fixture
def kind(project: ProjectFixture, proxy: Proxy) -> str:
    """An assistant that is live and kind, with a check of that; its id."""
    own = prompt(project, "support", GOOD)
    write_check(project)
    project.commit()
    project.apply()
    proxy.reset()
    return own


def test_without_a_change_nothing_is_asked(project: ProjectFixture, proxy: Proxy, kind: str) -> None:
    project.run("apply", "--check", "--yes").expect(0)
    assert written(proxy) == []
    assert not [one for one in proxy.requests if "/runs" in one.path]
    assert kind


def test_a_failing_case_lets_nothing_be_written(
    project: ProjectFixture, proxy: Proxy, deployment: Deployment, kind: str
) -> None:
    prompt(project, "support", BAD)
    prompt(project, "other", GOOD)
    project.commit()
    before = deployment.all()
    run = project.run("apply", "--check", "--yes").expect(10)
    assert written(proxy) == []
    assert deployment.all() == before
    assert deployment.threads() == []
    assert "the checks refuse this plan: 1 of 2 cases did not pass; nothing was written" in run.err
    assert "the answer does not contain 'kind'" in run.out
    assert GOOD in saying(deployment, kind)
    document = project.run("apply", "--check", "--yes", "--format", "json").expect(10).json
    assert document["error"]["kind"] == "ChecksFailed"
    assert document["checks"]["summary"] == {"passed": 1, "failed": 1, "undecided": 0}


def test_a_case_without_a_verdict_lets_nothing_be_written_either(
    project: ProjectFixture, proxy: Proxy, kind: str
) -> None:
    prompt(project, "support", "You are very kind.")
    write_check(project, {"judge": {"assistant": "nobody", "rubric": "Kind."}})
    project.commit()
    assert "?? " in project.run("apply", "--check", "--yes").expect(10).out
    assert written(proxy) == []
    assert kind


def test_passing_cases_let_the_plan_through_with_one_version(
    project: ProjectFixture, deployment: Deployment, kind: str
) -> None:
    prompt(project, "support", "You are very kind.")
    project.commit()
    run = project.run("apply", "--check", "--yes", "--format", "json").expect(0)
    assert run.json["converged"]
    assert [run.json["checks"][when]["holds"] for when in ("before", "live")] == [True, True]
    assert run.json["taken_back"] is None
    assert [row["version"] for row in deployment.versions(kind)] == [2, 1]
    assert "1 case: 1 passed" in run.err
    assert deployment.threads() == []


def test_the_project_file_may_ask_for_the_gate_and_the_command_line_against_it(
    project: ProjectFixture, proxy: Proxy, kind: str
) -> None:
    file = project.folder / "assistant-sync.yaml"
    file.write_text(file.read_text("utf-8") + "checks: {gate: true}\n", "utf-8")
    prompt(project, "support", BAD)
    project.commit()
    project.run("apply", "--yes").expect(10)
    assert written(proxy) == []
    project.run("apply", "--yes", "--no-check").expect(0)
    assert len(written(proxy)) == 1
    assert kind


def test_what_changes_while_the_questions_are_asked_makes_the_plan_stale(
    project: ProjectFixture, proxy: Proxy, deployment: Deployment, kind: str
) -> None:
    prompt(project, "support", "You are very kind.")
    project.commit()

    def meddle(request: Request, *rest: Any) -> Any:
        if request.path.endswith("/runs/stream"):
            proxy.meddle = untouched
            deployment.patch(kind, description="by hand")
        return untouched(request, *rest)

    proxy.meddle = meddle
    project.run("apply", "--check", "--yes").expect(7)
    assert written(proxy) == []


def rude_when_live(own: str) -> Any:
    """Have the live assistant answer otherwise than its content does inline, as with a tool that is not there."""

    def meddle(request: Request, forward: Forward) -> Answer | None:
        answer = forward(request)
        if request.path.endswith("/runs/stream") and own.encode() in request.body:
            return replace(answer, body=answer.body.replace(b"kind", b"rude"))
        return answer

    return meddle


def test_a_live_answer_that_fails_is_exit_11_with_the_command_that_goes_back(
    project: ProjectFixture, proxy: Proxy, deployment: Deployment, kind: str
) -> None:
    prompt(project, "support", "You are very kind.")
    project.commit()
    proxy.meddle = rude_when_live(kind)
    run = project.run("apply", "--check", "--yes").expect(11)
    assert "Verified: the deployment matches" in run.out
    assert "applied, but a check of a live assistant did not pass afterwards" in run.err
    assert "assistant-sync rollback support --to 1 --target local" in run.err
    assert "very kind" in saying(deployment, kind)
    assert deployment.threads() == []


def test_rollback_on_failure_brings_the_old_behaviour_back(
    project: ProjectFixture, proxy: Proxy, deployment: Deployment, kind: str
) -> None:
    new = prompt(project, "new", "You are kind to newcomers.")
    prompt(project, "support", "You are very kind.")
    project.commit()
    proxy.meddle = rude_when_live(kind)
    run = project.run("apply", "--check", "--rollback-on-failure", "--yes").expect(11)
    assert "Taken back:" in run.err
    answer = saying(deployment, kind)
    assert GOOD in answer
    assert "very" not in answer
    assert [row["version"] for row in deployment.versions(kind)] == [3, 2, 1]
    assert deployment.exists(new)
    assert "remove the manifest of new, then: assistant-sync apply --prune --target local" in run.err
    assert "rollback support" not in run.err
    assert deployment.threads() == []


def test_a_change_that_no_check_is_about_is_named_and_applied(project: ProjectFixture, kind: str) -> None:
    prompt(project, "support", BAD)
    write_check(project, keys="other")
    project.commit()
    run = project.run("apply", "--check", "--yes").expect(0)
    assert "no check is about 1 changed assistant: support" in run.out
    assert run.out.count("No case was asked.") == 1
    assert kind


def test_a_rollback_without_checks_is_refused_before_anything_is_written(
    project: ProjectFixture, proxy: Proxy, kind: str
) -> None:
    prompt(project, "support", BAD)
    project.commit()
    run = project.run("apply", "--rollback-on-failure", "--yes").expect(64)
    assert "--rollback-on-failure needs --check" in run.err
    assert written(proxy) == []
    assert kind


def test_a_candidate_has_the_live_values_of_the_fields_that_it_ignores(
    project: ProjectFixture, deployment: Deployment
) -> None:
    def write(prompt: str, model: str) -> str:
        context = {"system_prompt": prompt, "model_name": model}
        ignored = {"ignore_changes": ["context.model_name"]}
        return project.manifest("support", graph_id="support_agent", context=context, lifecycle=ignored)

    own = write("One.", "from git")
    project.commit()
    project.apply()
    deployment.patch(own, context={"system_prompt": "One.", "model_name": "tuned"}, config={})
    write("Two.", "from git")
    run = project.run("run", "support", "--candidate", "--input", "Hi").expect(0)
    assert "tuned, prompted “Two.”" in run.out


def test_what_somebody_else_wrote_since_is_not_taken_back(
    project: ProjectFixture, proxy: Proxy, deployment: Deployment, kind: str
) -> None:
    prompt(project, "support", "You are very kind.")
    project.commit()
    rude = rude_when_live(kind)

    def meddle(request: Request, forward: Forward) -> Answer | None:
        answer: Answer | None = rude(request, forward)
        if request.path.endswith("/runs/stream") and kind.encode() in request.body:
            deployment.patch(kind, description="by hand")
        return answer

    proxy.meddle = meddle
    run = project.run("apply", "--check", "--rollback-on-failure", "--yes").expect(11)
    assert deployment.get(kind)["description"] == "by hand"
    assert "assistant-sync rollback support --to 1 --target local" in run.err


def test_live_assistants_that_cannot_be_asked_leave_the_apply_reported(
    project: ProjectFixture, proxy: Proxy, deployment: Deployment, kind: str
) -> None:
    prompt(project, "support", "You are very kind.")
    project.commit()

    def meddle(request: Request, forward: Forward) -> Answer | None:
        is_live = request.path.endswith("/runs/stream") and kind.encode() in request.body
        return Answer(403, b'{"detail": "no"}') if is_live else forward(request)

    proxy.meddle = meddle
    run = project.run("apply", "--check", "--rollback-on-failure", "--yes").expect(11)
    assert "Verified: the deployment matches" in run.out
    assert "?? " in run.out
    assert "Taken back" not in run.err  # nothing shows that the new answer is wrong
    assert "very kind" in saying(deployment, kind)
