"""The rule that the work tree has what the commit has: the commit is the desired state."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Diagnostic, SourceRef
from assistant_sync.manifests.sources import ANY_CASE, SUFFIXES
from assistant_sync.repository.checkout import NotCheckedOut

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from assistant_sync.repository.tree import Tree

_MESSAGES = {
    NotCheckedOut.SPARSE: (
        "this file is in the commit, but a sparse checkout leaves it out; `git sparse-checkout add {folder}`, "
        "in CI check out without `sparse-checkout`"
    ),
    NotCheckedOut.SUBMODULE: (
        "this submodule is not checked out; `git submodule update --init {path}`, "
        "in CI check out with `submodules: true`"
    ),
    NotCheckedOut.LINK: (
        "this symbolic link was checked out as a text file; set `git config core.symlinks true` and check it out again"
    ),
    NotCheckedOut.UNWATCHED: (
        "this file differs from the commit, and git is set to ignore the edit; "
        "`git update-index --no-skip-worktree --no-assume-unchanged {path}`"
    ),
}


def files_not_checked_out(
    tree: Tree, folders: Collection[str], included: Collection[str], *, except_below: tuple[str, ...]
) -> Iterator[Diagnostic]:
    """Report the files that a plan of the commit would read and a plan of this work tree does not.

    Args:
        tree: The repository.
        folders: The folders of manifests and overlays, relative to its top.
        included: The files that manifests and overlays include, whether they could be read or not.
        except_below: What does not count below the folders; each ends with a slash.

    Raises:
        RepositoryError: Git failed.
    """
    asked = [*folders, *included]
    for path, why in sorted(tree.not_checked_out(asked, ANY_CASE).items()):
        if not f"{path}/".startswith(except_below):
            message = _MESSAGES[why].format(path=path, folder=posixpath.dirname(path) or ".")
            yield Diagnostic(SourceRef(path), message)


def misspelt_suffixes(files: Collection[str]) -> Iterator[Diagnostic]:
    """Report the files that would be read if their suffix were in lower case."""
    for file in files:
        if not file.endswith(SUFFIXES):
            suffix = posixpath.splitext(file)[1]
            message = f"this file is not read: write its suffix as {suffix.lower()}, not {suffix} (with `git mv`)"
            yield Diagnostic(SourceRef(file), message)
