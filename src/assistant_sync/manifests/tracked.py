"""The rule that manifests and included texts are tracked by git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.findings import Finding, Spot
from assistant_sync.problem import Severity
from assistant_sync.repository.worktree import Tracking

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from assistant_sync.repository.trees import Tree


def untracked(
    tree: Tree, files: Collection[str], includes: Mapping[str, Spot], *, project_file: str, ci: bool
) -> list[Finding]:
    """What git does not know.

    Args:
        tree: The repository.
        files: Manifests and overlays, relative to its top.
        includes: Included texts, and where the first include of each stands.
        project_file: Where it is told that git is missing.
        ci: Whether an untracked file is an error: nobody else has it.

    Raises:
        RepositoryError: Git failed.
    """
    if tree.git_is_missing:
        message = "git is not installed, so nobody checked that the manifests are tracked"
        return [Finding(Spot(project_file), message, Severity.ERROR if ci else Severity.WARNING)]
    states = tree.tracking([*files, *includes])
    findings = []
    for file, state in states.items():
        if state is Tracking.TRACKED:
            continue
        name = f"the included text {file}" if file in includes else "this file"
        spot = includes.get(file, Spot(file))
        if state is Tracking.IGNORED:
            message = f"{name} is ignored by git, so nobody else has it; see `git check-ignore -v` for it"
            findings.append(Finding(spot, message))
        else:
            message = f"{name} is not tracked by git; `git add` it"
            findings.append(Finding(spot, message, Severity.ERROR if ci else Severity.WARNING))
    return findings
