"""The scripts of the workflows do on a real server, and beside GitHub's API, what the workflows are for."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.plan import Plan
from assistant_sync.model.provenance import Commit
from assistant_sync.model.selection import Selection
from assistant_sync.planning.digests import plan_digest
from assistant_sync.report.json.plan import plan_json
from tests.github_project import GithubProject, edit
from tests.runner import Runner, commands_seen, step_named
from tests.servers.fake_actions import FakeActions, fake_actions
from tests.servers.fake_github import answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.official import Deployment

pytestmark = pytest.mark.full

ROOT = Path(__file__).parent.parent
HOSTILE = "```\n::error::a prompt\n\n~~~\n##[error]a prompt\n"
PROMPT = "prompts/support.md"


@pytest.fixture
def github() -> Iterator[FakeActions]:
    """GitHub's API."""
    with fake_actions() as fake:
        yield fake


@pytest.fixture
def project(tmp_path: Path, github: FakeActions, deployment: Deployment) -> GithubProject:
    """A project that is merged and not applied yet."""
    return GithubProject(tmp_path, github, deployment.url)


@pytest.fixture
def unplanned(tmp_path: Path, github: FakeActions) -> GithubProject:
    """A project with a merged pull request, without a server; its plan is told, not made."""
    project = GithubProject(tmp_path, github, "http://127.0.0.1:9")
    (project.folder / PROMPT).write_text("new")
    project.squash(project.branch())
    (project.runner.temp / "plan.json").write_text(saved("a" * 40))
    return project


def saved(tree: str) -> str:
    """A saved plan of nothing, made of these files."""
    url = "http://127.0.0.1:9"
    plan = Plan(
        project="acme", target="production", url=url, commit=Commit("b" * 40, dirty=False, tree=tree), changes=(),
        warnings=(), guards=(), selection=Selection(), digest=plan_digest("production", url, ()),
    )  # fmt: skip
    return json.dumps(plan_json(plan, created_at="", tool_version=""))


# The pull request


def test_a_pull_request_gets_one_comment_that_each_push_brings_up_to_date(
    project: GithubProject, deployment: Deployment
) -> None:
    (project.folder / PROMPT).write_text(HOSTILE)
    project.branch()
    log = project.planned()
    assert deployment.users() == []
    (comment,) = project.github.comments
    assert "support" in comment["body"]
    assert [one for one in commands_seen(log) if "a prompt" in one] == []
    assert project.runner.outputs()["has_changes"] == "true"
    assert json.loads((project.runner.temp / "plan.json").read_text("utf-8"))["target"]["name"] == "production"
    first = comment["body"]

    project.planned()
    (project.folder / PROMPT).write_text("Be kind.\n")
    project.branch()
    project.planned()
    (comment,) = project.github.comments
    assert "Be kind." in comment["body"]
    assert comment["body"] != first


def test_a_pull_request_that_moves_the_connection_is_not_planned(
    project: GithubProject, deployment: Deployment
) -> None:
    edit(project.folder / "assistant-sync.yaml", deployment.url, "http://127.0.0.1:9")
    project.branch()
    project.planned(code=6)
    (comment,) = project.github.comments
    assert "merge" in comment["body"]
    assert not (project.runner.temp / "plan.json").exists()


# The merge


def test_a_squash_merge_applies_what_was_reviewed(project: GithubProject, deployment: Deployment) -> None:
    assert "not compared with a reviewed one" in project.applied()
    (project.folder / PROMPT).write_text(HOSTILE)
    head = project.branch()
    project.planned()
    project.upload(head)
    assert project.squash(head) != head
    log = project.applied()
    assert f"of pull request 7, commit {head}" in log
    assert [row["context"]["system_prompt"] for row in deployment.users()] == [HOSTILE]
    assert [one for one in commands_seen(log) if "a prompt" in one] == []
    *_, fence = [line for line in project.runner.summary.read_text("utf-8").splitlines() if line.startswith("```")]
    assert fence == "```"


def test_two_merges_in_one_apply_go_through(project: GithubProject, deployment: Deployment) -> None:
    project.applied()
    (project.folder / PROMPT).write_text("Be kind.\n")
    head = project.branch()
    project.planned()
    project.upload(head)
    project.runner.git("checkout", "--quiet", "main")
    edit(project.folder / "assistants/support.yaml", "recursion_limit: 25", "recursion_limit: 26")
    project.merged()
    project.squash(head)
    project.applied()
    (row,) = deployment.users()
    assert (row["context"]["system_prompt"], row["config"]["recursion_limit"]) == ("Be kind.\n", 26)


def test_a_delete_that_nobody_reviewed_is_not_done(project: GithubProject, deployment: Deployment) -> None:
    with (project.folder / "assistant-sync.yaml").open("a") as file:
        file.write("    prune: true\n    limits: {deletes: 9}\n")
    (project.folder / "assistants/other.yaml").write_text("graph_id: support_agent\n")
    project.merged()
    project.applied()
    (project.folder / PROMPT).write_text("Be kind.\n")
    head = project.branch()
    project.planned()
    project.upload(head)
    project.runner.git("checkout", "--quiet", "main")
    (project.folder / "assistants/other.yaml").unlink()
    project.merged()
    project.squash(head)
    project.applied(code=6)
    assert len(deployment.users()) == 2


def test_a_push_without_a_reviewed_plan_deletes_nothing(project: GithubProject, deployment: Deployment) -> None:
    with (project.folder / "assistant-sync.yaml").open("a") as file:
        file.write("    prune: true\n    limits: {deletes: 9}\n")
    (project.folder / "assistants/other.yaml").write_text("graph_id: support_agent\n")
    project.merged()
    project.applied()
    (project.folder / "assistants/other.yaml").unlink()
    project.merged()
    assert "not compared with a reviewed one" in project.applied(code=6)
    assert len(deployment.users()) == 2


def test_a_public_repository_deletes_only_if_that_is_allowed(project: GithubProject, deployment: Deployment) -> None:
    with (project.folder / "assistant-sync.yaml").open("a") as file:
        file.write("    prune: true\n    limits: {deletes: 9}\n")
    (project.folder / "assistants/other.yaml").write_text("graph_id: support_agent\n")
    project.merged()
    project.applied()
    (project.folder / "assistants/other.yaml").unlink()
    head = project.branch()
    project.repository = {"private": False, "visibility": "public"}
    assert "guard public-archive" in project.planned(code=6)
    project.upload(head)
    project.squash(head)
    assert "use --allow-public-archive" in project.applied(code=6)
    assert len(deployment.users()) == 2

    project.runner.environment["ASSISTANT_SYNC_ALLOW_PUBLIC_ARCHIVE"] = "1"
    project.applied()
    assert len(deployment.users()) == 1
    assert list((project.folder / "archive").rglob("*.json"))


def test_a_push_without_a_reviewed_plan_does_not_undo_an_edit_either(
    project: GithubProject, deployment: Deployment
) -> None:
    project.applied()
    (row,) = deployment.users()
    deployment.patch(row["assistant_id"], name="By hand")
    (project.folder / "README.md").write_text("merged")
    project.merged()
    assert "'support' was changed outside git, and no reviewed plan shows that" in project.applied(code=6)
    assert deployment.users()[0]["name"] == "By hand"


def test_a_merge_without_a_plan_goes_on_and_says_so(unplanned: GithubProject) -> None:
    assert commands_seen(unplanned.find()) == [
        "::notice::No plan of a pull request was found for this commit; it is not compared with a reviewed one."
    ]
    assert not (unplanned.runner.temp / "reviewed.json").exists()


@pytest.mark.parametrize(
    "fields",
    [{"run": {"head_repository_id": 2}}, {"run": {"head_sha": "0" * 40}}, {"expired": True}],
)
def test_a_plan_that_is_not_the_repositorys_own_for_that_commit_is_not_taken(
    unplanned: GithubProject, fields: dict[str, Any]
) -> None:
    head = unplanned.github.pulls[7]["head"]["sha"]
    unplanned.upload(head, **fields)
    assert "No plan" in unplanned.find()
    unplanned.upload(head)
    assert f"commit {head}" in unplanned.find()


@pytest.mark.parametrize("fields", [{"merged_at": None}, {"base": {"ref": "other"}}])
def test_a_pull_request_that_was_merged_elsewhere_or_not_at_all_is_not_meant(
    unplanned: GithubProject, fields: dict[str, Any]
) -> None:
    pull = unplanned.github.pulls[7]
    unplanned.upload(pull["head"]["sha"])
    pull |= fields
    assert "No plan" in unplanned.find()


def test_of_several_plans_for_a_commit_the_newest_is_taken(unplanned: GithubProject) -> None:
    head = unplanned.github.pulls[7]["head"]["sha"]
    for tree in ("c" * 40, "d" * 40):
        (unplanned.runner.temp / "plan.json").write_text(saved(tree))
        unplanned.upload(head)
    unplanned.github.artifact(f"assistant-sync-plan-acme-production-{head}", head, {"other": ""})
    unplanned.find()
    reviewed = json.loads((unplanned.runner.temp / "reviewed.json").read_text())
    assert reviewed["commit"]["tree"] == "d" * 40


def test_where_github_does_not_answer_nothing_is_applied_unreviewed(unplanned: GithubProject) -> None:
    unplanned.github.fails("/pulls", answers(401))
    assert "401" in unplanned.find(code=1)


# The merge queue


def test_in_a_merge_queue_the_plan_must_be_the_reviewed_one_while_the_files_are(
    project: GithubProject, deployment: Deployment
) -> None:
    project.applied()
    (project.folder / PROMPT).write_text("Be kind.\n")
    head = project.branch()
    project.planned()
    project.upload(head)
    project.github.pull(7, head, "", merged_at=None)
    assert f"commit {head}" in project.queued()

    (row,) = deployment.users()
    deployment.patch(row["assistant_id"], name="By hand")
    project.queued(code=7)

    (project.folder / "README.md").write_text("merged meanwhile")
    project.runner.commit()
    assert "not exactly those that were reviewed" in project.queued()


# Drift


def test_drift_is_one_issue_that_is_closed_when_it_is_gone(project: GithubProject, deployment: Deployment) -> None:
    project.applied()
    project.looked_at()
    assert project.github.issues == []

    (row,) = deployment.users()
    deployment.patch(row["assistant_id"], name="@everyone ::error::a prompt")
    log = project.looked_at()
    (issue,) = project.github.issues
    assert (issue["title"], issue["state"]) == ("acme on production was changed outside git", "open")
    assert "https://github.com/acme/support/actions/runs/1" in issue["body"]
    assert "support" in issue["body"]
    assert [one for one in commands_seen(log) if "a prompt" in one] == []
    deployment.patch(row["assistant_id"], description="By hand again")
    project.looked_at()
    (issue,) = project.github.issues
    assert "By hand again" in issue["body"]

    project.applied(event="workflow_dispatch")
    project.looked_at()
    (issue,) = project.github.issues
    assert issue["state"] == "closed"
    (comment,) = project.github.comments
    assert comment["on"] == issue["number"]


def test_a_look_that_tells_nothing_leaves_the_issue_alone(tmp_path: Path, github: FakeActions) -> None:
    project = GithubProject(tmp_path, github, "http://127.0.0.1:9")
    project.run("drift", "Drift", code=5, GITHUB_EVENT_NAME="schedule")


# Checks in pull requests


CHECK = """\
assistants: [support]
cases:
  - name: is kind
    ask: Hello
    expect:
      - contains: kind
"""
CONTEXT = "assistant-sync checks (acme/production)"


@pytest.fixture
def asking(tmp_path: Path, github: FakeActions, deployment: Deployment) -> GithubProject:
    """A project that is live, whose pull requests ask whether it is kind."""
    project = GithubProject(tmp_path, github, deployment.url, checks=True)
    (project.folder / "checks/support.yaml").write_text(CHECK)
    (project.folder / PROMPT).write_text("You are kind.\n")
    project.merged()
    project.runner.run({"name": "apply", "run": "assistant-sync apply --yes"})
    return project


@pytest.mark.server
def test_a_pull_request_shows_before_and_after_and_its_status_is_red_until_the_prompt_is_mended(
    asking: GithubProject, github: FakeActions, deployment: Deployment
) -> None:
    before, threads = deployment.all(), deployment.threads()
    (asking.folder / PROMPT).write_text("You are rude @everyone <b>.\n")
    head = asking.branch()
    log = asking.checked(head, code=10)
    assert "1 case: 1 failed" in log
    (comment,) = github.comments
    assert "assistant-sync checks: `acme` on `production`" in comment["body"]
    assert "[-kind" in comment["body"]
    assert "{+rude" in comment["body"]
    assert "the answer does not contain 'kind'" in comment["body"]
    assert "<b>" not in re.sub(r"```.*?```", "", comment["body"], flags=re.DOTALL)
    (status,) = github.statuses
    assert (status["sha"], status["context"], status["state"]) == (head, CONTEXT, "failure")
    assert status["description"] == "1 case: 1 failed."
    assert asking.runner.outputs()["failed"] == "1"

    asking.runner.git("checkout", "--quiet", "feature")
    (asking.folder / PROMPT).write_text("You are kind and quick.\n")
    head = asking.branch()
    asking.checked(head)
    (comment,) = github.comments
    assert "1 passed" in comment["body"]
    assert [(one["sha"], one["state"]) for one in github.statuses[1:]] == [(head, "success")]
    assert (deployment.all(), deployment.threads()) == (before, threads)


@pytest.mark.server
def test_a_pull_request_does_not_decide_where_its_questions_run(
    asking: GithubProject, github: FakeActions, deployment: Deployment
) -> None:
    edit(asking.folder / "assistant-sync.yaml", "\n  target: production", "\n  target: production\n  max_runs: 100000")
    many = CHECK.replace("expect:", "repeat: 100\n    expect:") + CHECK.partition("cases:\n")[2].replace(
        "is kind", "too"
    )
    (asking.folder / "checks/support.yaml").write_text(many.replace("Hello", "Hello", 1))
    (asking.folder / PROMPT).write_text("You are kind, too.\n")
    head = asking.branch()
    assert "more than the 200 allowed" in asking.checked(head, code=6)
    (status,) = github.statuses
    assert status["state"] == "error"
    assert deployment.threads() == []

    edit(asking.folder / "assistant-sync.yaml", deployment.url, "http://127.0.0.1:9")
    head = asking.branch()
    assert "its connection settings differ from trusted commit" in asking.checked(head, code=6)
    (comment,) = github.comments
    assert "no answers" in comment["body"]


@pytest.mark.server
def test_a_check_that_cannot_be_asked_has_the_status_of_the_target_that_checks_name(
    asking: GithubProject, github: FakeActions
) -> None:
    file = asking.folder / "assistant-sync.yaml"
    edit(file, "default_target: production", "default_target: other")
    edit(file, "\ntargets:\n", "\ntargets:\n  other: {url: 'http://127.0.0.1:8'}\n")
    asking.merged()
    (asking.folder / "checks/support.yaml").write_text(CHECK.replace("contains", "contain"))
    head = asking.branch()
    log = asking.checked(head, code=3)
    assert "checks/support.yaml:6:9: unknown field 'contain'" in log
    assert [(one["context"], one["state"]) for one in github.statuses] == [(CONTEXT, "error")]
    (comment,) = github.comments
    assert "acme/production" in comment["body"].partition("\n")[0]


@pytest.mark.server
def test_without_a_target_in_the_trusted_commit_nothing_is_asked(asking: GithubProject, github: FakeActions) -> None:
    text = (asking.folder / "assistant-sync.yaml").read_text("utf-8")
    without = re.sub(r"^checks:\n(  .*\n)+", "", text, flags=re.MULTILINE)
    assert "checks:" not in without
    (asking.folder / "assistant-sync.yaml").write_text(without)
    asking.merged()
    (asking.folder / "assistant-sync.yaml").write_text(text)
    head = asking.branch()
    assert "checks.target is not set in trusted commit" in asking.checked(head, code=6)
    assert [one["state"] for one in github.statuses] == ["error"]


# This repository's own


@pytest.fixture
def example(tmp_path: Path) -> Runner:
    """This repository's example with two commits, the second of which changes one assistant."""
    folder = tmp_path / "checkout"
    for name in ("assistants", "prompts", "schemas", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "assistant-sync.yaml", folder)
    runner = Runner(folder, tmp_path / "scratch")
    runner.git("init", "--quiet")
    runner.commit()
    edit(folder / "assistants" / "research.yaml", "recursion_limit: 60", "recursion_limit: 61")
    runner.commit()
    return runner


@pytest.mark.server
def test_our_plan_shows_what_the_pull_request_changes(example: Runner) -> None:
    path = ROOT / ".github/workflows/plan.yml"
    example.run(*(step_named(path, name) for name in ("Check out", "Plan")))
    plan = json.loads((example.temp / "plan.json").read_text("utf-8"))
    assert {change["key"]: change["action"] for change in plan["changes"]} == {
        "billing": "keep",
        "escalation": "keep",
        "research": "update",
        "support": "keep",
    }
    assert "recursion_limit" in example.summary.read_text("utf-8")


@pytest.mark.server
def test_our_apply_makes_one_version_of_what_the_merge_changes(example: Runner) -> None:
    path = ROOT / ".github/workflows/apply.yml"
    printed = example.run(*(step_named(path, name) for name in ("Check out", "Apply", "Show")))
    assert "4 created" in printed
    assert "research updated (version 1 -> 2)" in printed
    assert "No changes." in printed
    assert "1 updated" in example.summary.read_text("utf-8")
