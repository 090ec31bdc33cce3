"""The writer against the official server, and against answers that it never gives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import httpx
import pytest

from assistant_sync.errors import BadAnswer, NotFound, Rejected, Taken, Unreachable
from assistant_sync.live.writer import AssistantsWriter
from assistant_sync.transport import Endpoint, WriteConnection
from tests.servers.recording import RecordingTransport, answered, lost_after, lost_before

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.servers.official import Deployment
    from tests.servers.recording import Fault

T = TypeVar("T")

ID = "62e209ca-9154-432a-b9e9-2d75c7a9219b"
ROW = {"assistant_id": ID, "graph_id": "support_agent", "version": 1}
BODY: dict[str, Any] = {
    "assistant_id": ID,
    "graph_id": "support_agent",
    "if_exists": "raise",
    "name": "Süpport",
    "description": "",
    "context": {"model_name": "m"},
    "config": {"configurable": {}},
    "metadata": {"k": "v"},
}
PATH = f"/assistants/{ID}"


def write(
    url: str,
    call: Callable[[AssistantsWriter], Awaitable[T]],
    transport: httpx.AsyncBaseTransport | None = None,
) -> T:
    async def no_pause(_: float) -> None:
        pass

    async def main() -> T:
        async with WriteConnection(Endpoint(url, {}), transport=transport, pause=no_pause) as connection:
            return await call(AssistantsWriter(connection))

    return asyncio.run(main())


def create(writer: AssistantsWriter) -> Awaitable[Any]:
    return writer.create(BODY)


def patch(writer: AssistantsWriter) -> Awaitable[Any]:
    return writer.patch(ID, {"name": "new"})


def set_latest(writer: AssistantsWriter) -> Awaitable[Any]:
    return writer.set_latest(ID, 1)


def delete(writer: AssistantsWriter) -> Awaitable[None]:
    return writer.delete(ID)


def recorded(fault: Fault) -> RecordingTransport:
    return RecordingTransport(fault=fault)


def test_what_was_created_is_answered_and_there(deployment: Deployment) -> None:
    made = write(deployment.url, create)
    row = deployment.get(ID)
    assert (made.version, made.name, made.context) == (1, "Süpport", {"model_name": "m"})
    assert (row["name"], row["context"], row["metadata"]) == ("Süpport", {"model_name": "m"}, {"k": "v"})


def test_a_patch_makes_one_version_and_the_pointer_moves_without_any(deployment: Deployment) -> None:
    deployment.create(**BODY)
    assert write(deployment.url, patch).version == 2
    assert write(deployment.url, set_latest).version == 1
    assert [row["version"] for row in deployment.versions(ID)] == [2, 1]
    assert deployment.get(ID)["version"] == 1


def test_a_delete_is_done_where_there_is_nothing(deployment: Deployment) -> None:
    deployment.create(**BODY)
    write(deployment.url, delete)
    assert not deployment.exists(ID)
    write(deployment.url, delete)


def test_an_id_in_use_is_taken(deployment: Deployment) -> None:
    deployment.create(**BODY)
    with pytest.raises(Taken) as caught:
        write(deployment.url, create)
    assert caught.value.exit_code == 7


def test_writes_to_what_is_not_there_are_not_found(deployment: Deployment) -> None:
    for call in (patch, set_latest):
        with pytest.raises(NotFound):
            write(deployment.url, call)


def test_a_refusal_names_the_field_and_not_the_value(deployment: Deployment) -> None:
    deployment.create(**BODY)
    with pytest.raises(Rejected, match='422: context is not of type "object"') as caught:
        write(deployment.url, lambda writer: writer.patch(ID, {"context": "hunter2"}))
    assert "hunter2" not in f"{caught.value}"


@pytest.mark.parametrize("call", [patch, set_latest])
def test_a_write_whose_answer_was_lost_is_not_sent_again(
    deployment: Deployment, call: Callable[[AssistantsWriter], Awaitable[Any]]
) -> None:
    deployment.create(**BODY)
    transport = recorded(lost_after("POST|PATCH", ".*"))
    with pytest.raises(Unreachable) as caught:
        write(deployment.url, call, transport)
    assert caught.value.sent
    assert len(transport.writes) == 1
    assert len(deployment.versions(ID)) == (2 if call is patch else 1)


@pytest.mark.parametrize("call", [patch, set_latest])
def test_a_write_whose_connection_never_opened_is_sent_again_and_lands_once(
    deployment: Deployment, call: Callable[[AssistantsWriter], Awaitable[Any]]
) -> None:
    deployment.create(**BODY)
    write(deployment.url, call, recorded(lost_before("POST|PATCH", ".*", times=2)))
    assert len(deployment.versions(ID)) == (2 if call is patch else 1)


def test_a_write_that_was_put_off_is_sent_again_and_lands_once(deployment: Deployment) -> None:
    deployment.create(**BODY)
    transport = recorded(answered("PATCH", PATH, lambda: httpx.Response(429, text="later"), times=2))
    write(deployment.url, patch, transport)
    assert [exchange.status for exchange in transport.writes] == [None, None, 200]
    assert len(deployment.versions(ID)) == 2


def test_a_create_whose_answer_was_lost_is_sent_again_and_finds_itself(deployment: Deployment) -> None:
    with pytest.raises(Taken):
        write(deployment.url, create, recorded(lost_after("POST", "/assistants")))
    assert len(deployment.versions(ID)) == 1


def test_a_delete_whose_answer_was_lost_is_sent_again_and_done(deployment: Deployment) -> None:
    deployment.create(**BODY)
    transport = recorded(lost_after("DELETE", PATH))
    write(deployment.url, delete, transport)
    assert [exchange.status for exchange in transport.writes] == [204, 404]
    assert not deployment.exists(ID)


def mocked(answer: httpx.Response) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(answer.status_code, content=answer.content))


@pytest.mark.parametrize("call", [create, patch, set_latest])
@pytest.mark.parametrize("content", [b"", b"OK", b"{}", b"[]", b'{"assistant_id": 1}', b"<html>"])
def test_a_success_without_the_assistant_is_a_bad_answer_that_may_have_landed(
    call: Callable[[AssistantsWriter], Awaitable[Any]], content: bytes
) -> None:
    with pytest.raises(BadAnswer) as caught:
        write("https://acme.example", call, mocked(httpx.Response(200, content=content)))
    assert caught.value.sent


@pytest.mark.parametrize("call", [create, patch, set_latest])
def test_an_answer_with_another_assistant_is_a_bad_answer(
    call: Callable[[AssistantsWriter], Awaitable[Any]],
) -> None:
    other = str(uuid4())
    with pytest.raises(BadAnswer, match=f"another assistant, {other}"):
        write("https://acme.example", call, mocked(httpx.Response(200, json=ROW | {"assistant_id": other})))


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, json=[ID]), httpx.Response(200, json={})])
def test_a_delete_is_done_by_any_success(answer: httpx.Response) -> None:
    write("https://acme.example", delete, mocked(answer))


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(404, text="<html>")])
def test_a_delete_is_not_done_by_a_web_page(answer: httpx.Response) -> None:
    with pytest.raises(BadAnswer):
        write("https://acme.example", delete, mocked(answer))
