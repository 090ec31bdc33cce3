"""Run git: the one place that starts it and that reads its complaints."""

from __future__ import annotations

import os
import re
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import PIPE
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Hooks export GIT_DIR, GIT_INDEX_FILE and more, which would point git at another repository than the one that
# was asked for. Configuration (actions/checkout passes safe.directory so), GitPython's own settings and debugging stay.
_KEPT = re.compile(r"GIT_(CONFIG_|PYTHON_|TRACE|TEST_|EXEC_PATH$|CEILING_DIRECTORIES$|DISCOVERY_)")

_SETTINGS = {
    "GIT_OPTIONAL_LOCKS": "0",  # reading must not write the index
    "GIT_NO_LAZY_FETCH": "1",  # nor ask the network for an object that a partial clone lacks
}

_SAFELY = ("-c", "safe.bareRepository=explicit")
"""Committed files that look like a bare repository are none: its settings could name programs to run."""

_environment_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git process left.

    Attributes:
        status: Its exit status.
        output: Its stdout.
        complaint: Its stderr, as text.
    """

    status: int
    output: bytes
    complaint: str


class GitMissing(RepositoryError):
    """There is no git executable."""


def run(folder: Path, arguments: Sequence[str], *, stdin: bytes = b"") -> Answer:
    """Run git in a folder.

    Args:
        folder: The working directory.
        arguments: After ``git``; nothing in them may come from the deployment.
        stdin: What it reads; such text may be untrusted.

    Returns:
        The answer, whatever the status.

    Raises:
        GitMissing: No git is installed.
        RepositoryError: Git does not trust the folder's owner.
    """
    program = os.environ.get("GIT_PYTHON_GIT_EXECUTABLE") or "git"
    if shutil.which(program) is None:
        raise GitMissing(f"{program} is not installed, or not on the PATH")
    with _clean_environment():
        # Only here: GitPython takes 0.1 s to import, and refuses to be imported where git is missing.
        from git import Git

        command = [program, *_SAFELY, *arguments]
        guard = Git(os.fspath(folder)).execute(command, istream=PIPE, as_process=True, env=_SETTINGS)
    # The guard ends the process when it is collected, so it has to live as long as the process.
    output, complaint = guard.communicate(stdin)
    status = guard.returncode
    answer = Answer(status, output, complaint.decode(errors="replace").strip())
    _refuse_foreign_owner(folder, answer)
    return answer


def run_checked(folder: Path, arguments: Sequence[str], *, stdin: bytes = b"", statuses: Sequence[int] = (0,)) -> bytes:
    """Run git and insist on success.

    Args:
        folder: The working directory.
        arguments: As for ``run``.
        stdin: As for ``run``.
        statuses: The exit statuses that are no failure.

    Returns:
        Its stdout.

    Raises:
        GitMissing: No git is installed.
        RepositoryError: Git failed.
    """
    answer = run(folder, arguments, stdin=stdin)
    if answer.status not in statuses:
        verb = next(argument for argument in arguments if not argument.startswith("-"))
        raise RepositoryError(f"git {verb} failed in {folder}: {answer.complaint or answer.status}")
    return answer.output


def _refuse_foreign_owner(folder: Path, answer: Answer) -> None:
    if answer.status == 0 or not re.search(r"dubious ownership|unsafe repository", answer.complaint):
        return
    named = re.search(r"repository (?:at |\()'([^']+)'", answer.complaint)
    place = named.group(1) if named else os.fspath(folder)
    raise RepositoryError(
        f"{place}: git refuses to read this repository because it belongs to another user",
        hint=f"if you trust it: git config --global --add safe.directory '{place}'",
    )


@contextmanager
def _clean_environment() -> Iterator[None]:
    """Hide the inherited GIT_* variables while a process starts: GitPython can add to the environment only."""
    with _environment_lock:
        hidden = {
            name: os.environ.pop(name) for name in list(os.environ) if name.startswith("GIT_") and not _KEPT.match(name)
        }
        try:
            yield
        finally:
            os.environ.update(hidden)
