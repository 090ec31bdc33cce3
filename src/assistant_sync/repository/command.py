"""Run git: the one place that starts it and interprets its errors."""

from __future__ import annotations

import os
import re
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Hooks export GIT_DIR, GIT_INDEX_FILE and more, which would make git read another repository. Variables for
# configuration (actions/checkout passes safe.directory in one), for GitPython and for debugging stay.
_KEPT_VARIABLES = re.compile(r"GIT_(CONFIG_|PYTHON_|TRACE|TEST_|EXEC_PATH$|CEILING_DIRECTORIES$|DISCOVERY_)")

_SETTINGS = {
    "GIT_OPTIONAL_LOCKS": "0",  # do not write the index
    "GIT_NO_LAZY_FETCH": "1",  # do not fetch objects one by one (objects.py fetches them together)
    "GIT_TERMINAL_PROMPT": "0",  # fail where a fetch would ask for a password
}

_SAFE_OPTIONS = ("-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false")
"""Committed files may look like a bare repository, whose settings could name programs to run; and a copied one may come
with settings of its own."""

_EXECUTABLE = "GIT_PYTHON_GIT_EXECUTABLE"
"""The variable by which GitPython is given another git."""

_environment_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class GitResult:
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
        RepositoryError: Git does not trust the folder's owner.
    """
    program = _executable()
    with _clean_environment(program):
        # Only here: importing GitPython takes 0.1 s, and fails if git is missing.
        from git import Git

        command = [program, *_SAFE_OPTIONS, *arguments]
        guard = Git(os.fspath(folder)).execute(
            command, istream=PIPE, as_process=True, env=_SETTINGS | dict(environment or {})
        )
    # The guard ends the process when it is collected, so it has to live as long as the process.
    stdout, stderr = guard.communicate(stdin)
    result = GitResult(guard.returncode, stdout, stderr.decode(errors="replace").strip())
    _refuse_foreign_owner(folder, result)
    return result


def _executable() -> str:
    """The absolute path of git.

    Entries of the PATH that depend on the current folder do not count: a repository may hold a program of that name.

    Raises:
        GitMissing: There is none.
    """
    named = os.environ.get(_EXECUTABLE) or "git"
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())
    found = shutil.which(named, path=path)
    if found is None or not Path(found).is_absolute():
        raise GitMissing(f"{named} is not installed, or not on the PATH")
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


@contextmanager
def _clean_environment(program: str) -> Iterator[None]:
    """Hide the inherited GIT_* variables while a process starts: GitPython can add to the environment only.

    GitPython runs git when it is imported; it must be the same one.
    """
    with _environment_lock:
        hidden = {
            name: os.environ.pop(name)
            for name in list(os.environ)
            if name.startswith("GIT_") and (name == _EXECUTABLE or not _KEPT_VARIABLES.match(name))
        }
        os.environ[_EXECUTABLE] = program
        try:
            yield
        finally:
            del os.environ[_EXECUTABLE]
            os.environ.update(hidden)
