"""This repository's own workflows, and those that ``init`` writes: what GitHub accepts, what they may, what they do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from assistant_sync import __version__
from assistant_sync.manifests.yaml12 import parse_documents
from assistant_sync.operations.init import InitRequest, init
from assistant_sync.operations.workspace import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.servers.official import Deployment

Step: TypeAlias = dict[str, Any]

ROOT = Path(__file__).parent.parent
OWN = ("ci.yml", "plan.yml", "apply.yml")
GENERATED = ("assistant-sync-validate.yml", "assistant-sync-plan.yml", "assistant-sync-apply.yml")
URL = "https://acme.us.langgraph.app"
ACTION = re.compile(r"actions/(checkout@v4|setup-python@v5|upload-artifact@v4)")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as init leaves it, in no repository yet."""
    folder = tmp_path_factory.mktemp("generated")
    init(InitRequest(settings=Settings(environ={}, folder=folder, url=URL), project="acme", graph="support_agent"))
    return folder


@pytest.fixture(params=[*OWN, *GENERATED])
def path(request: pytest.FixtureRequest, generated: Path) -> Path:
    """Each workflow's file."""
    return (generated if request.param in GENERATED else ROOT) / ".github" / "workflows" / str(request.param)


@pytest.fixture
def workflow(path: Path) -> dict[str, Any]:
    """Each workflow."""
    return read(path)


def read(path: Path) -> dict[str, Any]:
    value = parse_documents(path.read_text("utf-8"))[0].value
    assert isinstance(value, dict)
    return value


def steps(workflow: Mapping[str, Any]) -> Iterator[Step]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def step_named(path: Path, start: str) -> Step:
    """The step whose name starts so."""
    return next(step for step in steps(read(path)) if step.get("name", "").startswith(start))


def test_all_of_our_own_are_looked_at() -> None:
    assert {path.name for path in (ROOT / ".github" / "workflows").iterdir()} == set(OWN)


def test_github_accepts_them(generated: Path) -> None:
    files = [*(ROOT / ".github/workflows").iterdir(), *(generated / ".github/workflows").iterdir()]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_may_read_the_repository_and_nothing_else(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow["jobs"].values())


def test_none_runs_with_rights_that_a_pull_request_lacks(workflow: dict[str, Any]) -> None:
    assert set(workflow["on"]) <= {"push", "pull_request"}


def test_no_expression_stands_in_a_script(workflow: dict[str, Any]) -> None:
    assert not [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")]


def test_scripts_are_what_bash_can_read(workflow: dict[str, Any]) -> None:
    for step in steps(workflow):
        if "run" in step:
            subprocess.run(["bash", "-n", "-c", step["run"]], check=True)  # noqa: S607 - as the runner does


def test_a_secret_reaches_single_steps_only(workflow: dict[str, Any]) -> None:
    for step in steps(workflow):
        step.pop("env", None)
    assert not re.search(r"\$\{\{[^}]*secrets", json.dumps(workflow))


def test_scripts_run_no_code_that_a_checkout_brings_unasked(workflow: dict[str, Any]) -> None:
    # `python -c` would import from the current folder first.
    assert not [step["run"] for step in steps(workflow) if re.search(r"python3? (-c|-m)", step.get("run", ""))]


def test_only_actions_of_github_itself_are_used_and_by_a_release(workflow: dict[str, Any]) -> None:
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    assert all(map(ACTION.fullmatch, used))


def test_every_file_says_that_the_actions_are_to_be_pinned(path: Path) -> None:
    assert "by the hash of a commit" in path.read_text("utf-8").replace("\n# ", " ")


def test_the_token_of_the_checkout_is_not_kept(workflow: dict[str, Any]) -> None:
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False]


def test_who_plans_or_applies_has_the_whole_history(path: Path) -> None:
    checkout = next(step for step in steps(read(path)) if step.get("uses", "").startswith("actions/checkout"))
    runs = "\n".join(step.get("run", "") for step in steps(read(path)))
    needs_history = re.search("assistant-sync (plan|apply)|HEAD\\^", runs) is not None
    assert checkout["with"].get("fetch-depth") == (0 if needs_history else None)


def test_every_job_ends_some_day(workflow: dict[str, Any]) -> None:
    assert all(0 < job["timeout-minutes"] <= 30 for job in workflow["jobs"].values())


def test_an_apply_is_never_stopped_halfway_nor_two_at_a_time(path: Path) -> None:
    workflow = read(path)
    if path.name.endswith("apply.yml"):
        assert set(workflow["on"]) == {"push"}
        assert workflow["concurrency"]["cancel-in-progress"] is False
        assert "${{" not in workflow["concurrency"]["group"]


def test_the_generated_validation_needs_no_secret(generated: Path) -> None:
    text = (generated / ".github/workflows/assistant-sync-validate.yml").read_text("utf-8")
    assert "secrets." not in text
    assert "if:" not in text


def test_the_generated_plan_leaves_forks_out(generated: Path) -> None:
    job = read(generated / ".github/workflows/assistant-sync-plan.yml")["jobs"]["plan"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]


def test_the_generated_ones_install_a_release_that_writes_them(generated: Path) -> None:
    own = tuple(map(int, __version__.split(".")[:2]))
    for name in GENERATED:
        command = step_named(generated / ".github/workflows" / name, "Install")["run"]
        match = re.fullmatch(r'pip install "assistant-sync>=(\d+)\.(\d+),<(\d+)\.(\d+)"', command)
        assert match, command
        low, high = (int(match[1]), int(match[2])), (int(match[3]), int(match[4]))
        assert low <= own < high


@pytest.mark.parametrize("name", ["plan", "apply"])
@pytest.mark.parametrize("key", ["", "lsv2_pt_made_up"])
def test_a_missing_key_is_an_error_that_names_the_secret_and_the_place(generated: Path, name: str, key: str) -> None:
    step = step_named(generated / f".github/workflows/assistant-sync-{name}.yml", "Look for the key")
    assert step["env"] == {"LANGSMITH_API_KEY": "${{ secrets.LANGSMITH_API_KEY }}"}
    command = ["bash", "-eo", "pipefail", "-c", step["run"]]
    environment = {"LANGSMITH_API_KEY": key}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if key else 1)
    errors = [
        "::error::The secret LANGSMITH_API_KEY is not set. Add it under Settings > Secrets and variables > Actions."
    ]
    assert done.stdout.splitlines() == ([] if key else errors)


class Runner:
    """Runs the scripts of a workflow as GitHub's runner does.

    Args:
        folder: A repository.
        scratch: A folder for what else is needed.
    """

    def __init__(self, folder: Path, scratch: Path, **environment: str) -> None:
        self.folder = folder
        self.summary = scratch / "summary.md"
        commands = scratch / "bin"
        commands.mkdir(parents=True)
        for name, arguments in {"python": "", "assistant-sync": "-m assistant_sync"}.items():
            (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
            (commands / name).chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "CI": "true",
            "RUNNER_TEMP": str(scratch),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GIT_CONFIG_GLOBAL": os.devnull,
            **environment,
        }

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main"]
        command = ["git", *identity, *arguments]
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "edit")

    def run(self, *scripts: Step) -> str:
        """Run steps one after the other; returns what they printed."""
        printed = ""
        for step in scripts:
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = subprocess.run(
                command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            printed += done.stdout
        return printed


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def example(tmp_path: Path) -> Runner:
    """This repository's example with two commits, the second of which changes one assistant."""
    folder = tmp_path / "checkout"
    for name in ("assistants", "prompts", "examples"):
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
    example.run(*(step_named(path, name) for name in ("Check out", "Plan", "Show")))
    plan = json.loads((example.folder / "plan.json").read_text("utf-8"))
    assert {change["key"]: change["action"] for change in plan["changes"]} == {
        "billing": "keep",
        "escalation": "keep",
        "research": "update",
        "support": "keep",
    }
    assert "config.recursion_limit: 60 -> 61" in example.summary.read_text("utf-8")


@pytest.mark.server
def test_our_apply_makes_one_version_of_what_the_merge_changes(example: Runner) -> None:
    path = ROOT / ".github/workflows/apply.yml"
    printed = example.run(*(step_named(path, name) for name in ("Check out", "Apply", "Show")))
    assert "4 created" in printed
    assert "research updated (version 1 -> 2)" in printed
    assert "No changes." in printed
    assert "1 updated" in example.summary.read_text("utf-8")


def test_the_generated_ones_plan_and_apply(generated: Path, tmp_path: Path, deployment: Deployment) -> None:
    folder = tmp_path / "checkout"
    shutil.copytree(generated, folder)
    (folder / "prompts" / "support.md").write_text("```\n::error::a prompt\n\n~~~\n", "utf-8")
    runner = Runner(folder, tmp_path / "scratch", ASSISTANT_SYNC_URL=deployment.url)
    runner.git("init", "--quiet")
    runner.commit()
    workflows = folder / ".github" / "workflows"
    plan, apply = (workflows / f"assistant-sync-{name}.yml" for name in ("plan", "apply"))
    runner.environment |= read(plan)["jobs"]["plan"]["env"]

    log = runner.run(step_named(plan, "Plan"), step_named(plan, "Show"))
    assert json.loads((folder / "plan.json").read_text("utf-8"))["target"]["name"] == "production"
    assert deployment.users() == []
    stop, token = log.splitlines()[0].rsplit("::", 1)
    assert (stop, log.splitlines()[-1]) == ("::stop-commands", f"::{token}::")
    fence, *shown, end = runner.summary.read_text("utf-8").splitlines()
    assert (fence, end) == ("```text", "```")
    assert any("::error::a prompt" in line for line in shown)
    assert all(line.startswith("    ") for line in shown[:-1])

    runner.run(step_named(apply, "Apply"), step_named(apply, "Show"))
    assert [row["name"] for row in deployment.users()] == ["Support agent"]
