"""Workflows and actions as the tests look at them, and their scripts run as GitHub's runner runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from assistant_sync.manifests.yaml12.parser import parse_documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Step: TypeAlias = dict[str, Any]

SECONDS = 120
"""After which a script hangs."""


def read(path: Path) -> dict[str, Any]:
    """A workflow or an action."""
    value = parse_documents(path.read_text("utf-8"))[0].value
    assert isinstance(value, dict)
    return value


def steps(workflow: Mapping[str, Any]) -> Iterator[Step]:
    """All steps of all jobs."""
    for job in workflow["jobs"].values():
        yield from job["steps"]


def step_named(path: Path, start: str) -> Step:
    """The step whose name starts so."""
    return next(step for step in steps(read(path)) if step.get("name", "").startswith(start))


class Runner:
    """Runs scripts in a repository, with the commands that a runner has after the install step.

    Args:
        folder: A repository.
        scratch: A folder for what else is needed.
        environment: Further variables.
    """

    def __init__(self, folder: Path, scratch: Path, **environment: str) -> None:
        self.folder = folder
        self.temp = scratch / "temp"
        self.temp.mkdir(parents=True)
        self.summary, self.output = scratch / "summary.md", scratch / "output"
        commands = scratch / "bin"
        commands.mkdir()
        for name, arguments in {"python": "", "assistant-sync": "-m assistant_sync"}.items():
            (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
            (commands / name).chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.output),
            "GIT_CONFIG_GLOBAL": os.devnull,
            **environment,
        }

    def git(self, *arguments: str) -> str:
        """Run git; returns what it printed."""
        identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main"]
        command = ["git", *identity, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str = "edit") -> str:
        """Commit everything; returns the commit's hash."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def run(self, *scripts: Step, code: int = 0, **environment: str) -> str:
        """Run steps one after the other, each with the variables and the exit code; returns all that they printed."""
        printed = ""
        for step in scripts:
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],  # noqa: S607 - as the runner
                cwd=self.folder,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=SECONDS,
            )
            assert done.returncode == code, f"{step.get('name')}: exit {done.returncode}\n{done.stdout}"
            printed += done.stdout
        return printed

    def outputs(self) -> dict[str, str]:
        """What steps have written as their outputs so far; a later value goes before."""
        text = self.output.read_text("utf-8") if self.output.exists() else ""
        plain = re.sub(r"^([\w-]+)<<(\S+)\n(.*?)\n\2$", r"\1=\3", text, flags=re.MULTILINE | re.DOTALL)
        return dict(line.split("=", 1) for line in plain.splitlines())


def commands_seen(log: str) -> list[str]:
    """The lines of a log that the runner takes for commands: after ``stop-commands`` none, until its token comes."""
    seen, token = [], None
    for line in log.splitlines():
        text = line.strip()
        if token is not None:
            token = None if text == f"::{token}::" else token
        elif text.startswith("::stop-commands::"):
            token = text.removeprefix("::stop-commands::")
        elif text.startswith("::") or "##[" in text:
            seen.append(text)
    return seen
