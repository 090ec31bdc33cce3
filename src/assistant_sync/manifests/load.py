"""Load the manifests: every file is looked at, and every problem is told with its place."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.build import Draft
from assistant_sync.manifests.checks import Checks
from assistant_sync.manifests.doubts import doubts
from assistant_sync.manifests.findings import Finding, Places, Spot
from assistant_sync.manifests.includes import Includes
from assistant_sync.manifests.keys import key_of
from assistant_sync.manifests.overlays import EMPTY_IN_GIT, Overlay, read_overlay
from assistant_sync.manifests.sources import SUFFIXES, read_sources
from assistant_sync.manifests.tracked import untracked
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.project import Project, Target
    from assistant_sync.problem import Problem
    from assistant_sync.repository.trees import Tree


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the manifests want.

    Attributes:
        desired: Sorted by key; what has an error is missing.
        problems: Errors and warnings, sorted by file and place.
        files: Every file that was read, relative to the repository's top: project file, manifests, overlays and
            included texts.
        documents: How many manifests there are.
    """

    desired: tuple[Desired, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    files: tuple[str, ...] = field(repr=False)
    documents: int


def load_manifests(project: Project, target: Target | None, tree: Tree, *, pruning: bool, ci: bool) -> Loaded:
    """Load all manifests of a project.

    Args:
        project: The project file.
        target: Whose overlay applies; None checks the manifests with every target's, and returns what the default
            target wants.
        tree: The repository.
        pruning: Whether missing manifests are deletes, so that an empty file is an error.
        ci: Whether this is continuous integration, where an untracked file is an error.

    Raises:
        RepositoryError: Git failed, or the project is outside of the repository.
    """
    home = tree.relative(project.folder)
    own = Spot(_below(home, project.file), 0)
    includes = Includes(tree)
    files, findings = _manifest_files(project, tree, home, own)
    empty_is_error = pruning or (target is None and any(one.prune for one in project.targets.values()))
    drafts, wrong = _drafts(tree, files, includes, empty=Severity.ERROR if empty_is_error else Severity.WARNING)
    findings += wrong
    checks = Checks(project.name, drafts)
    # A manifest that cannot be read may have the key that an overlay names.
    keys = None if any(one.severity is Severity.ERROR for one in wrong) else checks.keys
    desired: list[Desired] | None = None
    for variant in _variants(project, target):
        overlay = _overlay(variant, tree, home, includes, keys, own)
        found = checks.desired(overlay)
        desired = found if desired is None else desired
        files += overlay.files
    findings += checks.findings
    findings += untracked(tree, files, checks.included(), project_file=own.file, ci=ci)
    return Loaded(
        desired=tuple(sorted(desired or (), key=lambda one: one.key)),
        problems=Places(tree, home).problems(findings),
        files=tuple(sorted({own.file, *files, *includes.files})),
        documents=len(drafts),
    )


def _below(home: str, path: str) -> str:
    """A path of the project file, relative to the repository's top."""
    return posixpath.normpath(posixpath.join(home, path))


def _variants(project: Project, target: Target | None) -> Sequence[Target | None]:
    """The targets whose overlays differ; the one that is meant first."""
    if target is not None or not project.targets:
        return [target]
    default = project.targets.get(project.default_target or "")
    ordered = [*([default] if default else []), *project.targets.values()]
    return list({one.overlay: one for one in reversed(ordered)}.values())[::-1]


def _overlay(
    target: Target | None, tree: Tree, home: str, includes: Includes, keys: Collection[str] | None, own: Spot
) -> Overlay:
    """The overlay of a target; an empty one where it has none."""
    if target is None or target.overlay is None:
        return Overlay()
    named_at = replace(own, path=("targets", target.name, "overlay"))
    return read_overlay(tree, _below(home, target.overlay), includes, keys, named_at=named_at)


def _manifest_files(project: Project, tree: Tree, home: str, own: Spot) -> tuple[list[str], list[Finding]]:
    """The manifests' files, without what else may lie in their folder."""
    folder = _below(home, project.manifests)
    named_at = replace(own, path=("manifests",))
    try:
        found = tree.files(folder, SUFFIXES)
    except RepositoryError as error:
        message = (
            f"the manifests' folder {error.message}; create it ({EMPTY_IN_GIT}), or name another one as 'manifests'"
        )
        return [], [Finding(named_at, message)]
    others = [*(one.overlay for one in project.targets.values()), project.archive]
    elsewhere = tuple(_below(home, other) + "/" for other in others if other)
    files = [file for file in found if file != own.file and not file.startswith(elsewhere)]
    if files:
        return files, []
    message = f"the manifests' folder {folder} holds no manifest, that is no .yaml or .yml file"
    return [], [Finding(named_at, message, Severity.WARNING)]


def _drafts(
    tree: Tree, files: Iterable[str], includes: Includes, *, empty: Severity
) -> tuple[list[Draft], list[Finding]]:
    drafts: list[Draft] = []
    findings: list[Finding] = []
    for file in files:
        sources, wrong = read_sources(tree, file, what="manifest", empty=empty)
        findings += wrong
        for unresolved in sources:
            source, flaws = includes.resolve(unresolved)
            key, wrong_key = key_of(source)
            drafts.append(Draft(source, key))
            findings += [source.finding(flaw) for flaw in (*flaws, *wrong_key)]
            findings += [source.finding(flaw, Severity.WARNING) for flaw in doubts(unresolved, source, includes)]
    return drafts, findings
