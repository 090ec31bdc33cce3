from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import ForgeError
from assistant_sync.forge.github.api import WAIT_BUDGET, GitHub
from tests.servers.fake_github import REPOSITORY, TOKEN, answers, fake_github, hangs_up, late, lost
from tests.servers.loopback import Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.servers.fake_github import FakeGitHub, Fault

COMMENTS = f"/repos/{REPOSITORY}/issues/7/comments"


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        yield server


@dataclass
class Clock:
    """Time that passes only while somebody waits."""

    now: float = 1_000_000.0
    waits: list[float] = field(default_factory=list)

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


def run(
    server: FakeGitHub | str, action: Callable[[GitHub], Awaitable[Any]], clock: Clock | None = None, **more: Any
) -> Any:
    """Do something with a connection."""
    url, clock = server if isinstance(server, str) else server.url, clock or Clock()

    async def whole() -> Any:
        async with GitHub(url, more.pop("token", TOKEN), pause=clock.pause, clock=clock, **more) as github:
            return await action(github)

    return asyncio.run(whole())


async def everything(github: GitHub) -> list[Any]:
    return [item["id"] async for item in github.items(COMMENTS, {})]


async def write(github: GitHub) -> Any:
    return await github.send("POST", COMMENTS, {"body": "x"})


def test_an_empty_list_is_one_request(server: FakeGitHub) -> None:
    assert run(server, everything) == []
    (asked,) = server.asked
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.target.endswith("?per_page=100")


def test_all_pages_are_read_though_the_next_ones_address_is_elsewhere(server: FakeGitHub) -> None:
    made = [server.comment(f"{number}")["id"] for number in range(250)]
    assert run(server, everything) == made
    assert len(server.asked) == 3


def test_a_list_without_end_is_given_up() -> None:
    def again(*_: object) -> Any:
        return Reply(200, b'[{"id": 1}]', {"link": '<https://x.example/?page=2>; rel="next"'})

    with fake_github() as server:
        server.fails("GET", again, times=200)
        with pytest.raises(ForgeError, match="more than 100 pages"):
            run(server, everything)
        assert len(server.asked) == 100


@pytest.mark.parametrize("fault", [answers(500), answers(502), hangs_up, answers(503, "<html>")])
def test_a_read_that_failed_is_repeated(fault: Fault, server: FakeGitHub) -> None:
    server.fails("GET", fault, times=2)
    clock = Clock()
    assert run(server, everything, clock) == []
    assert len(server.asked) == 3
    assert 0 < sum(clock.waits) < 5


def test_it_is_given_up_after_four_attempts(server: FakeGitHub) -> None:
    server.fails("GET", answers(502, "Unicorn!"), times=9)
    with pytest.raises(ForgeError, match=r"502: Unicorn!") as caught:
        run(server, everything)
    assert caught.value.status == 502
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("fault", "least"),
    [
        (answers(429, retry_after="7"), 7),
        (answers(403, "You have exceeded a secondary rate limit", retry_after="9"), 9),
        (answers(403, "API rate limit exceeded", x_ratelimit_remaining="0", x_ratelimit_reset="1000020"), 20),
        (answers(403, "You have exceeded a secondary rate limit"), 60),
        (answers(429, retry_after="soon"), 60),
    ],
)
def test_a_limit_is_waited_for_as_long_as_it_says(fault: Fault, least: float, server: FakeGitHub) -> None:
    server.fails("POST", fault)
    clock = Clock()
    assert run(server, write, clock)["body"] == "x"
    (waited,) = clock.waits
    assert least <= waited <= least + 1
    assert len(server.comments) == 1


def test_no_more_than_the_budget_is_waited_in_all(server: FakeGitHub) -> None:
    server.fails("POST", answers(429, retry_after="25"), times=9)
    clock = Clock()
    with pytest.raises(ForgeError, match="429"):
        run(server, write, clock)
    assert sum(clock.waits) == 50 <= WAIT_BUDGET
    server.faults.clear()
    server.fails("GET", answers(429, retry_after="3600"))
    clock = Clock()
    with pytest.raises(ForgeError, match="429"):
        run(server, everything, clock)
    assert clock.waits == []


@pytest.mark.parametrize("status", [401, 403, 404, 410, 422])
def test_a_refusal_is_not_repeated(status: int, server: FakeGitHub) -> None:
    server.fails("GET", answers(status, "no"))
    with pytest.raises(ForgeError) as caught:
        run(server, everything)
    assert caught.value.status == status
    assert not caught.value.in_doubt
    assert len(server.asked) == 1


@pytest.mark.parametrize("fault", [lost, hangs_up, answers(500), answers(504)])
def test_a_post_that_may_have_been_done_is_not_sent_again(fault: Fault, server: FakeGitHub) -> None:
    server.fails("POST", fault)
    with pytest.raises(ForgeError) as caught:
        run(server, write)
    assert caught.value.in_doubt
    assert len(server.asked) == 1


@pytest.mark.parametrize("fault", [lost, hangs_up, answers(500)])
def test_a_patch_is_sent_again(fault: Fault, server: FakeGitHub) -> None:
    number = server.comment("old")["id"]
    server.fails("PATCH", fault)
    run(server, lambda github: github.send("PATCH", f"/repos/{REPOSITORY}/issues/comments/{number}", {"body": "new"}))
    assert server.comments[0]["body"] == "new"
    assert len(server.asked) == 2


def test_nobody_waits_for_a_slow_answer(server: FakeGitHub) -> None:
    server.fails("POST", late(1.0))
    began = time.monotonic()
    with pytest.raises(ForgeError, match=r"no answer within 0\.1 s") as caught:
        run(server, write, timeout=0.1)
    assert time.monotonic() - began < 0.9
    assert caught.value.in_doubt


def test_nobody_waits_for_an_answer_that_drips(server: FakeGitHub) -> None:
    def drops() -> Iterator[bytes]:
        for _ in range(40):
            yield b" "
            time.sleep(0.05)

    server.fails("POST", lambda *_: Reply(200, drops()))
    began = time.monotonic()
    with pytest.raises(ForgeError, match=r"no answer within 0\.2 s"):
        run(server, write, timeout=0.2)
    assert time.monotonic() - began < 1.5


def test_a_connection_that_never_opened_leaves_no_doubt() -> None:
    clock = Clock()
    with pytest.raises(ForgeError) as caught:
        run("http://127.0.0.1:9", write, clock)
    assert not caught.value.in_doubt
    assert len(clock.waits) == 3


def test_a_redirect_is_not_followed(server: FakeGitHub) -> None:
    server.fails("GET", answers(301, location=f"{server.url}/user"))
    with pytest.raises(ForgeError, match="301") as caught:
        run(server, everything)
    assert "renamed" in (caught.value.hint or "")
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a": 1}', b"3"])
def test_what_is_not_githubs_answer_is_an_error(body: bytes, server: FakeGitHub) -> None:
    server.fails("GET", lambda *_: Reply(200, body))
    with pytest.raises(ForgeError, match=r"did not return (JSON|a list) for GET "):
        run(server, everything)


@pytest.mark.parametrize("url", ["http://api.github.com", "http://169.254.1.1", "ftp://x", "https://u:p@x.example"])
def test_the_token_is_not_sent_to_an_address_that_exposes_it(url: str) -> None:
    with pytest.raises(ForgeError, match="GITHUB_API_URL"):
        run(url, everything)


@pytest.mark.parametrize("token", ["a\nb", "a b", "ü", ""])
def test_a_token_that_is_no_header_is_not_repeated(token: str) -> None:
    with pytest.raises(ForgeError) as caught:
        run("https://api.github.com", everything, token=token)
    assert token == "" or token not in caught.value.message


@pytest.mark.parametrize("token", [TOKEN, "of-no-known-shape"])
def test_no_message_holds_the_token(token: str, server: FakeGitHub) -> None:
    server.fails("GET", answers(403, f"no entry with {token}!"))
    with pytest.raises(ForgeError) as caught:
        run(server, everything, token=token)
    assert "no entry" in caught.value.message
    assert token not in caught.value.message + (caught.value.hint or "")
