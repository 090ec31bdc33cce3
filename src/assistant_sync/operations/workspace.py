"""What every use case starts from: the project, its manifests, and the deployment that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from assistant_sync.errors import InvalidFiles, UnknownName
from assistant_sync.manifests.load import ManifestSet, loading
from assistant_sync.manifests.project.file import find_project_file, load_project
from assistant_sync.manifests.sources import SUFFIXES
from assistant_sync.model.ci import is_ci
from assistant_sync.model.frozen import Frozen
from assistant_sync.model.timeout import DEFAULT_TIMEOUT
from assistant_sync.model.turns import at_once
from assistant_sync.repository.worktree import WorkTree
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from assistant_sync.manifests.kept import KeptManifests
    from assistant_sync.model.project import Project, Target
    from assistant_sync.model.provenance import Commit
    from assistant_sync.model.turns import Turns
    from assistant_sync.transport import Pacer, Transport


class Settings(Frozen, frozen=True, kw_only=True):
    """The options common to all commands, and the surroundings.

    Attributes:
        environ: The environment variables.
        folder: Where the command was started.
        config: The project file; None to look for it from ``folder`` upward.
        target: The target's name; None for the default one.
        url: Another URL than the target's.
        api_key_env: The variable that holds the API key, in place of the target's.
        timeout: Seconds that bound one request.
        transport: Takes the place of the network.
        keeps_built: Whether manifests that were built before are taken from the user's cache folder; never by apply.
        pacer: Gives each request its turn; None for no limit.
    """

    unshown: ClassVar = ("environ", "transport", "pacer")

    environ: Mapping[str, str]
    folder: Path
    config: Path | None = None
    target: str | None = None
    url: str | None = None
    api_key_env: str | None = None
    timeout: float = DEFAULT_TIMEOUT
    transport: Transport | None = None
    keeps_built: bool = False
    pacer: Pacer | None = None

    @property
    def in_ci(self) -> bool:
        """Whether this runs in continuous integration."""
        return is_ci(self.environ)


class OpenedTarget(Frozen, frozen=True):
    """What is known before the manifests are read.

    Attributes:
        project: The project file.
        target: The deployment that is chosen.
        tree: The repository.
    """

    project: Project
    target: Target
    tree: WorkTree


class Workspace(OpenedTarget, frozen=True):
    """The desired state, free of errors.

    Attributes:
        manifests: All of them; its problems are warnings only.
        commit: Where they come from; None without git.
    """

    manifests: ManifestSet
    commit: Commit | None


def open_project(settings: Settings) -> tuple[Project, WorkTree]:
    """Read the project file and open its repository.

    Raises:
        InvalidFiles: The project file is missing or has problems.
        RepositoryError: Git refuses.
    """
    project = load_project(settings.config or find_project_file(settings.folder))
    return project, WorkTree.open(project.folder)


def open_target(settings: Settings) -> OpenedTarget:
    """Read the project file, open its repository and choose the target.

    Raises:
        InvalidFiles: The project file is missing or has problems.
        UnknownName: There is no such target, or none is named and there is no default.
        RepositoryError: Git refuses.
    """
    project, tree = open_project(settings)
    return OpenedTarget(project, choose_target(project, settings.target), tree)


def open_workspace(settings: Settings, *, prune: bool | None = None) -> Workspace:
    """Read project file and manifests for one target.

    Args:
        settings: The common options.
        prune: Whether pruning was asked for; None leaves it to the target.

    Raises:
        InvalidFiles: They have problems; all of them are named.
        UnknownName: There is no such target, or none is named and there is no default.
        RepositoryError: Git refuses.
    """
    opened = open_target(settings)
    return workspace_of(opened, at_once(load_manifests_of(opened, settings, prune=prune)))


def load_manifests_of(
    opened: OpenedTarget, settings: Settings, *, prune: bool | None = None, kept: KeptManifests | None = None
) -> Turns[ManifestSet]:
    """Read the manifests for a target, a turn for each.

    Args:
        opened: The target.
        settings: The common options.
        prune: As for ``open_workspace``.
        kept: Has manifests that were built before, and gets what is built now; None for nothing.

    Raises:
        InvalidFiles: The manifests have problems; all of them are named.
        RepositoryError: Git refuses.
    """
    project, target, tree = opened.project, opened.target, opened.tree
    pruning = target.prune if prune is None else prune
    loaded = yield from loading(project, target, tree, pruning=pruning, ci=settings.in_ci, kept=kept)
    if any(problem.is_error for problem in loaded.problems):
        raise InvalidFiles(loaded.problems)
    return loaded


def workspace_of(opened: OpenedTarget, manifests: ManifestSet) -> Workspace:
    """The desired state of a target, with the commit that it comes from; one git process.

    Args:
        opened: The target.
        manifests: All of its manifests.

    Raises:
        RepositoryError: Git refuses.
    """
    # The folders count too: a manifest that was deleted but not committed makes the commit dirty.
    commit = opened.tree.commit([*manifests.files, *manifests.folders], suffixes=SUFFIXES)
    return Workspace(opened.project, opened.target, opened.tree, manifests, commit)


def choose_target(project: Project, name: str | None) -> Target:
    """Find the target that is chosen.

    Raises:
        UnknownName: There is none of this name, or none is named and there is no default.
    """
    wanted = name or project.default_target
    known = ", ".join(project.targets)
    if not project.targets:
        message = f"{project.file} has no targets"
        raise UnknownName(message, hint="Name a deployment there: targets: {local: {url: http://127.0.0.1:2024}}")
    if wanted is None:
        message = f"{project.file} has no default_target"
        raise UnknownName(message, hint=f"Name one with --target: {known}")
    target = project.targets.get(wanted)
    if target is None:
        message = f"{project.file} has no target '{wanted}'"
        raise UnknownName(message, hint=did_you_mean(wanted, project.targets) or f"it has {known}")
    return target
