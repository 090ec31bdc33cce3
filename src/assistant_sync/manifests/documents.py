"""Read the manifests and overlays of a project as they are written, valid or not."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.diagnostics import Diagnostic, SourceRef
from assistant_sync.manifests.includes import Includes
from assistant_sync.manifests.keys import key_of
from assistant_sync.manifests.limits import MAX_REPEATED_CHARACTERS
from assistant_sync.manifests.overlay_folders import with_overlays_found
from assistant_sync.manifests.overlays import EMPTY_IN_GIT, Overlay, read_overlay
from assistant_sync.manifests.project.file import CHECKS_FOLDER
from assistant_sync.manifests.rules.build import Draft
from assistant_sync.manifests.rules.checked_out import misspelt_suffixes
from assistant_sync.manifests.rules.lint import lint
from assistant_sync.manifests.sources import ANY_CASE, SUFFIXES, read_sources
from assistant_sync.model.frozen import replace
from assistant_sync.model.progress import in_steps
from assistant_sync.model.turns import at_once
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from assistant_sync.model.project import Project, Target
    from assistant_sync.model.turns import Turns
    from assistant_sync.model.values import Path
    from assistant_sync.repository.tree import Tree


def read_drafts(
    project: Project, target: Target, tree: Tree, *, only: Collection[str] | None = None
) -> dict[str, Draft]:
    """Read the manifests as they are written, each with the overlay of a target; what is invalid is left out.

    Args:
        project: The project file.
        target: The target whose overlay applies.
        tree: The repository.
        only: The files to read, relative to its top; None for all.

    Returns:
        The drafts by key.
    """
    drafts, (overlay,) = read_documents(project, [target], tree, only=only)
    patches = overlay.patches
    return {one.key: replace(one, patch=patches.get(one.key)) for one in reversed(drafts) if one.key is not None}


def read_documents(
    project: Project, targets: Iterable[Target | None], tree: Tree, *, only: Collection[str] | None = None
) -> tuple[list[Draft], list[Overlay]]:
    """Read all manifests as they are written, and the overlays of some targets; what is invalid is left out.

    Args:
        project: The project file.
        targets: The targets; None for one without an overlay.
        tree: The repository.
        only: The manifests' files to read, relative to its top; None for all.

    Returns:
        The manifests in the order of their files, and an overlay for each target.
    """
    home = tree.relative(project.folder)
    project = with_overlays_found(project, tree, home)
    includes = Includes(tree)
    if only is None:
        only, _ = manifest_files(project, tree, home, SourceRef(below(home, project.file), 0))
    reading = drafts_of(tree, sorted(only), includes, empty=Severity.WARNING, literals=project.allow_literals)
    drafts, _ = at_once(reading)
    found = [None if one is None else project.targets.get(one.name, one) for one in targets]
    return drafts, [overlay_of_target(project, one, tree, includes, None) for one in found]


def manifest_files(
    project: Project, tree: Tree, home: str, project_file: SourceRef
) -> tuple[list[str], list[Diagnostic]]:
    """The manifests' files, without project file, overlays, archive and checks, which may lie in the same folder.

    Args:
        project: The project file.
        tree: The repository.
        home: The project file's folder, relative to its top.
        project_file: The project file, as problems refer to it.

    Returns:
        The files, relative to the top, and what is wrong with the folder or with a suffix.
    """
    folder = below(home, project.manifests)
    setting = replace(project_file, path=("manifests",))
    try:
        listed = tree.files(folder, ANY_CASE)
    except RepositoryError as error:
        message = (
            f"the manifests' folder {error.message}; create it ({EMPTY_IN_GIT}), or set 'manifests' to another folder"
        )
        return [], [Diagnostic(setting, message)]
    elsewhere = folders_elsewhere(project, home)
    found = [file for file in listed if file != project_file.file and not file.startswith(elsewhere)]
    files = [file for file in found if file.endswith(SUFFIXES)]
    if found:
        return files, list(misspelt_suffixes(found))
    message = f"the manifests' folder {folder} has no manifests (.yaml or .yml files)"
    return [], [Diagnostic(setting, message, Severity.WARNING)]


def drafts_of(
    tree: Tree,
    files: Iterable[str],
    includes: Includes,
    *,
    empty: Severity,
    literals: Collection[Path],
    note: Callable[[str, bytes], object] | None = None,
) -> Turns[tuple[list[Draft], list[Diagnostic]]]:
    """The manifests of some files; a turn for each file.

    Args:
        tree: The repository.
        files: Relative to its top.
        includes: Reads included texts.
        empty: How bad a file without any manifest is.
        literals: Paths that hold no credentials, although they look like it.
        note: Gets each file and its bytes; None for nobody.

    Returns:
        The manifests in the order of the files, and what is wrong with them.
    """
    drafts: list[Draft] = []
    diagnostics: list[Diagnostic] = []
    for file in in_steps("reading files", list(files)):
        sources, invalid = read_sources(tree, file, what="manifest", empty=empty, note=note)
        diagnostics += invalid
        includes.count_aliases(sources)
        if includes.repeated > MAX_REPEATED_CHARACTERS:
            break  # what follows would only cost time
        for written in sources:
            source, violations = includes.resolve(written)
            key, invalid_key = key_of(source)
            drafts.append(Draft(source, key))
            if violations or invalid_key:
                diagnostics += [source.diagnostic(one) for one in (*violations, *invalid_key)]
            if unlikely := lint(written, source, includes, literals):
                diagnostics += source.warnings(unlikely)
        yield
    return drafts, diagnostics


def overlay_of_target(
    project: Project, target: Target | None, tree: Tree, includes: Includes, keys: Mapping[str, str] | None
) -> Overlay:
    """The overlay of a target; an empty one if it has none.

    Args:
        project: The project file.
        target: The target; None for none.
        tree: The repository.
        includes: Reads included texts.
        keys: The keys that manifests have or had, each with the present one; None if they are not all known.
    """
    if target is None or target.overlay is None:
        return Overlay()
    home = tree.relative(project.folder)
    setting = SourceRef(below(home, project.file), 0, path=("targets", target.name, "overlay"))
    folder = below(home, target.overlay)
    return read_overlay(tree, folder, includes, keys, setting=setting, literals=project.allow_literals)


def repeats_too_much(project_file: SourceRef, includes: Includes) -> Iterator[Diagnostic]:
    """Report that aliases and includes repeat more than they may.

    Args:
        project_file: Where that is reported.
        includes: Has counted them.
    """
    if includes.repeated > MAX_REPEATED_CHARACTERS:
        message = (
            f"aliases and includes of this project repeat more than {MAX_REPEATED_CHARACTERS // 2**20} MiB of texts; "
            "repeat less, or split the project"
        )
        yield Diagnostic(project_file, message)


def folders_elsewhere(project: Project, home: str) -> tuple[str, ...]:
    """The folders of overlays, archive and checks, each with a slash at the end: they may lie in the manifests' one."""
    others = [*(one.overlay for one in project.targets.values()), project.archive, CHECKS_FOLDER]
    return tuple(below(home, other) + "/" for other in others if other)


def below(home: str, path: str) -> str:
    """A path of the project file, relative to the repository's top."""
    return posixpath.normpath(posixpath.join(home, path))
