from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.errors import Denied, IncompleteListing, Unreachable
from assistant_sync.operations.waiting import PAUSE, WaitOptions, missing_graphs, wait_for
from assistant_sync.transport import Endpoint, ReadConnection
from tests.applying.memory_deployment import at_once
from tests.builders import make_create, make_plan, make_refuse
from tests.servers.fake_deployment import URL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.plan import Plan
    from tests.locking.clock import Clock

READY = make_plan(make_create("a"))


def lacking(*graphs: str) -> Plan:
    """A plan with a create for each of these graphs, none of which is registered."""
    return make_plan(*(make_create(graph, graph_id=graph, deferred="it is not registered") for graph in graphs))


class Building(httpx.AsyncBaseTransport):
    """A deployment that is being built: each look finds the next step, and from the last one on nothing changes.

    Attributes:
        looks: How often a plan was made.
        statuses: What was shown.
    """

    def __init__(self, clock: Clock, plans: Iterable[Plan | Exception] = (READY,), infos: Iterable[Any] = ()) -> None:
        self.looks = 0
        self.statuses: list[str] = []
        self._clock = clock
        self._plans = list(plans)
        self._infos = list(infos)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("GET", "/info")
        info = self._infos.pop(0) if len(self._infos) > 1 else self._infos[0]
        if isinstance(info, int):
            return httpx.Response(info, json={}, request=request)
        return httpx.Response(200, json=info, request=request)

    async def plan(self) -> Plan:
        self.looks += 1
        found = self._plans.pop(0) if len(self._plans) > 1 else self._plans[0]
        if isinstance(found, Exception):
            raise found
        return found

    def wait(self, seconds: float = 100.0, revision: str | None = None) -> float:
        """Wait; the seconds that it took."""
        options = WaitOptions(seconds=seconds, revision=revision, clock=lambda: self._clock.now)

        async def main() -> None:
            async with ReadConnection(Endpoint(URL, {}), transport=self, pause=at_once) as connection:
                await wait_for(options, connection, self.plan, self.statuses.append)

        self._clock.run(main())
        return self._clock.passed


def shows(revision: str) -> dict[str, Any]:
    """An answer to ``GET /info``."""
    return {"host": {"host_revision_id": revision}}


def test_if_nothing_is_missing_nothing_is_waited_for(clock: Clock) -> None:
    building = Building(clock)
    assert (building.wait(), building.looks, building.statuses) == (0, 1, [])


def test_the_missing_graphs_are_those_of_what_is_deferred_each_once() -> None:
    plan = make_plan(*lacking("b", "a").changes, make_create("c"), *lacking("a").changes)
    assert missing_graphs(plan) == ("a", "b")


# Graphs


def test_a_graph_is_waited_for_and_shown_once(clock: Clock) -> None:
    building = Building(clock, [lacking("later"), lacking("later"), lacking("later"), READY])
    assert building.wait() == 3 * PAUSE
    assert building.statuses == ["Waiting for the deployment: it is missing the graph later."]


def test_what_is_missing_is_shown_again_when_it_changes(clock: Clock) -> None:
    building = Building(clock, [lacking("b", "a"), lacking("b"), lacking("b"), READY])
    building.wait()
    assert [status.rpartition("missing ")[2] for status in building.statuses] == ["the graphs a, b.", "the graph b."]


def test_a_refused_plan_is_not_waited_for(clock: Clock) -> None:
    building = Building(clock, [make_plan(*lacking("later").changes, make_refuse("b"))])
    assert (building.wait(), building.looks) == (0, 1)


# The revision


def test_a_revision_is_waited_for_before_anything_is_planned(clock: Clock) -> None:
    building = Building(clock, infos=[shows("old"), shows("old"), shows("new")])
    assert (building.wait(revision="new"), building.looks) == (2 * PAUSE, 1)
    assert building.statuses == ["Waiting for the deployment: it is missing revision new (it shows old)."]


@pytest.mark.parametrize("info", [404, {}, {"host": {}}], ids=["404", "nothing", "no revision"])
def test_a_deployment_that_shows_no_revision_is_waited_for(info: Any, clock: Clock) -> None:
    building = Building(clock, infos=[info, shows("new")])
    assert building.wait(revision="new") == PAUSE
    assert building.statuses == ["Waiting for the deployment: it is missing revision new (it shows none)."]


def test_after_the_revision_the_graphs_are_waited_for(clock: Clock) -> None:
    building = Building(clock, [lacking("later"), READY], [shows("old"), shows("new")])
    assert (building.wait(revision="new"), len(building.statuses)) == (2 * PAUSE, 2)


def test_a_revision_in_the_shape_of_a_credential_is_masked(clock: Clock) -> None:
    secret = "sk-" + "a1B2" * 8
    building = Building(clock, infos=[shows(secret), shows("new")])
    building.wait(revision="new")
    assert building.statuses == ["Waiting for the deployment: it is missing revision new (it shows (masked))."]


# The end of the time


def test_what_is_not_there_in_time_is_an_error_that_names_it(clock: Clock) -> None:
    building = Building(clock, [lacking("later")])
    with pytest.raises(Unreachable) as caught:
        building.wait(25)
    assert caught.value.message == ("the deployment is still missing the graph later after 25 s; nothing was written")
    assert caught.value.hint == "look at its build, or wait longer"


def test_the_last_look_is_at_the_end_of_the_time(clock: Clock) -> None:
    building = Building(clock, [lacking("later")])
    with pytest.raises(Unreachable):
        building.wait(25)
    assert (clock.passed, building.looks) == (25, 4)


def test_with_no_time_there_is_one_look(clock: Clock) -> None:
    building = Building(clock, [lacking("later")])
    with pytest.raises(Unreachable):
        building.wait(0)
    assert (building.looks, building.statuses) == (1, [])


# A deployment that fails


def test_a_deployment_that_does_not_answer_is_waited_for(clock: Clock) -> None:
    building = Building(clock, [Unreachable("it is down"), READY])
    assert building.wait() == PAUSE
    assert building.statuses == ["Waiting for the deployment: it is missing an answer (it is down)."]


@pytest.mark.parametrize("error", [Denied("no"), IncompleteListing("no")])
def test_any_other_error_ends_the_wait(error: Exception, clock: Clock) -> None:
    building = Building(clock, [error])
    with pytest.raises(type(error)):
        building.wait()
    assert clock.passed == 0
