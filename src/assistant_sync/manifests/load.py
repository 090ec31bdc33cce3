"""Load the manifests: every file is read, and every problem is reported with its file, line and column."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.diagnostics import Diagnostic, SourceLocator, SourceRef
from assistant_sync.manifests.includes import Includes
from assistant_sync.manifests.keys import key_of
from assistant_sync.manifests.left_out import without_keys
from assistant_sync.manifests.limits import MAX_REPEATED_CHARACTERS
from assistant_sync.manifests.overlay_folders import overlay_of, unread_overlays, with_overlays_found
from assistant_sync.manifests.overlays import EMPTY_IN_GIT, Overlay, read_overlay
from assistant_sync.manifests.rules.across_files import ManifestChecker
from assistant_sync.manifests.rules.build import Draft
from assistant_sync.manifests.rules.checked_out import files_not_checked_out, misspelt_suffixes
from assistant_sync.manifests.rules.lint import lint
from assistant_sync.manifests.rules.tracked import untracked_files
from assistant_sync.manifests.sources import ANY_CASE, SUFFIXES, read_sources
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.project import Project, Target
    from assistant_sync.model.values import Path
    from assistant_sync.problem import Problem
    from assistant_sync.repository.tree import Tree


@dataclass(frozen=True, slots=True)
class ManifestSet:
    """All manifests of a project.

    Attributes:
        desired: The desired assistants, sorted by key; manifests with an error have none.
        problems: Errors and warnings, sorted by file and place.
        files: Every file that was read, relative to the repository's top: project file, manifests, overlays and
            included texts.
        documents: The number of manifests.
        folders: Where manifests and overlays were looked for, relative to the repository's top.
    """

    desired: tuple[Desired, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    files: tuple[str, ...] = field(repr=False)
    documents: int
    folders: tuple[str, ...] = ()


def load_manifests(
    project: Project, target: Target | None, tree: Tree, *, pruning: bool, ci: bool, left_out: Collection[str] = ()
) -> ManifestSet:
    """Load all manifests of a project.

    Args:
        project: The project file.
        target: The target whose overlay applies; None checks the manifests with every target's overlay, and returns
            the desired assistants of the default target.
        tree: The repository.
        pruning: Whether missing manifests are deletes, so that an empty file is an error.
        ci: Whether this is continuous integration, where an untracked file is an error.
        left_out: The keys whose problems do not count.

    Raises:
        RepositoryError: Git failed, or the project is outside of the repository.
    """
    home = tree.relative(project.folder)
    project = with_overlays_found(project, tree, home)
    target = None if target is None else project.targets.get(target.name, target)
    project_file = SourceRef(_below(home, project.file), 0)
    includes = Includes(tree)
    files, diagnostics = _manifest_files(project, tree, home, project_file)
    empty = _empty_severity(project, target, pruning=pruning)
    drafts, invalid = _read_drafts(tree, files, includes, empty=empty, literals=project.allow_literals)
    diagnostics += invalid
    checker = ManifestChecker(project.first_name, drafts)
    variants = _with_distinct_overlays(project, target)
    desired, overlays = _with_overlays(checker, project, variants, tree, includes, invalid)
    files += [file for overlay in overlays for file in overlay.files]
    diagnostics += [*checker.diagnostics, *unread_overlays(project, tree, home), *_too_much(project_file, includes)]
    diagnostics += _not_checked_out(project, tree, home, variants, includes)
    diagnostics += untracked_files(tree, files, checker.included_texts(), project_file=project_file.file, ci=ci)
    return ManifestSet(
        desired=tuple(sorted(desired, key=lambda one: one.key)),
        problems=SourceLocator(tree, home).problems(without_keys(diagnostics, left_out, drafts, overlays)),
        files=tuple(sorted({project_file.file, *files, *includes.files})),
        documents=sum(draft.key not in left_out for draft in drafts),
        folders=_folders(project, home, variants),
    )


def _with_overlays(
    checker: ManifestChecker,
    project: Project,
    variants: Iterable[Target | None],
    tree: Tree,
    includes: Includes,
    invalid: Iterable[Diagnostic],
) -> tuple[list[Desired], list[Overlay]]:
    """The desired assistants of the first target, and the overlays of all, against which the manifests are checked."""
    # A manifest that cannot be read may have the key that an overlay names.
    keys = None if any(one.severity is Severity.ERROR for one in invalid) else checker.keys
    overlays = [_read_overlay_of(project, one, tree, includes, keys) for one in variants]
    desired, *_ = [checker.desired(overlay) for overlay in overlays]
    return desired, overlays


def _too_much(project_file: SourceRef, includes: Includes) -> Iterator[Diagnostic]:
    if includes.repeated > MAX_REPEATED_CHARACTERS:
        message = (
            f"aliases and includes of this project repeat more than {MAX_REPEATED_CHARACTERS // 2**20} MiB of texts; "
            "repeat less, or split the project"
        )
        yield Diagnostic(project_file, message)


def _empty_severity(project: Project, target: Target | None, *, pruning: bool) -> Severity:
    """How bad a file without any manifest is: where pruning is asked for, it may be a truncated one."""
    is_pruned = pruning or (target is None and any(one.prune for one in project.targets.values()))
    return Severity.ERROR if is_pruned else Severity.WARNING


def _below(home: str, path: str) -> str:
    """A path of the project file, relative to the repository's top."""
    return posixpath.normpath(posixpath.join(home, path))


def _with_distinct_overlays(project: Project, target: Target | None) -> Sequence[Target | None]:
    """The targets whose overlays differ; the selected or default one first."""
    if target is not None or not project.targets:
        return [target]
    default = project.targets.get(project.default_target or "")
    ordered = [*([default] if default else []), *project.targets.values()]
    return list({one.overlay: one for one in reversed(ordered)}.values())[::-1]


def _read_overlay_of(
    project: Project, target: Target | None, tree: Tree, includes: Includes, keys: Mapping[str, str] | None
) -> Overlay:
    """The overlay of a target; an empty one if it has none."""
    if target is None or target.overlay is None:
        return Overlay()
    home = tree.relative(project.folder)
    setting = SourceRef(_below(home, project.file), 0, path=("targets", target.name, "overlay"))
    folder = _below(home, target.overlay)
    return read_overlay(tree, folder, includes, keys, setting=setting, literals=project.allow_literals)


def _manifest_files(
    project: Project, tree: Tree, home: str, project_file: SourceRef
) -> tuple[list[str], list[Diagnostic]]:
    """The manifests' files, without project file, overlays and archive, which may lie in the same folder."""
    folder = _below(home, project.manifests)
    setting = replace(project_file, path=("manifests",))
    try:
        listed = tree.files(folder, ANY_CASE)
    except RepositoryError as error:
        message = (
            f"the manifests' folder {error.message}; create it ({EMPTY_IN_GIT}), or set 'manifests' to another folder"
        )
        return [], [Diagnostic(setting, message)]
    elsewhere = _elsewhere(project, home)
    found = [file for file in listed if file != project_file.file and not file.startswith(elsewhere)]
    files = [file for file in found if file.endswith(SUFFIXES)]
    if found:
        return files, list(misspelt_suffixes(found))
    message = f"the manifests' folder {folder} has no manifests (.yaml or .yml files)"
    return [], [Diagnostic(setting, message, Severity.WARNING)]


def _not_checked_out(
    project: Project, tree: Tree, home: str, variants: Iterable[Target | None], includes: Includes
) -> Iterator[Diagnostic]:
    """What of manifests, overlays and included texts the work tree does not have."""
    folders = _folders(project, home, variants)
    others = tuple(folder for folder in _elsewhere(project, home) if folder.rstrip("/") not in folders)
    return files_not_checked_out(tree, folders, includes.asked, except_below=others)


def _folders(project: Project, home: str, variants: Iterable[Target | None]) -> tuple[str, ...]:
    """Where manifests and the overlays of some targets are, whether they are there or not."""
    overlays = [overlay_of(one) for one in variants if one is not None]
    return tuple(_below(home, one) for one in (project.manifests, *overlays))


def _elsewhere(project: Project, home: str) -> tuple[str, ...]:
    """The overlays' folders and the archive, each with a slash at the end: they may lie in the manifests' folder."""
    others = [*(one.overlay for one in project.targets.values()), project.archive]
    return tuple(_below(home, other) + "/" for other in others if other)


def _read_drafts(
    tree: Tree, files: Iterable[str], includes: Includes, *, empty: Severity, literals: Collection[Path]
) -> tuple[list[Draft], list[Diagnostic]]:
    drafts: list[Draft] = []
    diagnostics: list[Diagnostic] = []
    for file in files:
        sources, invalid = read_sources(tree, file, what="manifest", empty=empty)
        diagnostics += invalid
        includes.count_aliases(sources)
        if includes.repeated > MAX_REPEATED_CHARACTERS:
            break  # what follows would only cost time
        for written in sources:
            source, violations = includes.resolve(written)
            key, invalid_key = key_of(source)
            drafts.append(Draft(source, key))
            diagnostics += [source.diagnostic(one) for one in (*violations, *invalid_key)]
            diagnostics += source.warnings(lint(written, source, includes, literals))
    return drafts, diagnostics


def read_drafts(project: Project, target: Target, tree: Tree) -> dict[str, Draft]:
    """Read the manifests as they are written, each with the overlay of a target; what is invalid is left out.

    Args:
        project: The project file.
        target: The target whose overlay applies.
        tree: The repository.

    Returns:
        The drafts by key.
    """
    drafts, (overlay,) = read_documents(project, [target], tree)
    patches = overlay.patches
    return {one.key: replace(one, patch=patches.get(one.key)) for one in reversed(drafts) if one.key is not None}


def read_documents(project: Project, targets: Iterable[Target | None], tree: Tree) -> tuple[list[Draft], list[Overlay]]:
    """Read all manifests as they are written, and the overlays of some targets; what is invalid is left out.

    Args:
        project: The project file.
        targets: The targets; None for one without an overlay.
        tree: The repository.

    Returns:
        The manifests in the order of their files, and an overlay for each target.
    """
    home = tree.relative(project.folder)
    project = with_overlays_found(project, tree, home)
    includes = Includes(tree)
    files, _ = _manifest_files(project, tree, home, SourceRef(_below(home, project.file), 0))
    drafts, _ = _read_drafts(tree, files, includes, empty=Severity.WARNING, literals=project.allow_literals)
    found = [None if one is None else project.targets.get(one.name, one) for one in targets]
    return drafts, [_read_overlay_of(project, one, tree, includes, None) for one in found]


def load_file(project: Project, target: Target, tree: Tree, file: str) -> tuple[Desired, ...]:
    """Load the manifests of one file alone, with the overlay of a target; what is invalid is left out.

    Args:
        project: The project file.
        target: The target whose overlay applies.
        tree: The repository.
        file: Relative to its top; it need not exist.
    """
    project = with_overlays_found(project, tree, tree.relative(project.folder))
    target = project.targets.get(target.name, target)
    includes = Includes(tree)
    drafts, _ = _read_drafts(tree, [file], includes, empty=Severity.WARNING, literals=project.allow_literals)
    if not drafts:
        return ()
    checker = ManifestChecker(project.first_name, drafts)
    return tuple(checker.desired(_read_overlay_of(project, target, tree, includes, None)))
