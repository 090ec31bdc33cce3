"""No run ever sees a part of the old assistant and a part of the new one: one is made between every two requests."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject
    from tests.servers.official import Row
    from tests.servers.proxy import Answer, Forward, Request

CONTEXT: dict[str, Any] = {"model": "old", "system_prompt": "Be kind.", "tools": ["a", "b"]}
CONFIG: dict[str, Any] = {"recursion_limit": 11, "tags": ["old"]}
BASE: dict[str, Any] = {"graph_id": "support_agent", "context": CONTEXT, "config": CONFIG}

LEASE = 3600
"""Seconds that an apply holds the lock: one that waits for runs before each request takes its time."""

LOOKS = 5
"""Of each changed assistant at least: before and after it all, before its last read, before and after its write."""

CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "everything": (
        BASE,
        {
            "graph_id": "research_agent", "name": "New", "description": "new", "metadata": {"team": "new"},
            "context": {"model": "new", "temperature": 0.5}, "config": {"recursion_limit": 22, "tags": ["new"]},
        },
    ),
    "graph": (BASE, {**BASE, "graph_id": "research_agent"}),
    "context": (BASE, {**BASE, "context": {"model": "new"}}),
    "no-context": (BASE, {**BASE, "context": {}}),
    "config": (BASE, {**BASE, "config": {"recursion_limit": 22, "tags": ["new"]}}),
    "no-config": (BASE, {**BASE, "config": {}}),
    "words": (BASE, {**BASE, "name": "New", "description": "new", "metadata": {"team": "new"}}),
    "configurable": (
        {"config": {**CONFIG, "configurable": CONTEXT}},
        {"config": {"recursion_limit": 22, "configurable": {"model": "new"}}},
    ),
    "context-to-configurable": (BASE, {"config": {**CONFIG, "configurable": {"model": "new"}}}),
}  # fmt: skip


def telling_apart(key: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """The same with the key in it: a server may want the config of a graph's assistants to differ."""
    config = dict(manifest.get("config", {}))
    if configurable := config.get("configurable"):
        return {**manifest, "config": {**config, "configurable": {**configurable, "tag": key}}}
    return {**manifest, "context": {**manifest["context"], "tag": key}}


class Watch:
    """Makes a run before each request, and after it where it wrote something: of the assistant that it is about.

    Between the requests about one assistant, the others take turns.
    """

    def __init__(self, project: ConformanceProject, ids: dict[str, str]) -> None:
        self.seen: dict[str, list[Row]] = {key: [] for key in ids}
        self._project = project
        self._ids = ids
        self._turns = cycle(ids)
        self._one_at_a_time = threading.Lock()

    def look(self, key: str) -> None:
        self.seen[key].append(self._project.deployment.seen(self._ids[key]))

    def look_at_all(self) -> None:
        for key, seen in runs_of_all(self._project, self._ids).items():
            self.seen[key].append(seen)

    def __call__(self, request: Request, forward: Forward) -> Answer:
        with self._one_at_a_time:
            about = [key for key, own in self._ids.items() if own in request.path or own.encode() in request.body]
            keys = about[:1] or [next(self._turns)]
            for key in keys:
                self.look(key)
            answer = forward(request)
            if request.is_write:
                for key in keys:
                    self.look(key)
            return answer


def runs_of_all(project: ConformanceProject, ids: dict[str, str]) -> dict[str, Row]:
    """What a run of each sees, all at once: an idle dev server takes a second to look for new runs."""
    with ThreadPoolExecutor(len(ids)) as pool:
        return dict(zip(ids, pool.map(project.deployment.seen, ids.values()), strict=True))


def apply_watched(project: ConformanceProject, ids: dict[str, str]) -> dict[str, Any]:
    """Apply with runs in between; each assistant must be the old one until it is the new one."""
    watch = Watch(project, ids)
    watch.look_at_all()
    project.wire.reset()
    project.wire.meddle = watch
    result: dict[str, Any] = project.repository.apply("--concurrency", "1")
    project.wire.reset()
    watch.look_at_all()
    assert all(len(watch.seen[one["key"]]) >= LOOKS for one in result["outcomes"])
    for key, seen in watch.seen.items():
        switches = [(one, next_one) for one, next_one in pairwise(seen) if one != next_one]
        assert switches in ([], [(seen[0], seen[-1])]), f"{key}: a run saw a mixture"
    return result


def settled(project: ConformanceProject, ids: dict[str, str], side: int) -> None:
    """What runs see in the end is what the manifests say."""
    for key, seen in runs_of_all(project, ids).items():
        wanted = project.wanted(key, **telling_apart(key, CHANGES[key][side]))
        assert seen["graph"] == wanted["graph_id"]
        assert (seen["context"] or {}, seen["configurable"] or {}) == (wanted["context"], wanted["configurable"])
        assert (seen["tags"] or []) == wanted["config"].get("tags", [])
        if "recursion_limit" in wanted["config"]:
            assert seen["recursion_limit"] == wanted["config"]["recursion_limit"]


def write(project: ConformanceProject, side: int) -> dict[str, str]:
    """The manifests of one side, committed; their ids."""
    ids = {key: project.repository.manifest(key, **telling_apart(key, sides[side])) for key, sides in CHANGES.items()}
    project.repository.commit()
    return ids


@pytest.mark.parametrize("activation", ["safe", "full"])
def test_neither_an_update_nor_its_revert_lets_a_run_see_a_mixture(
    activation: str, project: ConformanceProject
) -> None:
    if not project.can.has_runs:
        pytest.skip("this server runs no graphs")
    if activation == "full" and not project.can.restores_all:
        pytest.skip("full is for servers that restore a version whole, and this one does not")
    project.repository.configure(project.wire.url, activation=activation, lock=LEASE)
    ids = write(project, 0)
    project.repository.apply()
    settled(project, ids, 0)
    write(project, 1)
    result = apply_watched(project, ids)
    assert [one["status"] for one in result["outcomes"]] == ["updated"] * len(ids)
    settled(project, ids, 1)
    project.repository.revert()
    result = apply_watched(project, ids)
    assert result["converged"]
    statuses = {one["key"]: one["status"] for one in result["outcomes"]}
    moved = {key for key, status in statuses.items() if status == "activated"}
    safe = {"config", "no-config"} | (
        {"words"} if project.can.restored >= {"name", "description", "metadata"} else set()
    )
    assert moved == (set(ids) if activation == "full" else safe)
    settled(project, ids, 0)


def test_a_pointer_moved_by_hand_is_put_right_without_a_further_mixture(project: ConformanceProject) -> None:
    """What runs see before is what the server made of it; from then on it is that or the manifest's, nothing else."""
    if not project.can.has_runs:
        pytest.skip("this server runs no graphs")
    project.repository.configure(project.wire.url, lock=LEASE)
    ids = write(project, 0)
    project.repository.apply()
    write(project, 1)
    project.repository.apply()
    for own in ids.values():
        project.deployment.set_latest(own, 1)
    assert apply_watched(project, ids)["converged"]
    settled(project, ids, 1)
