"""Deletes, errors, headers, and what the server says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.conformance.measures.bench import FIELDS

if TYPE_CHECKING:
    import httpx

    from tests.conformance.measures.bench import Bench

KNOWN = {*FIELDS, "assistant_id", "version", "created_at", "updated_at"}


def deleted(bench: Bench) -> str:
    """The answer to a delete."""
    answer = bench.ask("DELETE", f"/assistants/{bench.create()}")
    return f"{answer.status_code}" + (", with a body" if answer.content else "")


def delete_missing(bench: Bench) -> str:
    """Deleting what is not there."""
    return str(bench.ask("DELETE", f"/assistants/{uuid4()}").status_code)


def get_missing(bench: Bench) -> str:
    """Reading what is not there."""
    return _shape(bench.ask("GET", f"/assistants/{uuid4()}"))


def conflict(bench: Bench) -> str:
    """The shape of the answer to a second create."""
    return _shape(bench.try_create(assistant_id=bench.create(), if_exists="raise"))


def invalid(bench: Bench) -> str:
    """The shape of the answer to a name that is no text."""
    return _shape(bench.try_patch(bench.create(), name={"no": "text"}))


def malformed(bench: Bench) -> str:
    """The shape of the answer to a body that is no JSON."""
    return _shape(bench.ask("POST", "/assistants", b"{"))


def _shape(answer: httpx.Response) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json":
        return f"{answer.status_code} {kind or 'no body'}"
    body = answer.json()
    if not isinstance(body, dict):
        return f"{answer.status_code} `{type(body).__name__}`"
    keys = [f"{key}{': [..]' if isinstance(value, list) else ''}" for key, value in body.items()]
    return f"{answer.status_code} `{{{', '.join(keys)}}}`"


def info(bench: Bench) -> str:
    """The fields of ``GET /info`` that tell one server from another."""
    told = bench.good("GET", "/info")
    telling = ("name", "langgraph_py_version", "langgraph_js_version", "context", "host")
    return ", ".join(f"`{key}`" for key in telling if key in told)


def ok(bench: Bench) -> str:
    """``GET /ok``."""
    return str(bench.ask("GET", "/ok").status_code)


def date(bench: Bench) -> str:
    """Whether answers carry ``Date``, which tells the server's clock."""
    return "there" if "date" in bench.ask("GET", "/info").headers else "absent"


def more_fields(bench: Bench) -> str:
    """Which fields a row has beside the known ones."""
    row = bench.get(bench.create())
    return ", ".join(f"`{field}`" for field in sorted(set(row) - KNOWN)) or "none"
