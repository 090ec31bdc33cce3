"""Real git repositories for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GIT = shutil.which("git") or "git"

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
}


class Repo:
    """A folder with a git repository.

    Args:
        folder: Is made if it is missing.
        init: Whether to make a repository of it.
    """

    def __init__(self, folder: Path, *, init: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder.resolve()
        if init:
            self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        """Run git; returns what it prints."""
        environment = {**os.environ, **_ENVIRONMENT}
        done = subprocess.run(
            [GIT, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def write(self, path: str, text: str = "text\n") -> Path:
        """Write a file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
        return file

    def commit(self, **files: str) -> str:
        """Commit everything; returns the hash."""
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")
