"""Workflows: those for GitHub that ``init`` writes, of one project and one target."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from dataclasses import dataclass
from importlib.resources import files
from textwrap import indent
from typing import TYPE_CHECKING

from assistant_sync.errors import UnknownName
from assistant_sync.model.frozen import replace
from assistant_sync.model.project import DEFAULT_ARCHIVE
from assistant_sync.repository.remote import default_branch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assistant_sync.repository.worktree import WorkTree

DEFAULT_KEY = "LANGSMITH_API_KEY"

_FOLDER = ".github/workflows"
_OF_A_TARGET = ("plan", "apply", "drift")
_CHECK = "workflows/assistant-sync-check.yml"
_IN_A_STEP = " " * 10
"""How far the lines of a step's script are indented."""

_TO_REPLACE = "# Replace the lines that fail by `pip install` and a release or a commit that you trust."
_FAILING_INSTALL = """|
          echo "::error::This workflow does not install assistant-sync yet: replace this step in its file."
          exit 1"""
_INSTALLED = "# A commit or a release that you trust: this program runs in steps that have the key."


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflows:
    """Which workflows are wanted, and what they run on.

    Attributes:
        project: The owner's name.
        target: The target's name; None for the workflow that needs none, which validates.
        is_default: Whether it is the project's default target, whose files carry no target's name.
        archive: The folder of archives, relative to the project file's.
        secrets: The variables that hold its API key and its headers.
        queue: Whether to write the workflow of a merge queue.
        deploys_graphs: Whether a merge deploys graphs, too, so that a plan may name one that is not served yet.
        install: The requirement that pip installs; None to leave that to the reader.
    """

    project: str
    target: str | None = None
    is_default: bool = True
    archive: str = DEFAULT_ARCHIVE
    secrets: tuple[str, ...] = ()
    queue: bool = False
    deploys_graphs: bool = False
    install: str | None = None


def workflow_texts(wanted: Workflows, tree: WorkTree, home: str) -> dict[str, str]:
    """Fill the workflows in.

    Args:
        wanted: Which, and what they run on.
        tree: The repository.
        home: The project file's folder, relative to its top.

    Returns:
        The text of each file by its path from the project file's folder, with forward slashes.

    Raises:
        UnknownName: The requirement cannot stand in a script.
        RepositoryError: Git failed.
    """
    values = _values(wanted, tree, home)
    in_environment = values | {"look": _look(wanted.secrets, is_in_environment=True)}
    return {
        _path(name, home): fill_in(
            f"workflows/assistant-sync-{kind}.yml", in_environment if kind == "apply" else values
        )
        for kind, name in _names(wanted, home)
    }


def check_workflow_text(wanted: Workflows, tree: WorkTree, home: str) -> dict[str, str]:
    """Fill in the workflow that asks questions. A project has one, because it has one target that is asked.

    Args:
        wanted: Its target is the one that pull requests may ask.
        tree: The repository.
        home: The project file's folder, relative to its top.

    Returns:
        Its text by its path, as ``workflow_texts``.

    Raises:
        UnknownName: The requirement cannot stand in a script.
        RepositoryError: Git failed.
    """
    only = replace(wanted, is_default=True)
    values = _values(only, tree, home) | {"look": _look(wanted.secrets, is_in_environment=True)}
    return {_path(f"assistant-sync-check{_suffix(only, home)}.yml", home): fill_in(_CHECK, values)}


def fill_in(template: str, values: Mapping[str, str]) -> str:
    """Fill a template in; a value is never looked at again, so none can name another.

    A line of one name alone disappears with an empty value.
    """
    text = _template(template)
    return re.sub(
        r"^<<(\w+)>>\n|<<(\w+)>>",
        lambda match: values[match[2]] if match[2] else f"{values[match[1]]}\n" if values[match[1]] else "",
        text,
        flags=re.MULTILINE,
    )


def scalar(text: str) -> str:
    """Write a text as YAML; JSON's strings are YAML's as well."""
    plain = re.fullmatch(r"\.|[A-Za-z]([A-Za-z0-9_./:-]*[A-Za-z0-9_/-])?", text)
    is_word = text.lower() in {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
    return text if plain and not is_word else json.dumps(text, ensure_ascii=False)


def _names(wanted: Workflows, home: str) -> Iterator[tuple[str, str]]:
    """Each kind with its file's name: a project below the top, and a target beside the default one, carry theirs."""
    yield "validate", f"assistant-sync-validate{_suffix(replace(wanted, is_default=True), home)}.yml"
    if wanted.target is not None:
        for kind in (*_OF_A_TARGET, *(("queue",) if wanted.queue else ())):
            yield kind, f"assistant-sync-{kind}{_suffix(wanted, home)}.yml"


def _suffix(wanted: Workflows, home: str) -> str:
    project = "" if home == "." else f"-{wanted.project}"
    return project if wanted.is_default else f"{project}-{wanted.target}"


def _path(name: str, home: str) -> str:
    return posixpath.normpath(f"{posixpath.relpath('.', home)}/{_FOLDER}/{name}")


def _values(wanted: Workflows, tree: WorkTree, home: str) -> dict[str, str]:
    target = wanted.target or ""
    project = "" if home == "." else wanted.project
    parts = [part for part in (project, "" if wanted.is_default else target) if part]
    return {
        "project": wanted.project,
        "project_scalar": scalar(wanted.project),
        "title": f" ({', '.join(parts)})" if parts else "",
        "folder": scalar(home),
        "paths": _paths(wanted, home),
        "archive": scalar(posixpath.normpath(f"{home}/{wanted.archive}")),
        "target": scalar(target),
        "target_name": target,
        "fail_on": "" if wanted.deploys_graphs else " --fail-on missing-graph",
        "look": _look(wanted.secrets, is_in_environment=False),
        "env": _env(wanted.secrets),
        "secrets": _secrets(wanted.secrets),
        "branch": scalar(default_branch(tree)),
        "install": _install(wanted.install),
        "install_note": f"      {_INSTALLED if wanted.install else _TO_REPLACE}",
        "drift_issue": indent(_template("workflows/drift_issue.txt").rstrip(), _IN_A_STEP),
    }


_LOOK = """\
      - name: Look for the secrets
        working-directory: .
{env}
        run: |
          for name in {names}; do
            if [ -z "${{!name}}" ]; then
              echo "::error::{problem}"
              missing=1
            fi
          done
          exit "${{missing:-0}}\""""
_NOT_SET = (
    "The repository secret $name is not set. Add it under Settings > Secrets and variables > Actions. A secret of an "
    "environment does not reach this job, which runs in none."
)
_NOT_SET_IN_ENVIRONMENT = (
    "The secret $name is set neither in the repository nor in this job's environment. Add it under Settings > Secrets "
    "and variables > Actions, or under Settings > Environments."
)


def _look(names: tuple[str, ...], *, is_in_environment: bool) -> str:
    """The step that names a missing secret; none if none is needed."""
    if not names:
        return ""
    problem = _NOT_SET_IN_ENVIRONMENT if is_in_environment else _NOT_SET
    return _LOOK.format(env=_env(names), names=" ".join(names), problem=problem)


def _env(names: tuple[str, ...]) -> str:
    return f"        env:\n{_secrets(names)}" if names else ""


def _secrets(names: tuple[str, ...]) -> str:
    return "\n".join(f"          {name}: ${{{{ secrets.{name} }}}}" for name in names)


def install_of(texts: Iterable[str]) -> str | None:
    """The requirement that other workflows of ours install; None if they install none."""
    for text in texts:
        found = re.search(r'^        run: ("pip install [^\n]{1,2000}")$', text, re.MULTILINE)
        try:
            words = shlex.split(json.loads(found[1])) if found else []
        except ValueError:
            continue
        if len(words) == 3:
            return words[2]
    return None


def _paths(wanted: Workflows, home: str) -> str:
    """The filter of a project below the top; at the top every change is looked at, so that drift is seen early."""
    if home == ".":
        return ""
    patterns = (f"{_pattern(home)}/**", f"{_FOLDER}/assistant-sync-*-{wanted.project}*.yml")
    note = "    # If texts from other folders are included, add these. A required check must not have such a filter."
    return "\n".join(["", note, "    paths:", *(f"      - {json.dumps(one, ensure_ascii=False)}" for one in patterns)])


def _pattern(path: str) -> str:
    """A path as GitHub's filters read it."""
    return re.sub(r"([*?+\[\]!\\])", r"\\\1", path)


def _install(requirement: str | None) -> str:
    if requirement is None:
        return _FAILING_INSTALL
    if not requirement.strip() or not requirement.isprintable() or "${{" in requirement or requirement.startswith("-"):
        message = "--install: this cannot be a requirement of pip"
        raise UnknownName(
            message, hint="Give one such as 'assistant-sync==0.1.0' or 'git+https://HOST/REPOSITORY@COMMIT'"
        )
    return json.dumps(f"pip install {shlex.quote(requirement)}", ensure_ascii=False)


def _template(name: str) -> str:
    return (files("assistant_sync.operations") / "templates").joinpath(*name.split("/")).read_text("utf-8")
