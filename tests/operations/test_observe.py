"""Which questions of triage cause which requests."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.live.pages import MOST_ROWS
from assistant_sync.model.provenance import Ancestry, Commit
from assistant_sync.operations.observe import observe
from assistant_sync.planning.triage import triage
from assistant_sync.repository.worktree import WorkTree
from tests.applying.memory_deployment import COMMIT, SEARCH, MemoryDeployment, status
from tests.builders import make_desired, make_id
from tests.planning.rows import make_policy
from tests.repository.repos import Repo

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Desired
    from assistant_sync.planning.observations import Observations
    from tests.servers.recording import Fault, Proceed

COUNT, LIST, GET, VERSIONS = "POST count", "POST search", "GET", "POST versions"
LISTING = [COUNT, LIST]
"""A complete listing of few rows."""

SCHEMAS = "GET schemas"
GRAPHS = [LIST, SCHEMAS]
"""Whether a graph is served is asked of an assistant of it; here of one that must be found first."""


def observed(
    memory: MemoryDeployment,
    *desired: Desired,
    faults: tuple[Fault, ...] = (),
    tree: WorkTree | None = None,
    **policy: Any,
) -> Observations:
    """What is observed after the triage of these manifests; ``memory.asked`` has the requests of that alone."""

    async def main() -> Observations:
        async with memory.writer(*faults) as reader:
            rules = make_policy(**policy)
            triaged = triage(desired, await reader.listing({"assistant_sync": {"project": rules.project}}), rules)
            memory.transport.exchanges.clear()
            return await observe(triaged, rules, tree or WorkTree(Path("/")), reader)

    return asyncio.run(main())


@pytest.fixture
def memory() -> MemoryDeployment:
    return MemoryDeployment()


def test_if_all_is_equal_one_question_is_asked_of_each_graph(memory: MemoryDeployment) -> None:
    memory.settle(make_desired("a"))
    seen = observed(memory, make_desired("a"))
    assert memory.asked == [SCHEMAS]
    assert (seen.found, seen.versions, seen.everything, seen.ancestry) == ({}, {}, (), {})


# Are the ids of new manifests free?


def test_a_few_ids_are_read_one_by_one(memory: MemoryDeployment) -> None:
    seen = observed(memory, make_desired("a"), make_desired("b"))
    assert memory.asked == [GET, GET, *GRAPHS]
    assert seen.found == {make_id("a"): None, make_id("b"): None}


def test_many_ids_are_looked_up_in_one_listing(memory: MemoryDeployment) -> None:
    memory.deployment.create(assistant_id=make_id("a"), name="in the way")
    seen = observed(memory, *map(make_desired, "abc"))
    assert memory.asked == [COUNT, *LISTING, VERSIONS, *GRAPHS]
    assert {own: row and row.name for own, row in seen.found.items()} == {
        make_id("a"): "in the way",
        make_id("b"): None,
        make_id("c"): None,
    }


def test_many_ids_are_read_one_by_one_if_the_listing_is_longer(memory: MemoryDeployment) -> None:
    most = 10

    async def ten_at_a_time(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        is_too_large = request.url.path == SEARCH and json.loads(request.content)["limit"] > most
        return httpx.Response(422, json={}) if is_too_large else await proceed()

    for _ in range(10):
        memory.deployment.create()
    observed(memory, *map(make_desired, "abc"), faults=(ten_at_a_time,))
    assert memory.asked == [COUNT, GET, GET, GET, *GRAPHS]


def test_many_ids_are_read_one_by_one_if_others_have_more_rows_than_are_listed(memory: MemoryDeployment) -> None:
    async def counts_all(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        is_of_all = request.url.path.endswith("/count") and "metadata" not in json.loads(request.content)
        return httpx.Response(200, json=MOST_ROWS + 1) if is_of_all else await proceed()

    keys = [f"k{number:03}" for number in range(MOST_ROWS // 1000 + 10)]
    observed(memory, *map(make_desired, keys), faults=(counts_all,))
    assert memory.asked == [COUNT, *[GET] * len(keys), *GRAPHS]


def test_many_ids_are_read_one_by_one_if_the_deployment_cannot_count(memory: MemoryDeployment) -> None:
    observed(memory, *map(make_desired, "abc"), faults=(status(404, "POST", "/assistants/count"),))
    assert memory.asked == [GET, GET, GET, *GRAPHS]


def test_an_id_that_a_manifest_names_and_get_does_not_find_is_looked_up_in_a_listing(memory: MemoryDeployment) -> None:
    own = str(memory.deployment.create(name="of a graph that is gone")["assistant_id"])
    memory.deployment.graphs.remove("agent")
    seen = observed(memory, make_desired("a", assistant_id=own, graph_id="research"))
    assert memory.asked == [GET, *LISTING, VERSIONS, *GRAPHS]
    assert {one: row and row.name for one, row in seen.found.items()} == {own: "of a graph that is gone"}


def test_a_derived_id_that_get_does_not_find_is_free(memory: MemoryDeployment) -> None:
    observed(memory, make_desired("a"))
    assert memory.asked == [GET, *GRAPHS]


# Which versions are there?


def test_the_versions_of_what_differs_are_read(memory: MemoryDeployment) -> None:
    memory.settle(make_desired("a"), make_desired("b"))
    seen = observed(memory, make_desired("a", description="new"), make_desired("b"))
    assert memory.asked == [VERSIONS, SCHEMAS]
    assert {own: [row.version for row in rows] for own, rows in seen.versions.items()} == {make_id("a"): [1]}


def test_the_versions_of_what_is_found_under_a_new_manifests_id_are_read(memory: MemoryDeployment) -> None:
    memory.deployment.create(assistant_id=make_id("a"))
    seen = observed(memory, make_desired("a"))
    assert memory.asked == [GET, VERSIONS, *GRAPHS]
    assert list(seen.versions) == [make_id("a")]


@pytest.mark.parametrize(("prune", "asked"), [(False, []), (True, [VERSIONS, "POST runs/crons/search", "POST count"])])
def test_the_versions_of_an_orphan_are_read_only_to_delete_it(
    prune: bool, asked: list[str], memory: MemoryDeployment
) -> None:
    memory.settle(make_desired("a"))
    seen = observed(memory, prune=prune)
    assert (memory.asked, list(seen.versions)) == (asked, [make_id("a")] if prune else [])


# Which graphs are served?


def test_served_graphs_are_listed_only_if_one_that_is_needed_is_not_registered(memory: MemoryDeployment) -> None:
    assert not observed(memory, make_desired("a")).served_graphs
    seen = observed(memory, make_desired("a", graph_id="later"))
    assert [sorted(seen.unregistered_graphs), sorted(seen.served_graphs)] == [["later"], ["agent", "research"]]
    assert memory.asked == [GET, LIST, *LISTING, SCHEMAS, SCHEMAS]


def test_the_graph_of_an_unchanged_assistant_is_asked_about_too(memory: MemoryDeployment) -> None:
    memory.settle(make_desired("a"))
    memory.deployment.graphs.remove("agent")
    assert observed(memory, make_desired("a")).unregistered_graphs == {"agent"}


def test_a_graph_of_which_no_assistant_is_visible_is_unknown_where_any_name_is_accepted(
    memory: MemoryDeployment,
) -> None:
    async def accepts(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        return httpx.Response(200, json=[]) if b"graph_id" in request.content else await proceed()

    seen = observed(memory, make_desired("a", graph_id="later"), faults=(accepts,))
    assert [set(seen.unknown_graphs), set(seen.unregistered_graphs)] == [{"later"}, set()]
    assert seen.served_graphs == {"agent", "research"}


# Whose are the rows?


@pytest.mark.parametrize("names_users", [False, True])
def test_a_deployment_that_names_users_is_listed_completely(names_users: bool, memory: MemoryDeployment) -> None:
    async def with_users(_: httpx.Request, proceed: Proceed) -> httpx.Response:
        answer = await proceed()
        rows = answer.json() if answer.is_success else None
        if not names_users or not isinstance(rows, list):
            return answer
        return httpx.Response(200, json=[{**row, "user_id": "ann"} for row in rows])

    seen = observed(memory, make_desired("a"), faults=(with_users,))
    assert memory.asked == [GET, *GRAPHS, *(LISTING if names_users else [])]
    assert len(seen.everything) == (2 if names_users else 0)


# How do the commits relate?


def test_the_commits_of_what_differs_are_related_to_head(memory: MemoryDeployment, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    first, second = repo.commit(a="1"), repo.commit(a="2")
    memory.settle(make_desired("a"))
    tree = WorkTree.open(repo.folder)
    changed = make_desired("a", description="new")
    seen = observed(memory, changed, tree=tree, commit=Commit(second, dirty=False))
    assert seen.ancestry == {COMMIT: Ancestry.ABSENT}
    row = memory.deployment.get(make_id("a"))
    row["metadata"]["assistant_sync"]["commit"] = first
    memory.deployment.patch(make_id("a"), metadata=row["metadata"])
    assert observed(memory, changed, tree=tree).ancestry == {first: Ancestry.ANCESTOR}


def test_the_commits_of_what_is_equal_are_not_asked_about(memory: MemoryDeployment, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit(a="1")
    memory.settle(make_desired("a"))
    assert observed(memory, make_desired("a"), tree=WorkTree.open(repo.folder)).ancestry == {}
