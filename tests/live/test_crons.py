"""The crons of an assistant: all of them, none where there is no such thing, unknown where the key may not look."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.errors import BadAnswer, RemoteError
from assistant_sync.live.crons import CronsReader
from assistant_sync.transport import Endpoint, ReadConnection

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.cron import Cron

OWN = "62e209ca-9154-432a-b9e9-2d75c7a9219b"


def row(number: int) -> dict[str, Any]:
    return {"cron_id": f"c{number:03}", "schedule": f"{number} * * * *", "payload": {"input": {"n": number}}, "x": None}


def crons(
    answer: Callable[[httpx.Request], httpx.Response], times: int = 1
) -> tuple[tuple[Cron, ...] | None, list[dict[str, Any]]]:
    """The crons that are read at last, and what was asked."""
    asked: list[dict[str, Any]] = []

    def noting(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/runs/crons/search"
        asked.append(json.loads(request.content))
        return answer(request)

    async def no_pause(_: float) -> None:
        pass

    async def main() -> tuple[Cron, ...] | None:
        transport = httpx.MockTransport(noting)
        async with ReadConnection(Endpoint("http://server", {}), transport=transport, pause=no_pause) as connection:
            reader = CronsReader(connection)
            found = None
            for _ in range(times):
                found = await reader.of_assistant(OWN)
            return found

    return asyncio.run(main()), asked


@pytest.mark.parametrize("count", [0, 1, 99, 100, 250])
def test_every_page_is_read_and_each_cron_is_kept_whole(count: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        rows = [row(number) for number in range(count)]
        return httpx.Response(200, json=rows[body["offset"] :][: body["limit"]])

    found, asked = crons(answer)
    assert found is not None
    assert [cron.row for cron in found] == [row(number) for number in range(count)]
    assert [cron.schedule for cron in found] == [f"{number} * * * *" for number in range(count)]
    assert {body["assistant_id"] for body in asked} == {OWN}
    assert len(asked) == count // 100 + 1


def test_a_server_that_ignores_the_offset_is_not_asked_for_ever() -> None:
    found, asked = crons(lambda _: httpx.Response(200, json=[row(number) for number in range(100)]))
    assert found is not None
    assert (len(found), len(asked)) == (100, 2)


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(404, json={}), httpx.Response(405, json={}), httpx.Response(501),
     httpx.Response(500, text="Not implemented")],
    ids=["404", "405", "501", "the JavaScript server"],
)  # fmt: skip
def test_a_server_without_crons_has_none_and_is_asked_once(answer: httpx.Response) -> None:
    found, asked = crons(lambda _: answer)
    again, twice = crons(lambda _: answer, times=3)
    assert found == again == ()
    assert len(asked) == len(twice)


@pytest.mark.parametrize("code", [401, 403])
def test_a_key_that_may_not_read_them_does_not_know_them(code: int) -> None:
    assert crons(lambda _: httpx.Response(code, json={}))[0] is None


@pytest.mark.parametrize("code", [500, 503])
def test_a_server_that_fails_is_an_error(code: int) -> None:
    with pytest.raises(RemoteError):
        crons(lambda _: httpx.Response(code, json={"detail": "boom"}))


@pytest.mark.parametrize("data", [{}, [1], [{"schedule": "x"}]], ids=str)
def test_an_answer_that_is_no_list_of_crons_is_an_error(data: Any) -> None:
    with pytest.raises(BadAnswer):
        crons(lambda _: httpx.Response(200, json=data))
