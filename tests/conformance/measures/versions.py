"""Versions: their numbers, their list, and what a moved pointer brings back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.conformance.measures.bench import ALL, RESEARCH, SUPPORT, found, names, split
from tests.conformance.measures.patching import full

if TYPE_CHECKING:
    from tests.conformance.measures.bench import Bench

MANY = 12
"""More than the page that is given where no limit is named."""


def restored(bench: Bench) -> str:
    """Which fields come back when the pointer moves to version 1."""
    own = bench.create(**full("a"))
    first = split(bench.get(own))
    second = split(bench.patch(own, **full("b") | {"graph_id": RESEARCH}))
    now = split(bench.activate(own, 1))
    fields = [field for field in now if first[field] != second[field]]
    left = [field for field in fields if now[field] != first[field]]
    if not left:
        return "everything"
    return f"all but {names(left)}" if len(left) < len(fields) else "nothing"


def numbers(bench: Bench) -> str:
    """The number shown after a moved pointer, and the one of the next PATCH."""
    own = bench.create(**full("a"))
    bench.patch(own, **full("b"))
    bench.patch(own, **full("c"))
    shown = bench.activate(own, 1)["version"]
    return f"{shown}, then {bench.patch(own, **full('d'))['version']}"


def run_after(bench: Bench) -> str:
    """What a run finds after the pointer moved from version 2 to version 1, which differ in graph and values."""
    own = bench.create(**full("1"))
    bench.patch(own, **full("2") | {"graph_id": RESEARCH})
    bench.activate(own, 1)
    seen = bench.run(own)
    graph = {SUPPORT: "1", RESEARCH: "2"}[seen["graph"]]
    context, configurable = ((seen[name] or {}).get("model", "-") for name in ("context", "configurable"))
    if {graph, context, configurable} <= {"1", "-"}:
        return "version 1"
    return f"graph {graph}, context {context}" + (f", configurable {configurable}" if configurable != "-" else "")


def unknown(bench: Bench) -> str:
    """Moving the pointer to a version that does not exist."""
    return str(bench.ask("POST", f"/assistants/{bench.create()}/latest", {"version": 7}).status_code)


def listed(bench: Bench) -> str:
    """The order of the list, and how long it is where no limit is named."""
    own = _many(bench)
    rows = [row["version"] for row in bench.good("POST", f"/assistants/{own}/versions", {})]
    order = "highest first" if rows == sorted(rows, reverse=True) else "in another order"
    return f"{order}; {'all' if len(rows) == MANY else len(rows)}"


def paged(bench: Bench) -> str:
    """Whether ``limit`` and ``offset`` are honoured."""
    own = _many(bench)
    every = bench.numbers(own)
    limited = bench.good("POST", f"/assistants/{own}/versions", {"limit": 2})
    moved = bench.good("POST", f"/assistants/{own}/versions", {"limit": 2, "offset": 1})
    ignored = [
        name
        for name, rows, wanted in (("limit", limited, every[:2]), ("offset", moved, every[1:3]))
        if [row["version"] for row in rows] != wanted
    ]
    return f"{names(ignored)} ignored" if ignored else "honoured"


def past_the_end(bench: Bench) -> str:
    """A page behind the last version."""
    own = bench.create()
    answer = bench.ask("POST", f"/assistants/{own}/versions", {"limit": ALL, "offset": 50})
    return found(answer)


def _many(bench: Bench) -> str:
    own = bench.create(**full("a"))
    for _ in range(MANY - 1):
        bench.patch(own, **full(uuid4().hex))
    return own
