"""Run git: the one place that starts it and interprets its errors."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Hooks export GIT_DIR, GIT_INDEX_FILE and more, which would make git read another repository. Variables for
# configuration (actions/checkout passes safe.directory in one) and for debugging stay.
_KEPT_VARIABLES = re.compile(r"GIT_(CONFIG_|TRACE|TEST_|EXEC_PATH$|CEILING_DIRECTORIES$|DISCOVERY_)")

_SETTINGS = {
    "LANGUAGE": "C",  # messages in English, since some of them are interpreted here
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",  # do not write the index
    "GIT_NO_LAZY_FETCH": "1",  # do not fetch objects one by one (objects.py fetches them together)
    "GIT_TERMINAL_PROMPT": "0",  # fail where a fetch would ask for a password
}

_SAFE_OPTIONS = ("-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false")
"""Committed files may look like a bare repository, whose settings could name programs to run; and a copied one may come
with settings of its own."""


class GitResult(Frozen, frozen=True):
    """The result of a git process.

    Attributes:
        status: Its exit status.
        stdout: What it printed.
        stderr: Its messages, as text.
    """

    status: int
    stdout: bytes
    stderr: str


class GitMissing(RepositoryError):
    """There is no git executable."""


def run(
    folder: Path, arguments: Sequence[str], *, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> GitResult:
    """Run git in a folder.

    Args:
        folder: The working directory.
        arguments: After ``git``; nothing in them may come from the deployment.
        stdin: Its input; this may hold untrusted text.
        environment: Variables of git that this run needs, such as an index of its own.

    Returns:
        The result, whatever the status.

    Raises:
        GitMissing: Git is not installed.
        RepositoryError: It cannot be started there, or does not trust the folder's owner.
    """
    command = [_executable(), *_SAFE_OPTIONS, *arguments]
    try:
        done = subprocess.run(
            command, input=stdin, capture_output=True, cwd=folder, env=_environment(environment or {}), check=False
        )
    except OSError as error:
        raise RepositoryError(f"git cannot be started in {folder}: {error.strerror}") from error
    result = GitResult(done.returncode, done.stdout, done.stderr.decode(errors="replace").strip())
    _refuse_foreign_owner(folder, result)
    return result


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a process of git inherits, with the settings of all and more for this one."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_") or _KEPT_VARIABLES.match(name)
    }
    return kept | _SETTINGS | dict(more)


def _executable() -> str:
    """The absolute path of git.

    Entries of the PATH that depend on the current folder do not count: a repository may hold a program of that name.

    Raises:
        GitMissing: There is none.
    """
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())
    found = shutil.which("git", path=path)
    if found is None or not Path(found).is_absolute():
        raise GitMissing("git is not installed, or not on the PATH")
    return found


def run_checked(folder: Path, arguments: Sequence[str], *, stdin: bytes = b"", statuses: Sequence[int] = (0,)) -> bytes:
    """Run git and require success.

    Args:
        folder: The working directory.
        arguments: As for ``run``.
        stdin: As for ``run``.
        statuses: The exit statuses that mean success.

    Returns:
        Its stdout.

    Raises:
        GitMissing: Git is not installed.
        RepositoryError: Git failed.
    """
    result = run(folder, arguments, stdin=stdin)
    if result.status not in statuses:
        verb = next(argument for argument in arguments if not argument.startswith("-"))
        raise RepositoryError(f"git {verb} failed in {folder}: {result.stderr or result.status}")
    return result.stdout


def _refuse_foreign_owner(folder: Path, result: GitResult) -> None:
    if result.status == 0 or not re.search(r"dubious ownership|unsafe repository", result.stderr):
        return
    named = re.search(r"repository (?:at |\()'([^']+)'", result.stderr)
    place = named.group(1) if named else os.fspath(folder)
    raise RepositoryError(
        f"{place}: git refuses to read this repository because it belongs to another user",
        hint=f"if you trust it: git config --global --add safe.directory '{place}'",
    )
