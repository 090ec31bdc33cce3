"""``apply --wait-for-graphs``: code and manifests that merge together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assistant_sync.operations import waiting
from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Proxy, Request

GRAPH = "research_agent"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PAUSE", 0.1)


def without_the_graph(request: Request, forward: Forward) -> Answer:
    """The deployment as it is before the graph is built."""
    if request.path.endswith("/search") and json.loads(request.body).get("graph_id") == GRAPH:
        return Answer(404, b'{"detail":"no such graph"}')
    answer = forward(request)
    if request.path.endswith("/search") and answer.status == 200:  # noqa: PLR2004, RUF100 - not for a strange graph
        rows = [row for row in json.loads(answer.body) if row["graph_id"] != GRAPH]
        return Answer(200, json.dumps(rows).encode())
    if request.path.endswith("/count"):
        return Answer(200, str(max(0, int(answer.body) - 1)).encode())
    return answer


def test_nothing_is_waited_for_where_nothing_is_missing(project: ProjectFixture) -> None:
    project.manifest("a", graph_id=GRAPH)
    done = project.run("apply", "--wait-for-graphs", "20m", "--format", "json").expect(0)
    assert "Waiting" not in done.err
    assert done.json["summary"]["created"] == 1


def test_a_graph_that_comes_is_waited_for(project: ProjectFixture, deployment: Deployment, proxy: Proxy) -> None:
    project.manifest("a", graph_id=GRAPH)
    asked = 0

    def build(request: Request, forward: Forward) -> Answer:
        nonlocal asked
        asked += request.path.endswith("/search")
        return without_the_graph(request, forward) if asked < 12 else forward(request)

    proxy.meddle = build
    done = project.run("apply", "--wait-for-graphs", "30s", "--format", "json").expect(0)
    assert done.err.count(f"Waiting for the deployment: it is missing the graph {GRAPH}.") == 1
    assert [row["graph_id"] for row in deployment.users()] == [GRAPH]


def test_a_graph_that_never_comes_is_told_and_nothing_is_written(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("a", graph_id=GRAPH)
    project.manifest("b")
    proxy.meddle = without_the_graph
    done = project.run("apply", "--wait-for-graphs", "0.5s").expect(5)
    assert f"is still missing the graph {GRAPH} after 0.5 s; nothing was written" in done.err
    assert (deployment.users(), proxy.writes) == ([], [])


def test_a_revision_is_waited_for_too(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("a")
    looks = 0

    def roll_out(request: Request, forward: Forward) -> Answer:
        nonlocal looks
        if request.path != "/info":
            return forward(request)
        looks += 1
        return Answer(200, json.dumps({"host": {"host_revision_id": "new" if looks > 3 else "old"}}).encode())

    proxy.meddle = roll_out
    arguments = ("--wait-for-graphs", "30s", "--wait-for-revision", "new", "--format", "json")
    done = project.run("apply", *arguments).expect(0)
    assert "it is missing revision new (it shows old)" in done.err
    assert looks == 4


def test_the_options_are_checked(project: ProjectFixture) -> None:
    project.manifest("a")
    assert "--wait-for-graphs" in project.run("apply", "--wait-for-revision", "x").expect(64).err
    assert "not a duration such as 90s, 20m or 1h" in project.run("apply", "--wait-for-graphs", "soon").expect(64).err


def test_a_refused_plan_is_told_at_once(project: ProjectFixture, deployment: Deployment, proxy: Proxy) -> None:
    deployment.create(assistant_id=project.manifest("b"), name="in the way")
    project.manifest("a", graph_id=GRAPH)
    proxy.meddle = without_the_graph
    done = project.run("apply", "--wait-for-graphs", "20m").expect(6)
    assert "Waiting" not in done.err


def test_a_deployment_that_is_down_for_a_while_is_waited_for(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("a")
    asked = 0

    def down(request: Request, forward: Forward) -> Answer | None:
        nonlocal asked
        asked += 1
        return None if asked <= 6 else forward(request)  # noqa: PLR2004, RUF100 - more than one request is tried

    proxy.meddle = down
    done = project.run("apply", "--wait-for-graphs", "60s", "--format", "json").expect(0)
    assert "it is missing an answer" in done.err
