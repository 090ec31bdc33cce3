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
from tests.end_to_end.machine_site import APPLY, Site, lock_writes
from tests.end_to_end.machine_truth import content, same, stamp_of, wanted
from tests.servers.official import Deployment
from tests.servers.proxy import running_proxy
from tests.servers.warm import warm_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.end_to_end.machine_site import Manifest
    from tests.servers.proxy import Proxy
    from tests.servers.warm import Warm
    from tests.workshop import Run

SITES = 3
SPEED = 10
"""How much faster the clocks of the applies run, so that they look at a lock more often."""

UNHURRIED = ("--timeout", "300", "--lock-timeout", "3000")
APPLY_ALONE = (*APPLY, *UNHURRIED)
APPLY_BESIDE = ("apply", "--format", "json", *UNHURRIED)

MINTING = {"created": 1, "updated": 1, "adopted": 1, "activated": 0}
"""Versions by status."""


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with warm_program() as warm:
        yield warm


@dataclass(frozen=True)
class Pair:
    """A site with two ways to the server.

    Attributes:
        site: The project.
        wires: One for each of two applies.
        warm: Starts the commands.
    """

    site: Site
    wires: tuple[Proxy, Proxy]
    warm: Warm

    def both(self, folders: tuple[Path, Path], *arguments: str) -> tuple[Run, Run]:
        """Start two applies, and wait for both."""
        delay = self.site.random.choice([0, 0, 0.02, 0.05, 0.1])
        running = []
        for folder, between in zip(folders, self.wires, strict=True):
            between.reset()
            running.append(self.warm.start(folder, *arguments, "--url", between.url, speed=SPEED))
            time.sleep(delay)
        first, second = (one.wait() for one in running)
        return first, second

    def last(self) -> None:
        """One apply alone makes the newest manifests true, and another finds nothing to do."""
        self.warm.run(self.site.workshop.folder, *APPLY_ALONE, speed=SPEED).expect(0)
        self.site.check_state()
        assert self.site.locks() == []
        self.site.wire.reset()
        again = self.warm.run(self.site.workshop.folder, *APPLY_ALONE, speed=SPEED).expect(0)
        assert again.json["outcomes"] == []
        assert self.site.wire.writes == lock_writes(self.site.wire) == []


def told_of(run: Run) -> dict[str, dict[str, Any]]:
    """The outcome of each change; none where the apply ended before the first write."""
    return {one["key"]: one for one in run.json.get("outcomes", ())}


def on_sites(
    server_url: str, folder: Path, name: str, warm: Warm, rounds: int, go_on: Callable[[Pair], None], **target: Any
) -> None:
    """Go through some rounds on several sites at a time."""

    def one(number: int) -> None:
        project = f"{name}-{number}"
        (folder / project).mkdir()
        deployment = deployments[number]
        try:
            with running_proxy(server_url) as mine, running_proxy(server_url) as other:
                random = Random(f"{SEED}/{project}")  # noqa: S311 - no secret
                pair = Pair(Site(folder / project, deployment, mine, project, random, **target), (mine, other), warm)
                pair.site.change()
                pair.last()
                for nth in range(DEPTH.rounds * rounds):
                    with explained(f"TEST_SEED={SEED}, project {project}, round {nth}"):
                        go_on(pair)
        finally:
            deployment.close()

    # Before any of them makes anything that the others would take for what was there.
    deployments = [Deployment(server_url) for _ in range(SITES)]
    with ThreadPoolExecutor(SITES) as pool:
        list(pool.map(one, range(SITES)))


@contextmanager
def explained(note: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(note)
        raise


@pytest.mark.server
def test_of_the_same_commit_each_change_is_made_once_and_both_succeed(
    server_url: str, warm: Warm, tmp_path: Path
) -> None:
    def go_on(pair: Pair) -> None:
        site = pair.site
        changes = site.change()
        runs = pair.both((site.workshop.folder, site.workshop.folder), *APPLY_ALONE)
        for run in runs:
            assert run.expect(0).json["converged"]
        told = [key for run in runs for key in told_of(run)]
        assert sorted(told) == sorted(changes)
        site.check_changes(changes)
        pair.last()

    on_sites(server_url, tmp_path, "same", warm, 7, go_on)


@pytest.mark.full
@pytest.mark.server
@pytest.mark.parametrize("are_siblings", [False, True], ids=["older-and-newer", "siblings"])
def test_of_different_commits_each_writes_whole_versions_after_the_other(
    are_siblings: bool, server_url: str, warm: Warm, tmp_path: Path
) -> None:
    kinds = ["create", "update", "update", "retouch", "activate"] + ["adopt"] * (not are_siblings)

    def go_on(pair: Pair) -> None:
        commits = two_commits(pair.site, kinds, are_siblings=are_siblings)
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

    on_sites(server_url, tmp_path, f"different-{are_siblings:d}", warm, 3, go_on)


@pytest.mark.full
@pytest.mark.server
def test_without_a_lock_the_same_commit_is_never_written_over_in_silence(
    server_url: str, warm: Warm, tmp_path: Path
) -> None:
    def go_on(pair: Pair) -> None:
        site = pair.site
        site.change(["create", "update", "update", "retouch", "adopt", "activate"])
        commits = Commits(site, (site.workshop.folder,) * 2, (site.manifests, site.manifests))
        runs = pair.both(commits.folders, *APPLY_BESIDE)
        for run in runs:
            assert run.code in (0, 7, 8), run
        commits.check(runs)
        pair.last()

    on_sites(server_url, tmp_path, "unlocked-same", warm, 3, go_on, lock="off")


@pytest.mark.full
@pytest.mark.server
@pytest.mark.parametrize("are_siblings", [False, True], ids=["older-and-newer", "siblings"])
def test_without_a_lock_different_commits_are_never_written_over_in_silence(
    are_siblings: bool, server_url: str, warm: Warm, tmp_path: Path
) -> None:
    def go_on(pair: Pair) -> None:
        commits = two_commits(pair.site, ["create", "update", "update", "retouch"], are_siblings=are_siblings)
        runs = pair.both(commits.folders, *APPLY_BESIDE)
        for run in runs:
            assert run.code in (0, 6, 7, 8, 9), run
        commits.check(runs)
        pair.last()

    on_sites(server_url, tmp_path, f"unlocked-{are_siblings:d}", warm, 2, go_on, lock="off")


class Commits:
    """Two checkouts of a site's repository, and what they want.

    Args:
        site: The project.
        folders: Where they are.
        manifests: What each wants.
    """

    def __init__(self, site: Site, folders: tuple[Path, Path], manifests: tuple[Mapping[str, Manifest], ...]) -> None:
        self.folders = folders
        self._site = site
        self._manifests = manifests
        self._before = site.counts()

    def check(self, runs: tuple[Run, Run]) -> None:
        """Every new version is whole, is one that a report names, and none was written over in silence."""
        rows = {row["assistant_id"]: stamp_of(row)["key"] for row in self._site.owned()}
        assert len(set(rows.values())) == len(rows)
        for assistant_id, key in rows.items():
            before = self._before.get(assistant_id, 1 if "assistant_id" in self._any(key) else 0)
            new = [row for row in self._site.deployment.versions(assistant_id) if row["version"] > before]
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


def two_commits(site: Site, kinds: Iterable[str], *, are_siblings: bool) -> Commits:
    """Two commits, the second a child of the first or of the same parent, each in a checkout of its own."""
    start, manifests, ids = site.workshop.git("rev-parse", "HEAD"), dict(site.manifests), dict(site.ids)
    site.change(kinds)
    first = site.workshop.git("rev-parse", "HEAD"), dict(site.manifests)
    if are_siblings:
        site.go_back(start, manifests, ids)
    site.change(kinds)
    second = site.workshop.git("rev-parse", "HEAD"), dict(site.manifests)
    folders = []
    for commit, _ in (first, second):
        folder = site.workshop.folder.with_name(f"{site.project}-{commit}")
        site.workshop.git("worktree", "add", "-q", "--detach", str(folder), commit)
        folders.append(folder)
    return Commits(site, (folders[0], folders[1]), (first[1], second[1]))
