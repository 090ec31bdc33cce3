"""Raw requests on scratch assistants that are removed afterwards; shares no code with the client under test."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

Row: TypeAlias = dict[str, Any]

FIELDS = ("graph_id", "name", "description", "context", "config", "metadata")
SUPPORT, RESEARCH = "support_agent", "research_agent"
GONE = frozenset({httpx.codes.OK, httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND})
ALL = 100
"""A page that every server gives."""


class Unexpected(Exception):
    """A request that a measurement builds upon went wrong."""


class Bench:
    """A server to measure, and the assistants made for it.

    Args:
        url: The server's.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = self._connect()
        self._made: list[str] = []

    def _connect(self) -> httpx.Client:
        return httpx.Client(base_url=self._url, timeout=60, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send a request; the answer, whatever it is. Bytes are sent as they stand."""
        if isinstance(body, bytes):
            more = {"content": body, "headers": {"content-type": "application/json"}} | more
        elif body is not None:
            more = {"json": body} | more
        answer = self._client.request(method, path, **more)
        if answer.is_server_error:
            # Some servers break the connection behind such an answer.
            self._client.close()
            self._client = self._connect()
        return answer

    def good(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request that has to be accepted; what the answer says."""
        answer = self.ask(method, path, body)
        if not answer.is_success:
            raise Unexpected(f"{method} {path}: {answer.status_code} {answer.text[:100]}")
        return answer.json()

    def try_create(self, **body: Any) -> httpx.Response:
        """Create an assistant of a fixed id; the answer, whatever it is.

        Without a config of its own it gets one that no other has: some servers refuse equal ones.
        """
        full = {"assistant_id": str(uuid4()), "graph_id": SUPPORT, "config": {"tags": [uuid4().hex]}} | body
        self._made.append(full["assistant_id"])
        return self.ask("POST", "/assistants", full)

    def try_create_raw(self, own: str, body: bytes) -> httpx.Response:
        """Create an assistant of this id by a body as it stands; the answer, whatever it is."""
        self._made.append(own)
        return self.ask("POST", "/assistants", body)

    def create(self, **body: Any) -> str:
        """Create an assistant; its id."""
        answer = self.try_create(**body)
        if not answer.is_success:
            raise Unexpected(f"create: {answer.status_code} {answer.text[:100]}")
        return str(answer.json()["assistant_id"])

    def try_patch(self, own: str, **body: Any) -> httpx.Response:
        """Update; the answer, whatever it is."""
        return self.ask("PATCH", f"/assistants/{own}", body)

    def patch(self, own: str, **body: Any) -> Row:
        """Update; the row as GET then shows it."""
        self.good("PATCH", f"/assistants/{own}", body)
        return self.get(own)

    def get(self, own: str) -> Row:
        """The row."""
        row: Row = self.good("GET", f"/assistants/{own}")
        return row

    def numbers(self, own: str) -> list[int]:
        """The numbers of all versions, as they come."""
        return [row["version"] for row in self.good("POST", f"/assistants/{own}/versions", {"limit": ALL})]

    def activate(self, own: str, version: int) -> Row:
        """Move the pointer; the row as GET then shows it."""
        self.good("POST", f"/assistants/{own}/latest", {"version": version})
        return self.get(own)

    def run(self, own: str, thread: str | None = None) -> Row:
        """What a run received."""
        path = f"/threads/{thread}/runs/wait" if thread else "/runs/wait"
        state = self.good("POST", path, {"assistant_id": own, "input": {"question": "?"}})
        if "seen" not in state:
            raise Unexpected(f"run: {json.dumps(state)[:100]}")
        seen: Row = state["seen"]
        return seen

    def search(self, **body: Any) -> list[Row]:
        """One page."""
        rows: list[Row] = self.good("POST", "/assistants/search", body)
        return rows

    def remove(self) -> None:
        """Delete what was made.

        Raises:
            Unexpected: If something stays.
        """
        for own in self._made:
            answer = self.ask("DELETE", f"/assistants/{own}")
            # What was never taken for an id was never created.
            if answer.status_code not in GONE and self.ask("GET", f"/assistants/{own}").is_success:
                raise Unexpected(f"DELETE {own}: {answer.status_code} {answer.text[:100]}")


@contextmanager
def bench(url: str) -> Iterator[Bench]:
    """A bench for one measurement."""
    made = Bench(url)
    try:
        yield made
    finally:
        try:
            made.remove()
        finally:
            made.close()


def verdict(answer: httpx.Response) -> str:
    """Whether a request was taken: "taken", or the status."""
    return "taken" if answer.is_success else str(answer.status_code)


def found(answer: httpx.Response) -> str:
    """The status of a page, and how much is on it."""
    if not answer.is_success:
        return str(answer.status_code)
    rows = answer.json()
    return f"{answer.status_code}, {len(rows) or 'no'} {'row' if len(rows) == 1 else 'rows'}"


def names(fields: list[str]) -> str:
    """Fields for a cell."""
    return ", ".join(f"`{field}`" for field in fields)


def split(row: Row) -> Row:
    """A row's content, ``config.configurable`` apart; nothing and empty are the same."""
    content: Row = {field: row.get(field) or None for field in FIELDS}
    config = dict(row.get("config") or {})
    content["configurable"] = config.pop("configurable", None) or None
    content["config"] = {key: value for key, value in config.items() if value not in (None, [], {}, "")} or None
    return content
