"""The action: what GitHub accepts, what its scripts make of their inputs, and what they do on a real server."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.runner import Runner, commands_seen, read
from tests.servers.fake_github import REPOSITORY, TOKEN, fake_github
from tests.test_workflows import RELEASES

if TYPE_CHECKING:
    from tests.servers.official import Deployment

ROOT = Path(__file__).parent.parent
ACTION = read(ROOT / "action.yml")
INSTALL, RUN, KEEP = ACTION["runs"]["steps"]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
STANDS_FOR_IT = "assistant-sync==9.9"
"""A wheel that runs the code under test, so that installing needs no network."""


def test_github_accepts_it() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions"]
    done = subprocess.run([*command, str(ROOT / "action.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("step", [INSTALL, RUN], ids=["install", "run"])
def test_inputs_reach_a_script_as_variables_only(step: dict[str, Any]) -> None:
    assert "${{" not in step["run"]
    assert step["shell"] == "bash"
    assert step["run"].startswith("set -euo pipefail\n")
    assert "eval" not in step["run"]
    subprocess.run(["bash", "-n", "-c", step["run"]], check=True)  # noqa: S607 - as the runner does


def test_every_input_is_used_and_every_output_comes_from_the_run() -> None:
    text = json.dumps(ACTION["runs"]["steps"])
    assert sorted(ACTION["inputs"]) == sorted(set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", text)))
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.run.outputs.{name} }}}}"


def test_it_uses_no_other_action_but_the_one_that_keeps_what_was_deleted() -> None:
    assert [step for step in ACTION["runs"]["steps"] if "uses" in step] == [KEEP]
    assert f"{KEEP['uses']} # {RELEASES[KEEP['uses']]}\n" in (ROOT / "action.yml").read_text("utf-8")
    assert KEEP["with"] == {
        "name": "${{ steps.run.outputs.artifact }}",
        "path": "${{ inputs.working-directory }}/${{ inputs.archive }}",
        "if-no-files-found": "ignore",
        "retention-days": 90,
    }
    assert KEEP["if"].startswith("${{ always() && inputs.command == 'apply' && inputs.archive != '' && ")


def wheel(folder: Path) -> Path:
    """A wheel of the name whose program is the code under test."""
    path = folder / "assistant_sync-9.9-py3-none-any.whl"
    python = repr(sys.executable)
    program = f"import os, sys\ndef main(): os.execv({python}, [{python}, '-m', 'assistant_sync', *sys.argv[1:]])"
    about = "assistant_sync-9.9.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stands_for_it.py", program)
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: assistant-sync\nVersion: 9.9\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/entry_points.txt", "[console_scripts]\nassistant-sync = stands_for_it:main\n")
        archive.writestr(f"{about}/RECORD", "")
    return path


class Job:
    """A job that uses the action.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        (self.folder / "assistants").mkdir(parents=True)
        self.wheel = wheel(folder)
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}
        self.runner = Runner(self.folder, folder / "scratch", GITHUB_REPOSITORY=REPOSITORY, **offline)
        self.runner.git("init", "--quiet")

    def commit(self, *, url: str = "http://127.0.0.1:9", manifest: str = "graph_id: support_agent") -> None:
        """Make a project of one manifest."""
        targets = {"local": {"url": url}, "other": {"url": "http://127.0.0.1:8"}}
        project = {"version": 1, "project": "acme", "default_target": "local", "targets": targets}
        (self.folder / "assistant-sync.yaml").write_text(yaml.safe_dump(project))
        (self.folder / "assistants/support.yaml").write_text(manifest + "\n")
        self.runner.commit()

    def install(self, *, code: int = 0, **inputs: str) -> str:
        """Run the first step; where no version is said, the wheel stands for the action's checkout."""
        return self._step(INSTALL, code, inputs)

    def use(self, *, code: int = 0, **inputs: str) -> str:
        """Run the second step with these inputs, ``_`` for ``-`` in their names; returns the log."""
        self.runner.output.write_text("")
        return self._step(RUN, code, inputs)

    def _step(self, step: dict[str, Any], code: int, inputs: dict[str, str]) -> str:
        values = {name: str(about["default"]) for name, about in ACTION["inputs"].items()}
        values |= {name.replace("_", "-"): value for name, value in inputs.items()}
        known = {f"inputs.{name}": value for name, value in values.items()}
        known["github.action_path"] = str(self.wheel)
        environment = {
            name: re.sub(r"\$\{\{ (\S+) \}\}", lambda match: known[match[1]], value)
            for name, value in step["env"].items()
        }
        environment = {name: "" if "${{" in value else value for name, value in environment.items()}
        return self.runner.run(step, code=code, **environment)


@pytest.fixture(scope="module")
def _job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    job = Job(tmp_path_factory.mktemp("job"))
    job.install()
    return job


@pytest.fixture
def job(_job: Job) -> Job:
    """A job in which the first step has run, and a valid project."""
    (_job.folder / "assistants/support.yaml").unlink(missing_ok=True)
    _job.commit(manifest=f"graph_id: support_agent\nmetadata: {{n: {len(_job.runner.git('rev-list', '--all'))}}}")
    return _job


@pytest.mark.full
def test_a_version_that_is_named_is_what_is_installed_and_a_second_use_changes_it(tmp_path: Path) -> None:
    job = Job(tmp_path)
    job.commit()
    job.install(version="assistant-sync==9.8", code=1)
    job.install(version=STANDS_FOR_IT)
    job.install(version=STANDS_FOR_IT)
    job.use(command="validate")


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    job = Job(tmp_path)
    python = Path(job.runner.environment["PATH"].split(":")[0]) / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    assert commands_seen(job.install(code=1)) == [
        "::error::assistant-sync needs Python 3.11 or newer: put a step with actions/setup-python before this."
    ]


@pytest.mark.full
def test_validate_needs_nothing_and_says_how_it_ended(job: Job) -> None:
    assert "Valid (1 manifest)" in job.use(command="validate")
    assert job.runner.outputs()["exit_code"] == "0"


@pytest.mark.full
@pytest.mark.parametrize("command", ["validate", "plan", "apply"])
def test_what_is_wrong_is_shown_at_its_line(job: Job, command: str) -> None:
    job.commit(manifest="graph_id: support_agent\nnmae: x")
    (error,) = commands_seen(job.use(command=command, code=3))
    assert error.startswith("::error file=assistants/support.yaml,line=2,col=1")
    assert job.runner.outputs()["exit_code"] == "3"


@pytest.mark.full
def test_a_command_that_is_none_of_them_is_refused(job: Job) -> None:
    job.use(command="validate; touch made", code=64)
    assert not (job.folder / "made").exists()


@pytest.mark.full
def test_an_input_is_never_code_nor_split(job: Job) -> None:
    log = job.use(target="$(touch made) *", args="--only=a b\n\n`touch made`", code=64)
    assert not (job.folder / "made").exists()
    assert "'$(touch made) *'" in log


@pytest.mark.full
def test_the_target_is_the_one_that_is_named(job: Job, deployment: Deployment) -> None:
    job.commit(url=deployment.url)
    job.use(command="plan", target="other", code=5)
    assert "counts" not in job.runner.outputs()
    job.use(command="plan")


@pytest.mark.full
def test_plan_then_apply_as_reviewed(job: Job, deployment: Deployment, tmp_path: Path) -> None:
    job.commit(url=deployment.url, manifest="graph_id: support_agent\ncontext: {system_prompt: '::error::a prompt'}")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    with fake_github() as github:
        job.runner.environment |= {
            "GITHUB_API_URL": github.url,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_EVENT_NAME": "pull_request",
        }
        log = job.use(command="plan", github_token=TOKEN, base="HEAD~1", trusted_ref="HEAD", args="--only=support")
        assert len(github.comments) == 1
    assert deployment.users() == []
    assert "::error::a prompt" not in commands_seen(log)
    told = job.runner.outputs()
    assert json.loads(told["counts"])["create"] == 1
    assert (told["has_changes"], told["exit_code"]) == ("true", "0")
    plan = json.loads(Path(told["plan-file"]).read_text("utf-8"))
    assert plan["digest"] == told["digest"]

    reviewed = tmp_path / "reviewed.json"
    reviewed.write_text(json.dumps(plan))
    log = job.use(command="apply", reviewed=str(reviewed))
    assert [row["name"] for row in deployment.users()] == ["support"]
    outputs = job.runner.outputs()
    assert re.fullmatch(r"assistant-sync-archive-[0-9a-f]{32}", outputs.pop("artifact"))
    assert outputs == {"exit_code": "0"}
    assert commands_seen(log) == []
    job.use(command="plan", args="--detailed-exitcode")
    assert job.runner.outputs()["has_changes"] == "false"


@pytest.mark.full
def test_each_apply_keeps_what_it_deletes_under_a_name_of_its_own(job: Job, deployment: Deployment) -> None:
    job.commit(url=deployment.url)
    names = set()
    for code, arguments in ((0, ""), (64, "--nonsense")):
        job.use(command="apply", args=arguments, code=code)
        names.add(job.runner.outputs()["artifact"])
    assert len(names) == 2
    job.use(command="plan")
    assert "artifact" not in job.runner.outputs()


@pytest.mark.full
def test_in_a_public_repository_it_deletes_only_if_that_is_allowed(
    job: Job, deployment: Deployment, tmp_path: Path
) -> None:
    job.commit(url=deployment.url)
    second = job.folder / "assistants/second.yaml"
    second.write_text("graph_id: support_agent\n")
    with (job.folder / "assistant-sync.yaml").open("a") as file:
        file.write("archive: archive\n")
    job.runner.commit()
    job.use(command="apply")
    second.unlink()
    job.runner.commit()
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": {"private": False}}))
    job.runner.environment["GITHUB_EVENT_PATH"] = str(event)
    try:
        for command in ("plan", "apply"):
            assert "use --allow-public-archive" in job.use(command=command, args="--prune", code=6)
        job.use(command="plan", args="--prune", allow_public_archive="true")
        job.use(command="apply", args="--prune", allow_public_archive="true")
    finally:
        del job.runner.environment["GITHUB_EVENT_PATH"]
    assert len(deployment.users()) == 1
    assert list((job.folder / "archive").rglob("*.json"))


# Checks, with a program that stands for the real one


@pytest.fixture
def stub(tmp_path: Path) -> Job:
    """A job whose program does what the variable PROGRAM holds, in the place of the first step's."""
    job = Job(tmp_path)
    job.commit()
    commands = job.runner.temp / "assistant-sync/bin"
    commands.mkdir(parents=True)
    (commands / "python").symlink_to(Path(job.runner.environment["PATH"].split(":")[0]) / "python")
    (commands / "assistant-sync").write_text('#!/bin/bash\neval "$PROGRAM"\n')
    (commands / "assistant-sync").chmod(0o755)
    job.runner.environment["PROGRAM"] = 'printf "argument %s\n" "$@"; echo "target ${ASSISTANT_SYNC_TARGET-none}"'
    return job


@pytest.mark.parametrize(
    ("inputs", "arguments"),
    [
        ({}, []),
        ({"trusted_ref": "refs/remotes/origin/my main"}, ["--trusted-ref=refs/remotes/origin/my main"]),
        ({"args": "--max-runs=9\nsupport"}, ["--max-runs=9", "support"]),
        ({"base": "main", "reviewed": "plan.json", "allow_public_archive": "true"}, []),
    ],
)
def test_check_gets_the_commit_that_is_trusted_and_nothing_that_is_for_other_commands(
    stub: Job, inputs: dict[str, Any], arguments: list[str]
) -> None:
    log = stub.use(command="check", **inputs).splitlines()
    assert log == [*(f"argument {one}" for one in ("check", "--github", *arguments)), "target none"]
    assert stub.runner.outputs() == {"exit_code": "0"}


def test_check_takes_a_target_that_is_named_and_ends_as_the_program_does(stub: Job) -> None:
    stub.runner.environment["PROGRAM"] += "; exit 10"
    assert stub.use(command="check", target="staging", code=10).splitlines()[-1] == "target staging"
    assert stub.runner.outputs() == {"exit_code": "10"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 143), (signal.SIGTERM, 143), (signal.SIGTERM, 0)])
def test_a_check_that_github_cancels_ends_in_good_order(stub: Job, number: signal.Signals, code: int) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("the shell that started the tests has this signal ignored, and so has every shell below")
    begun = stub.runner.temp / "begun"
    wait = f"touch {begun}; for _ in {{1..400}}; do sleep 0.05; done"
    environment = stub.runner.environment | {
        "PROGRAM": f"trap 'sleep 0.3; echo ended; exit {code}' TERM; {wait}",
        **{name: "" for name, value in RUN["env"].items() if "inputs." in value},
        "COMMAND": "check",
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", RUN["run"]]
    with subprocess.Popen(command, cwd=stub.folder, env=environment, stdout=subprocess.PIPE, text=True) as job:
        while not begun.exists():
            assert job.poll() is None
            time.sleep(0.02)
        job.send_signal(number)
        log, _ = job.communicate(timeout=20)
    assert (log, job.returncode) == ("ended\n", code)
    assert stub.runner.outputs() == {"exit_code": str(code)}


# The hook for pre-commit


def test_the_hook_has_what_pre_commit_asks_for() -> None:
    # Its own schema is in no package that the tests need; these are its required members and their types.
    (hook,) = yaml.safe_load(HOOKS.read_text("utf-8"))
    types = {"pass_filenames": bool, "always_run": bool, "require_serial": bool}
    assert {"id", "name", "entry", "language"} <= set(hook)
    for name, value in hook.items():
        assert isinstance(value, types.get(name, str)), name
    assert (hook["id"], hook["language"]) == ("assistant-sync-validate", "python")
    assert hook["always_run"]
    assert not hook["pass_filenames"]


@pytest.mark.full
def test_the_hook_holds_a_commit_back_that_takes_an_included_text_away(job: Job) -> None:
    (hook,) = yaml.safe_load(HOOKS.read_text("utf-8"))
    step = {"name": "hook", "run": hook["entry"]}
    (job.folder / "prompt.md").write_text("Be kind.")
    job.commit(manifest="graph_id: support_agent\ncontext: {p: {$file: ../prompt.md}}")
    job.runner.run(step)
    job.runner.git("rm", "--quiet", "prompt.md")
    assert "prompt.md" in job.runner.run(step, code=3)


@pytest.mark.full
def test_check_asks_the_trusted_target_comments_and_sets_the_status(
    job: Job, deployment: Deployment, tmp_path: Path
) -> None:
    job.commit(url=deployment.url)
    file = job.folder / "assistant-sync.yaml"
    file.write_text(file.read_text("utf-8") + "checks: {target: local}\n")
    (job.folder / "checks").mkdir()
    case = "{name: hi, ask: Hello, expect: [{contains: no model}]}"
    (job.folder / "checks/support.yaml").write_text(f"assistants: support\ncases: [{case}]\n")
    head = job.runner.commit()
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": head}}}))
    with fake_github() as github:
        job.runner.environment |= {
            "GITHUB_API_URL": github.url,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_EVENT_NAME": "pull_request",
        }
        log = job.use(command="check", github_token=TOKEN, trusted_ref="HEAD")
        assert "1 case: 1 passed" in log
        assert [(one["sha"], one["state"]) for one in github.statuses] == [(head, "success")]
        assert len(github.comments) == 1
    assert job.runner.outputs()["passed"] == "1"
    assert deployment.users() == []
    assert deployment.threads() == []
