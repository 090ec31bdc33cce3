"""What a create does, and what becomes of ``context`` and ``config.configurable``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.conformance.measures.bench import names, verdict

if TYPE_CHECKING:
    from tests.conformance.measures.bench import Bench, Row

CONFIGURABLE = {"configurable": {"model": "a"}}


def status(bench: Bench) -> str:
    """The status of a create."""
    return str(bench.try_create().status_code)


def default_name(bench: Bench) -> str:
    """The name of an assistant that was given none."""
    return f"`{bench.get(bench.create())['name']}`"


def empty_name(bench: Bench) -> str:
    """What an empty name becomes."""
    answer = bench.try_create(name="")
    return f"`{answer.json()['name'] or ' '}`" if answer.is_success else str(answer.status_code)


def free_id(bench: Bench) -> str:
    """An id that is no UUID."""
    return verdict(bench.try_create(assistant_id=f"no-uuid-{uuid4().hex}"))


def same_id(bench: Bench) -> str:
    """A second create of the same id."""
    return verdict(bench.try_create(assistant_id=bench.create(), if_exists="raise"))


def do_nothing(bench: Bench) -> str:
    """A second create of the same id with other content and ``do_nothing``."""
    answer = bench.try_create(assistant_id=bench.create(name="old"), if_exists="do_nothing", name="new")
    return f"{answer.status_code}, {answer.json()['name']} row" if answer.is_success else str(answer.status_code)


def equal_config(bench: Bench) -> str:
    """A second assistant of the same graph and config."""
    config = {"tags": [uuid4().hex]}
    bench.create(config=config)
    return verdict(bench.try_create(config=config, if_exists="raise"))


def unknown_graph(bench: Bench) -> str:
    """An assistant of a graph that is not served."""
    return verdict(bench.try_create(graph_id="nope"))


def wrong_context(bench: Bench) -> str:
    """A context that the graph's schema does not allow."""
    return verdict(bench.try_create(context={"temperature": "hot", "modell": 1}))


def context_copied(bench: Bench) -> str:
    """Whether ``context`` comes back as ``config.configurable``."""
    row = bench.get(bench.create(context={"model": "a"}))
    return "copied" if row["config"].get("configurable") == {"model": "a"} else "apart"


def configurable_copied(bench: Bench) -> str:
    """Whether ``config.configurable`` comes back as ``context``."""
    row = bench.get(bench.create(config={"tags": [uuid4().hex], **CONFIGURABLE}))
    return "copied" if row.get("context") == {"model": "a"} else "apart"


def both(bench: Bench) -> str:
    """Both at once, saying the same."""
    return verdict(bench.try_create(context={"model": "a"}, config={"tags": [uuid4().hex], **CONFIGURABLE}))


def run_configurable(bench: Bench) -> str:
    """Where a run finds what was written as ``config.configurable``."""
    seen = bench.run(bench.create(config={"tags": [uuid4().hex], **CONFIGURABLE}))
    return _places(seen)


def run_context(bench: Bench) -> str:
    """Where a run finds what was written as ``context``."""
    seen = bench.run(bench.create(context={"model": "a"}))
    return _places(seen)


def _places(seen: Row) -> str:
    found = [name for name in ("context", "configurable") if (seen[name] or {}).get("model") == "a"]
    return "both" if len(found) == 2 else names(found) or "neither"


def thread_keeps(bench: Bench) -> str:
    """What the second run of a thread finds after a new ``context`` was written."""
    tag = uuid4().hex
    own = bench.create(context={"model": "old"}, config={"tags": [tag]})
    return _threaded(bench, own, {"context": {"model": "new"}, "config": {"tags": [tag], "configurable": {}}})


def thread_keeps_configurable(bench: Bench) -> str:
    """What the second run of a thread finds after a new ``config.configurable`` was written."""
    tag = uuid4().hex
    own = bench.create(config={"tags": [tag], "configurable": {"model": "old"}})
    # With an empty context beside it, one server would lose the values.
    return _threaded(bench, own, {"config": {"tags": [tag], "configurable": {"model": "new"}}})


def _threaded(bench: Bench, own: str, change: dict[str, object]) -> str:
    thread = bench.good("POST", "/threads", {})["thread_id"]
    try:
        bench.run(own, thread)
        bench.patch(own, **change)
        seen = bench.run(own, thread)
    finally:
        bench.ask("DELETE", f"/threads/{thread}")
    found = [f"{(seen[name] or {}).get('model', 'no')} `{name}`" for name in ("context", "configurable")]
    return ", ".join(found)


def run_metadata(bench: Bench) -> str:
    """Whether the assistant's metadata is in the metadata of its runs."""
    own = bench.create(metadata={"team": {"a": 1}})
    thread = bench.good("POST", "/threads", {})["thread_id"]
    try:
        bench.run(own, thread)
        (run,) = bench.good("GET", f"/threads/{thread}/runs")
    finally:
        bench.ask("DELETE", f"/threads/{thread}")
    return "copied" if (run.get("metadata") or {}).get("team") == {"a": 1} else "not there"
