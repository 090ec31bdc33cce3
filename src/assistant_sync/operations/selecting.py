"""Which assistants are selected: what changed since a commit, and globs that match nothing."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, UnknownName
from assistant_sync.manifests.project.file import load_project_of
from assistant_sync.manifests.written import Written, read_written
from assistant_sync.model.frozen import replace
from assistant_sync.repository.branch import merge_base
from assistant_sync.repository.committed import CommitTree
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from assistant_sync.model.project import Project
    from assistant_sync.model.selection import Selection
    from assistant_sync.repository.tree import Tree
    from assistant_sync.repository.worktree import WorkTree


def select_changed(
    selection: Selection, ref: str | None, now: Mapping[str, Written], before: Mapping[str, Written]
) -> Selection:
    """Narrow a selection to the keys of which two trees do not say the same.

    Args:
        selection: What else is asked for.
        ref: What the command line calls the earlier tree.
        now: What the later tree says of each key.
        before: What the earlier tree says.
    """
    same = Written()
    keys = {*now, *before}
    changed = frozenset(key for key in keys if not now.get(key, same).is_same(before.get(key, same)))
    return replace(selection, changed=changed, since=ref)


def changed_since(
    selection: Selection, ref: str, project: Project, targets: Collection[str], tree: WorkTree, now: Tree | None = None
) -> Selection:
    """Narrow a selection to the keys whose manifests changed since a branch began.

    A manifest that is new or was removed changed as well.

    Args:
        selection: What else is asked for.
        ref: What the branch will be merged into, or came from: the comparison is with the merge base of HEAD and this.
        project: The project file.
        targets: The targets whose overlays count.
        tree: The work tree.
        now: The manifests of now; None for those of the work tree.

    Raises:
        UnknownName: There is no such commit, or no git.
        RepositoryError: Git fails.
    """
    if not tree.is_git:
        message = f"--changed-since {ref}: {tree.top} is not a git repository, so it has no commits to compare with"
        raise UnknownName(message, hint="select by key instead, with --only")
    base = CommitTree(tree, merge_base(tree, ref))
    return select_changed(
        selection, ref, read_written(project, targets, now or tree), _written_at(base, project, targets)
    )


def _written_at(base: CommitTree, project: Project, targets: Collection[str]) -> dict[str, Written]:
    """What the files of a commit say of each key; nothing without a valid project file of this project."""
    try:
        then = load_project_of(base, project)
    except InvalidFiles:
        return {}
    return read_written(then, targets, base) if then is not None and then.name in project.names else {}


def check_keys(
    selection: Selection, known: Collection[str], *, what: str, names: Mapping[str, str] | None = None
) -> None:
    """Refuse a glob over keys that matches nothing.

    Args:
        selection: The globs.
        known: All keys.
        what: What none of them matches, such as "manifest".
        names: Keys that manifests had before, each with the present one.

    Raises:
        UnknownName: There is such a glob.
    """
    missing = _unmatched(selection.globs, known)
    if missing:
        message = f"no {what} matches {', '.join(map(repr, missing))}"
        moved = (names or {}).get(missing[0])
        hint = did_you_mean(missing[0], sorted(known)) or None
        raise UnknownName(message, hint=hint if moved is None else f"its manifest has the key '{moved}' now")


def check_graphs(selection: Selection, known: Collection[str], *, what: str) -> None:
    """Refuse a glob over graphs that matches nothing.

    Args:
        selection: The globs.
        known: All graphs.
        what: What is in none of them, such as "manifest".

    Raises:
        UnknownName: There is such a glob.
    """
    missing = _unmatched(selection.graphs, known)
    if missing:
        message = f"no {what} has a graph that matches {', '.join(map(repr, missing))}"
        raise UnknownName(message, hint=did_you_mean(missing[0], sorted(known)) or None)


def _unmatched(globs: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    return tuple(glob for glob in globs if not any(fnmatchcase(one, glob) for one in known))
