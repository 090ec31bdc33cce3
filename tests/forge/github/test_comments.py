from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import ForgeError
from assistant_sync.forge.github.api import GitHub
from assistant_sync.forge.github.comments import CommentAction, post_comment
from assistant_sync.forge.sticky_comment import Body, marker, parse
from tests.servers.fake_github import BOT, REPOSITORY, TOKEN, answers, fake_github, hangs_up, lost

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from assistant_sync.forge.github.comments import StickyComment
    from tests.servers.fake_github import FakeGitHub, Fault

MARK = marker("plan", "acme", "production")
STRANGER = {"login": "mallory", "type": "User"}
OTHER_BOT = {"login": "other[bot]", "type": "Bot"}
PERSON = {"login": "ann", "type": "User"}
LIMIT = 65_536


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        yield server


def connected(server: FakeGitHub, action: Callable[[GitHub], Awaitable[Any]]) -> Any:
    async def at_once(_: float) -> None:
        """Nobody waits in these tests."""

    async def whole() -> Any:
        async with GitHub(server.url, TOKEN, pause=at_once) as github:
            return await action(github)

    return asyncio.run(whole())


def post(server: FakeGitHub, text: str, state: str = "", mark: str = MARK) -> StickyComment:
    posted: StickyComment = connected(
        server, lambda github: post_comment(github, REPOSITORY, 7, mark, text, state, limit=LIMIT)
    )
    return posted


def bodies(server: FakeGitHub) -> list[Body | None]:
    return [parse(MARK, one["body"]) for one in server.comments]


def test_the_same_text_twice_is_one_write(server: FakeGitHub) -> None:
    first, second = post(server, "A plan.\n"), post(server, "A plan.\n")
    assert (first.action, second.action) == (CommentAction.CREATED, CommentAction.UNCHANGED)
    assert first.url == second.url == server.comments[0]["html_url"]
    assert len(server.writes) == 1


def test_another_text_takes_its_place(server: FakeGitHub) -> None:
    post(server, "one", "1")
    assert post(server, "two", "2").action is CommentAction.UPDATED
    assert post(server, "three", "3").action is CommentAction.UPDATED
    assert bodies(server) == [Body("three", "3", "two")]


def test_a_comment_that_was_deleted_is_created_again(server: FakeGitHub) -> None:
    post(server, "one")
    server.comments.clear()
    assert post(server, "two").action is CommentAction.CREATED
    assert bodies(server) == [Body("two")]


def test_one_that_is_deleted_between_reading_and_writing_is_created_again(server: FakeGitHub) -> None:
    post(server, "one")

    def deleted(github: FakeGitHub, _: object) -> None:
        github.comments.clear()

    server.fails("PATCH", deleted)
    assert post(server, "two").action is CommentAction.CREATED
    assert bodies(server) == [Body("two")]


def test_each_target_has_its_own(server: FakeGitHub) -> None:
    other = marker("plan", "acme", "staging")
    post(server, "one")
    post(server, "two", mark=other)
    post(server, "three")
    post(server, "four", mark=other)
    assert [parse(MARK, server.comments[0]["body"]), parse(other, server.comments[1]["body"])] == [
        Body("three"),
        Body("four"),
    ]
    assert len(server.comments) == 2


def test_it_is_found_on_the_last_page(server: FakeGitHub) -> None:
    for number in range(205):
        server.comment(f"comment {number}", STRANGER)
    post(server, "one")
    assert post(server, "two").action is CommentAction.UPDATED
    assert len(server.comments) == 206


@pytest.mark.parametrize("knows_itself", [True, False])
@pytest.mark.parametrize(
    "forged",
    [
        f"{MARK}\nforged",
        f"{MARK}",
        f"```\n{MARK}\n```",
        f"Look:\n{MARK}",
    ],
)
def test_a_strangers_marker_is_never_mistaken_for_ours(forged: str, knows_itself: bool, server: FakeGitHub) -> None:
    server.knows_itself = knows_itself
    theirs = server.comment(forged, STRANGER)
    assert post(server, "one").action is CommentAction.CREATED
    assert post(server, "two").action is CommentAction.UPDATED
    assert theirs["body"] == forged
    assert len(server.comments) == 2


def test_another_persons_comment_is_not_that_of_a_persons_token(server: FakeGitHub) -> None:
    server.user, server.knows_itself = PERSON, True
    theirs, bots = server.comment(f"{MARK}\nx", STRANGER), server.comment(f"{MARK}\nx", BOT)
    assert post(server, "one").action is CommentAction.CREATED
    assert post(server, "two").action is CommentAction.UPDATED
    assert (theirs["body"], bots["body"]) == (f"{MARK}\nx", f"{MARK}\nx")


def test_if_the_token_may_not_ask_who_it_is_the_comment_of_actions_comes_before_those_of_other_bots(
    server: FakeGitHub,
) -> None:
    others = server.comment(f"{MARK}\nx", OTHER_BOT)
    own = server.comment(f"{MARK}\nx", BOT)
    assert post(server, "one").action is CommentAction.UPDATED
    assert others["body"] == f"{MARK}\nx"
    assert parse(MARK, own["body"]) == Body("one")


def test_an_apps_token_keeps_to_its_own_comment(server: FakeGitHub) -> None:
    server.user = OTHER_BOT
    assert [post(server, text).action for text in ("one", "two")] == [CommentAction.CREATED, CommentAction.UPDATED]
    assert len(server.comments) == 1


def test_one_that_may_not_be_edited_is_left_alone(server: FakeGitHub) -> None:
    server.comment(f"{MARK}\nx", OTHER_BOT)
    server.fails("PATCH", answers(403, "Resource not accessible by integration"))
    assert post(server, "one").action is CommentAction.CREATED
    assert server.comments[0]["body"] == f"{MARK}\nx"


def test_after_one_that_may_not_be_edited_the_next_is_tried(server: FakeGitHub) -> None:
    server.comment(f"{MARK}\nx", BOT)
    own = server.comment(f"{MARK}\nx", OTHER_BOT)
    server.fails("PATCH", answers(403, "Resource not accessible by integration"))
    assert post(server, "one").action is CommentAction.UPDATED
    assert parse(MARK, own["body"]) == Body("one")


def test_a_comment_that_somebody_edited_is_restored(server: FakeGitHub) -> None:
    post(server, "one")
    server.comments[0]["body"] = server.comments[0]["body"].replace("one", "approved!")
    assert post(server, "one").action is CommentAction.UPDATED
    assert bodies(server) == [Body("one")]


def test_a_comment_whose_answer_was_lost_is_found_and_not_made_twice(server: FakeGitHub) -> None:
    server.fails("POST", lost)
    posted = post(server, "one")
    assert posted.action is CommentAction.CREATED
    assert posted.url == server.comments[0]["html_url"]
    assert len(server.comments) == 1
    assert len(server.writes) == 1


@pytest.mark.parametrize("fault", [hangs_up, answers(500), answers(502)])
def test_a_comment_that_was_not_made_is_made(fault: Fault, server: FakeGitHub) -> None:
    server.fails("POST", fault, times=2)
    assert post(server, "one").action is CommentAction.CREATED
    assert len(server.comments) == 1
    methods = [one.method for one in server.asked]
    assert methods == ["GET", "POST", "GET", "POST", "GET", "POST"]


def test_attempts_are_limited(server: FakeGitHub) -> None:
    server.fails("POST", hangs_up, times=9)
    with pytest.raises(ForgeError):
        post(server, "one")
    assert len(server.writes) == 3


def test_a_token_that_may_only_read_is_refused_once(server: FakeGitHub) -> None:
    server.fails("POST", answers(403, "Resource not accessible by integration"))
    with pytest.raises(ForgeError, match="not accessible") as caught:
        post(server, "one")
    assert "fork" in (caught.value.hint or "")
    assert len(server.writes) == 1


def test_damaged_items_of_a_list_are_skipped(server: FakeGitHub) -> None:
    server.comments += [{"on": 7}, {"on": 7, "id": 1, "body": None, "user": None}]
    server.comments.append({"on": 7, "id": 2, "body": f"{MARK}\nx", "user": None})
    assert post(server, "one").action is CommentAction.CREATED
