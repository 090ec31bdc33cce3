"""A user's repository, and the command line run in it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assistant_sync.cli import main
from assistant_sync.model.identity import derived_id

PROJECT = "acme-support"

_GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
}


@dataclass(frozen=True)
class Run:
    """One run of the command line."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    def expect(self, code: int) -> Run:
        """This run, if it ended with the code; its output otherwise."""
        assert self.code == code, f"exit {self.code}, not {code}\n{self.out}\n{self.err}"
        return self


class ProjectFixture:
    """A git repository with a project file for one deployment.

    Args:
        folder: An empty folder.
        url: The deployment's URL.
    """

    def __init__(self, folder: Path, url: str, **target: Any) -> None:
        self.folder = folder
        self._any_context = False
        self.git("init", "-q", "-b", "main")
        self.configure(url, **target)
        (folder / "assistants").mkdir()

    def configure(self, url: str, *, project: str = PROJECT, name: str = "local", **target: Any) -> None:
        """Write the project file, with one target."""
        top: dict[str, Any] = {field: target.pop(field) for field in ("archive", "former_projects") if field in target}
        document = {"version": 1, "project": project, **top, "default_target": name}
        target = {"schema": "off", **target} if self._any_context else target
        self.write("assistant-sync.yaml", yaml.safe_dump({**document, "targets": {name: {"url": url, **target}}}))

    def allow_any_context(self) -> None:
        """Let contexts be any JSON, whatever their graphs declare, now and later: for tests of what servers keep."""
        self._any_context = True
        document = yaml.safe_load((self.folder / "assistant-sync.yaml").read_text("utf-8"))
        for target in document["targets"].values():
            target["schema"] = "off"
        self.write("assistant-sync.yaml", yaml.safe_dump(document))

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def manifest(self, key: str, **fields: Any) -> str:
        """Write one manifest, of the support graph where none is named; returns the id that it derives."""
        document = {"graph_id": "support_agent", **fields}
        # In ASCII, so that line separators are escaped: YAML would not keep them as they are.
        self.write(f"assistants/{key}.yaml", yaml.safe_dump(document, sort_keys=False, width=1000))
        return derived_id(PROJECT, key)

    def remove(self, key: str) -> None:
        """Remove one manifest."""
        (self.folder / f"assistants/{key}.yaml").unlink()

    def git(self, *arguments: str) -> str:
        """Run git here."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],  # noqa: S607, RUF100 - git is where the user has it
            env=environment | _GIT_ENVIRONMENT,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, message: str = "edit") -> str:
        """Commit everything; returns the hash."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def revert(self) -> str:
        """Revert the last commit; returns the hash of the revert."""
        self.git("revert", "--no-edit", "HEAD")
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments: str) -> Run:
        """Run the command line here."""
        out, err = io.StringIO(), io.StringIO()
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main(arguments)
        finally:
            os.chdir(before)
        return Run(code, out.getvalue(), err.getvalue())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command line here as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "assistant_sync", *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def plan(self, *arguments: str) -> Any:
        """The JSON plan."""
        return self.run("plan", "--format", "json", *arguments).expect(0).json

    def actions(self, *arguments: str) -> dict[str, str]:
        """What the plan intends for each key."""
        return {change["key"]: change["action"] for change in self.plan(*arguments)["changes"]}

    def apply(self, *arguments: str, code: int = 0) -> Any:
        """The JSON result of an apply."""
        return self.run("apply", "--format", "json", *arguments).expect(code).json

    def statuses(self, *arguments: str, code: int = 0) -> dict[str, str]:
        """What became of each change."""
        return {one["key"]: one["status"] for one in self.apply(*arguments, code=code)["outcomes"]}
