"""The rule that git tracks manifests and included texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Diagnostic, SourceRef
from assistant_sync.problem import Severity
from assistant_sync.repository.tree import Tracking

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from assistant_sync.repository.tree import Tree


def untracked_files(
    tree: Tree, files: Collection[str], includes: Mapping[str, SourceRef], *, project_file: str, ci: bool
) -> list[Diagnostic]:
    """Report the files that git does not track.

    Args:
        tree: The repository.
        files: Manifests and overlays, relative to its top.
        includes: Included texts, each with the first include of it.
        project_file: The file at which a missing git executable is reported.
        ci: Whether an untracked file is an error: the commit does not have it.

    Raises:
        RepositoryError: Git failed.
    """
    if tree.git_is_missing:
        message = "git is not installed, so it was not checked that the manifests are tracked; install git"
        return [Diagnostic(SourceRef(project_file), message, Severity.ERROR if ci else Severity.WARNING)]
    diagnostics = []
    for file, tracking in tree.tracking([*files, *includes]).items():
        if tracking is Tracking.TRACKED:
            continue
        name = f"the included text {file}" if file in includes else "this file"
        ref = includes.get(file, SourceRef(file))
        if tracking is Tracking.IGNORED:
            message = f"{name} is ignored by git, so no commit contains it; `git check-ignore -v` shows the rule"
            diagnostics.append(Diagnostic(ref, message))
        else:
            message = f"{name} is not tracked by git; `git add` it"
            diagnostics.append(Diagnostic(ref, message, Severity.ERROR if ci else Severity.WARNING))
    return diagnostics
