"""Which graphs are served: asked through an assistant of each, not concluded from the default assistants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from assistant_sync.errors import RemoteError
from assistant_sync.live.graphs import NO_GRAPH, seen_to_serve, served_by
from tests.live.fakes import Fake, read, row, system_row, uuid

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.progress import Progress
    from tests.servers.official import Deployment

AGENT = frozenset({"agent"})
VALIDATING = {"graphs": AGENT, "served": AGENT}
"""As the official Python server: it answers a search by a graph that it serves, and by no other."""

ACCEPTING = {"served": AGENT}
"""As the JavaScript server and Aegra: they answer a search by any name."""


def served(server: Fake, **samples: str | None) -> dict[str, bool | None]:
    return server.read(lambda reader: served_by(reader, samples))


@pytest.mark.parametrize("server", [VALIDATING, ACCEPTING], ids=["validates", "accepts any name"])
def test_a_graph_with_a_row_costs_one_request(server: dict[str, frozenset[str]]) -> None:
    fake = Fake([row(1)], **server)  # type: ignore[arg-type] # one of its fields each
    assert served(fake, agent=uuid(1)) == {"agent": True}
    assert [path for path, _ in fake.requests] == [f"/assistants/{uuid(1)}/schemas"]


@pytest.mark.parametrize("server", [VALIDATING, ACCEPTING], ids=["validates", "accepts any name"])
@pytest.mark.parametrize("status", [404, 400])
def test_a_graph_whose_rows_schemas_are_not_answered_is_gone(server: dict[str, frozenset[str]], status: int) -> None:
    fake = Fake([row(1), row(2, graph_id="lost")], unserved=status, **server)  # type: ignore[arg-type] # as above
    assert served(fake, agent=uuid(1), lost=uuid(2)) == {"agent": True, "lost": False}


def test_a_default_assistant_that_lingers_proves_nothing() -> None:
    lingering = system_row("lost")
    fake = Fake([row(1), lingering, row(2, graph_id="lost")], served=AGENT)
    assert served(fake, lost=uuid(2)) == {"lost": False}
    assert served(fake, lost=None) == {"lost": False}
    assert fake.read(seen_to_serve) == frozenset()


def test_a_graph_without_its_default_assistant_is_served() -> None:
    assert served(Fake([row(1)], served=AGENT), agent=None) == {"agent": True}
    assert served(Fake([], graphs=AGENT, served=AGENT), agent=None, lost=None) == {"agent": True, "lost": False}


def test_of_a_graph_without_any_row_nothing_is_known_where_any_name_is_accepted() -> None:
    fake = Fake([row(1), system_row("agent")], served=AGENT)
    assert served(fake, agent=uuid(1), hidden=None) == {"agent": True, "hidden": None}


def test_a_row_that_went_away_does_not_make_its_graph_one_that_is_gone() -> None:
    assert served(Fake([row(2)], served=AGENT), agent=uuid(1)) == {"agent": True}
    assert served(Fake([], served=AGENT), agent=uuid(1)) == {"agent": None}
    assert served(Fake([], graphs=AGENT, served=AGENT), agent=uuid(1)) == {"agent": True}


@pytest.mark.parametrize("status", [403, 422, 500])
def test_an_answer_that_says_nothing_of_the_graph_leaves_it_unknown(status: int) -> None:
    fake = Fake([row(1)], served=frozenset(), unserved=status)
    assert served(fake, agent=uuid(1)) == {"agent": None}
    validating = Fake([row(1)], graphs=AGENT, served=frozenset(), unserved=status)
    assert served(validating, agent=uuid(1)) == {"agent": True}


def test_a_graph_that_a_server_refuses_to_look_for_is_unknown() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={})

    assert read(answer, lambda reader: served_by(reader, {"odd": None})) == {"odd": None}


def test_a_server_that_ignores_the_filter_by_graph_is_not_believed() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[row(1)] if request.url.path.endswith("/search") else {})

    assert read(answer, lambda reader: served_by(reader, {"other": None})) == {"other": None}


def test_a_server_that_cannot_be_reached_is_an_error() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(RemoteError):
        read(answer, lambda reader: served_by(reader, {"agent": uuid(1)}))


def test_whether_a_server_validates_is_asked_once() -> None:
    names = frozenset(f"graph-{number}" for number in range(20))
    fake = Fake([], graphs=names)
    assert set(served(fake, **dict.fromkeys(names)).values()) == {True}
    assert len(fake.requests) <= 20 + 8  # those that are asked at the same time may each ask


def test_default_assistants_are_looked_for_on_every_page() -> None:
    names = [f"graph-{number}" for number in range(15)]
    assert Fake([system_row(name) for name in names], refuses=10).read(seen_to_serve) == frozenset(names)


def test_rows_that_only_pretend_to_be_default_assistants_name_no_graph() -> None:
    pretended = row(1, graph_id="lost", metadata={"created_by": "system"})
    assert Fake([pretended, system_row("agent")]).read(seen_to_serve) == {"agent"}


@pytest.mark.parametrize("arrange", [lambda _: None, lambda one: [one.delete(own) for own in one.defaults]],
                         ids=["as started", "without default assistants"])  # fmt: skip
def test_the_official_server_is_seen_through_a_row_and_without_one(
    arrange: Callable[[Deployment], object], deployment: Deployment
) -> None:
    own = deployment.create()["assistant_id"]
    arrange(deployment)
    samples = {"support_agent": own, "research_agent": None, "lost_agent": None}
    expected = {"support_agent": True, "research_agent": True, "lost_agent": False}
    from tests.live.test_reader_official import read as read_from

    assert read_from(deployment.url, lambda reader: served_by(reader, samples)) == expected


def test_a_row_that_says_nothing_does_not_outweigh_one_that_says_it_is_gone() -> None:
    fake = Fake([row(1), row(2)], served=AGENT)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/schemas"):
            return httpx.Response(404 if uuid(1) in request.url.path else 500, json={})
        if b"graph_id" in request.content:
            return httpx.Response(200, json=[row(2)])
        return fake.answer(request)

    assert read(answer, lambda reader: served_by(reader, {"agent": uuid(1)})) == {"agent": False}
    assert read(answer, lambda reader: served_by(reader, {"agent": uuid(3)})) == {"agent": None}


@pytest.mark.parametrize("code", [200, 422])
def test_whether_any_name_is_accepted_is_asked_once_too_and_by_a_name_that_no_graph_has(code: int) -> None:
    names = [f"graph-{number}" for number in range(40)]
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        graph = json.loads(request.content)["graph_id"]
        asked.append(graph)
        return httpx.Response(code if graph == NO_GRAPH else 200, json=[])

    found = read(answer, lambda reader: served_by(reader, dict.fromkeys(names)))
    assert set(found.values()) == {None}
    assert set(asked) == {*names, NO_GRAPH}
    assert asked.count(NO_GRAPH) <= 8


def test_progress_is_of_assistants_alone() -> None:
    seen: list[Progress] = []
    Fake([row(1)]).read(lambda reader: served_by(reader, {"agent": uuid(1)}), listener=seen.append)
    assert seen == []
