"""A user's repository with a project file, and what loading its manifests returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.load import ManifestSet, load_manifests
from assistant_sync.manifests.project.file import load_project
from assistant_sync.repository.worktree import WorkTree
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.model.assistant import Desired

PROJECT_FILE = """\
version: 1
project: acme
targets:
  local: {url: "http://127.0.0.1:2024"}
"""

OVERLAID = """\
version: 1
project: acme
default_target: local
targets:
  local: {url: "http://127.0.0.1:2024"}
  production: {url: "https://prod.example.org", overlay: overlays/production}
  staging: {url: "https://staging.example.org", overlay: overlays/staging}
"""


class ManifestProject:
    """A repository with a project file.

    Args:
        folder: The folder to make it in.
        git: Whether it is a git repository.
        home: The project file's folder below the top.
    """

    def __init__(self, folder: Path, *, git: bool = True, home: str = ".") -> None:
        self.repo = Repo(folder, init=git)
        self.home = home
        self.write("assistant-sync.yaml", PROJECT_FILE)
        (self.folder / "assistants").mkdir()

    @property
    def folder(self) -> Path:
        """The project file's folder."""
        return self.repo.folder / self.home

    def write(self, path: str, text: str) -> Path:
        """Write a file below the project file's folder."""
        return self.repo.write(f"{self.home}/{path}", text)

    def write_all(self, **files: str) -> None:
        """Write files below the manifests' folder; ``a`` stands for ``assistants/a.yaml``."""
        for name, text in files.items():
            self.write(f"assistants/{name}.yaml", text)

    def load(
        self, target: str | None = "local", *, add: bool = True, pruning: bool = False, ci: bool = False
    ) -> ManifestSet:
        """Load the manifests, after everything was added to git's index."""
        tree = WorkTree.open(self.folder)
        if add and tree.is_git:
            self.repo.git("add", "--all")
        project = load_project(self.folder / "assistant-sync.yaml")
        chosen = project.targets[target] if target else None
        return load_manifests(project, chosen, tree, pruning=pruning, ci=ci)

    def problems(self, target: str | None = "local", *, add: bool = True, pruning: bool = False) -> list[str]:
        """The problems as users see them."""
        return [str(problem) for problem in self.load(target, add=add, pruning=pruning).problems]

    def one(self, target: str | None = "local") -> Desired:
        """The desired assistant of the only manifest; there must be no problem."""
        loaded = self.load(target)
        assert loaded.problems == ()
        (desired,) = loaded.desired
        return desired
