"""Init: scaffold a project file, an example manifest with its prompt, git attributes, and workflows for CI."""

from __future__ import annotations

import json
import os
import posixpath
import re
from dataclasses import dataclass
from importlib.resources import files
from textwrap import indent
from typing import TYPE_CHECKING

from assistant_sync.documents.new_files import write_new_files
from assistant_sync.errors import UnknownName
from assistant_sync.manifests.project.file import PROJECT_FILE
from assistant_sync.manifests.project.schema import ProjectFields
from assistant_sync.manifests.pydantic_errors import check_model
from assistant_sync.manifests.rules.lossy_values import lossy_values
from assistant_sync.manifests.rules.schema import check_manifest
from assistant_sync.manifests.yaml12.errors import YamlError
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.model.url import is_loopback, normalise_url
from assistant_sync.repository.remote import default_branch, repository_name
from assistant_sync.repository.worktree import WorkTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.values import JsonObject
    from assistant_sync.operations.workspace import Settings

DEFAULT_GRAPH = "agent"
DEFAULT_URL = "http://127.0.0.1:2024"
"""Where ``langgraph dev`` listens."""

_LOCAL, _REMOTE = "local", "production"
_DEFAULT_KEY = "LANGSMITH_API_KEY"

_FILES = {
    PROJECT_FILE: "project.yaml",
    "assistants/support.yaml": "manifest.yaml",
    "prompts/support.md": "prompt.md",
}
_ATTRIBUTES = ".gitattributes"
_WORKFLOWS = tuple(f"assistant-sync-{name}.yml" for name in ("validate", "plan", "queue", "apply", "drift"))
_SCRIPTS = {name: f"workflows/{name}.txt" for name in ("reviewed_plan", "drift_issue")}
"""What single steps of the workflows run, each in Python without any library."""

_IN_A_STEP = " " * 10
"""How far the lines of a step's script are indented."""

_TARGET_TO_COME = """\

  # A deployment; the workflows mean this one. Its key comes from the environment, never from a file in git:
  # LANGSMITH_API_KEY, or the variable that api_key_env names.
  #
  # production:
  #   url: https://<your deployment>.us.langgraph.app
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitRequest:
    """What is asked of an init.

    Attributes:
        settings: The common options. Of them, ``url``, ``target`` and ``api_key_env`` describe the target.
        project: The owner's name; None to make one of the repository's name.
        graph: The graph of the example manifest.
        workflows: Whether to write workflows.
    """

    settings: Settings
    project: str | None = None
    graph: str = DEFAULT_GRAPH
    workflows: bool = True


@dataclass(frozen=True, slots=True)
class Initialised:
    """What was written.

    Attributes:
        project: The owner's name.
        written: The files' paths from the folder where the command was started, with forward slashes.
        is_git: Whether that folder is in a git repository.
    """

    project: str
    written: tuple[str, ...]
    is_git: bool


def init(request: InitRequest) -> Initialised:
    """Scaffold a project in the folder where the command was started.

    Args:
        request: What is asked.

    Raises:
        UnknownName: A value cannot be used; nothing was written.
        ExistingFile: Some of the files exist; all of them are named, and nothing was written.
        RepositoryError: Git failed, or a file cannot be written; nothing was written.
    """
    settings = request.settings
    folder = settings.folder.resolve()
    if settings.config is not None and (folder / settings.config).resolve() != folder / PROJECT_FILE:
        message = f"init writes {PROJECT_FILE} into the current folder; --config cannot name another file"
        raise UnknownName(message, hint="Run it in the folder for the project file")
    tree = WorkTree.open(folder)
    home = tree.relative(folder)
    project = _project_name(tree, home) if request.project is None else request.project
    texts = _render(_FILES, _values(request, project))
    _check(texts)
    if not os.path.lexists(folder / _ATTRIBUTES):  # somebody's own may say more, and git reads only one
        texts |= _render({_ATTRIBUTES: "gitattributes"}, {})
    hint = "Move them away first"
    if request.workflows:
        top = os.path.relpath(tree.top, folder).replace(os.sep, "/")
        places = {posixpath.normpath(f"{top}/.github/workflows/{name}"): f"workflows/{name}" for name in _WORKFLOWS}
        texts |= _render(places, _workflow_values(request, tree, home))
        hint += "; --no-workflows leaves the workflows out"
    write_new_files(folder, texts, hint=hint)
    return Initialised(project, tuple(texts), tree.is_git)


def _project_name(tree: WorkTree, home: str) -> str:
    """The repository's name, made to fit; in a folder below its top, with that folder's name."""
    name = repository_name(tree) if home == "." else f"{repository_name(tree)}-{posixpath.basename(home)}"
    fitting = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-")
    if not fitting:
        message = f"no project's name can be made of '{name}'"
        raise UnknownName(message, hint="Give one with --project")
    return fitting


def _render(places: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Fill the templates in; a value is never looked at again, so none can name another."""
    return {
        path: re.sub(r"<<(\w+)>>", lambda match: values[match[1]], _template(template))
        for path, template in places.items()
    }


def _template(name: str) -> str:
    return (files("assistant_sync.operations") / "templates").joinpath(*name.split("/")).read_text("utf-8")


def _values(request: InitRequest, project: str) -> dict[str, str]:
    """What the project's own files are filled in with."""
    target = _own_target(request)
    own = {"url": _url(request) or DEFAULT_URL}
    if request.settings.api_key_env is not None:
        own["api_key_env"] = request.settings.api_key_env
    targets = {_LOCAL: {"url": DEFAULT_URL}, target: own}
    lines = "\n".join(
        "\n".join([f"  {_scalar(name)}:", *(f"    {field}: {_scalar(value)}" for field, value in fields.items())])
        for name, fields in targets.items()
        if name == target or _is_remote(request)
    )
    return {
        "project": _scalar(project),
        "default_target": _scalar(target),
        "targets": lines if _is_remote(request) else f"{lines}\n{_TARGET_TO_COME.rstrip()}",
        "graph": _scalar(request.graph),
    }


def _workflow_values(request: InitRequest, tree: WorkTree, home: str) -> dict[str, str]:
    """What the workflows are filled in with."""
    target = _own_target(request) if _is_remote(request) else _REMOTE
    scripts = {name: indent(_template(path).rstrip(), _IN_A_STEP) for name, path in _SCRIPTS.items()}
    return scripts | {
        "folder": _scalar(home),
        "archive": _scalar(posixpath.normpath(f"{home}/archive")),
        "target": _scalar(target),
        "target_name": target,
        "key": request.settings.api_key_env or _DEFAULT_KEY,
        "branch": _scalar(default_branch(tree)),
    }


def _own_target(request: InitRequest) -> str:
    return request.settings.target or (_REMOTE if _is_remote(request) else _LOCAL)


def _is_remote(request: InitRequest) -> bool:
    """Whether the URL is a deployment's that a workflow can reach."""
    url = _url(request)
    return url is not None and not is_loopback(url)


def _url(request: InitRequest) -> str | None:
    try:
        return None if request.settings.url is None else normalise_url(request.settings.url)
    except ValueError as error:
        message = f"--url: {error}"
        raise UnknownName(message) from None


def _scalar(text: str) -> str:
    """Write a text as YAML; JSON's strings are YAML's as well."""
    plain = re.fullmatch(r"\.|[A-Za-z]([A-Za-z0-9_./:-]*[A-Za-z0-9_/-])?", text)
    is_word = text.lower() in {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
    return text if plain and not is_word else json.dumps(text, ensure_ascii=False)


def _check(texts: Mapping[str, str]) -> None:
    """Hold what was made of the user's values against the rules for what users write.

    Raises:
        UnknownName: With the first thing that is wrong.
    """
    _, violations = check_model(ProjectFields, _parsed(texts, PROJECT_FILE))
    manifest = _parsed(texts, "assistants/support.yaml")
    violations += check_manifest(manifest)[1] + lossy_values(manifest)
    if violations:
        raise UnknownName(violations[0].message)


def _parsed(texts: Mapping[str, str], path: str) -> JsonObject:
    try:
        value = parse_documents(texts[path])[0].value
    except YamlError as error:
        message = f"{path} cannot hold one of the values that were given: {error.message}"
        raise UnknownName(message) from error
    assert isinstance(value, dict)  # noqa: S101 - it is our own template
    return value
