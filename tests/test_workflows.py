"""This repository's own workflows, and those that ``init`` writes: what GitHub accepts, and what they may do."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement

from assistant_sync.model.frozen import replace
from assistant_sync.operations.init import InitRequest, init
from assistant_sync.operations.workspace import Settings
from tests.runner import read, step_named, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
OWN = ("ci.yml", "nightly.yml", "validate.yml", "plan.yml", "apply.yml")
GENERATED = tuple(f"assistant-sync-{name}.yml" for name in ("validate", "plan", "check", "queue", "apply", "drift"))
URL = "https://acme.us.langgraph.app"
REQUIREMENT = "git+https://github.com/acme/assistant-sync@0b4c'"
RELEASES = {
    "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1": "v7.0.1",
    "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97": "v7.0.0",
    "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f": "v7.0.0",
    "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c": "v8.0.1",
}
"""The actions that may be used, by the hash of a commit, and what a comment names it: one release everywhere."""

USES = re.compile(r"\buses: (\S+)(?: # (.*))?$", re.MULTILINE)
READ = {"contents": "read"}
REVIEWED = {"contents": "read", "actions": "read", "pull-requests": "read"}
MAY = {
    "plan.yml": {"contents": "read", "pull-requests": "write"},
    "assistant-sync-plan.yml": {"contents": "read", "pull-requests": "write"},
    "assistant-sync-check.yml": {"contents": "read", "pull-requests": "write", "statuses": "write"},
    "assistant-sync-queue.yml": REVIEWED,
    "assistant-sync-apply.yml": REVIEWED,
    "assistant-sync-drift.yml": {"contents": "read", "issues": "write"},
}
"""What a workflow's job may beyond reading the repository."""

STARTED_BY = {
    "ci.yml": {"push", "pull_request"},
    "nightly.yml": {"schedule", "workflow_dispatch"},
    "validate.yml": {"pull_request"},
    "plan.yml": {"pull_request"},
    "apply.yml": {"push"},
    "assistant-sync-validate.yml": {"pull_request", "merge_group"},
    "assistant-sync-plan.yml": {"pull_request"},
    "assistant-sync-check.yml": {"pull_request"},
    "assistant-sync-queue.yml": {"merge_group"},
    "assistant-sync-apply.yml": {"push", "workflow_dispatch"},
    "assistant-sync-drift.yml": {"schedule", "workflow_dispatch"},
}
"""Among them none that gives a pull request of a fork the secrets, such as ``pull_request_target``."""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as init leaves it, in no repository yet."""
    folder = tmp_path_factory.mktemp("generated")
    settings = Settings(environ={}, folder=folder, url=URL)
    asked = InitRequest(settings=settings, project="acme", graph="support_agent", install=REQUIREMENT)
    init(replace(asked, queue=True, checks=True))
    return folder


@pytest.fixture(params=[*OWN, *GENERATED])
def path(request: pytest.FixtureRequest, generated: Path) -> Path:
    """Each workflow's file."""
    return (generated if request.param in GENERATED else ROOT) / ".github" / "workflows" / str(request.param)


@pytest.fixture
def workflow(path: Path) -> dict[str, Any]:
    """Each workflow."""
    return read(path)


def scripts_in_python(workflow: dict[str, Any]) -> Iterator[str]:
    for step in steps(workflow):
        yield from re.findall(r"^ *python -I - .*<<'END'\n(.*?)^END$", step.get("run", ""), re.DOTALL | re.MULTILINE)


def test_all_of_them_are_looked_at(generated: Path) -> None:
    assert {path.name for path in (ROOT / ".github" / "workflows").iterdir()} == set(OWN)
    assert {path.name for path in (generated / ".github" / "workflows").iterdir()} == set(GENERATED)


def test_github_accepts_them(generated: Path) -> None:
    files = [*(ROOT / ".github/workflows").iterdir(), *(generated / ".github/workflows").iterdir()]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ("github-issue-forms", ("ISSUE_TEMPLATE/bug.yml", "ISSUE_TEMPLATE/feature.yml")),
        ("github-issue-config", ("ISSUE_TEMPLATE/config.yml",)),
        ("dependabot", ("dependabot.yml",)),
    ],
)
def test_github_accepts_what_it_reads_beside_them(schema: str, names: tuple[str, ...]) -> None:
    files = [str(ROOT / ".github" / name) for name in names]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pre_commit_runs_releases_that_lint_may_run() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    ranges = {one.name: one.specifier for one in map(Requirement, extras["dev"])}
    repositories = read(ROOT / ".pre-commit-config.yaml")["repos"]
    revisions = {str(one["repo"]).rpartition("/")[2].removesuffix("-pre-commit"): one["rev"] for one in repositories}
    assert revisions.keys() == {"ruff", "typos"}
    assert [name for name, revision in revisions.items() if revision.removeprefix("v") not in ranges[name]] == []


def test_each_may_no_more_than_what_it_does(path: Path) -> None:
    workflow = read(path)
    is_own = path.name in OWN
    assert workflow["permissions"] == ({} if is_own else READ)
    for job in workflow["jobs"].values():
        assert job.get("permissions") == MAY.get(path.name, READ if is_own else None)


def test_each_is_started_by_what_it_is_for(path: Path) -> None:
    assert set(read(path)["on"]) == STARTED_BY[path.name]


def test_no_expression_stands_in_a_script(workflow: dict[str, Any]) -> None:
    assert not [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")]


def test_scripts_are_what_bash_and_python_can_read(workflow: dict[str, Any]) -> None:
    for step in steps(workflow):
        if "run" in step:
            subprocess.run(["bash", "-n", "-c", step["run"]], check=True)  # noqa: S607 - as the runner does
    for script in scripts_in_python(workflow):
        compile(script, "step", "exec")


def test_the_scripts_in_python_are_found(generated: Path) -> None:
    found = {
        path.name: len(list(scripts_in_python(read(path)))) for path in (generated / ".github/workflows").iterdir()
    }
    assert {name for name, count in found.items() if count} == {"assistant-sync-drift.yml"}


def test_a_secret_reaches_single_steps_only(workflow: dict[str, Any]) -> None:
    for step in steps(workflow):
        step.pop("env", None)
    assert not re.search(r"\$\{\{[^}]*(secrets|github\.token)", json.dumps(workflow))


def test_the_key_and_the_token_meet_only_where_a_comment_is_written(path: Path) -> None:
    meeting = [
        step["name"]
        for step in steps(read(path))
        if re.search(r"secrets\.", json.dumps(step.get("env"))) and "GITHUB_TOKEN" in step["env"]
    ]
    assert meeting == {"assistant-sync-plan.yml": ["Plan"], "assistant-sync-check.yml": ["Check"]}.get(path.name, [])


def test_scripts_run_no_code_that_a_checkout_brings_unasked(workflow: dict[str, Any]) -> None:
    # `python -c` would import from the current folder first.
    assert not [step["run"] for step in steps(workflow) if re.search(r"python3? (-c|-m|- )", step.get("run", ""))]


def test_git_runs_in_no_step_that_has_a_secret_and_in_no_generated_workflow(path: Path) -> None:
    """A folder's files may look like a bare repository to git, whose settings name programs to run."""
    with_git = [step for step in steps(read(path)) if re.search(r"(?<![-\w.])git ", step.get("run", ""))]
    assert bool(with_git) == (path.name in {"plan.yml", "apply.yml"})
    for step in with_git:
        assert "secrets." not in json.dumps(step)


def test_only_actions_of_github_itself_are_used_and_pinned_by_a_hash(path: Path) -> None:
    text = path.read_text("utf-8")
    used = USES.findall(text)
    assert len(used) == len([step for step in steps(read(path)) if "uses" in step]) > 0
    assert [use for use, release in used if RELEASES.get(use) != release and use != "./"] == []
    assert "pinned by the hash of a commit" in text.replace("\n# ", " ")


def test_the_example_of_the_documents_uses_the_same_releases() -> None:
    used = dict(USES.findall((ROOT / "docs/ci.md").read_text("utf-8")))
    assert used.pop("YOUR-ORG/assistant-sync@COMMIT") == ""
    assert used
    assert used.items() <= RELEASES.items()


@pytest.mark.full
def test_zizmor_finds_nothing(generated: Path) -> None:
    own = [ROOT / name for name in (".github/workflows", ".github/dependabot.yml", "action.yml")]
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--no-config", "--strict-collection"]
    done = subprocess.run([*command, *map(str, own), str(generated)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.count("completed") == len(OWN) + len(own) - 1 + len(GENERATED)


def test_the_token_of_the_checkout_is_not_kept(workflow: dict[str, Any]) -> None:
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(workflow["jobs"])


def test_who_plans_or_applies_has_the_whole_history(workflow: dict[str, Any]) -> None:
    for job in workflow["jobs"].values():
        checkout = next(step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout"))
        runs = "\n".join(step.get("run", "") for step in job["steps"])
        needs_history = re.search("assistant-sync (plan|check|apply|drift)|HEAD\\^", runs) is not None
        assert checkout["with"].get("fetch-depth") == (0 if needs_history else None)


# The shards of the full and the nightly tier


def shards(name: str) -> list[str]:
    """What each job of a workflow passes to ``make test`` as T."""
    passed = []
    for job in read(ROOT / ".github/workflows" / name)["jobs"].values():
        for step in job["steps"]:
            if step.get("env", {}).get("TEST_DEPTH") in {"full", "nightly"}:
                include = job["strategy"]["matrix"].get("include", [{}])
                passed += [step["env"]["T"].replace("${{ matrix.tests }}", one.get("tests", "")) for one in include]
    return passed


def is_selected(file: str, arguments: str) -> bool:
    """Whether pytest takes a file with these arguments."""
    words = [word for word in arguments.split() if word != "--no-cov"]
    ignored = [word.removeprefix("--ignore=") for word in words if word.startswith("--ignore=")]
    given = [word for word in words if not word.startswith("--ignore=")] or ["tests"]
    assert all((ROOT / path).exists() for path in (*given, *ignored)), arguments
    return any(Path(file).is_relative_to(path) for path in given) and not any(
        Path(file).is_relative_to(path) for path in ignored
    )


@pytest.mark.parametrize("name", ["ci.yml", "nightly.yml"])
def test_each_test_is_in_exactly_one_shard(name: str) -> None:
    files = [str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")]
    taken = {file: [shard for shard in shards(name) if is_selected(file, shard)] for file in files}
    assert len(taken) > len(shards(name)) == 5  # noqa: PLR2004, RUF100 - unit, e2e, faults, machine, conformance
    assert {file: shards for file, shards in taken.items() if len(shards) != 1} == {}


def test_every_python_that_the_package_names_is_tested() -> None:
    named = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    everyday = read(ROOT / ".github/workflows/ci.yml")["jobs"]["everyday"]
    assert [one["python"] for one in everyday["strategy"]["matrix"]["include"]] == named


# What both kinds of workflows do


def test_every_job_ends_some_day(workflow: dict[str, Any]) -> None:
    assert all(0 < job["timeout-minutes"] <= 90 for job in workflow["jobs"].values())


def test_an_apply_is_never_stopped_halfway_nor_two_at_a_time_on_a_target(path: Path) -> None:
    workflow = read(path)
    if path.name.endswith("apply.yml"):
        assert workflow["concurrency"]["cancel-in-progress"] is False
        expressions = re.findall(r"\$\{\{ (\S+)", workflow["concurrency"]["group"])
        assert expressions == (["inputs.command", "inputs.target"] if path.name in GENERATED else [])


def test_what_an_apply_deletes_is_kept_also_after_a_failure_and_at_every_attempt(generated: Path) -> None:
    *_, upload = read(generated / ".github/workflows/assistant-sync-apply.yml")["jobs"]["apply"]["steps"]
    assert upload["uses"].startswith("actions/upload-artifact@")
    assert upload["if"] == "${{ always() && steps.apply.outcome != 'skipped' }}"
    assert upload["with"] == {
        "name": "assistant-sync-archive-acme-${{ github.run_attempt }}",
        "path": "archive",
        "if-no-files-found": "ignore",
        "retention-days": 90,
    }


def test_whatever_starts_an_apply_it_is_the_default_branch_in_a_protected_environment(generated: Path) -> None:
    workflow = read(generated / ".github/workflows/assistant-sync-apply.yml")
    assert workflow["on"]["push"] == {"branches": ["main"]}
    job = workflow["jobs"]["apply"]
    default = "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"
    assert job["if"] == f"github.event_name == 'push' || {default}"
    assert job["environment"] == job["env"]["ASSISTANT_SYNC_TARGET"] == "${{ inputs.target || 'production' }}"


def test_the_generated_validation_needs_no_secret(generated: Path) -> None:
    text = (generated / ".github/workflows/assistant-sync-validate.yml").read_text("utf-8")
    assert "secrets." not in text
    assert "token" not in text
    assert "if:" not in text


@pytest.mark.parametrize("name", ["plan", "check"])
def test_who_has_the_key_leaves_forks_dependabot_and_other_bases_out(generated: Path, name: str) -> None:
    workflow = read(generated / f".github/workflows/assistant-sync-{name}.yml")
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    assert workflow["jobs"][name]["if"] == f"{own} && github.actor != 'dependabot[bot]'"
    # --trusted-ref trusts the base: nobody may choose a branch of his own for it.
    assert workflow["on"]["pull_request"] == {"branches": ["main"]}


def test_the_generated_check_asks_what_the_base_trusts_in_an_environment_that_may_need_a_reviewer(
    generated: Path,
) -> None:
    path = generated / ".github/workflows/assistant-sync-check.yml"
    job = read(path)["jobs"]["check"]
    assert job["environment"] == "production-checks"
    assert "env" not in job, "checks.target of the trusted commit names the target"
    *_, command = step_named(path, "Check")["run"].splitlines()
    trusted = "refs/remotes/origin/$GITHUB_BASE_REF"
    assert shlex.split(command) == ["exec", "assistant-sync", "check", "--github", "--trusted-ref", trusted]
    assert path.read_text("utf-8").startswith("# Runs graphs: ")


def test_a_push_cancels_what_is_asked_about_the_one_before_and_the_program_itself_is_what_is_interrupted(
    generated: Path, tmp_path: Path
) -> None:
    path = generated / ".github/workflows/assistant-sync-check.yml"
    workflow = read(path)
    assert workflow["concurrency"] == {
        "group": "assistant-sync-acme-check-${{ github.ref }}",
        "cancel-in-progress": True,
    }
    (tmp_path / "assistant-sync").write_text('#!/bin/sh\necho "$$"\n')
    (tmp_path / "assistant-sync").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "GITHUB_BASE_REF": "main"}
    script = tmp_path / "script.sh"
    script.write_text(step_named(path, "Check")["run"])
    started = subprocess.Popen(["/bin/bash", "-e", str(script)], env=environment, stdout=subprocess.PIPE, text=True)
    assert started.communicate()[0].strip() == str(started.pid)


def test_a_required_check_named_plan_covers_the_merge_queue(generated: Path) -> None:
    for name in ("plan", "queue"):
        (job,) = read(generated / f".github/workflows/assistant-sync-{name}.yml")["jobs"].values()
        assert job["name"] == "plan"


def test_the_generated_ones_install_what_init_was_asked_for(generated: Path) -> None:
    for name in GENERATED:
        command = step_named(generated / ".github/workflows" / name, "Install")["run"]
        assert shlex.split(command) == ["pip", "install", REQUIREMENT]


def test_without_a_requirement_the_install_step_fails_until_it_is_replaced(tmp_path: Path) -> None:
    init(InitRequest(settings=Settings(environ={}, folder=tmp_path, url=URL), project="acme"))
    for path in (tmp_path / ".github/workflows").iterdir():
        step = step_named(path, "Install")
        done = subprocess.run(["bash", "-ec", step["run"]], capture_output=True, text=True, check=False)  # noqa: S607 - as the runner
        assert done.returncode == 1
        assert done.stdout.startswith("::error::")


def test_two_projects_of_a_repository_share_no_name_of_anything(tmp_path: Path) -> None:
    for project in ("care", "sales"):
        (tmp_path / project).mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)  # noqa: S607 - the user's git
    for project in ("care", "sales"):
        settings = Settings(environ={}, folder=tmp_path / project, url=URL)
        init(InitRequest(settings=settings, project=project, queue=True, checks=True))
    files = list((tmp_path / ".github/workflows").iterdir())
    assert len(files) == 2 * len(GENERATED)
    for kind in ("validate", "plan", "check", "queue", "apply", "drift"):
        one, other = (
            read(tmp_path / f".github/workflows/assistant-sync-{kind}-{name}.yml") for name in ("care", "sales")
        )
        assert one["name"] != other["name"]
        ((own, job),), ((_, others),) = one["jobs"].items(), other["jobs"].items()
        assert (job["name"], others["name"]) == (f"{own} (care)", f"{own} (sales)")
        for group in {"plan", "check", "apply", "drift"} & {kind}:
            assert one["concurrency"]["group"] != other["concurrency"]["group"], group
        for step, its in zip(job["steps"], others["steps"], strict=True):
            if "upload-artifact" in step.get("uses", ""):
                assert step["with"]["name"] != its["with"]["name"]
    assert job_env(tmp_path, "care") != job_env(tmp_path, "sales"), "the title of the drift issue"
    for kind in ("validate", "plan", "check", "apply"):
        on = read(tmp_path / f".github/workflows/assistant-sync-{kind}-care.yml")["on"]
        event = on.get("push") or on["pull_request"]
        assert event["paths"] == ["care/**", ".github/workflows/assistant-sync-*-care*.yml"]


def job_env(folder: Path, project: str) -> Any:
    (job,) = read(folder / f".github/workflows/assistant-sync-drift-{project}.yml")["jobs"].values()
    return job["env"]


@pytest.mark.parametrize("name", ["plan", "check", "queue", "apply", "drift"])
@pytest.mark.parametrize("key", ["", "lsv2_pt_made_up"])
def test_a_missing_key_is_an_error_that_names_the_secret_and_the_place(generated: Path, name: str, key: str) -> None:
    step = step_named(generated / f".github/workflows/assistant-sync-{name}.yml", "Look for the secrets")
    assert step["env"] == {"LANGSMITH_API_KEY": "${{ secrets.LANGSMITH_API_KEY }}"}
    command = ["bash", "-eo", "pipefail", "-c", step["run"]]
    environment = {"LANGSMITH_API_KEY": key}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if key else 1)
    error = (
        "::error::The repository secret LANGSMITH_API_KEY is not set. "
        "Add it under Settings > Secrets and variables > Actions. "
        "A secret of an environment does not reach this job, which runs in none."
    )
    if name in {"apply", "check"}:  # the jobs in an environment
        error = (
            "::error::The secret LANGSMITH_API_KEY is set neither in the repository nor in this job's environment. "
            "Add it under Settings > Secrets and variables > Actions, or under Settings > Environments."
        )
    assert done.stdout.splitlines() == ([] if key else [error])
