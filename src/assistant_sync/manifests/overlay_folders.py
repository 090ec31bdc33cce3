"""Which folder holds the overlay of a target: the one that it names, or ``overlays/<target>`` if that is there."""

from __future__ import annotations

import posixpath
from types import MappingProxyType
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.diagnostics import Diagnostic, SourceRef
from assistant_sync.manifests.sources import SUFFIXES
from assistant_sync.manifests.wording import shown, suggestion
from assistant_sync.model.frozen import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.project import Project, Target
    from assistant_sync.repository.tree import Tree

_FOLDER = "overlays"


def overlay_of(target: Target) -> str:
    """The folder of a target's overlay, whether it exists or not, relative to the project file's folder."""
    return target.overlay or f"{_FOLDER}/{target.name}"


def with_overlays_found(project: Project, tree: Tree, home: str) -> Project:
    """Give each target that names no overlay the folder of its name.

    Args:
        project: As its file has it.
        tree: The repository.
        home: The project file's folder, relative to its top.
    """
    found = {f"{_FOLDER}/{name}" for name in tree.names(posixpath.normpath(posixpath.join(home, _FOLDER)))}
    found = {folder for folder in found if not _is_below(project.manifests, folder)}
    targets = {
        name: replace(target, overlay=overlay_of(target)) if overlay_of(target) in found else target
        for name, target in project.targets.items()
    }
    return replace(project, targets=MappingProxyType(targets))


def unread_overlays(project: Project, tree: Tree, home: str) -> Iterator[Diagnostic]:
    """Find folders of overlays that no target reads: whoever made one means that it counts.

    Args:
        project: With the overlays that were found.
        tree: The repository.
        home: The project file's folder, relative to its top.
    """
    top = posixpath.normpath(posixpath.join(home, _FOLDER))
    read = [project.manifests, *(target.overlay for target in project.targets.values() if target.overlay)]
    folders = tuple(posixpath.normpath(posixpath.join(home, one)) for one in read)
    if not project.targets or any(_is_below(top, folder) for folder in folders):
        return
    try:
        files = tree.files(top, SUFFIXES)
    except RepositoryError:
        return  # there is no such folder
    seen: set[str] = set()
    for file in files:
        name = file[len(top) + 1 :].partition("/")[0]
        if name in seen or any(_is_below(file, folder) for folder in folders):
            continue
        seen.add(name)
        yield Diagnostic(SourceRef(file), f"no target reads this overlay: {_why_unread(name, file, top, project)}")


def _why_unread(name: str, file: str, top: str, project: Project) -> str:
    if file == f"{top}/{name}":
        return f"it must be in the folder of a target, such as {_FOLDER}/{next(iter(project.targets))}"
    if name in project.targets:
        return f"target {shown(name)} names another folder as its 'overlay'"
    near = suggestion(name, project.targets) or "; name the folder after one, or name it as a target's 'overlay'"
    return f"{shown(name)} is no target{near}"


def _is_below(path: str, folder: str) -> bool:
    return folder == "." or path == folder or path.startswith(f"{folder}/")
