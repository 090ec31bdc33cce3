"""What the program loads before it does its work: each module is time that every command takes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.cli import main
from assistant_sync.cli.run_state import NOT_TAKEN_APART
from tests.project_fixture import ProjectFixture
from tests.servers.fake_deployment import FakeDeployment
from tests.servers.loopback import Asked, Reply, loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HELP_NEEDS = {
    "assistant_sync",
    "assistant_sync.cli",
    "assistant_sync.cli.app",
    "assistant_sync.cli.main",
    "assistant_sync.cli.options",
    "assistant_sync.cli.parameters",
    "assistant_sync.cli.run_state",
    "assistant_sync.errors",
    "assistant_sync.model",
    "assistant_sync.model.timeout",
    "assistant_sync.report",
    "assistant_sync.report.formats",
    "assistant_sync.suggest",
    "atexit",
    "gc",
    # What click loads for any help text.
    "click._textwrap",
    "textwrap",
    "locale",
    "_locale",
}
"""Beside what ``import click`` loads."""


def loaded(code: str, folder: Path) -> set[str]:
    """The modules of a process after it has run some code."""
    listing = "import json, sys; print(json.dumps([name for name, module in sys.modules.items() if module]))"
    code = f"{code}\nsys = __import__('sys'); sys.stdout = sys.stderr; {listing}"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    names: list[str] = json.loads(done.stderr.splitlines()[-1])
    return set(names)


def test_help_loads_click_and_the_command_line_and_nothing_else(tmp_path: Path) -> None:
    code = "from assistant_sync.cli import main; assert main(['--help']) == 0"
    assert loaded(code, tmp_path) - loaded("import click", tmp_path) <= HELP_NEEDS


SELDOM_NEEDED = (
    "pydantic",
    "pydantic_core",
    "rich.console",
    "rich.progress",
    "pygments",
    "deepdiff",
    "rfc8785",
    "httpx._main",
    "secrets",
    "difflib",
    "assistant_sync.applying",
    "assistant_sync.checking",
    "assistant_sync.doctor",
    "assistant_sync.documents",
    "assistant_sync.forge.github",
    "assistant_sync.locking",
    "assistant_sync.manifests.checks.build",
    "assistant_sync.manifests.project.models",
    "assistant_sync.manifests.rules.models",
    "assistant_sync.manifests.writing",
    "assistant_sync.report.linediff",
    "assistant_sync.report.markdown",
)
"""What neither a plan without changes nor the validation of a project without problems needs."""


def needless(names: set[str]) -> list[str]:
    return sorted(name for name in names if any(name == one or name.startswith(f"{one}.") for one in SELDOM_NEEDED))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ProjectFixture]:
    """A project with an assistant, on a deployment that agrees."""
    deployment = FakeDeployment()

    def answer(asked: Asked) -> Reply:
        status, value = deployment.answer(asked.method, asked.target, json.loads(asked.body) if asked.body else None)
        return Reply(status, json.dumps(value).encode())

    with loopback(answer) as server:
        project = ProjectFixture(tmp_path, server.url, lock="off", schema="off", archive="archive")
        project.manifest("support", context={"prompt": "be kind"}, lifecycle={"prevent_delete": True})
        project.commit()
        applied = project.run("apply", "--yes")
        assert applied.code == 0, applied
        yield project


@pytest.mark.parametrize("arguments", [["plan", "--detailed-exitcode"], ["validate"]])
def test_a_command_that_finds_nothing_loads_nothing_that_explains_or_writes(
    project: ProjectFixture, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI", "GITHUB_ACTIONS", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    code = f"from assistant_sync.cli import main; assert main({arguments}) == 0"
    names = loaded(code, project.folder)
    assert "assistant_sync.manifests.load" in names
    assert needless(names) == []


def test_what_a_plan_was_made_of_is_not_taken_apart_before_the_process_ends(
    project: ProjectFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.folder)
    state: dict[str, Any] = {}
    assert main(["plan"], state=state) == 0
    assert [one.key for one in state[NOT_TAKEN_APART].made_of.triaged.assistants] == ["support"]


ONLY_FOR_QUESTIONS_AND_SAVED_PLANS = (
    "assistant_sync.checking",
    "assistant_sync.documents.plan_file",
    "assistant_sync.live.runs",
    "assistant_sync.operations.ask_plan",
    "assistant_sync.operations.live_check",
    "pydantic",
)


def test_an_apply_that_creates_loads_nothing_that_asks_questions_or_reads_plan_files(project: ProjectFixture) -> None:
    project.manifest("second", context={"prompt": "be brief"})
    project.commit()
    code = "from assistant_sync.cli import main; assert main(['apply', '--yes']) == 0"
    names = loaded(code, project.folder)
    assert "assistant_sync.applying.writes.create" in names
    needless = [name for name in names if name.startswith(ONLY_FOR_QUESTIONS_AND_SAVED_PLANS)]
    assert needless == []
