"""What assistant-sync uses beside assistants: threads, in which it keeps its lock, crons, and schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.conformance.measures.bench import ALL

if TYPE_CHECKING:
    from tests.conformance.measures.bench import Bench

MARK = "assistant_sync_measure"


def _make(bench: Bench, own: str, value: object) -> int:
    ttl = {"strategy": "delete", "ttl": 10}
    body = {"thread_id": own, "if_exists": "raise", "metadata": {MARK: value}, "ttl": ttl}
    return bench.ask("POST", "/threads", body).status_code


def thread_twice(bench: Bench) -> str:
    """Making a thread of one id twice, with a time to live."""
    own = str(uuid4())
    try:
        return f"{_make(bench, own, 1)}, then {_make(bench, own, 1)}"
    finally:
        bench.ask("DELETE", f"/threads/{own}")


def thread_search(bench: Bench) -> str:
    """A search by nested metadata."""
    own, project = str(uuid4()), uuid4().hex
    _make(bench, own, {"project": project, "more": 1})
    try:
        wanted = [{MARK: {"project": project}}, {MARK: {"project": "another"}}]
        found = [bench.good("POST", "/threads/search", {"metadata": one, "limit": ALL}) for one in wanted]
        shown = [[row["thread_id"] for row in rows] for rows in found]
        return "finds it alone" if shown == [[own], []] else f"finds {list(map(len, shown))}"
    finally:
        bench.ask("DELETE", f"/threads/{own}")


def thread_metadata(bench: Bench) -> str:
    """What the server adds to the metadata of a thread."""
    own = str(uuid4())
    _make(bench, own, 1)
    try:
        row = bench.good("GET", f"/threads/{own}")
        added = sorted(row["metadata"].keys() - {MARK})
        return ", ".join(f"`{key}`" for key in added) or "nothing"
    finally:
        bench.ask("DELETE", f"/threads/{own}")


def thread_count(bench: Bench) -> str:
    """Counting the threads of an assistant that runs on one, will run on another, and never ran on a third."""
    own = bench.create()
    threads = [bench.good("POST", "/threads", {})["thread_id"] for _ in range(3)]
    body = {"assistant_id": own, "input": {"question": "x"}}
    try:
        bench.good("POST", f"/threads/{threads[0]}/runs/wait", body)
        bench.good("POST", f"/threads/{threads[1]}/runs", {**body, "after_seconds": 60})
        wanted = {"metadata": {"assistant_id": own}}
        answers = [bench.ask("POST", "/threads/count", one) for one in (wanted, {**wanted, "status": "busy"})]
        return ", ".join(one.text if one.is_success else str(one.status_code) for one in answers)
    finally:
        for thread in threads:
            bench.ask("DELETE", f"/threads/{thread}")


def thread_deleted(bench: Bench) -> str:
    """Deleting a thread twice."""
    own = str(uuid4())
    _make(bench, own, 1)
    return ", then ".join(str(bench.ask("DELETE", f"/threads/{own}").status_code) for _ in range(2))


def crons(bench: Bench) -> str:
    """Making a cron and deleting its assistant."""
    own = bench.create()
    made = bench.ask("POST", "/runs/crons", {"assistant_id": own, "schedule": "0 3 1 1 *", "input": {"question": "x"}})
    asked = bench.ask("POST", "/runs/crons/search", {"assistant_id": own, "limit": ALL})
    if not (made.is_success and asked.is_success and asked.json()):
        return f"none (create {made.status_code}, search {asked.status_code})"
    bench.ask("DELETE", f"/assistants/{own}")
    left = bench.good("POST", "/runs/crons/search", {"assistant_id": own, "limit": ALL})
    return "stay" if left else "deleted with it"


def schemas(bench: Bench) -> str:
    """The schemas of an assistant whose graph is there, and of one that does not exist."""
    answers = [bench.ask("GET", f"/assistants/{own}/schemas").status_code for own in (bench.create(), uuid4())]
    return ", ".join(map(str, answers))
