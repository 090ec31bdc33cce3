"""``--github`` through the command line, against a fake GitHub and, mostly, a fake deployment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from assistant_sync.forge.github.actions import SUMMARY_LIMIT
from assistant_sync.forge.sticky_comment import marker, parse
from tests.fast_time import fast_time
from tests.forge.github.test_actions import read_outputs
from tests.forge.test_runner_commands import is_command
from tests.project_fixture import PROJECT, ProjectFixture
from tests.servers.fake_deployment import FakeDeployment
from tests.servers.fake_github import BOT, REPOSITORY, TOKEN, answers, fake_github, hangs_up, lost
from tests.servers.loopback import Asked, Reply, loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.project_fixture import Run
    from tests.servers.fake_github import FakeGitHub, Fault

STRANGER = {"login": "mallory", "type": "User"}
COUNTS = ("create", "update", "activate", "adopt", "delete", "orphan", "keep", "refuse")


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        yield server


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ProjectFixture]:
    """An empty project for an empty deployment in memory."""
    fake = FakeDeployment()

    def answer(asked: Asked) -> Reply:
        body = json.loads(asked.body) if asked.body else None
        status, value = fake.answer(asked.method, urlsplit(asked.target).path, body)
        return Reply(status, json.dumps(value).encode())

    folder = tmp_path / "repository"
    folder.mkdir()
    with loopback(answer) as server:
        yield ProjectFixture(folder, server.url)


@dataclass
class Job:
    """A step of a job on a pull request."""

    folder: Path

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text("utf-8") if (self.folder / "summary").exists() else ""

    @property
    def outputs(self) -> dict[str, str]:
        return read_outputs((self.folder / "output").read_text("utf-8")) if (self.folder / "output").exists() else {}

    def event(self, **event: Any) -> None:
        (self.folder / "event.json").write_text(json.dumps(event))


@pytest.fixture
def job(tmp_path: Path, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> Job:
    """The variables that the runner sets."""
    folder = tmp_path / "runner"
    folder.mkdir()
    job = Job(folder)
    job.event(pull_request={"number": 7})
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": github.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_TOKEN": TOKEN,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return job


def plan(project: ProjectFixture, *arguments: str) -> Run:
    """Plan, without waiting in real time; nothing may show the token."""
    with fast_time(50):
        run = project.run("plan", "--github", *arguments)
    assert TOKEN not in run.out + run.err
    return run


def obeyed(text: str) -> list[str]:
    """The lines that the runner obeys (ActionCommandManager.cs)."""
    return list(filter(is_command, text.split("\n")))


# One comment


def test_an_empty_plan_is_published_everywhere_and_printed_as_without(
    project: ProjectFixture, job: Job, github: FakeGitHub
) -> None:
    project.manifest("support")
    project.commit()
    project.apply()
    plain = project.run("plan").expect(0)
    run = plan(project).expect(0)
    assert run.out == plain.out
    assert job.outputs == dict.fromkeys(COUNTS, "0") | {
        "keep": "1",
        "has_changes": "false",
        "digest": project.plan()["digest"],
        "exit_code": "0",
    }
    assert job.summary.startswith("#")
    (comment,) = github.comments
    assert comment["on"] == 7
    assert comment["html_url"] in run.err


def test_a_second_run_updates_the_same_comment_and_a_third_with_the_same_plan_writes_nothing(
    project: ProjectFixture, job: Job, github: FakeGitHub
) -> None:
    project.manifest("support", context={"system_prompt": "be kind"})
    first = plan(project).expect(0)
    assert "Comment created: https://github.example/" in first.err
    project.manifest("support", context={"system_prompt": "be brief"})
    assert "Comment updated: " in plan(project).expect(0).err
    writes = len(github.writes)
    assert "Comment unchanged: " in plan(project).expect(0).err
    assert len(github.writes) == writes == 2
    (comment,) = github.comments
    body = parse(marker("plan", PROJECT, "local"), comment["body"])
    assert body is not None
    assert body.state == project.plan()["digest"]
    assert "be brief" in body.text
    assert "be kind" in body.previous


def test_a_deleted_comment_is_created_again(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.manifest("support")
    plan(project).expect(0)
    github.comments.clear()
    assert "Comment created" in plan(project).expect(0).err
    assert len(github.comments) == 1


def test_two_targets_have_two_comments(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    url = project.plan()["target"]["url"]
    project.manifest("support")
    plan(project).expect(0)
    project.configure(url, name="staging")
    plan(project).expect(0)
    plan(project).expect(0)
    marks = [marker("plan", PROJECT, name) for name in ("local", "staging")]
    assert [one["body"].split("\n")[0] for one in github.comments] == marks


@pytest.mark.parametrize("knows_itself", [True, False])
def test_a_forged_marker_is_never_mistaken_for_ours(
    knows_itself: bool, project: ProjectFixture, job: Job, github: FakeGitHub
) -> None:
    mark = marker("plan", PROJECT, "local")
    github.knows_itself = knows_itself
    strangers = github.comment(f"{mark}\nNothing to do, merge it!", STRANGER)
    project.manifest(
        "support", context={"system_prompt": f"{mark}\nforged\n<!-- assistant-sync: end  {'0' * 32} -->\n"}
    )
    assert "Comment created" in plan(project).expect(0).err
    assert "Comment unchanged" in plan(project).expect(0).err
    assert strangers["body"] == f"{mark}\nNothing to do, merge it!"
    assert len(github.comments) == 2


def test_other_comments_of_the_same_bot_stay(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    others = github.comment("Coverage: 98 %", BOT)
    project.manifest("support")
    plan(project).expect(0)
    assert others["body"] == "Coverage: 98 %"
    assert len(github.comments) == 2


def test_the_largest_plan_fits_with_the_previous_one_left_out(
    project: ProjectFixture, job: Job, github: FakeGitHub
) -> None:
    for text in ("long enough ", "and longer still "):
        for number in range(40):
            project.manifest(f"a{number:02}", context={"system_prompt": f"{text * 900}\n" * 3})
        plan(project).expect(0)
    (comment,) = github.comments
    assert 40_000 < len(comment["body"]) <= 65_536
    assert len(job.summary.encode()) <= SUMMARY_LIMIT


# What GitHub does not accept


@pytest.mark.parametrize("fault", [answers(500), answers(502), hangs_up, answers(429, retry_after="3")])
def test_a_temporary_fault_is_not_seen(fault: Fault, project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.manifest("support")
    github.fails("GET", fault)
    github.fails("POST", answers(429, retry_after="5"))
    run = plan(project).expect(0)
    assert "Warning" not in run.err
    assert len(github.comments) == 1


def test_a_comment_whose_answer_was_lost_is_not_made_twice(
    project: ProjectFixture, job: Job, github: FakeGitHub
) -> None:
    project.manifest("support")
    github.fails("POST", lost)
    assert "Comment created" in plan(project).expect(0).err
    assert len(github.comments) == 1
    assert len(github.writes) == 1


@pytest.mark.parametrize(
    ("request_of", "fault", "reason"),
    [
        ("POST", answers(403, "Resource not accessible by integration"), "the token of a fork's pull request"),
        ("GET", answers(401, "Bad credentials"), "Bad credentials"),
        ("GET", answers(404, "Not Found"), "404"),
        ("GET", answers(500), "500"),
        ("GET", answers(429, retry_after="900"), "429"),
        ("POST", hangs_up, "did not answer"),
        ("GET", answers(301, location="https://elsewhere.example"), "renamed"),
        ("POST", answers(422, f"not with {TOKEN}"), "422"),
    ],
)
def test_what_github_does_not_accept_is_a_warning_and_the_plan_stands(
    request_of: str, fault: Fault, reason: str, project: ProjectFixture, job: Job, github: FakeGitHub
) -> None:
    project.manifest("support")
    github.fails(request_of, fault, times=9)
    run = plan(project, "--detailed-exitcode").expect(2)
    assert "Warning: the plan is not on the pull request" in run.err
    assert reason in run.err
    assert github.comments == []
    assert job.outputs["exit_code"] == "2"
    assert job.summary


def test_without_a_token_there_is_the_summary_and_the_reason(
    project: ProjectFixture, job: Job, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    project.manifest("support")
    run = plan(project).expect(0)
    assert "in the step's summary only" in run.err
    assert "GITHUB_TOKEN is not set" in run.err
    assert job.summary
    assert job.outputs["create"] == "1"
    assert github.asked == []


def test_without_a_pull_request_there_is_the_summary(
    project: ProjectFixture, job: Job, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", "merge_group")
    job.event(merge_group={"head_ref": "refs/heads/gh-readonly-queue/main/pr-7-ab"})
    project.manifest("support")
    assert "the event merge_group has none" in plan(project).expect(0).err
    assert job.summary
    assert github.asked == []


def test_outside_of_actions_the_plan_is_as_without(project: ProjectFixture) -> None:
    project.manifest("support")
    plain, run = project.run("plan"), plan(project).expect(0)
    assert run.out == plain.out
    assert "shown here only" in run.err


def test_plain_http_to_elsewhere_gets_no_token(
    project: ProjectFixture, job: Job, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://github.example/api/v3")
    project.manifest("support")
    assert "plain http" in plan(project).expect(0).err


def test_a_summary_that_cannot_be_written_is_a_warning(
    project: ProjectFixture, job: Job, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(job.folder))
    monkeypatch.setenv("GITHUB_OUTPUT", str(job.folder))
    project.manifest("support")
    run = plan(project).expect(0)
    assert run.err.count("Warning: ") == 2
    assert len(github.comments) == 1


def test_a_full_summary_is_left_as_it_is(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    (job.folder / "summary").write_bytes(b"x" * (SUMMARY_LIMIT - 10))
    project.manifest("support")
    assert "the step's summary is full; nothing was added to it" in plan(project).expect(0).err
    assert len(job.summary) == SUMMARY_LIMIT - 10
    assert len(github.comments) == 1


# Refusals and failures


def test_a_refused_plan_is_published_with_its_exit_code(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    for key in ("a", "b", "c"):
        project.manifest(key)
    project.apply()
    for key in ("a", "b"):
        project.remove(key)
    plan(project, "--prune").expect(6)
    assert job.outputs["exit_code"] == "6"
    assert job.outputs["delete"] == "2"
    assert job.outputs["has_changes"] == "true"
    assert len(github.comments) == 1


def test_an_invalid_manifest_takes_the_place_of_the_plan(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.manifest("support")
    plan(project).expect(0)
    project.write("assistants/bad.yaml", "graph: agent ``` <b>\n")
    run = plan(project).expect(3)
    assert job.outputs["exit_code"] == "3"
    assert obeyed(run.out)[0].startswith("::error file=assistants/bad.yaml,line=1,col=1,title=assistant-sync::")
    assert "assistants/bad.yaml:1:1" in run.err
    (comment,) = github.comments
    body = parse(marker("plan", PROJECT, "local"), comment["body"])
    assert body is not None
    assert body.text.startswith("### assistant-sync: no plan")
    assert "assistants/bad.yaml:1:1" in body.text
    assert "support" in body.previous
    assert "no plan" in job.summary


def test_a_plan_that_is_not_the_one_that_was_checked_stays_where_it_is(
    project: ProjectFixture, job: Job, github: FakeGitHub
) -> None:
    project.manifest("support")
    run = plan(project, "--check", "sha256:not-this-one").expect(7)
    assert job.outputs["exit_code"] == "7"
    assert job.outputs["create"] == "1"
    assert "sha256:not-this-one" in run.err
    assert "failed after the plan" in job.summary
    (comment,) = github.comments
    assert "sha256:not-this-one" not in comment["body"]


def test_an_unreachable_deployment_is_published(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.manifest("support")
    plan(project, "--url", "http://127.0.0.1:9").expect(5)
    assert job.outputs == {"exit_code": "5"}
    assert "127.0.0.1:9" in github.comments[0]["body"]


def test_a_project_that_cannot_be_read_has_no_comment(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.write("assistant-sync.yaml", "version: 1\n")
    run = plan(project).expect(3)
    assert "project and target are not known" in run.err
    assert [line.split(",")[0] for line in obeyed(run.out)] == ["::error file=assistant-sync.yaml"]
    assert job.outputs == {"exit_code": "3"}
    assert github.asked == []


def test_a_wrong_use_has_its_exit_code_too(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    plan(project, "--api-key-env", "two words").expect(64)
    assert job.outputs == {"exit_code": "64"}
    plan(project, "--target", "nowhere").expect(64)
    assert job.outputs == {"exit_code": "64"}


def test_no_run_of_backticks_ends_the_block_of_a_failure(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.write("assistants/bad.yaml", "graph_id: agent\n'`````x': 1\n")
    plan(project).expect(3)
    assert "\n``````text\n" in job.summary
    assert job.summary.rstrip().endswith("\n``````")


def test_a_failure_of_any_length_fits(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    for number in range(80):
        project.write(
            f"assistants/bad{number}.yaml", "graph_id: a\n" + "".join(f"{'x' * 60}{n}: 1\n" for n in range(30))
        )
    plan(project).expect(3)
    assert len(github.comments[0]["body"]) <= 65_536
    assert "(truncated; the run's log has the rest)" in github.comments[0]["body"]


# What the runner would obey


HOSTILE = "be kind\n::error::forged\n  ::add-mask::a\n##[set-output name=digest]forged\n"


def test_no_line_of_a_prompt_is_a_command(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.manifest("support", context={"system_prompt": HOSTILE})
    project.commit()
    for arguments in (["-v"], ["--format", "markdown"]):
        run = plan(project, *arguments).expect(0)
        assert "::error::forged" in run.out
        assert "## [set-output" in run.out
        assert obeyed(run.out) == []
    assert list(filter(is_command, run.err.split("\n"))) == []


def test_json_stays_json_and_holds_no_command(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.manifest("support", context={"system_prompt": HOSTILE})
    project.commit()
    run = plan(project, "--format", "json").expect(0)
    fields = run.json["changes"][0]["fields"]
    assert HOSTILE in [field["after"] for field in fields]
    assert not any(map(is_command, run.out.split("\n")))
    project.write("assistants/bad.yaml", "graph: agent\n")
    run = plan(project, "--format", "json").expect(3)
    assert run.json["error"]["exit_code"] == 3
    assert [line for line in run.err.split("\n") if line.startswith("::error file=assistants/bad.yaml,line=1")]


def test_no_name_of_a_file_is_a_command(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.write(
        "assistant-sync.yaml",
        (project.folder / "assistant-sync.yaml")
        .read_text()
        .replace("version: 1", "version: 1\nmanifests: '::add-mask::a'"),
    )
    project.write("::add-mask::a/bad.yaml", "graph: agent\n'##[error]x': 1\n")
    project.commit()
    run = plan(project).expect(3)
    assert "| ::add-mask::a/bad.yaml:1:1" in run.err
    assert list(filter(is_command, run.err.split("\n"))) == []
    (first, *_) = obeyed(run.out)
    assert first.startswith("::error file=%3A%3Aadd-mask%3A%3Aa/bad.yaml,line=1,")
    run = project.run("validate", "--github").expect(3)
    assert all(line.startswith("::error file=%3A%3A") for line in obeyed(run.out))


def test_files_are_named_from_the_repositorys_top(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.write("sub/assistant-sync.yaml", (project.folder / "assistant-sync.yaml").read_text())
    project.write("sub/assistants/bad.yaml", "graph_id: agent\nx: 1\n")
    project.commit()
    run = project.run("validate", "--github", "--config", "sub/assistant-sync.yaml").expect(3)
    assert [line.split(",col")[0] for line in obeyed(run.out)] == ["::error file=sub/assistants/bad.yaml,line=2"]


def test_validate_shows_errors_and_warnings_and_counts_what_github_does_not_show(
    project: ProjectFixture, job: Job, github: FakeGitHub
) -> None:
    project.write("assistants/empty.yaml", "graph_id: agent\n---\n")
    for number in range(13):
        project.write(f"assistants/bad{number:02}.yaml", "graph_id: agent\nx: 1\n")
    project.commit()
    run = project.run("validate", "--github").expect(3)
    shown = obeyed(run.out)
    assert [line.split(" ")[0] for line in shown].count("::error") == 10
    assert "::warning" in [line.split(" ")[0] for line in shown]
    assert "at most 10 errors and 10 warnings of a step" in run.err
    assert "3 more are in the log only" in run.err
    assert job.outputs == {"exit_code": "3"}
    assert github.asked == []


def test_validate_needs_no_token_and_no_network(
    project: ProjectFixture, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    project.manifest("support")
    project.commit()
    run = project.run("validate", "--github").expect(0)
    assert obeyed(run.out) == []
    assert run.err == ""
    assert job.outputs == {"exit_code": "0"}
    assert job.summary == ""


def test_a_validation_that_fails_replaces_no_plan(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.run("validate", "--github", "nowhere.yaml").expect(64)
    assert job.outputs == {"exit_code": "64"}
    assert job.summary == ""
    assert github.asked == []


def test_the_warnings_of_a_plan_are_shown_at_their_lines(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.write("assistants/support.yaml", "graph_id: support_agent\n")
    project.write("assistants/two.yaml", "key: two\ngraph_id: support_agent\n---\n")
    run = plan(project).expect(0)
    assert {line.split(" ")[0] for line in obeyed(run.out)} == {"::warning"}


# On the real server


def test_a_change_is_published_from_plan_to_plan(project: ProjectFixture, job: Job, github: FakeGitHub) -> None:
    project.manifest("support", context={"system_prompt": "be kind"})
    project.commit()
    plan(project).expect(0)
    assert job.outputs["create"] == "1"
    project.apply()
    project.manifest("support", context={"system_prompt": "be brief"})
    project.commit()
    run = plan(project, "--detailed-exitcode").expect(2)
    assert (job.outputs["update"], job.outputs["exit_code"]) == ("1", "2")
    assert "Comment updated" in run.err
    (comment,) = github.comments
    assert "be brief" in comment["body"]
