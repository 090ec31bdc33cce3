"""What loading the checks of a project returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.checks.load import CheckSet, load_checks
from assistant_sync.manifests.project.file import load_project
from assistant_sync.repository.worktree import WorkTree

if TYPE_CHECKING:
    from tests.manifests.manifest_project import ManifestProject

CASE = "  - {name: a, ask: b, expect: [{contains: c}]}\n"
GOOD = f"assistants: support\ncases:\n{CASE}"


def load(project: ManifestProject, *, add: bool = True, ci: bool = False, knows_manifests: bool = True) -> CheckSet:
    """Load the checks, after everything was added to git's index."""
    tree = WorkTree.open(project.folder)
    if add and tree.is_git:
        project.repo.git("add", "--all")
    read = load_project(project.folder / "assistant-sync.yaml")
    desired = project.load(add=add).desired if knows_manifests else None
    return load_checks(read, tree, ci=ci, desired=desired)


def problems(project: ManifestProject, text: str | None = None) -> list[str]:
    """The problems as users see them; of a file ``checks/a.yaml`` with a text without the file's name."""
    if text is not None:
        project.write("checks/a.yaml", text)
    found = [str(problem) for problem in load(project, knows_manifests=False).problems]
    return found if text is None else [one.removeprefix("checks/a.yaml:") for one in found]
