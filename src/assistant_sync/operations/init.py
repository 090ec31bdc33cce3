"""Init: scaffold a project file, an example manifest with its prompt, git's own files, and workflows for CI."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.documents.new_files import write_new_files
from assistant_sync.errors import ExistingFile, UnknownName
from assistant_sync.manifests.json_schema.files import editor_files
from assistant_sync.manifests.project.file import PROJECT_FILE, load_project
from assistant_sync.model.frozen import replace
from assistant_sync.model.project import DEFAULT_ARCHIVE, Auth, Target
from assistant_sync.model.url import is_loopback
from assistant_sync.operations.init_files import is_remote, own_target, project_texts
from assistant_sync.operations.workflows import (
    DEFAULT_KEY,
    Workflows,
    check_workflow_text,
    fill_in,
    install_of,
    workflow_texts,
)
from assistant_sync.operations.workspace import choose_target
from assistant_sync.repository.remote import default_branch, repository_name
from assistant_sync.repository.worktree import WorkTree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from assistant_sync.model.project import Project
    from assistant_sync.operations.workspace import Settings

DEFAULT_GRAPH = "agent"

_LONGEST_WORKFLOW = 100_000
_FOR_GIT = {".gitattributes": "gitattributes", ".gitignore": "gitignore"}
"""Somebody's own may say more, and git reads only one: it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitRequest:
    """What is asked of an init.

    Attributes:
        settings: The common options. Of them, ``url``, ``target`` and ``api_key_env`` describe the target.
        project: The owner's name; None to make one of the repository's name.
        graph: The graph of the example manifest.
        workflows: Whether to write workflows.
        workflows_only: Whether to write nothing else, for a target of the project file that is here.
        queue: Whether to write the workflow of a merge queue, too.
        deploys_graphs: Whether a merge deploys graphs, too, so that plans may name one that is not served yet.
        install: The requirement that the workflows install; None to leave that to the reader.
        example: Whether to write an example manifest and its prompt.
        checks: Whether pull requests ask questions: writes the setting, a check of the example, and their workflow.
    """

    settings: Settings
    project: str | None = None
    graph: str = DEFAULT_GRAPH
    workflows: bool = True
    workflows_only: bool = False
    queue: bool = False
    deploys_graphs: bool = False
    install: str | None = None
    example: bool = True
    checks: bool = False


@dataclass(frozen=True, slots=True)
class Initialised:
    """What was written.

    Attributes:
        project: The owner's name.
        written: The files' paths from the folder where the command was started, with forward slashes.
        is_git: Whether that folder is in a git repository.
        workflows_of: The target that the workflows run on; None without such workflows.
        secrets: The secrets that these need.
        checks_of: The target that the workflow asks questions of; None without that workflow.
        branch: The branch that the workflows take for the default one.
        installs: Whether the workflows install something already.
        keeps_gitignore: Whether a file of that name was here already.
    """

    project: str
    written: tuple[str, ...]
    is_git: bool
    workflows_of: str | None = None
    secrets: tuple[str, ...] = ()
    checks_of: str | None = None
    branch: str = ""
    installs: bool = False
    keeps_gitignore: bool = False


def init(request: InitRequest) -> Initialised:
    """Scaffold a project in the folder where the command was started, or add workflows to the one that is there.

    Args:
        request: What is asked.

    Raises:
        UnknownName: A value cannot be used; nothing was written.
        ExistingFile: Some of the files exist; all of them are named, and nothing was written.
        InvalidFiles: Workflows are asked for, and the project file has problems.
        RepositoryError: Git failed, or a file cannot be written; nothing was written.
    """
    settings = request.settings
    folder = settings.folder.resolve()
    if settings.config is not None and (folder / settings.config).resolve() != folder / PROJECT_FILE:
        message = f"init writes {PROJECT_FILE} into the current folder; --config cannot name another file"
        raise UnknownName(message, hint="Run it in the folder for the project file")
    tree = WorkTree.open(folder)
    return _add_workflows(request, tree, folder) if request.workflows_only else _scaffold(request, tree, folder)


def _scaffold(request: InitRequest, tree: WorkTree, folder: Path) -> Initialised:
    settings, home = request.settings, tree.relative(folder)
    project = _project_name(tree, home) if request.project is None else request.project
    texts = project_texts(
        settings, project=project, graph=request.graph, example=request.example, checks=request.checks
    )
    texts |= editor_files({})
    own = {path for path in _FOR_GIT if os.path.lexists(folder / path)}
    texts |= {path: fill_in(template, {}) for path, template in _FOR_GIT.items() if path not in own}
    target = own_target(settings) if request.workflows and is_remote(settings) else None
    wanted = Workflows(
        project=project,
        target=target,
        secrets=(settings.api_key_env or DEFAULT_KEY,),
        queue=request.queue,
        deploys_graphs=request.deploys_graphs,
        install=request.install,
    )
    if request.workflows:
        texts |= workflow_texts(wanted, tree, home)
    checks_of = target if request.checks else None
    if checks_of is not None:
        texts |= check_workflow_text(wanted, tree, home)
    hint = "Move them away first, or add workflows alone with --workflows-only"
    write_new_files(folder, texts, hint=f"{hint}; --no-workflows leaves the workflows out")
    return Initialised(
        project,
        tuple(texts),
        tree.is_git,
        workflows_of=target,
        secrets=wanted.secrets if target is not None else (),
        checks_of=checks_of,
        branch=default_branch(tree),
        installs=request.install is not None,
        keeps_gitignore=".gitignore" in own,
    )


def _add_workflows(request: InitRequest, tree: WorkTree, folder: Path) -> Initialised:
    """Write those workflows of a target that do not exist yet."""
    project = load_project(folder / PROJECT_FILE)
    target = _reachable(choose_target(project, request.settings.target), hint="Name another target with --target")
    asked = asked_target(project) if request.checks else None
    wanted = Workflows(
        project=project.name,
        target=target.name,
        is_default=target.name == project.default_target,
        archive=project.archive or DEFAULT_ARCHIVE,
        secrets=_secrets_of(target),
        queue=request.queue,
        deploys_graphs=request.deploys_graphs,
        install=request.install or install_of(_workflows_of(tree)),
    )
    home = tree.relative(folder)
    texts = workflow_texts(wanted, tree, home)
    if asked is not None:
        texts |= check_workflow_text(replace(wanted, target=asked.name, secrets=_secrets_of(asked)), tree, home)
    missing = {path: text for path, text in texts.items() if not os.path.lexists(folder / path)}
    if not missing:
        message = f"{', '.join(texts)} already exist; nothing was written"
        raise ExistingFile(message, hint="Remove a file to have it written again")
    write_new_files(folder, missing)
    return Initialised(
        project.name,
        tuple(missing),
        tree.is_git,
        workflows_of=target.name,
        secrets=tuple(dict.fromkeys((*wanted.secrets, *(() if asked is None else _secrets_of(asked))))),
        checks_of=None if asked is None else asked.name,
        branch=default_branch(tree),
        installs=wanted.install is not None,
    )


def asked_target(project: Project) -> Target:
    """The target that pull requests may ask.

    Raises:
        UnknownName: The project file names none, or one that no workflow can reach.
    """
    if project.checks.target is None:
        message = f"checks.target is not set in {project.file}, so that no pull request may ask any target"
        raise UnknownName(message, hint="Set checks: {target: NAME}, best to a staging deployment")
    return _reachable(choose_target(project, project.checks.target), hint="Name another target in checks.target")


def _reachable(target: Target, *, hint: str) -> Target:
    if is_loopback(target.url):
        message = f"target '{target.name}' is on this machine, where no workflow can reach it"
        raise UnknownName(message, hint=hint)
    return target


def _secrets_of(target: Target) -> tuple[str, ...]:
    """The variables that the workflows of a target need."""
    key = (target.api_key_env or DEFAULT_KEY,) if target.auth is Auth.KEY else ()
    has_own = "x-api-key" in {name.lower() for name in target.headers_env}
    return tuple(dict.fromkeys((*(() if has_own else key), *target.headers_env.values())))


def _workflows_of(tree: WorkTree) -> Iterator[str]:
    """The texts of our workflows that are there already."""
    for path in sorted((tree.top / ".github" / "workflows").glob("assistant-sync-*.yml")):
        with suppress(OSError, UnicodeDecodeError):
            yield path.read_text("utf-8")[:_LONGEST_WORKFLOW]


def _project_name(tree: WorkTree, home: str) -> str:
    """The repository's name, made to fit; in a folder below its top, with that folder's path."""
    name = repository_name(tree) if home == "." else f"{repository_name(tree)}-{home}"
    fitting = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-")
    if not fitting:
        message = f"no project's name can be made of '{name}'"
        raise UnknownName(message, hint="Give one with --project")
    return fitting
