from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import Interrupted, PlanRefused, Terminated, Unreachable
from assistant_sync.forge.github.actions import SUMMARY_LIMIT, ActionsRun
from assistant_sync.forge.sticky_comment import Body, marker, parse
from assistant_sync.model.frozen import replace
from assistant_sync.problem import Problem
from assistant_sync.publishing.github import GitHubPublisher
from assistant_sync.publishing.published import CHECKS as OF_CHECKS
from assistant_sync.publishing.published import PLAN as OF_PLAN
from assistant_sync.redaction import mask_sent
from tests.builders import PROJECT, TARGET, added, make_plan, make_update
from tests.forge.github.test_actions import read_outputs
from tests.report import check_examples
from tests.servers.fake_github import REPOSITORY, TOKEN, answers, fake_github

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assistant_sync.model.checked import CheckReport
    from tests.servers.fake_github import FakeGitHub

MARK = marker("plan", PROJECT, TARGET)
NAMES = (PROJECT, TARGET)
PLAN = make_plan(make_update("support", added("name", "Support")))


@dataclass
class Printed:
    """An output that keeps what is printed."""

    statuses: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def print_status(self, text: str) -> None:
        self.statuses.append(text)

    def print_command(self, line: str) -> None:
        self.commands.append(line)


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        yield server


@pytest.fixture
def run(github: FakeGitHub, tmp_path: Path) -> ActionsRun:
    """The run of a workflow on a pull request."""
    return ActionsRun(
        is_actions=True,
        event="pull_request",
        repository=REPOSITORY,
        pull_request=7,
        api_url=github.url,
        token=TOKEN,
        summary_file=tmp_path / "summary",
        output_file=tmp_path / "output",
    )


def publisher(run: ActionsRun, printed: Printed, *, is_quiet: bool = False) -> GitHubPublisher:
    return GitHubPublisher(run, printed, timeout=5, is_quiet=is_quiet)


def outputs(run: ActionsRun) -> dict[str, str]:
    assert run.output_file is not None
    return read_outputs(run.output_file.read_text("utf-8"))


def summary(run: ActionsRun) -> str:
    assert run.summary_file is not None
    return run.summary_file.read_text("utf-8") if run.summary_file.exists() else ""


def body(github: FakeGitHub) -> Body:
    (comment,) = github.comments
    found = parse(MARK, comment["body"])
    assert found is not None
    return found


def test_without_a_run_nothing_is_published_and_the_reason_is_printed() -> None:
    printed = Printed()
    nowhere = publisher(ActionsRun(), printed)
    nowhere.annotate([Problem("a.yaml", 1, 1, "wrong")], ".")
    nowhere.publish_plan(PLAN)
    nowhere.write_outputs(0)
    assert printed.commands == []
    assert printed.statuses == ["The plan is shown here only, not on a pull request: GITHUB_EVENT_NAME is not set."]


def test_a_plan_is_in_the_summary_the_outputs_and_one_comment(run: ActionsRun, github: FakeGitHub) -> None:
    printed = Printed()
    own = publisher(run, printed)
    own.publish_plan(PLAN)
    own.write_outputs(2)
    assert body(github).state == PLAN.digest
    assert body(github).text in summary(run)
    found = outputs(run)
    assert (found["update"], found["create"], found["has_changes"]) == ("1", "0", "true")
    assert (found["digest"], found["exit_code"]) == (PLAN.digest, "2")
    assert printed.statuses == [f"Comment created: {github.comments[0]['html_url']}"]


def test_an_empty_plan_has_no_changes(run: ActionsRun) -> None:
    own = publisher(run, Printed())
    own.publish_plan(make_plan())
    own.write_outputs(0)
    assert outputs(run)["has_changes"] == "false"


def test_a_failure_takes_the_place_of_the_plan(run: ActionsRun, github: FakeGitHub) -> None:
    own = publisher(run, Printed())
    own.publish_failure(OF_PLAN, Unreachable("http://x cannot be reached", hint="start it"), NAMES)
    own.write_outputs(5)
    assert body(github).text.startswith("### assistant-sync: no plan\n\n```text\n")
    assert "http://x cannot be reached" in body(github).text
    assert "Hint: Start it" in body(github).text
    assert body(github).text in summary(run)
    assert outputs(run) == {"exit_code": "5"}


def test_a_failure_after_the_plan_leaves_the_comment_alone(run: ActionsRun, github: FakeGitHub) -> None:
    own = publisher(run, Printed())
    own.publish_plan(PLAN)
    own.publish_failure(OF_PLAN, PlanRefused("refused"), NAMES)
    assert body(github).state == PLAN.digest
    assert "refused" not in body(github).text
    assert "### assistant-sync: failed after the plan" in summary(run)


@pytest.mark.parametrize("error", [Interrupted("interrupted"), Terminated("terminated")])
def test_an_interruption_is_not_published(error: Interrupted, run: ActionsRun, github: FakeGitHub) -> None:
    publisher(run, Printed()).publish_failure(OF_PLAN, error, NAMES)
    assert github.asked == []
    assert summary(run) == ""


def test_a_failure_of_an_unknown_project_is_in_the_summary_only(run: ActionsRun, github: FakeGitHub) -> None:
    printed = Printed()
    publisher(run, printed).publish_failure(OF_PLAN, Unreachable("no"), None)
    (status,) = printed.statuses
    assert status.endswith("in the step's summary only, not on a pull request: project and target are not known.")
    assert "no plan" in summary(run)
    assert github.asked == []


def test_a_refusal_of_github_is_a_warning_with_its_hint(run: ActionsRun, github: FakeGitHub) -> None:
    github.fails("POST", answers(403, "Resource not \x1b[31maccessible"))
    printed = Printed()
    publisher(run, printed, is_quiet=True).publish_plan(PLAN)
    (warning,) = printed.statuses
    assert warning.startswith("Warning: the plan is not on the pull request: GitHub (http://127.0.0.1:")
    assert warning.endswith("the token of a fork's pull request never has it, by design)")
    assert "\x1b" not in warning


def test_authorities_that_cannot_be_read_are_a_warning(run: ActionsRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    printed = Printed()
    publisher(replace(run, api_url="https://github.example"), printed).publish_plan(PLAN)
    (warning,) = printed.statuses
    assert "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read" in warning


def test_a_full_summary_is_a_warning_even_if_quiet(run: ActionsRun) -> None:
    assert run.summary_file is not None
    run.summary_file.write_bytes(b"x" * SUMMARY_LIMIT)
    printed = Printed()
    publisher(run, printed, is_quiet=True).publish_plan(PLAN)
    assert printed.statuses == ["Warning: the step's summary is full; nothing was added to it."]


def test_problems_are_annotated_at_paths_from_the_repositorys_top(run: ActionsRun) -> None:
    printed = Printed()
    problems = [Problem("../a.yaml", 2, 1, "a \x1b[0m\nb"), Problem("b.yaml", 0, 0, "wrong")]
    publisher(run, printed).annotate(problems, "sub/folder")
    assert printed.commands == [
        "::error file=sub/a.yaml,line=2,col=1,title=assistant-sync::a \\x1b[0m%0Ab",
        "::error file=sub/folder/b.yaml,title=assistant-sync::wrong",
    ]
    assert printed.statuses == []


@pytest.mark.parametrize("is_quiet", [False, True])
def test_problems_beyond_githubs_limit_are_counted_unless_quiet(is_quiet: bool, run: ActionsRun) -> None:
    printed = Printed()
    problems = [Problem("a.yaml", line, 1, "wrong") for line in range(1, 14)]
    publisher(run, printed, is_quiet=is_quiet).annotate(problems, ".")
    assert len(printed.commands) == 10
    limit = "GitHub shows at most 10 errors and 10 warnings of a step at their lines"
    assert printed.statuses == ([] if is_quiet else [f"{limit}; 3 more are in the log only."])


def test_a_secret_that_was_sent_is_in_neither_summary_nor_comment(run: ActionsRun, github: FakeGitHub) -> None:
    mask_sent(["plain-key-of-ours-48"])
    change = replace(PLAN.changes[0], assistant_id="plain-key-of-ours-48", key="plain-key-of-ours-48")
    publisher(run, Printed()).publish_plan(replace(PLAN, changes=(change,)))
    assert run.summary_file is not None
    (comment,) = github.comments
    assert "plain-key-of-ours-48" not in run.summary_file.read_text("utf-8") + comment["body"]
    assert "(masked)" in comment["body"]


def test_the_path_of_an_annotation_is_escaped(run: ActionsRun) -> None:
    printed = Printed()
    publisher(run, printed).annotate([Problem("a\x1b[31m\u202e.yaml", 1, 1, "wrong")], ".")
    assert printed.commands[0].isprintable()


# Checks


SHA = "b" * 40
RUN_URL = "https://github.example/acme/support/actions/runs/1"
CONTEXT = f"assistant-sync checks ({PROJECT}/{TARGET})"


@pytest.fixture
def checking(run: ActionsRun) -> ActionsRun:
    """The run of a workflow that checks the head of a pull request; its own commit is the merge's result."""
    return replace(run, sha="a" * 40, head_sha=SHA, run_url=RUN_URL)


def checks_body(github: FakeGitHub) -> Body:
    (comment,) = github.comments
    found = parse(marker("checks", PROJECT, TARGET), comment["body"])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("report", "state", "description"),
    [
        (check_examples.report(), "success", "No case was asked."),
        (check_examples.report(unchanged=True), "success", "Nothing to check: the plan changes nothing."),
        (check_examples.quiet(), "success", "2 cases: 2 passed."),
        (check_examples.mixed(), "failure", "8 cases: 3 passed, 3 failed, 2 undecided."),
        (check_examples.report(is_interrupted=True), "failure", "Interrupted. No case was asked."),
        (
            check_examples.report(check_examples.case("a", None, check_examples.undecided())),
            "failure",
            "1 case: 1 undecided.",
        ),
    ],
)
def test_the_status_is_on_the_head_of_the_pull_request(
    report: CheckReport, state: str, description: str, checking: ActionsRun, github: FakeGitHub
) -> None:
    publisher(checking, Printed()).publish_checks(report)
    status = {"state": state, "context": CONTEXT, "description": description, "target_url": RUN_URL, "sha": SHA}
    assert github.statuses == [status]


def test_checks_are_in_the_summary_the_outputs_and_one_comment_of_their_own(
    checking: ActionsRun, github: FakeGitHub
) -> None:
    printed = Printed()
    publisher(checking, Printed()).publish_plan(PLAN)
    own = publisher(checking, printed)
    own.publish_checks(check_examples.mixed())
    own.write_outputs(10)
    assert len(github.comments) == 2
    found = parse(marker("checks", PROJECT, TARGET), github.comments[1]["body"])
    assert found is not None
    assert found.state == SHA
    assert found.text in summary(checking)
    written = outputs(checking)
    assert {name: written[name] for name in ("passed", "failed", "undecided", "exit_code")} == {
        "passed": "3",
        "failed": "3",
        "undecided": "2",
        "exit_code": "10",
    }
    assert printed.statuses == [f"Comment created: {github.comments[1]['html_url']}"]


def test_the_next_check_updates_its_comment(checking: ActionsRun, github: FakeGitHub) -> None:
    publisher(checking, Printed()).publish_checks(check_examples.mixed())
    publisher(replace(checking, head_sha="c" * 40), Printed()).publish_checks(check_examples.quiet())
    assert checks_body(github).state == "c" * 40
    assert [(one["sha"][0], one["state"]) for one in github.statuses] == [("b", "failure"), ("c", "success")]


@pytest.mark.parametrize("missing", ["token", "repository", "head_sha"])
def test_without_token_repository_or_commit_there_is_no_status(
    missing: str, checking: ActionsRun, github: FakeGitHub
) -> None:
    """The pull request of a fork has no token."""
    printed = Printed()
    without: dict[str, Any] = {missing: None}
    publisher(replace(checking, **without), printed).publish_checks(check_examples.mixed())
    assert github.statuses == []
    assert [one.startswith("The commit has no status: ") for one in printed.statuses] == [False, True]
    assert "8 cases" in summary(checking)
    assert len(github.comments) == (1 if missing == "head_sha" else 0)


def test_outside_of_a_pull_request_the_commit_of_the_run_gets_the_status(
    checking: ActionsRun, github: FakeGitHub
) -> None:
    publisher(replace(checking, event="push", pull_request=None), Printed()).publish_checks(check_examples.quiet())
    assert github.comments == []
    assert [one["sha"] for one in github.statuses] == [SHA]


def test_a_failure_before_any_answer_is_an_error_of_the_status(checking: ActionsRun, github: FakeGitHub) -> None:
    own = publisher(checking, Printed())
    own.publish_failure(OF_CHECKS, PlanRefused("the checks need 9 runs", hint="raise it"), NAMES)
    assert checks_body(github).text.startswith("### assistant-sync: no answers\n\n```text\n")
    (status,) = github.statuses
    assert (status["state"], status["context"], status["sha"]) == ("error", CONTEXT, SHA)
    assert status["description"] == "the checks need 9 runs"


def test_a_failure_after_the_answers_leaves_their_status_alone(checking: ActionsRun, github: FakeGitHub) -> None:
    own = publisher(checking, Printed())
    own.publish_checks(check_examples.quiet())
    own.publish_failure(OF_CHECKS, PlanRefused("refused"), NAMES)
    assert [one["state"] for one in github.statuses] == ["success"]
    assert "### assistant-sync: failed after the checks" in summary(checking)


def test_an_interruption_is_an_error_of_the_status_without_a_comment(checking: ActionsRun, github: FakeGitHub) -> None:
    publisher(checking, Printed()).publish_failure(OF_CHECKS, Terminated("terminated"), NAMES)
    assert ([one["state"] for one in github.statuses], github.comments, summary(checking)) == (["error"], [], "")


def test_a_check_of_an_unknown_project_has_no_status(checking: ActionsRun, github: FakeGitHub) -> None:
    publisher(checking, Printed()).publish_failure(OF_CHECKS, Unreachable("no"), None)
    assert github.asked == []


def test_a_status_that_github_refuses_is_a_warning_beside_the_comment(checking: ActionsRun, github: FakeGitHub) -> None:
    github.fails("POST .*/statuses/", answers(403, "Resource not accessible"))
    printed = Printed()
    publisher(checking, printed, is_quiet=True).publish_checks(check_examples.quiet())
    (warning,) = printed.statuses
    assert warning.startswith("Warning: the commit has no status: ")
    assert len(github.comments) == 1


def test_a_secret_that_was_sent_is_in_no_status(checking: ActionsRun, github: FakeGitHub) -> None:
    mask_sent(["plain-key-of-ours-48"])
    publisher(checking, Printed()).publish_failure(OF_CHECKS, PlanRefused("not plain-key-of-ours-48 \x1b[31m"), NAMES)
    (status,) = github.statuses
    assert status["description"].startswith("not (masked)")
    assert status["description"].isprintable()
    assert "plain-key-of-ours-48" not in str(github.comments) + summary(checking)
