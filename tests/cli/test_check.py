"""``check`` through the command line, against a deployment in memory."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import httpx
import pytest

from assistant_sync.forge.sticky_comment import marker, parse
from tests.cli.asked_project import WAITS, AskedProject, asked_project
from tests.forge.github.test_actions import environment, read_outputs
from tests.forge.test_runner_commands import is_command
from tests.project_fixture import PROJECT
from tests.servers.asked_deployment import obedient
from tests.servers.fake_github import REPOSITORY, TOKEN, fake_github
from tests.servers.run_server import replied

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "lsv2_pt_0123456789abcdef0123456789abcdef_0123456789"
FORMATS = ("text", "json", "markdown", "junit")
HEAD = "b" * 40


@pytest.fixture
def project(tmp_path: Path) -> Iterator[AskedProject]:
    """A project whose assistant is live, with a case that it passes; the manifest is not as it is live any more."""
    for project in asked_project(tmp_path):
        project.case()
        project.commit()
        project.apply()
        project.prompt("be rude")
        project.commit()
        yield project


def checked(project: AskedProject, *arguments: str, code: int) -> Any:
    return project.run("check", "--format", "json", *arguments).expect(code).json


def test_without_a_change_nothing_is_asked(project: AskedProject) -> None:
    project.prompt("be kind")
    run = project.run("check").expect(0)
    assert run.out.endswith("\n\nNothing to check: the plan changes nothing.\n")
    assert checked(project, code=0)["runs"] == 0
    assert project.runs.bodies == []


def test_a_case_that_fails_ends_with_10_and_one_that_passes_with_0(project: AskedProject) -> None:
    before = project.server.assistants.users()
    run = project.run("check").expect(10)
    assert "\nFAIL support: is kind  (checks/all.yaml:1)" in run.out
    assert "passed before" in run.out
    assert "! the answer does not contain 'kind'" in run.out
    assert run.err == ""
    project.prompt("be very kind")
    assert "1 case: 1 passed." in project.run("check").expect(0).out
    assert project.server.assistants.users() == before
    assert project.runs.threads == {}


def test_an_undecided_case_ends_with_10(project: AskedProject) -> None:
    project.answers(httpx.Response(403, json={"detail": "not yours"}))
    report = checked(project, code=10)
    assert report["summary"] == {"passed": 0, "failed": 0, "undecided": 1}


def test_the_document_has_both_answers(project: AskedProject) -> None:
    report = checked(project, code=10)
    assert set(report) == {
        "format_version", "tool_version", "project", "target", "commit", "summary", "holds", "interrupted", "runs",
        "seconds", "notes", "unchecked", "cases",
    }  # fmt: skip
    assert (report["project"], report["runs"], report["holds"], report["interrupted"]) == (PROJECT, 2, False, False)
    (case,) = report["cases"]
    assert (case["key"], case["case"], case["question"], case["verdict"]) == ("support", "is kind", "Hi", "failed")
    assert [case[side]["samples"][0]["answer"] for side in ("before", "after")] == ["be kind", "be rude"]


def test_a_test_suite_and_a_page_are_written(project: AskedProject) -> None:
    suite = ElementTree.fromstring(project.run("check", "--format", "junit").expect(10).out)  # noqa: S314 - our own
    assert [len(list(suite.iter(name))) for name in ("testcase", "failure")] == [1, 1]
    assert "is kind" in project.run("check", "--format", "markdown").expect(10).out


def test_keys_select_and_all_asks_what_is_unchanged(project: AskedProject) -> None:
    project.manifest("sales", context={"prompt": "be kind"})
    project.apply("--only", "sales")
    for arguments, keys, code in (
        ((), ["support"], 10),
        (("support",), ["support"], 10),
        (("sales",), [], 0),
        (("--all",), ["sales", "support"], 10),
        (("sales", "--all"), ["sales"], 0),
    ):
        assert [one["key"] for one in checked(project, *arguments, code=code)["cases"]] == keys


# Refusals


@pytest.mark.parametrize("format_", ["json", "markdown", "junit"])
def test_watching_prints_text_only(format_: str, project: AskedProject) -> None:
    run = project.run("check", "--watch", "--format", format_).expect(64)
    assert "--watch prints text only." in run.err
    assert project.runs.requests == []


@pytest.mark.parametrize(
    "arguments", [("--concurrency", "0"), ("--concurrency", "65"), ("--max-runs", "0"), ("--deadline", "soon")]
)
def test_bounds_that_bound_nothing_are_usage_errors(arguments: tuple[str, ...], project: AskedProject) -> None:
    project.run("check", *arguments).expect(64)


def test_beyond_the_budget_nothing_is_asked(project: AskedProject) -> None:
    run = project.run("check", "--max-runs", "1").expect(6)
    assert "the checks need 2 runs, more than the 1 allowed; nothing was asked" in run.err
    assert run.out == ""
    assert project.runs.requests == []


def test_a_pull_request_asks_only_what_the_trusted_commit_lets_it_ask(project: AskedProject) -> None:
    text = (project.folder / "assistant-sync.yaml").read_text("utf-8")
    project.write("assistant-sync.yaml", f"{text}checks: {{target: local}}\n")
    run = project.run("check", "--trusted-ref", "HEAD").expect(6)
    assert "no question was asked: checks.target is not set in trusted commit" in run.err
    assert project.runs.requests == []
    project.commit()
    project.run("check", "--trusted-ref", "HEAD").expect(10)


def test_a_check_with_problems_is_refused_with_its_line(project: AskedProject) -> None:
    project.write("checks/all.yaml", "assistants: '*'\ncases: []\n")
    run = project.run("check").expect(3)
    assert "checks/all.yaml:2" in run.err
    assert project.runs.requests == []


# What is printed


@pytest.mark.parametrize("format_", FORMATS)
def test_an_answer_is_shown_not_obeyed(format_: str, project: AskedProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    project.answers(replied("a\x1b[31mred\u202e\n::error::gotcha\n##[error]x\n  ::add-mask::y"))
    for arguments in ((), ("--verbose",)):
        run = project.run("check", "--format", format_, *arguments).expect(10)
        assert "gotcha" in run.out
        assert all(line.isprintable() for line in run.out.split("\n"))
        assert [line for line in run.out.split("\n") if is_command(line)] == []


@pytest.mark.parametrize("format_", FORMATS)
def test_credentials_are_masked(format_: str, project: AskedProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", "plain-key-of-ours-48")
    project.answers(replied(f"well,\n{SECRET}\nplain-key-of-ours-48"))
    run = project.run("check", "--format", format_, "--verbose").expect(10)
    assert [text in run.out + run.err for text in (SECRET, "plain-key-of-ours-48")] == [False, False]


# How it ends


def test_a_deadline_ends_with_10_and_what_was_answered(project: AskedProject) -> None:
    project.server.run = lambda body: obedient(body) if "kind" in body["context"]["prompt"] else WAITS
    report = checked(project, "--deadline", "1s", code=10)
    assert (report["interrupted"], report["summary"]["undecided"]) == (False, 1)
    assert report["cases"][0]["before"]["verdict"] == "passed"
    assert "deadline" in report["cases"][0]["after"]["samples"][0]["reasons"][0]
    assert project.runs.threads == {}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_an_interruption_prints_what_there_is_and_leaves_no_thread(
    number: int, code: int, project: AskedProject
) -> None:
    project.server.run = lambda body: obedient(body) if "kind" in body["context"]["prompt"] else WAITS
    arguments = ("check", "--format", "json")
    returned, out, err = project.interrupted(number, *arguments, when=lambda: len(project.runs.bodies) == 2)
    assert returned == code, err
    report = json.loads(out)
    assert (report["interrupted"], report["cases"][0]["after"]["verdict"]) == (True, "undecided")
    assert report["cases"][0]["before"]["verdict"] == "passed"
    assert "Interrupted: cancelling what is running." in err
    assert project.runs.threads == {}
    assert project.runs.cancelled == ["run-1"]


def test_ctrl_c_ends_the_watch(project: AskedProject) -> None:
    returned, out, err = project.interrupted(
        signal.SIGINT, "check", "--watch", when=lambda: len(project.runs.bodies) == 2 and not project.runs.threads
    )
    assert returned == 0, err
    assert "Error" not in err
    assert "FAIL support: is kind" in out
    assert project.runs.threads == {}


# On GitHub


@pytest.mark.parametrize(("prompt", "code", "state"), [("be kind!", 0, "success"), ("be rude", 10, "failure")])
def test_a_pull_request_gets_a_comment_outputs_and_a_status(
    prompt: str, code: int, state: str, project: AskedProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.prompt(prompt)
    event = {"pull_request": {"number": 7, "head": {"sha": HEAD}}}
    with fake_github() as github:
        surroundings = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN}
        for name, value in (environment(tmp_path, event) | surroundings).items():
            monkeypatch.setenv(name, value)
        run = project.run("check", "--github").expect(code)
        refused = project.run("check", "--github", "--max-runs", "1").expect(6)
    assert TOKEN not in run.out + run.err + refused.out + refused.err
    (comment,) = github.comments
    assert parse(marker("checks", PROJECT, "local"), comment["body"]) is not None
    assert [(one["sha"], one["state"]) for one in github.statuses] == [(HEAD, state), (HEAD, "error")]
    assert {one["context"] for one in github.statuses} == {f"assistant-sync checks ({PROJECT}/local)"}
    outputs = read_outputs((tmp_path / "output").read_text("utf-8"))
    assert (outputs["passed"], outputs["exit_code"]) == ("1" if code == 0 else "0", "6")
