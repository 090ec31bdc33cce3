"""A small GitHub on this machine: comments, issues and commit statuses, in pages, with faults on demand.

What it does follows docs.github.com, "REST API endpoints for issue comments", "... for issues" and "... for commit
statuses".
"""

from __future__ import annotations

import json
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from tests.servers.loopback import Asked, Reply, loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPOSITORY = "acme/support"
TOKEN = "ghs_Pq7token0of0the0tests"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
LONGEST = 65_536
LONGEST_DESCRIPTION = 140

Fault: TypeAlias = "Callable[[FakeGitHub, Asked], Reply | None]"
"""Answers in the place of the server; None lets the server answer."""


@dataclass
class FakeGitHub:
    """A running one.

    Attributes:
        asked: Every request.
        comments: Of all pull requests, in the order of their making; each with the number it is on.
        issues: Of the repository.
        statuses: Of all commits, in the order of their making; each with the ``sha`` it is on.
        user: Who the token writes as.
        knows_itself: Whether the token may ask who it is, as a person's token may and a workflow's may not.
        page: Items of a page at most.
        faults: The next requests that they fit are answered by them, each once.
    """

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    user: dict[str, str] = field(default_factory=lambda: dict(BOT))
    knows_itself: bool = False
    page: int = 100
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    numbers: int = 1000

    def comment(self, body: str, user: dict[str, str] | None = None, *, on: int = 7) -> dict[str, Any]:
        """Write a comment, as somebody."""
        self.numbers += 1
        url = f"https://github.example/{REPOSITORY}/pull/{on}#issuecomment-{self.numbers}"
        new = {"id": self.numbers, "body": body, "user": user or self.user, "html_url": url, "on": on}
        self.comments.append(new)
        return new

    def issue(self, title: str, body: str, user: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        """Open an issue, as somebody."""
        self.numbers += 1
        url = f"https://github.example/{REPOSITORY}/issues/{self.numbers}"
        new = {"number": self.numbers, "title": title, "body": body, "user": user or self.user, "html_url": url}
        self.issues.append({**new, "state": "open", **more})
        return self.issues[-1]

    def status(self, sha: str, body: dict[str, Any]) -> Reply:
        """Give a commit a status; the newest of a context counts."""
        if body.get("state") not in {"pending", "success", "failure", "error"}:
            return told(422, "Validation Failed")
        if len(body.get("description") or "") > LONGEST_DESCRIPTION:
            return told(422, "Validation Failed: description is too long (maximum is 140 characters)")
        self.statuses.append({"context": "default", **body, "sha": sha})
        return _json(self.statuses[-1], HTTPStatus.CREATED)

    def fails(self, request: str, fault: Fault, times: int = 1) -> None:
        """Let the next requests whose method and path match the pattern meet a fault."""
        self.faults += [(request, fault)] * times

    @property
    def writes(self) -> list[str]:
        """The method and path of every request that writes."""
        return [f"{one.method} {urlsplit(one.target).path}" for one in self.asked if one.method != "GET"]

    def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        self.asked.append(asked)
        for index, (pattern, fault) in enumerate(self.faults):
            if re.search(pattern, f"{asked.method} {asked.target}"):
                del self.faults[index]
                if reply := fault(self, asked):
                    return reply
                break
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return told(401, "Bad credentials")
        return self.serve(asked)

    def serve(self, asked: Asked) -> Reply:
        """Answer as GitHub does where nothing is wrong."""
        path = urlsplit(asked.target).path
        if path == "/user":
            return _json(self.user) if self.knows_itself else told(403, "Resource not accessible by integration")
        if asked.method == "POST" and (found := re.fullmatch(rf"/repos/{REPOSITORY}/statuses/([0-9a-f]{{40}})", path)):
            return self.status(found[1], json.loads(asked.body))
        top = f"/repos/{REPOSITORY}/issues"
        if found := re.fullmatch(rf"{top}/(\d+)/comments", path):
            number = int(found[1])
            if asked.method == "GET":
                return self._paged(asked, [one for one in self.comments if one["on"] == number])
            return _written(asked, lambda body: self.comment(body["body"], on=number))
        if found := re.fullmatch(rf"{top}/comments/(\d+)", path):
            return self._changed(asked, [one for one in self.comments if one["id"] == int(found[1])])
        if path == top and asked.method == "GET":
            return self._paged(asked, [one for one in self.issues if one["state"] == "open"])
        if path == top:
            return _written(asked, lambda body: self.issue(**body))
        if found := re.fullmatch(rf"{top}/(\d+)", path):
            return self._changed(asked, [one for one in self.issues if one["number"] == int(found[1])])
        return told(404, "Not Found")

    def _paged(self, asked: Asked, items: list[dict[str, Any]]) -> Reply:
        query = {
            name: int(value[0]) for name, value in parse_qs(urlsplit(asked.target).query).items() if name != "state"
        }
        number, size = query.get("page", 1), min(query.get("per_page", 30), self.page)
        path = urlsplit(asked.target).path
        # The address of the next page has another host, as behind a proxy: nobody may take the token there.
        link = f'<https://elsewhere.example{path}?per_page={size}&page={number + 1}&state=open>; rel="next"'
        headers = {"link": link} if len(items) > number * size else {}
        return _json(items[(number - 1) * size : number * size], headers=headers)

    def _changed(self, asked: Asked, found: list[dict[str, Any]]) -> Reply:
        if not found:
            return told(404, "Not Found")

        def change(body: dict[str, Any]) -> dict[str, Any]:
            found[0].update(body)
            return found[0]

        return _written(asked, change, HTTPStatus.OK)


def _written(
    asked: Asked, write: Callable[[dict[str, Any]], dict[str, Any]], status: int = HTTPStatus.CREATED
) -> Reply:
    body = json.loads(asked.body)
    if len(body.get("body", "")) > LONGEST:
        return told(422, "Body is too long (maximum is 65536 characters)")
    return _json(write(body), status)


def _json(value: Any, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})})


def told(status: int, message: str, **headers: str) -> Reply:
    """A refusal, as GitHub words it."""
    return _json({"message": message}, status, {name.replace("_", "-"): value for name, value in headers.items()})


def answers(status: int, message: str = "", **headers: str) -> Fault:
    """Refuse once."""
    return lambda _, __: told(status, message, **headers)


def lost(github: FakeGitHub, asked: Asked) -> Reply | None:
    """Do it, and hang up before the answer."""
    github.serve(asked)
    raise ConnectionError


def hangs_up(github: FakeGitHub, asked: Asked) -> Reply | None:
    """Hang up without doing it."""
    raise ConnectionError


def late(seconds: float) -> Fault:
    """Answer after a while."""

    def wait(github: FakeGitHub, asked: Asked) -> Reply | None:
        time.sleep(seconds)
        return None

    return wait


@contextmanager
def fake_github() -> Iterator[FakeGitHub]:
    """Serve for as long as the block lasts."""
    github = FakeGitHub()
    with loopback(github.answer) as server:
        github.url = server.url
        yield github
