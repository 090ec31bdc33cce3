"""Two applies at the same time, as processes of their own: nothing is made twice, nothing is lost in silence."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.depth import DEPTH, SEED
from tests.end_to_end.machine_project import APPLY, MachineProject, lock_writes
from tests.end_to_end.machine_truth import content, same, stamp_of, wanted
from tests.servers.forkserver import running_forkserver
from tests.servers.official import Deployment
from tests.servers.proxy import running_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.end_to_end.machine_project import Manifest
    from tests.project_fixture import Run
    from tests.servers.forkserver import ForkServer
    from tests.servers.proxy import Proxy

PROJECTS = 3
SPEED = 10
"""How much faster the clocks of the applies run, so that they look at a lock more often."""

UNHURRIED = ("--timeout", "300", "--lock-timeout", "3000")
APPLY_ALONE = (*APPLY, *UNHURRIED)
APPLY_BESIDE = ("apply", "--format", "json", *UNHURRIED)

MINTING = {"created": 1, "updated": 1, "adopted": 1, "activated": 0}
"""Versions by status."""


@pytest.fixture(scope="module")
def forkserver() -> Iterator[ForkServer]:
    with running_forkserver() as forkserver:
        yield forkserver


@dataclass(frozen=True)
class Pair:
    """A project with two ways to the server.

    Attributes:
        project: The project.
        wires: One for each of two applies.
        forkserver: Starts the commands.
    """

    project: MachineProject
    wires: tuple[Proxy, Proxy]
    forkserver: ForkServer

    def both(self, folders: tuple[Path, Path], *arguments: str) -> tuple[Run, Run]:
        """Start two applies, and wait for both."""
        delay = self.project.random.choice([0, 0, 0.02, 0.05, 0.1])
        running = []
        for folder, between in zip(folders, self.wires, strict=True):
            between.reset()
            running.append(self.forkserver.start(folder, *arguments, "--url", between.url, speed=SPEED))
            time.sleep(delay)
        first, second = (one.wait() for one in running)
        return first, second

    def last(self) -> None:
        """One apply alone makes the newest manifests true, and another finds nothing to do."""
        self.forkserver.run(self.project.repository.folder, *APPLY_ALONE, speed=SPEED).expect(0)
        self.project.check_state()
        assert self.project.locks() == []
        self.project.wire.reset()
        again = self.forkserver.run(self.project.repository.folder, *APPLY_ALONE, speed=SPEED).expect(0)
        assert again.json["outcomes"] == []
        assert self.project.wire.writes == lock_writes(self.project.wire) == []


def told_of(run: Run) -> dict[str, dict[str, Any]]:
    """The outcome of each change; none where the apply ended before the first write."""
    return {one["key"]: one for one in run.json.get("outcomes", ())}


def on_projects(
    server_url: str,
    folder: Path,
    name: str,
    forkserver: ForkServer,
    rounds: int,
    go_on: Callable[[Pair], None],
    **target: Any,
) -> None:
    """Go through some rounds on several projects at a time."""

    def one(number: int) -> None:
        project = f"{name}-{number}"
        (folder / project).mkdir()
        deployment = deployments[number]
        try:
            with running_proxy(server_url) as mine, running_proxy(server_url) as other:
                random = Random(f"{SEED}/{project}")  # noqa: S311 - no secret
                pair = Pair(
                    MachineProject(folder / project, deployment, mine, project, random, **target),
                    (mine, other),
                    forkserver,
                )
                pair.project.change()
                pair.last()
                for nth in range(DEPTH.rounds * rounds):
                    with explained(f"TEST_SEED={SEED}, project {project}, round {nth}"):
                        go_on(pair)
        finally:
            deployment.close()

    # Before any of them makes anything that the others would take for what was there.
    deployments = [Deployment(server_url) for _ in range(PROJECTS)]
    with ThreadPoolExecutor(PROJECTS) as pool:
        list(pool.map(one, range(PROJECTS)))


@contextmanager
def explained(note: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(note)
        raise


@pytest.mark.server
def test_of_the_same_commit_each_change_is_made_once_and_both_succeed(
    server_url: str, forkserver: ForkServer, tmp_path: Path
) -> None:
    def go_on(pair: Pair) -> None:
        project = pair.project
        changes = project.change()
        runs = pair.both((project.repository.folder, project.repository.folder), *APPLY_ALONE)
        for run in runs:
            assert run.expect(0).json["converged"]
        told = [key for run in runs for key in told_of(run)]
        assert sorted(told) == sorted(changes)
        project.check_changes(changes)
        pair.last()

    on_projects(server_url, tmp_path, "same", forkserver, 7, go_on)


@pytest.mark.full
@pytest.mark.server
@pytest.mark.parametrize("are_siblings", [False, True], ids=["older-and-newer", "siblings"])
def test_of_different_commits_each_writes_whole_versions_after_the_other(
    are_siblings: bool, server_url: str, forkserver: ForkServer, tmp_path: Path
) -> None:
    kinds = ["create", "update", "update", "retouch", "activate"] + ["adopt"] * (not are_siblings)

    def go_on(pair: Pair) -> None:
        commits = two_commits(pair.project, kinds, are_siblings=are_siblings)
        runs = pair.both(commits.folders, *APPLY_BESIDE)
        codes = [run.code for run in runs]
        assert codes in ([0, 0], [0, 0] if are_siblings else [6, 0]), runs
        for run, between in zip(runs, pair.wires, strict=True):
            if run.code:
                assert "newer than this checkout" in run.err
                assert between.writes == []
            assert not any(one["outside_versions"] for one in told_of(run).values())
        commits.check(runs)
        pair.last()

    on_projects(server_url, tmp_path, f"different-{are_siblings:d}", forkserver, 3, go_on)


@pytest.mark.full
@pytest.mark.server
def test_without_a_lock_the_same_commit_is_never_written_over_in_silence(
    server_url: str, forkserver: ForkServer, tmp_path: Path
) -> None:
    def go_on(pair: Pair) -> None:
        project = pair.project
        project.change(["create", "update", "update", "retouch", "adopt", "activate"])
        commits = Commits(project, (project.repository.folder,) * 2, (project.manifests, project.manifests))
        runs = pair.both(commits.folders, *APPLY_BESIDE)
        for run in runs:
            assert run.code in (0, 7, 8), run
        commits.check(runs)
        pair.last()

    on_projects(server_url, tmp_path, "unlocked-same", forkserver, 3, go_on, lock="off")


@pytest.mark.full
@pytest.mark.server
@pytest.mark.parametrize("are_siblings", [False, True], ids=["older-and-newer", "siblings"])
def test_without_a_lock_different_commits_are_never_written_over_in_silence(
    are_siblings: bool, server_url: str, forkserver: ForkServer, tmp_path: Path
) -> None:
    def go_on(pair: Pair) -> None:
        commits = two_commits(pair.project, ["create", "update", "update", "retouch"], are_siblings=are_siblings)
        runs = pair.both(commits.folders, *APPLY_BESIDE)
        for run in runs:
            assert run.code in (0, 6, 7, 8, 9), run
        commits.check(runs)
        pair.last()

    on_projects(server_url, tmp_path, f"unlocked-{are_siblings:d}", forkserver, 2, go_on, lock="off")


class Commits:
    """Two checkouts of a project's repository, and what they want.

    Args:
        project: The project.
        folders: Where they are.
        manifests: What each wants.
    """

    def __init__(
        self, project: MachineProject, folders: tuple[Path, Path], manifests: tuple[Mapping[str, Manifest], ...]
    ) -> None:
        self.folders = folders
        self._project = project
        self._manifests = manifests
        self._before = project.counts()

    def check(self, runs: tuple[Run, Run]) -> None:
        """Every new version is whole, is one that a report names, and none was written over in silence."""
        rows = {row["assistant_id"]: stamp_of(row)["key"] for row in self._project.owned()}
        assert len(set(rows.values())) == len(rows)
        for assistant_id, key in rows.items():
            before = self._before.get(assistant_id, 1 if "assistant_id" in self._any(key) else 0)
            new = [row for row in self._project.deployment.versions(assistant_id) if row["version"] > before]
            told = [told_of(run).get(key, {"status": "nothing"}) for run in runs]
            minted = [one["version_after"] for one in told if MINTING.get(one["status"])]
            assert sorted(row["version"] for row in new) == sorted(minted), (key, new, told)
            for row in new:
                self._check_whole(key, row)
            for mine, other in (told, reversed(told)):
                check_not_in_silence(mine, other)

    def _any(self, key: str) -> Manifest:
        return next(manifests[key] for manifests in self._manifests if key in manifests)

    def _check_whole(self, key: str, row: dict[str, Any]) -> None:
        owned = stamp_of(row)["metadata_keys"]
        candidates = [wanted(key, manifests[key]) for manifests in self._manifests if key in manifests]
        assert any(same(content(row, owned), one) for one in candidates), (row, candidates)


def check_not_in_silence(mine: dict[str, Any], other: dict[str, Any]) -> None:
    """Whoever wrote later has seen the other's version before, or says that it was written over."""
    if not (MINTING.get(mine["status"]) and MINTING.get(other["status"])):
        return
    if mine["version_after"] > other["version_after"] > (mine["version_before"] or 0):
        assert other["version_after"] in mine["outside_versions"], (mine, other)


def two_commits(project: MachineProject, kinds: Iterable[str], *, are_siblings: bool) -> Commits:
    """Two commits, the second a child of the first or of the same parent, each in a checkout of its own."""
    start, manifests, ids = project.repository.git("rev-parse", "HEAD"), dict(project.manifests), dict(project.ids)
    project.change(kinds)
    first = project.repository.git("rev-parse", "HEAD"), dict(project.manifests)
    if are_siblings:
        project.go_back(start, manifests, ids)
    project.change(kinds)
    second = project.repository.git("rev-parse", "HEAD"), dict(project.manifests)
    folders = []
    for commit, _ in (first, second):
        folder = project.repository.folder.with_name(f"{project.project}-{commit}")
        project.repository.git("worktree", "add", "-q", "--detach", str(folder), commit)
        folders.append(folder)
    return Commits(project, (folders[0], folders[1]), (first[1], second[1]))
