"""The plan that was reviewed: kept by the run of a pull request, and found by what was merged.

Which pull request a commit came from, and what a run has kept: docs.github.com, "REST API endpoints for commits" and
"... for GitHub Actions artifacts".
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import quote

from assistant_sync.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from assistant_sync.forge.github.actions import ActionsRun
    from assistant_sync.forge.github.api import GitHub

MAX_PLAN = 512 * 2**20
"""Bytes of a reviewed plan; packed, it has fewer."""

_FILE = "plan.json"
_QUEUE = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-(\d+)-[0-9a-f]+")
_IN_MEMORY = 8 * 2**20


@dataclass(frozen=True, slots=True)
class ReviewedPlan:
    """A plan that a pull request showed.

    Attributes:
        pull_request: Its number.
        head: The last commit of its branch.
        text: The saved plan, as it was kept.
    """

    pull_request: int
    head: str
    text: bytes


async def find_reviewed_plan(github: GitHub, run: ActionsRun, project: str, target: str) -> ReviewedPlan | None:
    """Find the plan that the pull request of a commit showed last.

    Args:
        github: The API.
        run: Names the repository, the commit and its branch, which is a merge queue's or the one that was merged into.
        project: The owner's name.
        target: The target's name.

    Returns:
        The newest plan for the pull request's last commit; None if there is none.

    Raises:
        ForgeError: GitHub does not answer, or the plan cannot be read.
    """
    for pull in await _pull_requests(github, run):
        head = str(pull["head"]["sha"])
        name = f"assistant-sync-plan-{project}-{target}-{head}"
        path = f"/repos/{run.repository}/actions/artifacts"
        listed = await github.get(f"{path}?per_page=100&name={quote(name, safe='')}")
        for number in _own(listed, head):
            text = await _unpacked(github, f"{path}/{number}/zip")
            if text is not None:
                return ReviewedPlan(int(pull["number"]), head, text)
    return None


async def _pull_requests(github: GitHub, run: ActionsRun) -> list[Mapping[str, Any]]:
    """The pull requests that a commit may come from, the most likely one first."""
    queued = _QUEUE.fullmatch(run.ref)
    if queued is not None:
        found = await github.get(f"/repos/{run.repository}/pulls/{queued[1]}")
        return [found] if _is_pull_request(found) else []
    # GitHub knows which pull request a commit came from, also after a squash or a rebase.
    found = await github.get(f"/repos/{run.repository}/commits/{run.sha}/pulls")
    branch = run.ref.removeprefix("refs/heads/")
    if not isinstance(found, list):
        raise _unreadable("the pull requests of a commit")
    merged = [
        pull for pull in found if _is_pull_request(pull) and pull.get("merged_at") and pull["base"]["ref"] == branch
    ]
    return sorted(merged, key=lambda pull: pull.get("merge_commit_sha") != run.sha)


def _is_pull_request(value: object) -> TypeGuard[Mapping[str, Any]]:
    match value:
        case {"number": int(), "head": {"sha": str()}, "base": {"ref": str()}}:
            return True
    return False


def _own(listed: object, head: str) -> Iterator[int]:
    """The numbers of the artifacts that a run of this repository made for the commit, newest first."""
    match listed:
        case {"artifacts": list(artifacts)}:
            pass
        case _:
            raise _unreadable("the artifacts of a name")
    artifacts = [one for one in artifacts if isinstance(one, dict)]
    for artifact in sorted(artifacts, key=lambda one: str(one.get("created_at")), reverse=True):
        match artifact:
            # A fork's run may give its artifact any name.
            case {
                "id": int(number),
                "expired": False,
                "workflow_run": {"head_repository_id": own, "repository_id": here, "head_sha": sha},
            } if own == here and sha == head:
                yield number


def _unreadable(what: str) -> ForgeError:
    message = f"GitHub's answer about {what} cannot be read"
    return ForgeError(message, hint="Run the job again")


async def _unpacked(github: GitHub, path: str) -> bytes | None:
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as packed:
        await github.download(path, packed, limit=MAX_PLAN)
        packed.seek(0)
        try:
            return _plan_in(packed)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            message = f"the artifact at {path} is not a ZIP file that can be read"
            raise ForgeError(message) from error


def _plan_in(packed: IO[bytes]) -> bytes | None:
    with zipfile.ZipFile(packed) as artifact:
        if _FILE not in artifact.namelist():
            return None
        with artifact.open(_FILE) as file:
            text = file.read(MAX_PLAN + 1)
    if len(text) > MAX_PLAN:
        message = f"the reviewed plan has more than {MAX_PLAN // 2**20} MiB"
        raise ForgeError(message, hint="Apply by hand, or split the project")
    return text
