"""One sticky comment for each target on a pull request: created, and kept up to date."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from assistant_sync.errors import ForgeError
from assistant_sync.forge import sticky_comment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.forge.github.api import GitHub

ACTIONS_BOT = "github-actions[bot]"
"""The author of what GITHUB_TOKEN writes."""

_MAX_CREATES = 3
_PAUSE_BEFORE_LOOKUP = 2.0
"""Seconds before looking for a comment whose POST lost its answer."""


class CommentAction(Enum):
    """What was done to a comment."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class StickyComment:
    """Our comment on GitHub.

    Attributes:
        action: What was done to it.
        url: Its page; "" if GitHub does not name it.
    """

    action: CommentAction
    url: str


@dataclass(frozen=True, slots=True)
class _Existing:
    path: str
    login: str
    url: str
    body: str


@dataclass(frozen=True, slots=True)
class _Paths:
    """Where comments are listed, created and changed.

    Attributes:
        comments: The comments on the pull request.
        comment: One comment, before its number.
    """

    comments: str
    comment: str


async def post_comment(
    github: GitHub, repository: str, pull_request: int, mark: str, text: str, state: str = "", *, limit: int
) -> StickyComment:
    """Make the comment with this marker show the text: change it if there is one, create it if there is none.

    Args:
        github: The connection.
        repository: ``owner/name``.
        pull_request: Its number.
        mark: See ``sticky_comment.marker``.
        text: Markdown, of ``sticky_comment.text_limit`` characters at most.
        state: What the text is about, such as a plan's digest; a text about another state is folded away.
        limit: The most characters of a comment.

    Raises:
        ForgeError: It could not be done, or it is unknown whether it was.
    """
    issues = f"/repos/{repository}/issues"
    paths = _Paths(f"{issues}/{pull_request}/comments", f"{issues}/comments/")
    return await _post(github, paths, mark, sticky_comment.Body(text, state), limit)


async def _post(github: GitHub, paths: _Paths, mark: str, body: sticky_comment.Body, limit: int) -> StickyComment:
    for existing in await _ours(github, paths, mark):
        new = sticky_comment.next_body(sticky_comment.parse(mark, existing.body), body.text, body.state)
        if new is None:
            return StickyComment(CommentAction.UNCHANGED, existing.url)
        try:
            answer = await github.send("PATCH", existing.path, {"body": sticky_comment.render(mark, new, limit=limit)})
        except ForgeError as error:
            # Deleted meanwhile, or written by somebody else after all.
            if error.status not in {403, 404, 410}:
                raise
            continue
        return StickyComment(CommentAction.UPDATED, _url(answer))
    return await _create(github, paths, mark, {"body": sticky_comment.render(mark, body, limit=limit)})


async def _create(github: GitHub, paths: _Paths, mark: str, content: Mapping[str, str]) -> StickyComment:
    """Create a comment; if the answer is lost, look for it before it is sent again."""
    attempts = 1
    while True:
        try:
            answer = await github.send("POST", paths.comments, content)
            return StickyComment(CommentAction.CREATED, _url(answer))
        except ForgeError as error:
            if not error.in_doubt or not await github.wait(_PAUSE_BEFORE_LOOKUP):
                raise
            for existing in await _ours(github, paths, mark):
                if existing.body.replace("\r\n", "\n").rstrip() == content["body"].rstrip():
                    return StickyComment(CommentAction.CREATED, existing.url)
            if attempts == _MAX_CREATES:
                raise
            attempts += 1


async def _ours(github: GitHub, paths: _Paths, mark: str) -> list[_Existing]:
    """Return the comments with this marker that the token's own user wrote, the oldest first.

    Anybody may write a marker. The token of a workflow or an app may not ask who it is (403); then the authors must be
    bots, and the one that GITHUB_TOKEN writes as comes before others.
    """
    candidates = []
    async for item in github.items(paths.comments, {}):
        body, number, user = item.get("body"), item.get("id"), item.get("user")
        if not isinstance(body, str) or not isinstance(number, int) or not isinstance(user, dict):
            continue
        if sticky_comment.is_marked(mark, body):
            login, is_bot = str(user.get("login")), user.get("type") == "Bot"
            existing = _Existing(f"{paths.comment}{number}", login, _url(item), body)
            candidates.append((existing, is_bot))
    if not candidates:
        return []
    own = await _own_login(github)
    if own is not None:
        return [existing for existing, _ in candidates if existing.login == own]
    of_bots = (existing for existing, is_bot in candidates if is_bot)
    return sorted(of_bots, key=lambda existing: existing.login != ACTIONS_BOT)


async def _own_login(github: GitHub) -> str | None:
    """Return the login that the token writes as; None if it may not ask."""
    try:
        user = await github.get("/user")
    except ForgeError as error:
        if error.status in {403, 404}:
            return None
        raise
    login = user.get("login") if isinstance(user, dict) else None
    return login if isinstance(login, str) else None


def _url(item: Any) -> str:  # noqa: ANN401 - any JSON
    url = item.get("html_url") if isinstance(item, dict) else None
    return url if isinstance(url, str) else ""
