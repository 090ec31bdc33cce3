from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.errors import BadAnswer, IncompleteListing, RateLimited, ServerFault, TooLarge
from assistant_sync.live.listings import LISTINGS
from assistant_sync.live.pages import PAGE_SIZES
from assistant_sync.live.reader import CONCURRENCY, AssistantsReader
from assistant_sync.live.wire import read_assistant
from assistant_sync.model.progress import Progress
from assistant_sync.transport import Endpoint, ReadConnection, Response
from assistant_sync.transport.retries import WAIT_BUDGET
from tests.live.fakes import URL, Fake, read, row, rows, uuid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant_sync.model.assistant import Assistant


async def listing(reader: AssistantsReader) -> list[str]:
    return [row.assistant_id for row in await reader.listing()]


async def versions(reader: AssistantsReader) -> list[int]:
    return [row.version for row in await reader.versions(uuid(1))]


def numbered(highest: int) -> list[dict[str, Any]]:
    return [row(1, version=number, created_at=str(number)) for number in range(highest, 0, -1)]


# Listing


def test_an_empty_deployment_lists_nothing() -> None:
    server = Fake()
    assert server.read(listing) == []
    assert len(server.requests) == 2


@pytest.mark.parametrize(("count", "requests"), [(1, 2), (999, 2), (1000, 2), (1001, 3), (3000, 4), (3500, 5)])
def test_a_listing_costs_its_pages_and_one_count(count: int, requests: int) -> None:
    server = Fake(rows(count))
    assert server.read(listing) == [uuid(n) for n in range(count)]
    assert len(server.requests) == requests


def test_a_listing_is_sorted_by_id_and_holds_each_row_once_in_its_latest_state() -> None:
    server = Fake([row(2), row(1, name="old"), row(3), row(1, name="new")], most=2, counts=lambda real: real - 1)
    found = server.read(lambda reader: reader.listing())
    assert [(one.assistant_id, one.name) for one in found] == [(uuid(1), "new"), (uuid(2), ""), (uuid(3), "")]


@pytest.mark.parametrize("refusal", [400, 413, 422, 500, 502, 504])
@pytest.mark.parametrize(("refuses", "size"), [(100, 100), (99, 10)])
def test_a_server_that_refuses_large_pages_is_asked_for_smaller_ones_from_then_on(
    refuses: int, size: int, refusal: int
) -> None:
    server = Fake(rows(25), refuses=refuses, refusal=refusal)

    async def twice(reader: AssistantsReader) -> list[str]:
        await reader.listing()
        server.requests.clear()
        return await listing(reader)

    assert server.read(twice) == [uuid(n) for n in range(25)]
    assert {body["limit"] for body in server.asked("/search")} == {size}


@pytest.mark.parametrize(("refuses", "size"), [(1000, 1000), (100, 100), (10, 10)])
def test_the_size_of_a_page_is_what_the_server_was_seen_to_give(refuses: int, size: int) -> None:
    async def sized(reader: AssistantsReader) -> int:
        await reader.listing()
        return reader.page_size

    assert Fake(rows(3), refuses=refuses).read(sized) == size


@pytest.mark.parametrize(("users", "named"), [({}, False), ({"user_id": None}, False), ({"user_id": "u"}, True)])
def test_rows_that_say_whose_they_are_are_noticed(users: dict[str, Any], named: bool) -> None:
    async def noticed(reader: AssistantsReader) -> bool:
        assert not reader.names_users
        await reader.listing()
        return reader.names_users

    assert Fake([row(1), row(2, **users)]).read(noticed) is named


def test_a_page_of_large_rows_that_a_gateway_cannot_carry_is_asked_for_in_parts_and_no_other_kind_is() -> None:
    server = Fake(rows(250), versions=[{**row(1), "version": 1}])

    def answer(request: httpx.Request) -> httpx.Response:
        response = server.answer(request)
        return response if len(response.content) < 20_000 else httpx.Response(502, text="Bad Gateway")

    async def all_read(reader: AssistantsReader) -> tuple[int, int]:
        return len(await reader.listing()), len(await reader.versions(uuid(1)))

    assert read(answer, all_read) == (250, 1)
    assert {body["limit"] for body in server.asked("/search")} == {1000, 100}
    assert {body["limit"] for body in server.asked("/versions")} == {1000}


def test_a_fault_that_smaller_pages_do_not_end_is_the_first_one() -> None:
    faults = iter([*[httpx.Response(503, json={"detail": "first"})] * 4, *[httpx.Response(500)] * 99])

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=3) if request.url.path.endswith("/count") else next(faults)

    with pytest.raises(ServerFault, match="503: first"):
        read(answer, listing)


def test_a_server_that_refuses_every_page_is_an_error() -> None:
    with pytest.raises(Exception, match="limit is too large"):
        Fake(rows(1), refuses=9).read(listing)


@pytest.mark.parametrize("counts", [None, lambda real: real])
@given(count=st.integers(0, 45), most=st.integers(1, 50), order=st.randoms())
def test_shorter_pages_than_asked_for_are_no_end(
    counts: Callable[[int], int] | None, count: int, most: int, order: Any
) -> None:
    found = rows(count)
    order.shuffle(found)
    assert Fake(found, most=most, counts=counts).read(listing) == [uuid(n) for n in range(count)]


def test_without_a_count_only_an_empty_page_is_the_end() -> None:
    server = Fake(rows(3), counts=None)
    assert len(server.read(listing)) == 3
    assert [body["offset"] for body in server.asked("/search")] == [0, 3]


def test_a_server_without_a_count_is_asked_for_it_once() -> None:
    server = Fake(counts=None)

    async def twice(reader: AssistantsReader) -> None:
        assert await reader.count() is None
        assert await reader.count() is None

    server.read(twice)
    assert len(server.requests) == 1


def test_a_server_that_ignores_the_filter_answers_with_all() -> None:
    server = Fake(rows(3), heeds=frozenset({"limit", "offset"}))
    assert len(server.read(lambda reader: reader.listing({"team": "cx"}))) == 3
    assert server.asked("/search")[0]["metadata"] == server.asked("/count")[0]["metadata"] == {"team": "cx"}


def test_a_filter_narrows_listing_and_count() -> None:
    server = Fake([row(1, metadata={"team": "cx"}), row(2, metadata={"team": "hr"}), row(3)])
    assert [one.assistant_id for one in server.read(lambda reader: reader.listing({"team": "cx"}))] == [uuid(1)]
    assert len(server.requests) == 2


@pytest.mark.parametrize("counts", [None, lambda real: real + 1])
def test_a_server_that_ignores_the_offset_gives_no_complete_listing(counts: Callable[[int], int] | None) -> None:
    server = Fake(rows(5), heeds=frozenset({"limit"}), counts=counts)
    with pytest.raises(IncompleteListing, match="the same 5 assistants") as caught:
        server.read(listing)
    assert caught.value.exit_code == 5


def test_a_row_that_slips_between_pages_is_found_by_listing_again() -> None:
    server = Fake(rows(6), most=2)

    def delete_first(search: int) -> None:
        if search == 1:
            del server.rows[0]

    server.before_search = delete_first
    assert server.read(listing) == [uuid(n) for n in range(1, 6)]


def test_a_count_that_is_never_reached_is_an_incomplete_listing() -> None:
    server = Fake(rows(5), counts=lambda real: real + 1)
    with pytest.raises(IncompleteListing, match=f"counts 6 assistants but lists 5, {LISTINGS} times"):
        server.read(listing)
    assert len(server.asked("/count")) == LISTINGS


def test_a_page_that_repeats_because_others_write_is_listed_anew() -> None:
    server = Fake(rows(5), most=4)

    def move(number: int) -> None:
        if number == 1:  # one row goes and another one comes, so that the second page begins with a known row
            server.rows = [row(9), *rows(4)]

    server.before_search = move
    assert len(server.read(listing)) == 5
    assert {one["assistant_id"] for one in server.rows} >= {uuid(9)}


def test_more_rows_than_counted_are_taken_to_the_end() -> None:
    server = Fake(rows(5), most=2, counts=lambda real: real - 2)
    assert len(server.read(listing)) == 5


def test_a_page_that_cannot_be_read_is_an_error_and_no_shorter_listing() -> None:
    server = Fake(rows(5), most=2)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if b'"offset":2' in request.content else server.answer(request)

    with pytest.raises(ServerFault):
        read(answer, listing)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html><title>Welcome</title>"),
        httpx.Response(404, json={"detail": "Not Found"}),
        httpx.Response(404, text="<html>"),
        httpx.Response(404),
    ],
)
def test_a_wrong_url_is_no_langgraph_server(answer: httpx.Response) -> None:
    with pytest.raises(BadAnswer, match=f"{URL} does not look like a LangGraph server"):
        read(lambda _: httpx.Response(answer.status_code, content=answer.content), listing)


def test_a_langgraph_server_without_assistants_is_named_as_such() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/info"):
            return httpx.Response(200, json={"version": "0.16.7", "langgraph_py_version": "1.0"})
        return httpx.Response(404, json={"detail": "Not Found"})

    with pytest.raises(BadAnswer, match="is a LangGraph API server that does not offer assistants") as caught:
        read(answer, listing)
    assert "http.disable_assistants" in (caught.value.hint or "")


def test_the_listener_is_told_of_the_rows_so_far() -> None:
    told: list[Progress] = []
    Fake(rows(5), most=2).read(listing, listener=told.append)
    assert told == [Progress("reading", done, 5) for done in (2, 4, 5)]


# A listing that meets a limit of requests


@pytest.mark.parametrize("pages", [10, 100])
def test_a_listing_that_is_limited_in_the_middle_waits_as_asked_and_goes_on_at_the_same_page(pages: int) -> None:
    server, waits, limited = Fake(rows(pages * 5), most=5), list[float](), list[int]()

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        page = body.get("offset", 0) // 5
        if request.url.path.endswith("/search") and page % 3 == 1 and limited.count(page) < 2:
            limited.append(page)
            return httpx.Response(429, headers={"retry-after": "25"}, json={"detail": "too many"})
        return server.answer(request)

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    assert read(answer, listing, pause=pause) == [uuid(number) for number in range(pages * 5)]
    assert [body["offset"] for body in server.asked("/search")] == list(range(0, pages * 5, 5))
    assert {body["limit"] for body in server.asked("/search")} == {PAGE_SIZES[0]}
    assert waits == [25.0] * len(limited)
    assert len(limited) == 2 * len(range(1, pages, 3))


def test_a_page_that_is_limited_beyond_its_budget_ends_the_listing_and_is_not_asked_for_in_parts() -> None:
    server, waits, asked = Fake(rows(50), most=5), list[float](), list[dict[str, Any]]()

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if body.get("offset") == 20:
            asked.append(body)
            return httpx.Response(429, headers={"retry-after": "25"}, json={"detail": "too many"})
        return server.answer(request)

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    with pytest.raises(RateLimited, match="429"):
        read(answer, listing, pause=pause)
    assert waits == [25.0, 25.0]
    assert sum(waits) <= WAIT_BUDGET
    assert {body["limit"] for body in asked} == {PAGE_SIZES[0]}


# Single assistants


def test_an_assistant_that_is_not_there_is_none() -> None:
    assert Fake(rows(2)).read(lambda reader: reader.get(uuid(2))) is None


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(404, text="Not Found")

    read(answer, lambda reader: reader.get("../threads?x"))
    assert asked == ["/prefix/assistants/..%2Fthreads%3Fx"]


def test_many_are_read_in_their_order_each_once() -> None:
    server = Fake(rows(5))
    ids = [uuid(n) for n in (4, 9, 1, 4)]
    found = server.read(lambda reader: reader.get_many(ids))
    assert list(found) == ids[:3]
    assert [one and one.assistant_id for one in found.values()] == [uuid(4), None, uuid(1)]
    assert len(server.requests) == 3


def test_no_ids_need_no_request() -> None:
    server = Fake()
    assert server.read(lambda reader: reader.get_many([])) == {}
    assert server.requests == []


def test_many_are_read_a_few_at_a_time() -> None:
    under_way = most = 0

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.005)
            under_way -= 1
            return httpx.Response(404, text="Not Found")

    async def main() -> None:
        async with ReadConnection(Endpoint(URL, {}), transport=Slow()) as connection:
            await AssistantsReader(connection).get_many([uuid(n) for n in range(3 * CONCURRENCY)])

    asyncio.run(main())
    assert most == CONCURRENCY


def test_the_first_error_among_many_is_raised_itself() -> None:
    with pytest.raises(ServerFault, match="501"):
        read(lambda _: httpx.Response(501), lambda reader: reader.get_many([uuid(n) for n in range(20)]))


# Versions


def test_an_assistant_that_is_not_there_has_no_versions() -> None:
    assert read(lambda _: httpx.Response(404, json={"detail": "not found"}), versions) == []
    assert Fake().read(versions) == []


@pytest.mark.parametrize(("highest", "requests"), [(1, 1), (11, 1), (999, 1), (1000, 2), (2500, 3)])
def test_versions_are_complete_and_highest_first(highest: int, requests: int) -> None:
    server = Fake(versions=numbered(highest))
    assert server.read(versions) == list(range(highest, 0, -1))
    assert len(server.requests) == requests


@pytest.mark.parametrize("highest", [25, 1000, 1500])
def test_a_server_that_always_sends_all_versions_is_asked_no_more_than_twice(highest: int) -> None:
    server = Fake(versions=numbered(highest), heeds=frozenset())
    assert server.read(versions) == list(range(highest, 0, -1))
    assert len(server.requests) <= 2


@pytest.mark.parametrize("server", [Fake(refuses=100), Fake(most=7)], ids=["refuses", "cuts"])
def test_versions_come_in_smaller_pages_where_a_server_wants_it_so(server: Fake) -> None:
    server.versions = numbered(250)
    assert server.read(versions) == list(range(250, 0, -1))


def test_versions_of_one_number_are_kept_apart() -> None:
    again = [row(1, version=2), row(1, version=1, created_at="a"), row(1, version=1, created_at="b")]
    found = Fake(versions=again).read(lambda reader: reader.versions(uuid(1)))
    assert [(one.version, one.created_at) for one in found] == [(2, None), (1, "a"), (1, "b")]


def test_versions_of_many_come_by_id() -> None:
    found = Fake(versions=numbered(2)).read(lambda reader: reader.versions_of_many([uuid(1), uuid(2)]))
    assert {one: [version.version for version in found[one]] for one in found} == {uuid(1): [2, 1], uuid(2): [2, 1]}


def asked_again(first: dict[str, Any] | None, second: dict[str, Any] | None) -> int:
    """How often versions are asked for, if an assistant's row is the first before one look and the second later."""
    server = Fake(versions=numbered(2))

    async def call(reader: AssistantsReader) -> list[dict[str, Sequence[Assistant]]]:
        looks = []
        for one in (first, second):
            answer = Response("GET", "/x", 200, json.dumps(one).encode())
            known = {} if one is None else {uuid(1): read_assistant(answer)}
            looks.append(await reader.versions_of_many([uuid(1)], known))
        return looks

    before, after = server.read(call)
    assert before == after
    assert [one.version for one in after[uuid(1)]] == [2, 1]
    return len(server.asked("/versions"))


SEEN = row(1, version=2, updated_at="2026-11-29T10:00:00.000001+00:00")


def test_versions_are_not_asked_for_again_if_the_row_is_as_it_was() -> None:
    assert asked_again(SEEN, SEEN) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (SEEN, SEEN | {"updated_at": "2026-11-29T10:00:00.000002+00:00"}),
        (SEEN, SEEN | {"version": 3}),
        (SEEN, SEEN | {"context": {"a": 1}}),
        (SEEN, None),
        (None, SEEN),
        (None, None),
        (SEEN | {"updated_at": None}, SEEN | {"updated_at": None}),
    ],
    ids=["time", "version", "content", "gone", "new", "unknown", "timeless"],
)
def test_versions_are_asked_for_again_if_the_row_may_be_another(
    first: dict[str, Any] | None, second: dict[str, Any] | None
) -> None:
    assert asked_again(first, second) == 2


# Bounds


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones() -> None:
    server = Fake(rows(25))

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if body.get("limit", 1) > 10:
            return httpx.Response(200, headers={"content-encoding": "br"}, content=b"")
        return server.answer(request)

    assert len(read(answer, lambda reader: reader.listing())) == 25


@pytest.mark.parametrize("what", ["listing", "versions"])
def test_a_listing_without_end_ends(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant_sync.live.pages.MOST_ROWS", 5000)
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        if request.url.path.endswith("/count"):
            return httpx.Response(404)
        asked += 1
        found = [row(1000 * asked + number, version=10**6 - 1000 * asked - number) for number in range(1000)]
        return httpx.Response(200, json=found)

    with pytest.raises(TooLarge, match="lists more than 5,000 rows"):
        read(answer, lambda reader: reader.listing() if what == "listing" else reader.versions(uuid(1)))
    assert asked <= 7


def test_pages_of_huge_rows_without_end_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant_sync.live.pages.MOST_BYTES", 5 * 2**20)
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        if request.url.path.endswith("/count"):
            return httpx.Response(404)
        asked += 1
        return httpx.Response(200, json=[row(asked, context={"p": "x" * 2**20})])

    with pytest.raises(TooLarge, match="lists more than 5 MiB"):
        read(answer, listing)
    assert asked <= 7
