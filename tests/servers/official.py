"""The official server as the tests meet it: raw helpers that share no code with the client under test."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import httpx

from examples.dev_server import run_graph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row: TypeAlias = dict[str, Any]
T = TypeVar("T")
R = TypeVar("R")

PAGE = 1000
PAGE_OF_THREADS = 100
LOCK = "assistant_sync_lock"
"""The metadata key of lock threads."""

CONCURRENCY = 8


def plain_client(url: str) -> httpx.Client:
    """A client that several threads may share.

    It keeps no connection: httpcore may close one that has been idle too long in one thread while another is about to
    use it, which then finds a bad file descriptor.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.Client(base_url=url, timeout=60, trust_env=False, limits=limits)


class Deployment:
    """A running server, and plain HTTP to arrange and to look at its assistants.

    Args:
        url: The server's URL. Its default assistants are what ``wipe`` goes back to, not what another test left there.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = plain_client(url)
        rows = self.all()
        self.defaults = {row["assistant_id"]: row for row in rows if row["metadata"].get("created_by") == "system"}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def wipe(self) -> None:
        """Delete all threads and everything but the default assistants, and bring those back to how they were."""
        self._for_each(self.delete_thread, [row["thread_id"] for row in self.threads()])
        rows = {row["assistant_id"]: row for row in self.all()}
        changed = [i for i, row in self.defaults.items() if rows.get(i) != row]
        self._for_each(self.delete, [i for i in rows if i not in self.defaults or i in changed])
        for assistant_id in changed:
            former = self.defaults[assistant_id]
            kept = ("assistant_id", "graph_id", "name", "metadata")
            self.defaults[assistant_id] = self.create(**{field: former[field] for field in kept})

    def all(self) -> list[Row]:
        """Every assistant, the default ones included, sorted by id; each once, though others may be made meanwhile."""
        rows: dict[str, Row] = {}
        offset = 0
        while page := self._search(offset):
            rows |= {row["assistant_id"]: row for row in page}
            offset += len(page)
        return sorted(rows.values(), key=lambda row: str(row["assistant_id"]))

    def users(self) -> list[Row]:
        """Every assistant but the default ones, sorted by id."""
        return [row for row in self.all() if row["assistant_id"] not in self.defaults]

    def create(self, **body: Any) -> Row:
        """Create an assistant, of the support graph where none is named."""
        return self._json("POST", "/assistants", {"graph_id": "support_agent"} | body)

    def create_many(self, bodies: Iterable[Row]) -> list[Row]:
        """Create several at a time; the answers are in the order of the bodies."""
        return self._for_each(lambda body: self.create(**body), bodies)

    def patch(self, assistant_id: str, **body: Any) -> Row:
        """Write a new version."""
        return self._json("PATCH", f"/assistants/{assistant_id}", body)

    def get(self, assistant_id: str) -> Row:
        """One assistant; ``httpx.HTTPStatusError`` where it does not exist."""
        return self._json("GET", f"/assistants/{assistant_id}", None)

    def exists(self, assistant_id: str) -> bool:
        """Whether GET finds it."""
        return self._client.get(f"/assistants/{assistant_id}").is_success

    def versions(self, assistant_id: str) -> list[Row]:
        """Every version, highest first; none where the assistant does not exist."""
        rows: list[Row] = []
        while True:
            body = {"limit": PAGE, "offset": len(rows)}
            answer = self._client.post(f"/assistants/{assistant_id}/versions", json=body)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return rows
            rows += answer.raise_for_status().json()

    def set_latest(self, assistant_id: str, version: int) -> Row:
        """Move the pointer."""
        return self._json("POST", f"/assistants/{assistant_id}/latest", {"version": version})

    def delete(self, assistant_id: str) -> None:
        """Delete an assistant with all its versions."""
        self._client.delete(f"/assistants/{assistant_id}").raise_for_status()

    def run(self, assistant_id: str, question: str = "hi", thread_id: str | None = None) -> Row:
        """Run it; the graph's state, ``RuntimeError`` where the run failed."""
        return run_graph(self.url, assistant_id, question, thread_id)

    def thread(self) -> str:
        """The id of a new thread."""
        return str(self.create_thread()["thread_id"])

    def create_thread(self, **body: Any) -> Row:
        """Create a thread."""
        return self._json("POST", "/threads", body)

    def threads(self) -> list[Row]:
        """Every thread that a client sees who asks for no particular ones."""
        rows: dict[str, Row] = {}
        offset = 0
        while page := self._page_of_threads(offset):
            rows |= {row["thread_id"]: row for row in page}
            offset += len(page)
        return sorted(rows.values(), key=lambda row: str(row["thread_id"]))

    def _page_of_threads(self, offset: int) -> list[Row]:
        body = {"limit": PAGE_OF_THREADS, "offset": offset}
        page: list[Row] = self._client.post("/threads/search", json=body).raise_for_status().json()
        return page

    def locks(self) -> list[Row]:
        """The threads that are locks."""
        return [row for row in self.threads() if LOCK in (row["metadata"] or {})]

    def delete_thread(self, thread_id: str) -> None:
        """Delete a thread; it may be gone."""
        answer = self._client.delete(f"/threads/{thread_id}")
        assert answer.is_success or answer.status_code == httpx.codes.NOT_FOUND, answer.text

    def run_later(self, assistant_id: str, thread_id: str) -> Row:
        """Begin a run on a thread that waits for a minute: the thread is busy."""
        body = {"assistant_id": assistant_id, "input": {"question": "hi"}, "after_seconds": 60}
        return self._json("POST", f"/threads/{thread_id}/runs", body)

    def create_cron(self, assistant_id: str, schedule: str) -> Row:
        """Make a cron."""
        body = {"assistant_id": assistant_id, "schedule": schedule, "input": {"question": "hi"}}
        return self._json("POST", "/runs/crons", body)

    def crons(self, assistant_id: str) -> list[Row]:
        """The crons of an assistant."""
        body = {"assistant_id": assistant_id, "limit": PAGE_OF_THREADS}
        rows: list[Row] = self._client.post("/runs/crons/search", json=body).raise_for_status().json()
        return rows

    def thread_runs(self, thread_id: str) -> list[Row]:
        """The runs of a thread, with their metadata."""
        runs: list[Row] = self._client.get(f"/threads/{thread_id}/runs").raise_for_status().json()
        return runs

    def _search(self, offset: int) -> list[Row]:
        body = {"limit": PAGE, "offset": offset, "sort_by": "assistant_id", "sort_order": "asc"}
        page: list[Row] = self._client.post("/assistants/search", json=body).raise_for_status().json()
        return page

    def _json(self, method: str, path: str, body: Row | None) -> Row:
        row: Row = self._client.request(method, path, json=body).raise_for_status().json()
        return row

    def _for_each(self, call: Callable[[T], R], items: Iterable[T]) -> list[R]:
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            return list(pool.map(call, items))
