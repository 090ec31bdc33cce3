"""The listing: how long a page is, and which of the wishes are honoured."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from tests.conformance.measures.bench import ALL, SUPPORT, found, names

if TYPE_CHECKING:
    from tests.conformance.measures.bench import Bench, Row

SIZES = (1, 10, 50, 100, 101, 200, 500, 1000, 1001, 10_000)
MANY = 25
"""More than the page of any server where no limit is named."""

GRAPHS_NAMESPACE = UUID("6ba7b821-9dad-11d1-80b4-00c04fd430c8")
FEW = ("b", "d", "a", "e", "c")


def largest_page(bench: Bench) -> str:
    """The largest limit that is taken, and the answer to more."""
    taken = [size for size in SIZES if _sized(bench, size) == 200]
    refused = [size for size in SIZES if size > max(taken)]
    return f"{max(taken)}" + (f"; {_sized(bench, refused[0])} above" if refused else "")


def _sized(bench: Bench, size: int) -> int:
    return bench.ask("POST", "/assistants/search", {"limit": size}).status_code


def default_page(bench: Bench) -> str:
    """How many rows come where no limit is named."""
    mark = uuid4().hex
    for _ in range(MANY):
        bench.create(metadata={"mark": mark})
    rows = bench.search(metadata={"mark": mark})
    return "all" if len(rows) == MANY else str(len(rows))


def _few(bench: Bench) -> tuple[dict[str, object], list[Row]]:
    """Assistants of a mark of their own, in an order of their own; the filter for them."""
    wanted: dict[str, object] = {"metadata": {"mark": uuid4().hex}, "limit": ALL}
    rows = [bench.get(bench.create(name=name, metadata=wanted["metadata"])) for name in FEW]
    return wanted, rows


def sorted_by(bench: Bench) -> str:
    """Whether ``sort_by`` is honoured."""
    wanted, _ = _few(bench)
    ignored = []
    for field in ("name", "assistant_id"):
        for order, falling in (("asc", False), ("desc", True)):
            told = [row[field] for row in bench.search(**wanted, sort_by=field, sort_order=order)]
            if told != sorted(told, reverse=falling) and field not in ignored:
                ignored.append(field)
    return f"ignored for {names(ignored)}" if ignored else "honoured"


def order(bench: Bench) -> str:
    """The order where none is named."""
    wanted, rows = _few(bench)
    told = [row["name"] for row in bench.search(**wanted)]
    made = [row["name"] for row in rows]
    return {tuple(made): "oldest first", tuple(reversed(made)): "newest first"}.get(tuple(told), "neither")


def selected(bench: Bench) -> str:
    """Whether ``select`` is honoured."""
    wanted, _ = _few(bench)
    row = bench.search(**wanted, select=["assistant_id", "version"])[0]
    return "honoured" if set(row) == {"assistant_id", "version"} else "ignored"


def past_the_end(bench: Bench) -> str:
    """A page behind the last row."""
    answer = bench.ask("POST", "/assistants/search", {"limit": 10, "offset": 5000})
    return found(answer)


def nested_filter(bench: Bench) -> str:
    """Whether a filter on metadata looks into objects, and whether it takes a part of one for the whole."""
    mark = uuid4().hex
    own = bench.create(metadata={"deep": {"mark": mark, "more": 1}})
    bench.create(metadata={"deep": {"mark": "another", "more": 1}})
    rows = bench.search(metadata={"deep": {"mark": mark}}, limit=ALL)
    return "part of an object" if [row["assistant_id"] for row in rows] == [own] else f"{len(rows)} rows"


def unknown_graph(bench: Bench) -> str:
    """A filter for a graph that is not served."""
    answer = bench.ask("POST", "/assistants/search", {"graph_id": "nope", "limit": 10})
    return found(answer)


def count(bench: Bench) -> str:
    """What ``/assistants/count`` says of five."""
    wanted, _ = _few(bench)
    answer = bench.ask("POST", "/assistants/count", {"metadata": wanted["metadata"]})
    return f"`{answer.text}`" if answer.is_success else str(answer.status_code)


def total(bench: Bench) -> str:
    """What ``X-Pagination-Total`` says of two of five."""
    wanted, _ = _few(bench)
    answer = bench.ask("POST", "/assistants/search", wanted | {"limit": 2})
    told = answer.headers.get("x-pagination-total")
    return "absent" if told is None else f"{told} of {len(FEW)}"


def following(bench: Bench) -> str:
    """What ``X-Pagination-Next`` says of two of five, and on the last page."""
    wanted, _ = _few(bench)
    told = [
        bench.ask("POST", "/assistants/search", wanted | {"limit": 2, "offset": offset}).headers.get(
            "x-pagination-next"
        )
        for offset in (0, 4)
    ]
    return {("2", None): "right", (None, None): "absent"}.get((told[0], told[1]), f"{told[0]}, then {told[1]}")


def defaults(bench: Bench) -> str:
    """How the default assistant of a graph is known."""
    own = str(uuid5(GRAPHS_NAMESPACE, SUPPORT))
    answer = bench.ask("GET", f"/assistants/{own}")
    if not answer.is_success:
        return f"no such id ({answer.status_code})"
    told = answer.json()["metadata"].get("created_by")
    return "id, `created_by`" if told == "system" else "id"
