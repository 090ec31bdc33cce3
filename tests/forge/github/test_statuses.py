from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.errors import ForgeError
from assistant_sync.forge.github.api import GitHub
from assistant_sync.forge.github.statuses import set_status
from tests.servers.fake_github import REPOSITORY, TOKEN, answers, fake_github, hangs_up, lost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.fake_github import FakeGitHub

SHA = "5558b0ee06b75558b0ee06b75558b0ee06b75558"
CONTEXT = "assistant-sync checks (acme/production)"
PAGE = "https://github.com/acme/support/actions/runs/1"


@pytest.fixture(scope="module")
def one_server() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        yield server


@pytest.fixture
def server(one_server: FakeGitHub) -> FakeGitHub:
    one_server.statuses.clear()
    one_server.faults.clear()
    one_server.asked.clear()
    return one_server


def put(server: FakeGitHub, description: str = "3 of 3 cases pass", **more: Any) -> None:
    async def at_once(_: float) -> None:
        """Nobody waits in these tests."""

    async def whole() -> None:
        named = {"context": CONTEXT, "state": "success", "url": PAGE, **more}
        async with GitHub(server.url, TOKEN, pause=at_once) as github:
            await set_status(github, REPOSITORY, SHA, description=description, **named)

    asyncio.run(whole())


def test_no_page_is_no_link(server: FakeGitHub) -> None:
    put(server, url=None)
    assert "target_url" not in server.statuses[0]


def test_a_status_is_on_the_commit_with_its_words_and_its_page(server: FakeGitHub) -> None:
    put(server, state="pending")
    put(server)
    about = {"sha": SHA, "context": CONTEXT, "description": "3 of 3 cases pass", "target_url": PAGE}
    assert server.statuses == [{**about, "state": "pending"}, {**about, "state": "success"}]


@pytest.mark.parametrize("fault", [lost, hangs_up, answers(502)])
def test_what_got_no_answer_is_sent_again(server: FakeGitHub, fault: Any) -> None:
    server.fails("POST .*/statuses/", fault, times=2)
    put(server)
    assert server.statuses[-1]["state"] == "success"
    assert len(server.writes) == 3


def test_what_never_gets_an_answer_is_an_error_that_is_in_doubt(server: FakeGitHub) -> None:
    server.fails("POST .*/statuses/", lost, times=9)
    with pytest.raises(ForgeError) as caught:
        put(server)
    assert caught.value.in_doubt
    assert len(server.writes) == 3


@pytest.mark.parametrize("status", [403, 404])
def test_a_token_that_may_not_is_an_error_that_names_the_permission(server: FakeGitHub, status: int) -> None:
    server.fails("POST", answers(status, "Resource not accessible by integration"))
    with pytest.raises(ForgeError) as caught:
        put(server)
    assert "'permissions: statuses: write'" in (caught.value.hint or "")
    assert len(server.writes) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("a" * 140, "a" * 140),
        ("a" * 141, "a" * 139 + "…"),
        ("one\r\n::error::two\u2028three", "one ::error::two three"),
        ("\x1b[31mred\x00", "[31mred"),
        ("\u202eright to left\ud800", "right to left"),
        ("Grüße, 東京 👍", "Grüße, 東京 👍"),
    ],
)
def test_a_description_is_one_line_that_github_takes(server: FakeGitHub, text: str, shown: str) -> None:
    put(server, text)
    assert server.statuses[0]["description"] == shown


@given(text=st.text(st.characters(), max_size=400))
def test_github_takes_every_description(one_server: FakeGitHub, text: str) -> None:
    put(one_server, text)
    shown = one_server.statuses[-1]["description"]
    assert len(shown) <= 140
    assert shown.splitlines() in ([], [shown])
