"""The files of the project itself that ``init`` writes: the project file, and an example with its prompt and check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import UnknownName
from assistant_sync.manifests.json_schema.files import editor_path, modeline
from assistant_sync.manifests.project.file import PROJECT_FILE
from assistant_sync.manifests.project.schema import check_project
from assistant_sync.manifests.rules.lossy_values import lossy_values
from assistant_sync.manifests.rules.schema import check_manifest
from assistant_sync.manifests.yaml12.errors import YamlError
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.model.project import Target
from assistant_sync.model.url import is_loopback, normalise_url
from assistant_sync.operations.workflows import fill_in, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.values import JsonObject
    from assistant_sync.operations.workspace import Settings

DEFAULT_URL = "http://127.0.0.1:2024"
"""Where ``langgraph dev`` listens."""

_LOCAL, _REMOTE = "local", "production"

_EXAMPLE = "assistants/support.yaml"
_FILES = {
    PROJECT_FILE: "project.yaml",
    _EXAMPLE: "manifest.yaml",
    "prompts/support.md": "prompt.md",
}
_CHECK = "checks/support.yaml"
_CHECK_FILES = {_CHECK: "check.yaml"}
_FIRST_LINES = {
    PROJECT_FILE: modeline(editor_path("project"), PROJECT_FILE),
    _EXAMPLE: modeline(editor_path("manifest"), _EXAMPLE),
    _CHECK: modeline(editor_path("check"), _CHECK),
}

_TARGET_TO_COME = """\

  # A deployment. Its key comes from the environment, never from a file in git: LANGSMITH_API_KEY, or the variable that
  # api_key_env names. `assistant-sync init --workflows-only --target production` writes its workflows.
  #
  # production:
  #   url: https://<your deployment>.us.langgraph.app
"""

_CHECKS = """\
# The target that `assistant-sync check` asks in pull requests. Its graphs really run: models cost money, and tools act.
# Name a staging deployment, not the one that customers use.
checks:
  target: {target}
"""


def project_texts(settings: Settings, *, project: str, graph: str, example: bool, checks: bool) -> dict[str, str]:
    """Write the project file, and an example.

    Args:
        settings: Of them, ``url``, ``target`` and ``api_key_env`` describe the target.
        project: The owner's name.
        graph: The graph of the example manifest.
        example: Whether to write an example manifest and its prompt.
        checks: Whether pull requests may ask the target, and the example has a check.

    Returns:
        The text of each file by its path from the project file's folder.

    Raises:
        UnknownName: A value cannot be used.
    """
    values = _values(settings, project, graph)
    wanted = dict(_FILES) if example else {PROJECT_FILE: _FILES[PROJECT_FILE]}
    if checks:
        values |= {"checks": _CHECKS.format(target=values["default_target"])}
        wanted |= _CHECK_FILES if example else {}
    texts = _texts(wanted, values)
    _check(texts)
    return texts


def described_target(settings: Settings) -> Target:
    """The target that the command line describes.

    Raises:
        UnknownName: Its URL is none.
    """
    return Target(name=own_target(settings), url=_url(settings) or DEFAULT_URL, api_key_env=settings.api_key_env)


def own_target(settings: Settings) -> str:
    """The name of the target that the command line describes."""
    return settings.target or (_REMOTE if is_remote(settings) else _LOCAL)


def is_remote(settings: Settings) -> bool:
    """Whether the URL is a deployment's that a workflow can reach."""
    url = _url(settings)
    return url is not None and not is_loopback(url)


def _texts(wanted: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    return {path: _FIRST_LINES.get(path, "") + fill_in(template, values) for path, template in wanted.items()}


def _values(settings: Settings, project: str, graph: str) -> dict[str, str]:
    """What the files are filled in with."""
    target = own_target(settings)
    own = {"url": _url(settings) or DEFAULT_URL}
    if settings.api_key_env is not None:
        own["api_key_env"] = settings.api_key_env
    targets = {_LOCAL: {"url": DEFAULT_URL}, target: own}
    lines = "\n".join(
        "\n".join([f"  {scalar(name)}:", *(f"    {field}: {scalar(value)}" for field, value in fields.items())])
        for name, fields in targets.items()
        if name == target or is_remote(settings)
    )
    return {
        "project": scalar(project),
        "default_target": scalar(target),
        "targets": lines if is_remote(settings) else f"{lines}\n{_TARGET_TO_COME.rstrip()}",
        "graph": scalar(graph),
        "checks": "",
    }


def _url(settings: Settings) -> str | None:
    try:
        return None if settings.url is None else normalise_url(settings.url)
    except ValueError as error:
        message = f"--url: {error}"
        raise UnknownName(message) from None


def _check(texts: Mapping[str, str]) -> None:
    """Hold what was made of the user's values against the rules for what users write.

    Raises:
        UnknownName: With the first thing that is wrong.
    """
    _, violations = check_project(_parsed(texts, PROJECT_FILE))
    if _EXAMPLE in texts:
        manifest = _parsed(texts, _EXAMPLE)
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
