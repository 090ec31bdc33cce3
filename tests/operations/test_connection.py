from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import Denied, UnknownName
from assistant_sync.model.project import Target
from assistant_sync.operations.connection import endpoint_of
from assistant_sync.operations.workspace import Settings
from assistant_sync.transport import Pacer
from tests.servers.recording import Exchange
from tests.test_structure import TREES, name_of

if TYPE_CHECKING:
    import httpx

    from tests.locking.clock import Clock
    from tests.operations.memory_project import MemoryProject
    from tests.servers.recording import Proceed

KEYED = Target("production", "https://acme.example", api_key_env="ONE")
KEYS = {"ONE": "first", "TWO": "second", "THREE": "third"}


@pytest.mark.parametrize(
    ("settings_name", "argument", "key"),
    [(None, None, "first"), ("TWO", None, "second"), ("TWO", "THREE", "third")],
    ids=["of the target", "of the settings", "of the caller"],
)
def test_the_key_is_the_one_that_was_named_last(settings_name: str | None, argument: str | None, key: str) -> None:
    asked = Settings(environ=KEYS, folder=Path(), api_key_env=settings_name)
    endpoint = endpoint_of(asked, KEYED, api_key_env=argument)
    assert (endpoint.url, endpoint.headers["x-api-key"]) == ("https://acme.example", key)


def test_another_url_gets_no_key_of_the_targets() -> None:
    endpoint = endpoint_of(Settings(environ=KEYS, folder=Path(), url="https://other.example"), KEYED)
    assert (endpoint.url, dict(endpoint.headers)) == ("https://other.example", {})


def test_a_key_that_is_named_and_not_set_is_an_error() -> None:
    with pytest.raises(Denied, match="ONE"):
        endpoint_of(Settings(environ={}, folder=Path()), KEYED)


def test_operations_make_their_connections_in_one_place_so_that_all_keep_to_the_options() -> None:
    def calls(tree: ast.AST) -> set[str]:
        return {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }

    makers = {"ReadConnection", "WriteConnection", "RunConnection"}
    callers = {name_of(path): calls(tree) for path, tree in TREES.items() if ".operations." in name_of(path)}
    assert [name for name, called in callers.items() if called & makers] == []
    assert sum("connected" in called for called in callers.values()) > 10


class Starts:
    """When the requests of an operation started, by the operation's clock."""

    def __init__(self, clock: Clock) -> None:
        self.of: list[tuple[float, Exchange]] = []
        self._clock = clock

    async def note(self, request: httpx.Request, proceed: Proceed) -> httpx.Response:
        self.of.append((self._clock.now, Exchange.of(request)))
        return await proceed()

    def shortest_gap(self) -> float:
        return min(later - earlier for (earlier, _), (later, _) in pairwise(self.of))


def manifests(project: MemoryProject, count: int, name: str = "one") -> None:
    project.write(
        "assistants/all.yaml",
        "---\n".join(f"key: a{i}\nname: {name} {i}\ngraph_id: support_agent\n" for i in range(count)),
    )


def test_a_plan_of_three_thousand_assistants_holds_the_budget(project: MemoryProject, clock: Clock) -> None:
    manifests(project, 3000)
    starts = Starts(clock)
    for number in range(3000):
        project.deployment.create(graph_id="support_agent", name=f"theirs {number}")
    plan = project.planned(settings=project.settings(starts.note, pacer=Pacer(5)))
    assert len(plan.writes) == 3000
    assert len(starts.of) > 5
    assert starts.shortest_gap() >= 0.2 - 1e-9


def test_an_apply_of_eight_at_a_time_holds_the_budget_and_its_lock(project: MemoryProject, clock: Clock) -> None:
    manifests(project, 150)
    project.settle()
    manifests(project, 150, "another")
    starts = Starts(clock)
    run = project.applied(settings=project.settings(starts.note, pacer=Pacer(0.75)), concurrency=8)
    assert run.result is not None
    assert run.result.converged
    assert len(run.result.outcomes) == 150
    assert starts.shortest_gap() >= 1 / 0.75 - 1e-9
    assert clock.passed > 10 * 60, "ten leases"
    renewals = [at for at, one in starts.of if (one.method, one.path) == ("POST", "/threads")]
    assert len(renewals) > 10
    assert all(later - earlier < 60 for earlier, later in pairwise(renewals))


def test_a_budget_that_is_too_low_for_the_lock_stops_an_apply_before_it_sends_anything(project: MemoryProject) -> None:
    project.manifest("support")
    with pytest.raises(UnknownName, match="too low"):
        project.applied(settings=project.settings(pacer=Pacer(0.5)))
    assert project.transport.exchanges == []
    assert project.planned(settings=project.settings(pacer=Pacer(0.5))).writes
