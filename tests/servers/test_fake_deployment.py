"""The assistants API in memory answers as the official server does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.servers import fake_deployment
from tests.servers.fake_deployment import GRAPHS, URL, FakeDeployment, meanwhile
from tests.servers.recording import RecordingTransport, lost_after

if TYPE_CHECKING:
    from tests.servers.official import Deployment

Operation: TypeAlias = "tuple[str, str, Any]"

IDS = ("62e209ca-9154-432a-b9e9-2d75c7a9219b", "0d1c87a5-54cf-4f40-8b3a-6b0ac1f5a9a0")
PATH = f"/assistants/{IDS[0]}"
TIMES = ("created_at", "updated_at", "state_updated_at")

OBJECTS = st.sampled_from([{}, {"m": 1}, {"m": 2, "n": {"a": [1]}}, {"n": {"b": None}}])
CONFIGS = st.fixed_dictionaries(
    {}, optional={"configurable": OBJECTS, "recursion_limit": st.sampled_from([5, 50]), "tags": st.just(["t"])}
)
TEXTS = st.sampled_from(["", "Ann", "Ünï"])
GRAPH_IDS = st.sampled_from([*GRAPHS, *GRAPHS, "nope", ""])
FIELDS = {"name": TEXTS, "description": TEXTS, "context": OBJECTS, "config": CONFIGS, "metadata": OBJECTS}
BODIES = st.fixed_dictionaries({}, optional={**FIELDS, "graph_id": GRAPH_IDS})
WRONG = st.fixed_dictionaries({}, optional=dict.fromkeys([*FIELDS, "graph_id"], st.sampled_from([None, 5, True])))
FILTERS = st.fixed_dictionaries({}, optional={"metadata": OBJECTS, "graph_id": GRAPH_IDS})
PAGES = {"limit": st.sampled_from([0, 1, 2, 1000, 1001]), "offset": st.sampled_from([-1, 0, 1, 2])}
VERSIONS = st.integers(0, 4) | st.sampled_from([None, "1"])
COLUMNS = st.fixed_dictionaries({}, optional={"select": st.lists(st.sampled_from(fake_deployment.COLUMNS), max_size=3)})
ORDERS = st.sampled_from([{"sort_by": "assistant_id", "sort_order": "asc"}, {"sort_by": "created_at"}, {}])


def _one(method: str, end: str = "") -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from([*IDS, IDS[0].upper(), "not-a-uuid"]).map(lambda one: (method, f"/assistants/{one}{end}"))


def _with(call: st.SearchStrategy[tuple[str, str]], body: st.SearchStrategy[Any]) -> st.SearchStrategy[Operation]:
    return st.tuples(call, body).map(lambda both: (*both[0], both[1]))


CREATES = st.builds(
    lambda one, body, exists: ("POST", "/assistants", {"assistant_id": one, "graph_id": GRAPHS[0], **body, **exists}),
    st.sampled_from(IDS),
    BODIES,
    st.sampled_from([{}, {}, {"if_exists": "raise"}, {"if_exists": "do_nothing"}]),
)
LOCKS = st.sampled_from([{}, {"lock": {"project": "a", "by": "x"}}, {"lock": {"project": "b"}}])
TTL = {"strategy": "delete", "ttl": 10}
THREADS = st.one_of(
    st.builds(
        lambda one, body, exists: ("POST", "/threads", {"thread_id": one, **body, **exists}),
        st.sampled_from([*IDS, IDS[0].upper(), "not-a-uuid"]),
        st.fixed_dictionaries({}, optional={"metadata": LOCKS | st.just(3), "ttl": st.just(TTL)}),
        st.sampled_from([{}, {"if_exists": "raise"}, {"if_exists": "do_nothing"}]),
    ),
    st.builds(
        lambda wanted, page: ("POST", "/threads/search", wanted | page),
        st.sampled_from([{}, {"metadata": {"lock": {"project": "a"}}}, {"metadata": {"lock": {}}}, {"metadata": 3}]),
        st.fixed_dictionaries({}, optional=PAGES),
    ),
    st.builds(
        lambda end, wanted, status: ("POST", f"/threads/{end}", wanted | status),
        st.sampled_from(["search", "count"]),
        st.sampled_from([{}, {"metadata": {"lock": {"project": "a"}}}, {"metadata": 3}]),
        st.sampled_from([{}, {"status": "idle"}, {"status": "busy"}, {"status": "nope"}, {"status": 3}]),
    ),
    st.builds(
        lambda method, one: (method, f"/threads/{one}", None),
        st.sampled_from(["GET", "DELETE"]), st.sampled_from([*IDS, IDS[0].upper(), "not-a-uuid"]),
    ),
)  # fmt: skip
OPERATIONS = st.one_of(
    THREADS,
    CREATES,
    _with(_one("PATCH"), BODIES),
    _with(_one("PATCH"), WRONG),
    _with(st.just(("POST", "/assistants")), WRONG),
    _with(_one("POST", "/latest"), st.fixed_dictionaries({"version": VERSIONS})),
    _with(_one("POST", "/versions"), st.fixed_dictionaries({}, optional={"metadata": OBJECTS, **PAGES})),
    st.builds(
        lambda one, page, order, columns: ("POST", "/assistants/search", one | page | order | columns),
        FILTERS, st.fixed_dictionaries({}, optional=PAGES), ORDERS, COLUMNS,
    ),
    _with(st.just(("POST", "/assistants/count")), FILTERS),
    _with(_one("GET"), st.none()),
    _with(_one("DELETE"), st.none()),
)  # fmt: skip


def told(status: int, answer: Any) -> tuple[int, Any]:
    """What of an answer must be the same: of a refusal its status, of rows all but the times."""
    if status >= httpx.codes.BAD_REQUEST:
        return status, None
    if isinstance(answer, list):
        return status, [told(status, row) for row in answer]
    if isinstance(answer, dict):
        return status, {field: value for field, value in answer.items() if field not in TIMES}
    return status, answer


@settings(
    # The fixture holds no state of its own: each example begins with a wipe.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(operations=st.lists(OPERATIONS, min_size=1, max_size=12))
def test_every_answer_is_the_official_servers(operations: list[Operation], deployment: Deployment) -> None:
    deployment.wipe()
    for row in deployment.threads():
        deployment.delete_thread(row["thread_id"])
    fake = FakeDeployment()
    everything: Operation = ("POST", "/assistants/search", {"limit": 1000, "sort_by": "assistant_id"})
    columns: Operation = (*everything[:2], {**everything[2], "select": ["version", "assistant_id", "metadata"]})
    histories: list[Operation] = [("POST", f"/assistants/{one}/versions", {"limit": 1000}) for one in IDS]
    with httpx.Client(base_url=deployment.url, trust_env=False) as client:
        for method, path, body in [*operations, everything, columns, *histories]:
            real = client.request(method, path, json=body)
            expected = told(real.status_code, real.json() if real.content else None)
            assert told(*fake.answer(method, path, body)) == expected, (method, path, body)


def test_an_assistant_of_a_graph_that_is_gone_is_hidden_from_get_alone() -> None:
    fake = FakeDeployment()
    fake.create(assistant_id=IDS[0], graph_id="research_agent")
    fake.graphs.remove("research_agent")
    assert fake.answer("GET", PATH)[0] == 404
    assert fake.answer("POST", "/assistants", {"assistant_id": IDS[0], "graph_id": GRAPHS[0]})[0] == 409
    assert IDS[0] in [row["assistant_id"] for row in fake.answer("POST", "/assistants/search", {})[1]]
    assert fake.answer("PATCH", PATH, {"name": "x"})[0] == 200
    assert fake.answer("DELETE", PATH)[0] == 204


def test_what_is_answered_is_a_copy_and_the_clock_goes_on() -> None:
    fake = FakeDeployment()
    row = fake.create(assistant_id=IDS[0], context={"m": 1})
    row["context"]["m"] = 2
    assert fake.get(IDS[0])["context"] == {"m": 1}
    later = fake.patch(IDS[0], name="x")
    assert row["created_at"] == later["created_at"] < later["updated_at"] == fake.versions(IDS[0])[0]["created_at"]


@pytest.mark.parametrize(("carried_out", "seen"), [(False, "theirs"), (True, "ours")])
def test_somebody_else_acts_once_on_either_side_of_a_request(carried_out: bool, seen: str) -> None:
    fake = FakeDeployment()
    fake.create(assistant_id=IDS[0], name="first")
    fault = meanwhile("PATCH", PATH, lambda: fake.patch(IDS[0], name="theirs"), carried_out=carried_out)

    async def main() -> None:
        async with httpx.AsyncClient(transport=RecordingTransport(fake, fault), base_url=URL) as client:
            await client.patch(PATH, json={"description": "ours", **({"name": "ours"} if carried_out else {})})
            await client.get(PATH)

    asyncio.run(main())
    assert [version["name"] for version in fake.versions(IDS[0])] == (
        ["theirs", "ours", "first"] if carried_out else ["theirs", "theirs", "first"]
    )
    assert fake.versions(IDS[0])[1]["name"] == seen


def test_a_lost_answer_is_a_write_that_landed() -> None:
    fake = FakeDeployment()
    fake.create(assistant_id=IDS[0])

    async def main() -> None:
        transport = RecordingTransport(fake, lost_after("PATCH", PATH))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.patch(PATH, json={"name": "new"})

    asyncio.run(main())
    assert fake.get(IDS[0])["name"] == "new"
