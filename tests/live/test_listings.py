"""Listings in several pages at a time, and those that are begun before anybody asks for them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from assistant_sync.errors import Rejected, RemoteError
from assistant_sync.live.listings import LIGHT_COLUMNS, PAGES_AT_A_TIME
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.transport import Endpoint, ReadConnection
from tests.live.fakes import URL, Fake, rows, uuid


class Slow(httpx.AsyncBaseTransport):
    """A server that notes how many requests are under way at once."""

    def __init__(self, server: Fake, fails_at: int | None = None) -> None:
        self.server = server
        self.fails_at = fails_at
        self.now = self.most = self.searches = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.now -= 1
        body = json.loads(request.content)
        self.searches += request.url.path.endswith("/search")
        if self.fails_at is not None and body.get("offset") == self.fails_at:
            return httpx.Response(403, request=request)
        answer = self.server.answer(request)
        return httpx.Response(answer.status_code, content=answer.content, request=request)


def run(transport: Slow, question: Any) -> Any:
    async def main() -> Any:
        async with ReadConnection(Endpoint(URL, {}), transport=transport) as connection:
            return await question(AssistantsReader(connection))

    return asyncio.run(main())


async def ids(reader: AssistantsReader) -> list[str]:
    return [one.assistant_id for one in await reader.listing()]


def test_one_page_is_asked_for_alone() -> None:
    slow = Slow(Fake(rows(1000)))
    assert len(run(slow, ids)) == 1000
    assert (slow.most, slow.searches) == (1, 1)


def test_rows_are_counted_before_the_first_page_is_read() -> None:
    """A delete after it is then seen, although the row of the second page that takes the place is missing in both."""
    server = Fake(rows(1500))
    answer = server.answer

    def deleting(request: httpx.Request) -> httpx.Response:
        found = answer(request)
        if request.url.path.endswith("/search") and len(server.rows) == 1500:
            del server.rows[0]
        return found

    server.answer = deleting  # type: ignore[method-assign]  # for this test
    assert run(Slow(server), ids) == [uuid(number) for number in range(1, 1500)]


def test_a_page_that_takes_long_does_not_hold_up_those_behind_it() -> None:
    class Holding(Slow):
        last_was_asked = asyncio.Event()

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            offset = json.loads(request.content).get("offset")
            if offset == 1000:
                await asyncio.wait_for(self.last_was_asked.wait(), 20)
            if offset == 9000:
                self.last_was_asked.set()
            return await super().handle_async_request(request)

    assert run(Holding(Fake(rows(9500))), ids) == [uuid(number) for number in range(9500)]


def test_the_pages_behind_a_full_first_one_come_several_at_a_time_and_each_once() -> None:
    slow = Slow(Fake(rows(9500)))
    assert run(slow, ids) == [uuid(number) for number in range(9500)]
    assert (slow.most, slow.searches) == (PAGES_AT_A_TIME, 10)


def test_a_page_that_cannot_be_read_ends_the_others() -> None:
    slow = Slow(Fake(rows(9500)), fails_at=3000)
    with pytest.raises(RemoteError):
        run(slow, ids)
    assert slow.searches <= 1 + PAGES_AT_A_TIME


def test_rows_that_vanish_meanwhile_are_noticed_and_listed_again() -> None:
    server = Fake(rows(3000))
    slow = Slow(server)
    answer = server.answer

    def vanishing(request: httpx.Request) -> httpx.Response:
        if b'"offset":2000' in request.content.replace(b" ", b"") and len(server.rows) == 3000:
            del server.rows[:10]
        return answer(request)

    server.answer = vanishing  # type: ignore[method-assign]  # for this test
    assert run(slow, ids) == [uuid(number) for number in range(10, 3000)]


def test_pages_that_a_server_cuts_short_behind_the_first_one_leave_no_row_out() -> None:
    server = Fake(rows(9500))
    answer = server.answer
    asked: list[int | None] = []

    def cutting(request: httpx.Request) -> httpx.Response:
        found = answer(request)
        asked.append(json.loads(request.content).get("offset"))
        behind = b'"offset":0' not in request.content.replace(b" ", b"") and request.url.path.endswith("/search")
        return httpx.Response(200, json=found.json()[:700]) if behind else found

    server.answer = cutting  # type: ignore[method-assign]  # for this test
    assert run(Slow(server), ids) == [uuid(number) for number in range(9500)]
    assert {5000, 6000, 7000, 9000}.isdisjoint(asked)  # where nothing begins behind pages of 700


def test_a_begun_listing_that_nobody_wants_is_not_waited_for() -> None:
    class Silent(Slow):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            return await super().handle_async_request(request)

    async def unwanted(reader: AssistantsReader) -> None:
        reader.begin_listing()
        await asyncio.sleep(0.01)
        await asyncio.wait_for(reader.end_listings(), 5)

    run(Silent(Fake()), unwanted)


def test_a_listing_that_was_begun_is_asked_for_once() -> None:
    slow = Slow(Fake(rows(3)))

    async def begun(reader: AssistantsReader) -> list[str]:
        reader.begin_listing()
        await asyncio.sleep(0.01)
        asked = slow.searches
        found = await ids(reader)
        assert (asked, slow.searches) == (1, 1)
        await reader.end_listings()
        return found

    assert run(slow, begun) == [uuid(0), uuid(1), uuid(2)]


def test_the_next_listing_is_a_new_one() -> None:
    slow = Slow(Fake(rows(3)))

    async def twice(reader: AssistantsReader) -> None:
        reader.begin_listing()
        await ids(reader)
        slow.server.rows.extend(rows(4)[3:])
        assert len(await ids(reader)) == 4

    run(slow, twice)


def test_a_begun_listing_that_nobody_wants_is_given_up_whatever_became_of_it() -> None:
    slow = Slow(Fake(rows(3)), fails_at=0)

    async def unwanted(reader: AssistantsReader) -> None:
        reader.begin_listing()
        await asyncio.sleep(0.01)
        await reader.end_listings()
        reader.begin_listing()
        await reader.end_listings()

    run(slow, unwanted)


async def light(reader: AssistantsReader) -> list[bool]:
    return [one.is_whole for one in await reader.listing({"m": 1}, is_light=True)]


def test_a_light_listing_names_its_columns_in_each_search_and_counts_without_them() -> None:
    server = Fake([one | {"metadata": {"m": 1}} for one in rows(1500)])
    assert run(Slow(server), light) == [False] * 1500
    assert [body.get("select") for body in server.asked("/search")] == [list(LIGHT_COLUMNS)] * 2
    assert server.asked("/count") == [{"metadata": {"m": 1}}]


def test_rows_that_a_server_gives_whole_all_the_same_are_whole() -> None:
    server = Fake([one | {"metadata": {"m": 1}, "context": {}, "config": None} for one in rows(3)])
    assert run(Slow(server), light) == [True] * 3


def test_columns_that_a_server_refuses_are_not_asked_for_on_smaller_pages() -> None:
    server = Fake(rows(3), refuses=0)
    with pytest.raises(Rejected):
        run(Slow(server), light)
    assert len(server.asked("/search")) == 1


def test_a_light_listing_that_was_begun_is_not_given_to_whoever_asks_for_whole_rows() -> None:
    async def main(reader: AssistantsReader) -> list[bool]:
        reader.begin_listing(is_light=True)
        whole, row = await reader.listing(), await reader.listing(is_light=True)
        return [whole[0].is_whole, row[0].is_whole]

    server = Fake(rows(1))
    assert run(Slow(server), main) == [True, False]
    assert len(server.asked("/search")) == 2
