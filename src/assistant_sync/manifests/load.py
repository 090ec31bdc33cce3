"""Load the manifests: every file is read, and every problem is reported with its file, line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from assistant_sync.manifests.diagnostics import SourceLocator, SourceRef
from assistant_sync.manifests.documents import (
    below,
    drafts_of,
    folders_elsewhere,
    manifest_files,
    overlay_of_target,
    repeats_too_much,
)
from assistant_sync.manifests.graph_schemas.diagnostics import Built, kept_schema_diagnostics
from assistant_sync.manifests.includes import Includes
from assistant_sync.manifests.kept_entries import is_built_with
from assistant_sync.manifests.left_out import without_keys
from assistant_sync.manifests.limits import MAX_REPEATED_CHARACTERS
from assistant_sync.manifests.overlay_folders import overlay_of, unread_overlays, with_overlays_found
from assistant_sync.manifests.rules.across_files import ManifestChecker
from assistant_sync.manifests.rules.checked_out import files_not_checked_out
from assistant_sync.manifests.rules.mcp_tools import too_many_tools
from assistant_sync.manifests.rules.tracked import untracked_files
from assistant_sync.model.frozen import Frozen
from assistant_sync.model.project import SchemaMode
from assistant_sync.model.turns import at_once
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from assistant_sync.manifests.diagnostics import Diagnostic
    from assistant_sync.manifests.kept import KeptManifests
    from assistant_sync.manifests.overlays import Overlay
    from assistant_sync.manifests.rules.build import Draft
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.project import Project, Target
    from assistant_sync.model.turns import Turns
    from assistant_sync.problem import Problem
    from assistant_sync.repository.tree import Tree


class ManifestSet(Frozen, frozen=True):
    """All manifests of a project.

    Attributes:
        desired: The desired assistants, sorted by key; manifests with an error have none.
        problems: Errors and warnings, sorted by file and place.
        files: Every file that was read, relative to the repository's top: project file, manifests, overlays and
            included texts.
        documents: The number of manifests.
        folders: Where manifests and overlays were looked for, relative to the repository's top.
    """

    unshown: ClassVar = ("desired", "files")

    desired: tuple[Desired, ...]
    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    documents: int
    folders: tuple[str, ...] = ()


class Checks(Frozen, frozen=True):
    """What a loading checks beside the files themselves.

    Attributes:
        with_schemas: Whether contexts are held against the schemas that the repository keeps.
        left_out: The keys whose problems do not count.
    """

    with_schemas: bool = False
    left_out: Collection[str] = ()


USUAL_CHECKS = Checks()
"""Those of every command but ``validate``: contexts are held against the live schemas."""


def load_manifests(
    project: Project, target: Target | None, tree: Tree, *, pruning: bool, ci: bool, checks: Checks = USUAL_CHECKS
) -> ManifestSet:
    """Load all manifests of a project, at once; the arguments and errors are those of ``loading``."""
    return at_once(loading(project, target, tree, pruning=pruning, ci=ci, checks=checks))


def loading(
    project: Project, target: Target | None, tree: Tree, *, pruning: bool, ci: bool, checks: Checks = USUAL_CHECKS,
    kept: KeptManifests | None = None,
) -> Turns[ManifestSet]:  # fmt: skip
    """Load all manifests of a project, a turn for each.

    Args:
        project: The project file.
        target: The target whose overlay applies; None checks with all, and returns the default target's.
        tree: The repository.
        pruning: Whether missing manifests are deletes, so that an empty file is an error.
        ci: Whether this is continuous integration, where an untracked file is an error.
        checks: What is checked beside the files themselves.
        kept: Has manifests that were built before, and gets what is built now; None for nothing.

    Raises:
        RepositoryError: Git failed, or the project is outside of the repository.
    """
    home = tree.relative(project.folder)
    project = with_overlays_found(project, tree, home)
    target = target and project.targets.get(target.name, target)
    project_file, variants = SourceRef(below(home, project.file), 0), _with_distinct_overlays(project, target)
    files, diagnostics = manifest_files(project, tree, home, project_file)
    empty = _empty_severity(project, target, pruning=pruning)
    made = yield from _building(project, variants, tree, files, empty=empty, kept=kept if target else None)
    files = [*files, *(file for one in made.overlays for file in one.files)]
    diagnostics += [*made.diagnostics, *_too_much(project_file, made.includes, manifests=len(made.drafts))]
    diagnostics += yield from _of_git(project, tree, home, variants, made, files, ci=ci)
    diagnostics += kept_schema_diagnostics(tree, home, _with_modes(variants, made.built)) if checks.with_schemas else ()
    counted = without_keys(diagnostics, checks.left_out, made.drafts, made.overlays)
    return ManifestSet(
        desired=_by_key(made.built[0]),
        problems=SourceLocator(tree, home).problems(counted),
        files=tuple(sorted({project_file.file, *files, *made.includes.files})),
        documents=sum(draft.key not in checks.left_out for draft in made.drafts),
        folders=_folders(project, home, variants),
    )


class _Made(Frozen, frozen=True):
    """What the files of manifests and overlays hold.

    Attributes:
        drafts: The manifests in the order of their files.
        overlays: One for each variant.
        built: What is desired under each overlay.
        diagnostics: What is wrong with them.
        includes: Has read the included texts.
        included_texts: The first include of each.
    """

    drafts: Sequence[Draft]
    overlays: Sequence[Overlay]
    built: Sequence[Sequence[tuple[Draft, Desired]]]
    diagnostics: Sequence[Diagnostic]
    includes: Includes
    included_texts: Mapping[str, SourceRef]


def _building(
    project: Project, variants: Sequence[Target | None], tree: Tree, files: Sequence[str], *, empty: Severity,
    kept: KeptManifests | None,
) -> Turns[_Made]:  # fmt: skip
    """Read manifests and overlays, and build what they desire; what was built before need not be again."""
    includes, literals = Includes(tree), project.allow_literals
    known = [] if kept is None else (yield from kept.find(tree, files, includes))
    found = {draft.source.file for draft in known}
    others = [file for file in files if file not in found]
    note = None if kept is None else kept.note
    read, invalid = yield from drafts_of(tree, others, includes, empty=empty, literals=literals, note=note)
    drafts = _in_order([*known, *read]) if known and read else known or read
    checker = ManifestChecker(project.first_name, drafts)
    overlays = [overlay_of_target(project, one, tree, includes, _keys(checker, invalid)) for one in variants]
    yield
    if kept is not None and known and _is_outdated(known, overlays[0], includes):
        kept.forget()
        return (yield from _building(project, variants, tree, files, empty=empty, kept=kept))
    built = yield from checker.built_under(overlays)
    diagnostics = [*invalid, *checker.diagnostics]
    yield
    if kept is not None:
        kept.put(drafts, built[0], diagnostics, includes)
        kept.save()
    return _Made(drafts, overlays, built, diagnostics, includes, checker.included_texts())


def _is_outdated(known: Iterable[Draft], overlay: Overlay, includes: Includes) -> bool:
    """Whether what was built before was built with another overlay, or so much is included that reading must end."""
    if includes.repeated > MAX_REPEATED_CHARACTERS:
        return True
    return any(not is_built_with(overlay.patches.get(draft.key or ""), draft) for draft in known)


def _in_order(drafts: Iterable[Draft]) -> list[Draft]:
    return sorted(drafts, key=lambda draft: (draft.source.file, draft.source.document))


def _keys(checker: ManifestChecker, invalid: Iterable[Diagnostic]) -> Mapping[str, str] | None:
    """The keys that overlays may name; None if a manifest cannot be read, which may have any."""
    return None if any(one.severity is Severity.ERROR for one in invalid) else checker.keys


def _by_key(built: Sequence[tuple[Draft, Desired]]) -> tuple[Desired, ...]:
    """The desired assistants, sorted; the first of a key that is used twice."""
    return tuple(sorted({one.key: one for _, one in reversed(built)}.values(), key=lambda one: one.key))


def _with_modes(variants: Sequence[Target | None], built: Sequence[Sequence[tuple[Draft, Desired]]]) -> Iterator[Built]:
    """The manifests under each overlay, with what the target makes of a misfit."""
    for target, pairs in zip(variants, built, strict=True):
        mode = SchemaMode.ERROR if target is None else target.schema
        yield from (Built(draft, desired, mode) for draft, desired in pairs)


def _too_much(project_file: SourceRef, includes: Includes, *, manifests: int) -> Iterator[Diagnostic]:
    yield from too_many_tools(project_file, manifests)
    yield from repeats_too_much(project_file, includes)


def _empty_severity(project: Project, target: Target | None, *, pruning: bool) -> Severity:
    """How bad a file without any manifest is: where pruning is asked for, it may be a truncated one."""
    is_pruned = pruning or (target is None and any(one.prune for one in project.targets.values()))
    return Severity.ERROR if is_pruned else Severity.WARNING


def _with_distinct_overlays(project: Project, target: Target | None) -> Sequence[Target | None]:
    """The targets that differ in their overlays or checks; the selected or default one first."""
    if target is not None or not project.targets:
        return [target]
    default = project.targets.get(project.default_target or "")
    ordered = [*([default] if default else []), *project.targets.values()]
    return list({(one.overlay, one.schema): one for one in reversed(ordered)}.values())[::-1]


def _of_git(
    project: Project, tree: Tree, home: str, variants: Iterable[Target | None], made: _Made, files: Collection[str], *,
    ci: bool,
) -> Turns[list[Diagnostic]]:  # fmt: skip
    """What git does not track, and what is not read; git takes a turn for each."""
    yield
    found = [*_not_read(project, tree, home, variants, made.includes)]
    yield
    found += untracked_files(tree, files, made.included_texts, project_file=below(home, project.file), ci=ci)
    yield
    return found


def _not_read(
    project: Project, tree: Tree, home: str, variants: Iterable[Target | None], includes: Includes
) -> Iterator[Diagnostic]:
    """Overlays that no target uses, and what of manifests, overlays and texts the work tree does not have."""
    yield from unread_overlays(project, tree, home)
    folders = _folders(project, home, variants)
    others = tuple(folder for folder in folders_elsewhere(project, home) if folder.rstrip("/") not in folders)
    yield from files_not_checked_out(tree, folders, includes.asked, except_below=others)


def _folders(project: Project, home: str, variants: Iterable[Target | None]) -> tuple[str, ...]:
    """Where manifests and the overlays of some targets are, whether they are there or not."""
    overlays = [overlay_of(one) for one in variants if one is not None]
    return tuple(below(home, one) for one in (project.manifests, *overlays))


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
    drafts, _ = at_once(drafts_of(tree, [file], includes, empty=Severity.WARNING, literals=project.allow_literals))
    if not drafts:
        return ()
    checker = ManifestChecker(project.first_name, drafts)
    return tuple(checker.desired(overlay_of_target(project, target, tree, includes, None)))
