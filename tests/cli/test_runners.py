"""No line of a prompt is a command to a runner, in any output of any command."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.forge.test_runner_commands import is_command

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment

HOSTILE = "be kind\n::error::forged\n  ::add-mask::a\n##[error]forged\n##vso[task.complete]x\n##teamcity[x]\n"
RUNNERS = ({"GITHUB_ACTIONS": "true"}, {"TF_BUILD": "True"}, {"TEAMCITY_VERSION": "2026.1"})


def obeyed(text: str) -> list[str]:
    return list(filter(is_command, text.split("\n")))


@pytest.fixture
def hostile(project: ProjectFixture) -> ProjectFixture:
    project.manifest("support", context={"system_prompt": HOSTILE})
    project.commit()
    return project


@pytest.mark.parametrize("runner", RUNNERS, ids=lambda one: next(iter(one)))
def test_no_line_of_a_prompt_is_a_command_in_any_output(
    runner: dict[str, str], hostile: ProjectFixture, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in runner.items():
        monkeypatch.setenv(name, value)
    hostile.run("apply").expect(0)
    hostile.manifest("support", context={"system_prompt": HOSTILE + "and short\n"}, name="::error::x")
    hostile.write("assistants/second.yaml", "graph_id: '##[error]no such graph'\n")
    hostile.commit()
    commands = (["plan"], ["plan", "-v"], ["plan", "-f", "markdown"], ["plan", "-f", "json"], ["validate"], ["doctor"],
                ["plan", "##[error]key"], ["apply"])  # fmt: skip
    for command in commands:
        run = hostile.run(*command)
        assert obeyed(run.out) == [], command
        assert obeyed(run.err) == [], command
    assert deployment.users()[0]["context"]["system_prompt"] == HOSTILE + "and short\n"


def test_without_a_runner_and_in_a_file_a_prompt_is_shown_as_it_is(
    hostile: ProjectFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "    ::error::forged" in hostile.run("plan").out.replace("+ ", "  ")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with (tmp_path / "plan.md").open("w") as file:
        command = [sys.executable, "-m", "assistant_sync", "plan", "--format", "markdown"]
        subprocess.run(command, cwd=hostile.folder, stdout=file, env=os.environ, check=True)
    assert "##[error]forged" in (tmp_path / "plan.md").read_text("utf-8")
