"""One comment for each target on a pull request, one issue for each target that drifts: made, and kept up to date."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from assistant_sync.errors import ForgeError
from assistant_sync.forge import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.forge.github import GitHub

ACTIONS_BOT = "github-actions[bot]"
"""Who GITHUB_TOKEN writes as."""

_MOST_CREATES = 3
_BEFORE_LOOKING = 2.0
"""Seconds before it is looked whether a write whose answer was lost has been done."""


class Deed(Enum):
    """What became of a text."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Posted:
    """A text of ours on GitHub.

    Attributes:
        deed: What was done.
        url: Its page; "" where GitHub does not say.
    """

    deed: Deed
    url: str


@dataclass(frozen=True, slots=True)
class _Found:
    path: str
    login: str
    url: str
    body: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where texts are looked for, made and changed.

    Attributes:
        path: Of the list.
        each: Of one of them, before its number.
        number: The member that holds this number.
        query: What narrows the list.
    """

    path: str
    each: str
    number: str
    query: Mapping[str, str]


async def post_comment(
    github: GitHub, repository: str, pull_request: int, mark: str, text: str, state: str = ""
) -> Posted:
    """Make the comment with this marker say the text: change it where there is one, make one where there is none.

    Args:
        github: The connection.
        repository: ``owner/name``.
        pull_request: Its number.
        mark: See ``marked.marker``.
        text: Markdown, of ``marked.room`` characters at most.
        state: What the text is about, such as a plan's digest; a comment about another state is folded away.

    Raises:
        ForgeError: It could not be done, or it is not known whether it was.
    """
    path = f"/repos/{repository}/issues/{pull_request}/comments"
    place = _Place(path, f"/repos/{repository}/issues/comments/", "id", {})
    return await _post(github, place, mark, marked.Body(text, state))


async def _post(github: GitHub, place: _Place, mark: str, body: marked.Body) -> Posted:
    for found in await _ours(github, place, mark):
        new = marked.follow_up(marked.read(mark, found.body), body.text, body.state)
        if new is None:
            return Posted(Deed.UNCHANGED, found.url)
        try:
            answer = await github.send("PATCH", found.path, {"body": marked.written(mark, new)})
        except ForgeError as error:
            # Deleted meanwhile, or written by somebody else after all.
            if error.status not in {403, 404, 410}:
                raise
            continue
        return Posted(Deed.UPDATED, _url(answer))
    return await _create(github, place, mark, {"body": marked.written(mark, body)})


async def _create(github: GitHub, place: _Place, mark: str, content: Mapping[str, str]) -> Posted:
    """Make a text; where the answer is lost, look for it before it is made again."""
    tries = 1
    while True:
        try:
            return Posted(Deed.CREATED, _url(await github.send("POST", place.path, content)))
        except ForgeError as error:
            if not error.in_doubt or not await github.rest(_BEFORE_LOOKING):
                raise
            for found in await _ours(github, place, mark):
                if found.body.replace("\r\n", "\n").rstrip() == content["body"].rstrip():
                    return Posted(Deed.CREATED, found.url)
            if tries == _MOST_CREATES:
                raise
            tries += 1


async def _ours(github: GitHub, place: _Place, mark: str) -> list[_Found]:
    """The texts with this marker that the token's own user wrote, the oldest first.

    Anybody may write a marker. The token of a workflow or an app cannot ask who it is (403); then the authors must be
    bots, and the one that GITHUB_TOKEN writes as goes before others.
    """
    marked_ones = []
    async for item in github.items(place.path, place.query):
        body, number, user = item.get("body"), item.get(place.number), item.get("user")
        if not isinstance(body, str) or not isinstance(number, int) or not isinstance(user, dict):
            continue
        if marked.is_marked(mark, body) and "pull_request" not in item:
            login, is_bot = str(user.get("login")), user.get("type") == "Bot"
            found = _Found(f"{place.each}{number}", login, _url(item), body)
            marked_ones.append((found, is_bot))
    if not marked_ones:
        return []
    own = await _own_login(github)
    if own is not None:
        return [found for found, _ in marked_ones if found.login == own]
    return sorted((found for found, is_bot in marked_ones if is_bot), key=lambda found: found.login != ACTIONS_BOT)


async def _own_login(github: GitHub) -> str | None:
    """Who the token writes as; None where it may not ask."""
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
