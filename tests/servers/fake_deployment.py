"""The assistants API and the threads of the lock in memory, for tests that meet faults by the hundred.

It behaves as the official in-memory server does, for what assistant-sync asks of it; ``test_fake_deployment.py`` plays
the same operations on both. Faults are for ``recording.RecordingTransport`` around it.
"""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID, uuid4

import httpx

from assistant_sync.model.identity import default_assistant_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.servers.recording import Fault, Proceed

Row: TypeAlias = dict[str, Any]

URL = "http://fake.example"
GRAPHS = ("support_agent", "research_agent")

FIELDS = ("graph_id", "name", "description", "context", "config", "metadata")
COLUMNS = (*FIELDS, "assistant_id", "version", "created_at", "updated_at")
_TYPES: dict[str, type] = {
    "graph_id": str, "name": str, "description": str, "context": dict, "config": dict, "metadata": dict,
    "limit": int, "offset": int, "version": int, "ttl": dict, "assistant_id": str, "status": str,
}  # fmt: skip
_STATUSES = ("idle", "busy", "interrupted", "error")
_JSON_NAMES = {str: "string", dict: "object", int: "integer"}
_MOST_ROWS = 1000


class Refused(Exception):
    """An answer that is none of success."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class FakeDeployment(httpx.AsyncBaseTransport):
    """A deployment; with its own methods it is arranged and looked at, as ``official.Deployment`` is.

    Attributes:
        graphs: The graphs that it registers; a graph that is taken away leaves orphans.
        now: The server's clock. Each request moves it by a millisecond.
        quirk: What it does to a version before it keeps it; the official server does nothing.
        latest_quirk: What it does to a row whose pointer was moved; the official server does nothing.
        thread_quirk: What it does to a thread before it keeps it, as authorisation handlers do.
        restores_all: Whether a pointer that is moved brings context and graph back, too, as PostgreSQL servers do.
        version: What ``GET /info`` reports.
        select: What it makes of the columns that a search names: ``obeyed``, as the official server does, ``ignored``
            or ``refused``.
    """

    def __init__(self, graphs: Sequence[str] = GRAPHS) -> None:
        self.graphs = list(graphs)
        self.now = datetime(2026, 11, 22, tzinfo=UTC)
        self.quirk: Callable[[Row], object] = lambda _: None
        self.latest_quirk: Callable[[Row], object] = lambda _: None
        self.thread_quirk: Callable[[Row], object] = lambda _: None
        self.restores_all = False
        self.version = "0.16.7"
        self.select = "obeyed"
        self._rows: dict[str, Row] = {}
        self._versions: dict[str, list[Row]] = {}
        self._threads: dict[str, Row] = {}
        self._crons: list[Row] = []
        for graph in graphs:
            system = {"created_by": "system"}
            self.create(assistant_id=default_assistant_id(graph), graph_id=graph, name=graph, metadata=system)
        self._defaults = set(self._rows)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        status, answer = self.answer(request.method, request.url.path, body)
        if status == httpx.codes.NO_CONTENT:
            return httpx.Response(status, request=request)
        return httpx.Response(status, json=answer, request=request)

    def answer(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the JSON that a request is answered with."""
        self.now += timedelta(milliseconds=1)
        try:
            answer = self._part(path)(method, path, copy.deepcopy(body))
        except Refused as refusal:
            return refusal.status, {"detail": refusal.detail}
        return (204 if method == "DELETE" else 200), copy.deepcopy(answer)

    # To arrange and to look

    def create(self, **body: Any) -> Row:
        """Create an assistant, of the first graph where none is named."""
        return self._expect("POST", "/assistants", {"graph_id": self.graphs[0]} | body)

    def patch(self, assistant_id: str, **body: Any) -> Row:
        """Write a new version."""
        return self._expect("PATCH", f"/assistants/{assistant_id}", body)

    def set_latest(self, assistant_id: str, version: int) -> Row:
        """Move the pointer."""
        return self._expect("POST", f"/assistants/{assistant_id}/latest", {"version": version})

    def reset(self, assistant_id: str, **fields: Any) -> None:
        """Begin at version 1 again with other values, as a restart does with default assistants."""
        row = {**self._rows[assistant_id], **fields, "version": 1}
        self._rows[assistant_id] = row
        self._versions[assistant_id] = [{name: value for name, value in row.items() if name != "updated_at"}]

    def rewrite(self, assistant_id: str, **fields: Any) -> None:
        """Change the live row and its version without a new number, as somebody with access to the database could."""
        live = self._rows[assistant_id]
        for row in (live, *(row for row in self._versions[assistant_id] if row["version"] == live["version"])):
            row.update(copy.deepcopy(fields))

    def delete(self, assistant_id: str) -> None:
        """Delete an assistant with all its versions."""
        self._expect("DELETE", f"/assistants/{assistant_id}", None)

    def get(self, assistant_id: str) -> Row:
        """One assistant, whether or not its graph is registered; ``KeyError`` where it does not exist."""
        return copy.deepcopy(self._rows[assistant_id])

    def exists(self, assistant_id: str) -> bool:
        """Whether there is such an assistant."""
        return assistant_id in self._rows

    def versions(self, assistant_id: str) -> list[Row]:
        """Every version, highest first; none where the assistant does not exist."""
        return copy.deepcopy(self._versions.get(assistant_id, [])[::-1])

    def users(self) -> list[Row]:
        """Every assistant but the default ones, sorted by id."""
        return [self.get(one) for one in sorted(self._rows) if one not in self._defaults]

    def create_thread(self, **body: Any) -> Row:
        """Create a thread."""
        return self._expect("POST", "/threads", body)

    def delete_thread(self, thread_id: str) -> None:
        """Delete a thread."""
        self._expect("DELETE", f"/threads/{thread_id}", None)

    def threads(self) -> list[Row]:
        """Every thread, sorted by id."""
        return [copy.deepcopy(self._threads[one]) for one in sorted(self._threads)]

    def run_on_thread(self, assistant_id: str, *, is_over: bool = True) -> str:
        """Run an assistant on a new thread, which the API of the fake has no request for; returns the thread's id."""
        row = self.create_thread()["thread_id"]
        thread = self._threads[row]
        thread["metadata"] |= {"assistant_id": assistant_id, "graph_id": self._find(assistant_id)["graph_id"]}
        thread["status"] = "idle" if is_over else "busy"
        return str(row)

    def create_cron(self, assistant_id: str, schedule: str) -> Row:
        """Make a cron, which the API of the fake has no request for."""
        row = {"cron_id": str(uuid4()), "assistant_id": assistant_id, "schedule": schedule, "payload": {"input": {}}}
        self._crons.insert(0, row)
        return row

    def crons(self, assistant_id: str) -> list[Row]:
        """The crons of an assistant."""
        return [row for row in self._crons if row["assistant_id"] == assistant_id]

    def _expect(self, method: str, path: str, body: Row | None) -> Row:
        status, answer = self.answer(method, path, body)
        assert status < httpx.codes.BAD_REQUEST, answer
        row: Row = answer
        return row

    # The API

    def _part(self, path: str) -> Callable[[str, str, Any], Any]:
        if path.startswith("/threads"):
            return self._answer_thread
        return self._answer_cron if path.startswith("/runs/crons") else self._answer

    def _answer(self, method: str, path: str, body: Any) -> Any:
        if (method, path) == ("GET", "/info"):
            return {"version": self.version, "langgraph_py_version": "1.2.22", "flags": {"assistants": True}}
        if path in ("/assistants/search", "/assistants/count") and method == "POST":
            found = self._search(body)
            return len(found) if path.endswith("/count") else self._selected(_page(found, body), body.get("select"))
        if (method, path) == ("POST", "/assistants"):
            return self._create(body)
        _, _, assistant_id, *below = path.split("/")
        own = _canonical(assistant_id)
        match method, *below:
            case ["GET"]:
                return self._get(own)
            case ["PATCH"]:
                return self._patch(own, body)
            case ["DELETE"]:
                return self._delete(own)
            case ["GET", "schemas"]:
                return {"graph_id": self._get(own)["graph_id"], "context_schema": {"type": "object"}}
            case ["POST", "versions"]:
                return self._versions_page(own, body)
            case ["POST", "latest"]:
                return self._set_latest(own, body)
        raise Refused(405, "Method Not Allowed")

    def _answer_cron(self, method: str, path: str, body: Any) -> Any:
        if (method, path) != ("POST", "/runs/crons/search"):
            raise Refused(405, "Method Not Allowed")
        _check(body, "limit", "offset", "assistant_id")
        return _page([row for row in self._crons if row["assistant_id"] == body["assistant_id"]], body)

    def _answer_thread(self, method: str, path: str, body: Any) -> Any:
        if method == "POST" and path in ("/threads/search", "/threads/count"):
            _check(body, "limit", "offset", "metadata", "status")
            found = [
                row
                for row in self._threads.values()
                if _contains(row["metadata"], body.get("metadata", {})) and body.get("status") in (None, row["status"])
            ]
            if path.endswith("/count"):
                return len(found)
            return _page(sorted(found, key=lambda row: row["created_at"], reverse=True), body)
        if (method, path) == ("POST", "/threads"):
            _check(body, "metadata", "ttl")
            return self._create_thread(_canonical(body.get("thread_id") or str(uuid4())), body)
        own = _canonical(path.removeprefix("/threads/"))
        if own not in self._threads:
            raise Refused(404, f"Thread with ID {own} not found")
        match method:
            case "GET":
                return self._threads[own]
            case "DELETE":
                return self._threads.pop(own) and None
        raise Refused(405, "Method Not Allowed")

    def _create_thread(self, thread_id: str, body: Any) -> Row:
        if thread_id in self._threads:
            if body.get("if_exists", "raise") == "raise":
                raise Refused(409, f"Thread with ID {thread_id} already exists")
            return self._threads[thread_id]
        times = dict.fromkeys(("created_at", "updated_at", "state_updated_at"), self.now.isoformat())
        row = {"thread_id": thread_id, "metadata": body.get("metadata", {}), "status": "idle", "config": {}}
        self._threads[thread_id] = {**row, "values": None, **times}
        self.thread_quirk(self._threads[thread_id])
        return self._threads[thread_id]

    def _search(self, body: Any) -> list[Row]:
        _check(body, "limit", "offset", "metadata", "graph_id")
        if body.get("graph_id") is not None:
            self._check_graph(body["graph_id"])
        found = [
            row
            for row in self._rows.values()
            if body.get("graph_id") in (None, row["graph_id"]) and _contains(row["metadata"], body.get("metadata", {}))
        ]
        by = body.get("sort_by", "created_at")
        return sorted(found, key=lambda row: row[by], reverse=body.get("sort_order") != "asc")

    def _selected(self, page: list[Row], columns: list[str] | None) -> list[Row]:
        if not columns or self.select == "ignored":
            return page
        if self.select == "refused" or not set(columns) <= set(COLUMNS):
            raise Refused(422, "select is not one of the columns")
        return [{column: row[column] for column in columns} for row in page]

    def _get(self, assistant_id: str) -> Row:
        row = self._find(assistant_id)
        if row["graph_id"] not in self.graphs:
            raise Refused(404, f"assistant {assistant_id} not found")
        return row

    def _create(self, body: Any) -> Row:
        _check(body, *FIELDS)
        if "graph_id" not in body:
            raise Refused(422, '"graph_id" is a required property')
        assistant_id = _canonical(body.get("assistant_id") or str(uuid4()))
        self._check_graph(body["graph_id"])
        config, context = _mirrored(body.get("config", {}), body.get("context"))
        if assistant_id in self._rows:
            if body.get("if_exists", "raise") == "raise":
                raise Refused(409, f"Assistant {assistant_id} already exists")
            return self._rows[assistant_id]
        row = {
            "assistant_id": assistant_id, "graph_id": body["graph_id"], "config": config, "context": context or {},
            "metadata": body.get("metadata", {}), "name": body.get("name") or "Untitled",
            "description": body.get("description"), "version": 1, "created_at": self.now.isoformat(),
        }  # fmt: skip
        self.quirk(row)
        self._versions[assistant_id] = [row]
        self._rows[assistant_id] = {**row, "updated_at": row["created_at"]}
        return self._rows[assistant_id]

    def _patch(self, assistant_id: str, body: Any) -> Row:
        _check(body, *FIELDS)
        if "graph_id" in body:
            self._check_graph(body["graph_id"])
        config, context = _mirrored(body.get("config", {}), body.get("context"))
        live = self._find(assistant_id)
        made = {
            "assistant_id": assistant_id,
            "graph_id": body.get("graph_id", live["graph_id"]),
            "config": config or live["config"],
            "context": live["context"] if context is None else context,
            "metadata": {**live["metadata"], **body.get("metadata", {})},
            "name": body.get("name", live["name"]),
            "description": body.get("description", live["description"]),
            "version": self._versions[assistant_id][-1]["version"] + 1,
            "created_at": self.now.isoformat(),
        }
        self.quirk(made)
        self._versions[assistant_id].append(made)
        live |= {**made, "created_at": live["created_at"], "updated_at": made["created_at"]}
        return live

    def _set_latest(self, assistant_id: str, body: Any) -> Row:
        """What the official server restores, which is not all: neither context nor graph."""
        _check(body, "version")
        live = self._find(assistant_id)
        wanted = [row for row in self._versions[assistant_id] if row["version"] == body.get("version")]
        if not wanted:
            raise Refused(404, f"Version {body.get('version')} not found for assistant {assistant_id}")
        fields = ("config", "metadata", "version", "name", "description")
        live |= {
            field: wanted[0][field] for field in (*fields, *(("context", "graph_id") if self.restores_all else ()))
        }
        live["updated_at"] = self.now.isoformat()
        self.latest_quirk(live)
        return live

    def _versions_page(self, assistant_id: str, body: Any) -> list[Row]:
        _check(body, "limit", "offset", "metadata")
        self._find(assistant_id)
        wanted = body.get("metadata", {})
        page = _page([v for v in self._versions[assistant_id][::-1] if _contains(v["metadata"], wanted)], body)
        if not page:
            raise Refused(404, f"Assistant {assistant_id} not found")
        return page

    def _delete(self, assistant_id: str) -> None:
        self._find(assistant_id)
        del self._rows[assistant_id], self._versions[assistant_id]
        self._crons = [row for row in self._crons if row["assistant_id"] != assistant_id]
        for thread in self._threads.values():
            if thread["metadata"].get("assistant_id") == assistant_id and thread["status"] == "busy":
                thread["status"] = "idle"

    def _find(self, assistant_id: str) -> Row:
        if assistant_id not in self._rows:
            raise Refused(404, f"Assistant {assistant_id} not found")
        return self._rows[assistant_id]

    def _check_graph(self, graph_id: str) -> None:
        if graph_id not in self.graphs:
            raise Refused(404, f"Graph '{graph_id}' not found. Expected one of: {sorted(self.graphs)}")


def meanwhile(method: str, path: str, act: Callable[[], object], *, carried_out: bool = False) -> Fault:
    """Something else happens once: just before the first such request arrives, or when it is already carried out."""
    is_done = False

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        nonlocal is_done
        if is_done or not re.fullmatch(method, request.method) or not re.fullmatch(path, request.url.path):
            return await proceed()
        is_done = True
        if not carried_out:
            act()
        response = await proceed()
        if carried_out:
            act()
        return response

    return fault


def _check(body: Any, *fields: str) -> None:
    """Refuse what the server's JSON Schema refuses of these fields."""
    if not isinstance(body, dict):
        raise Refused(422, "Invalid JSON in request body")
    for field in fields:
        value = body.get(field)
        is_right = isinstance(value, _TYPES[field]) and not isinstance(value, bool)
        if field in body and not is_right:
            kind = _JSON_NAMES[_TYPES[field]]
            text = json.dumps(value)
            raise Refused(
                422,
                f"{text} is not of type '{kind}'\n\nFailed validating \"type\" in schema['properties']['{field}']:\n"
                f"    {{'type': '{kind}'}}\n\nOn instance[\"{field}\"]:\n    {text}",
            )
    if "status" in body and body["status"] not in _STATUSES:
        raise Refused(422, f"{body['status']!r} is not one of {list(_STATUSES)}")
    if not 1 <= body.get("limit", 1) <= _MOST_ROWS or body.get("offset", 0) < 0:
        raise Refused(422, "limit or offset is out of range")


def _canonical(assistant_id: str) -> str:
    try:
        return str(UUID(assistant_id))
    except ValueError:
        raise Refused(422, "Invalid assistant ID: must be a UUID") from None


def _mirrored(config: Row, context: Row | None) -> tuple[Row, Row | None]:
    """Config and context as the server keeps them: the one that is filled is copied into the other."""
    if config.get("configurable") and context:
        raise Refused(400, "Cannot specify both configurable and context")
    if config.get("configurable"):
        return config, config["configurable"]
    return ({**config, "configurable": context} if context else config), context


def _contains(whole: Row, part: Row) -> bool:
    def matches(mine: Any, wanted: Any) -> bool:
        are_objects = isinstance(mine, dict) and isinstance(wanted, dict)
        return _contains(mine, wanted) if are_objects else bool(mine == wanted)

    return all(key in whole and matches(whole[key], value) for key, value in part.items())


def _page(rows: list[Row], body: Row) -> list[Row]:
    offset = body.get("offset", 0)
    return rows[offset : offset + body.get("limit", 10)]
