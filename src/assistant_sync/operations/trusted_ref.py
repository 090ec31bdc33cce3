"""The connection that a pull request may not change: secrets go only to what a trusted commit names."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, PlanRefused, RepositoryError
from assistant_sync.manifests.limits import MAX_FILE_BYTES
from assistant_sync.manifests.project.file import load_project_of
from assistant_sync.repository.committed import CommitTree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assistant_sync.model.project import Project, Target
    from assistant_sync.repository.worktree import WorkTree

_FIELDS = (
    "url", "allow_http", "auth", "api_key_env", "headers", "headers_env", "ca_file", "cert_file", "key_file"
)  # fmt: skip
"""The settings that decide which credentials are sent, and to which server."""

_FILES = ("ca_file", "cert_file", "key_file")


def check_trusted(project: Project, target: Target, tree: WorkTree, ref: str, *, is_named: bool) -> None:
    """Refuse a connection that is not the one of a trusted commit; nothing has been asked of the deployment yet.

    Args:
        project: The project file of today.
        target: The target that is chosen.
        tree: The repository.
        ref: The trusted commit.
        is_named: Whether somebody named the target; else it is the project file's choice.

    Raises:
        PlanRefused: The connection differs, or that commit's cannot be read.
        UnknownName: There is no such commit.
        RepositoryError: Git fails.
    """
    trusted = CommitTree.at(tree, ref)
    differing = tuple(_differing(project, target, trusted, is_named=is_named))
    if differing:
        message = (
            f"refused to contact target '{target.name}': its connection settings differ from trusted commit "
            f"{trusted.sha[:12]} ({', '.join(differing)})"
        )
        raise PlanRefused(message, hint="the new connection takes effect after the merge")


def _differing(project: Project, target: Target, trusted: CommitTree, *, is_named: bool) -> Iterator[str]:
    """The names of what differs."""
    try:
        known = load_project_of(trusted, project)
    except InvalidFiles:
        known = None
    before = None if known is None else known.targets.get(target.name)
    if known is None or before is None:
        yield "the target is new"
        return
    if not is_named and known.default_target != project.default_target:
        yield "default_target"
    for name in _FIELDS:
        if getattr(before, name) != getattr(target, name):
            yield name
        elif name in _FILES and _content_differs(getattr(target, name), trusted):
            yield f"the content of {name}"


def _content_differs(file: Path | None, trusted: CommitTree) -> bool:
    """Whether a file of the repository is not what the trusted commit has; one elsewhere is not the repository's."""
    if file is None:
        return False
    # Relative as it is named, and with the links of its folders followed: either way it may be the repository's.
    paths = []
    for place in (file, file.parent.resolve() / file.name):
        with suppress(RepositoryError):
            paths.append(trusted.relative(place))
    if not paths:
        return False
    path = paths[0]
    try:
        return trusted.read(path, limit=MAX_FILE_BYTES) != file.read_bytes()
    except (RepositoryError, OSError):
        return True
