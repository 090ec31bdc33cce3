"""What a PATCH changes, what it leaves, and what it loses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.conformance.measures.bench import RESEARCH, SUPPORT, names, split, verdict

if TYPE_CHECKING:
    from tests.conformance.measures.bench import Bench, Row


def full(model: str) -> Row:
    """All six fields, as assistant-sync writes them; the tags are no other assistant's."""
    return {
        "graph_id": SUPPORT,
        "name": f"name {model}",
        "description": f"text {model}",
        "context": {"model": model},
        "config": {"recursion_limit": 9, "tags": [uuid4().hex], "configurable": {}},
        "metadata": {"team": model},
    }


def _lost(before: Row, after: Row, *, but: tuple[str, ...] = ()) -> str:
    """Which fields became something else, though nobody said so."""
    old, new = split(before), split(after)
    return names([field for field in old if field not in but and old[field] != new[field]]) or "nothing"


def empty(bench: Bench) -> str:
    """What ``{}`` does."""
    own = bench.create(**full("a"))
    before = bench.get(own)
    after = bench.patch(own)
    made = "new version" if after["version"] == before["version"] + 1 else "no version"
    return f"{made}; loses {_lost(before, after)}"


def omitted(bench: Bench) -> str:
    """What is lost where only the name is sent."""
    own = bench.create(**full("a"))
    return _lost(bench.get(own), bench.patch(own, name="other"), but=("name",))


def context_alone(bench: Bench) -> str:
    """What is lost where only ``context`` is sent."""
    own = bench.create(**full("a"))
    before = bench.get(own)
    after = bench.patch(own, context={"model": "b", "tag": uuid4().hex})
    return _lost(before, after, but=("context", "configurable"))


def config_alone(bench: Bench) -> str:
    """What is lost where only ``config`` is sent."""
    own = bench.create(**full("a"))
    before = bench.get(own)
    after = bench.patch(own, config={"recursion_limit": 8, "tags": [uuid4().hex]})
    return _lost(before, after, but=("config",))


def context_emptied(bench: Bench) -> str:
    """What of the old values is left where only ``context: {}`` is sent."""
    own = bench.create(**full("a"))
    after = split(bench.patch(own, context={}))
    return names([field for field in ("context", "configurable") if after[field]]) or "nothing"


def canonical(bench: Bench) -> str:
    """Whether all six fields at once give exactly what they say, also where they clear."""
    own = bench.create(**full("a"))
    wrong = _differs(bench, own, full("b") | {"graph_id": RESEARCH})
    wrong += _differs(bench, own, full("c") | {"context": {}, "description": ""})
    wrong += _differs(bench, own, full("d"))
    return "exactly it" if not wrong else f"not {names(sorted(set(wrong)))}"


def by_configurable(bench: Bench) -> str:
    """Whether they do so where the values are in ``config.configurable`` and ``context`` is empty."""
    own = bench.create(**_configurable("a"))
    wrong = _differs(bench, own, _configurable("b"))
    return "exactly it" if not wrong else f"no {names(sorted(set(wrong)))}"


def without_context(bench: Bench) -> str:
    """The same, ``context`` not being sent."""
    first, second = _configurable("a"), _configurable("b")
    del second["context"]
    own = bench.create(**first)
    wrong = _differs(bench, own, second)
    return "exactly it" if not wrong else f"no {names(sorted(set(wrong)))}"


def _configurable(model: str) -> Row:
    body = full(model) | {"context": {}}
    return body | {"config": body["config"] | {"configurable": {"model": model}}}


def _differs(bench: Bench, own: str, body: Row) -> list[str]:
    got, wanted = split(bench.patch(own, **body)), split(body)
    # Where the one is copied into the other, what was asked for as one of them is in both.
    copied = got["context"] == got["configurable"]
    values = wanted["context"] or wanted["configurable"]
    wanted |= {"context": values, "configurable": values} if copied else {}
    return [field for field in wanted if got[field] != wanted[field]]


def all_cleared(bench: Bench) -> str:
    """Whether one body empties everything that can be empty, ``config`` included."""
    own = bench.create(**full("a"))
    body: dict[str, Any] = {"graph_id": SUPPORT, "name": "n", "description": "", "metadata": {"team": None}}
    answer = bench.try_patch(own, **body, context={}, config={"configurable": {}})
    if not answer.is_success:
        return str(answer.status_code)
    left = split(bench.get(own))
    left["metadata"] = {key: value for key, value in (left["metadata"] or {}).items() if value is not None}
    return names([f for f in ("description", "context", "config", "configurable", "metadata") if left[f]]) or "nothing"


def metadata(bench: Bench) -> str:
    """Whether metadata is merged, and what null does."""
    own = bench.create(metadata={"a": 1, "b": 1})
    merged = bench.patch(own, metadata={"b": None, "c": {"d": 1}})["metadata"]
    merged.pop("created_by", None)
    how = "merged" if "a" in merged else "replaced"
    null = "null stays" if "b" in merged else "null removes"
    nested = bench.patch(own, metadata={"c": {"e": 1}})["metadata"]["c"]
    return f"{how}; {null}" + ("" if nested == {"e": 1} else "; in depth")


def identical(bench: Bench) -> str:
    """What a PATCH makes that says what is there already."""
    body = full("a")
    own = bench.create(**body)
    before = bench.get(own)["version"]
    return "new version" if bench.patch(own, **body)["version"] > before else "no version"


def null_description(bench: Bench) -> str:
    """What becomes of a description when null is sent."""
    own = bench.create(**full("a"))
    answer = bench.try_patch(own, **full("a") | {"description": None})
    if not answer.is_success:
        return str(answer.status_code)
    after = bench.get(own)["description"]
    return "stays" if after == "text a" else f"`{after}`"


def unknown_graph(bench: Bench) -> str:
    """A graph that is not served."""
    return verdict(bench.try_patch(bench.create(**full("a")), graph_id="nope"))


def if_match(bench: Bench) -> str:
    """A precondition that does not hold."""
    own = bench.create(**full("a"))
    answer = bench.ask("PATCH", f"/assistants/{own}", full("b"), headers={"If-Match": '"0"'})
    return "ignored" if answer.is_success else str(answer.status_code)


def into_equal(bench: Bench) -> str:
    """A PATCH that gives an assistant the config of another of its graph, and what it leaves behind."""
    config = {"tags": [uuid4().hex], "configurable": {}}
    bench.create(config=config, context={})
    own = bench.create()
    before = bench.numbers(own)
    answer = bench.try_patch(own, config=config, context={})
    if answer.is_success:
        return "taken"
    left = [number for number in bench.numbers(own) if number not in before]
    shown = bench.get(own)["version"]
    return f"{answer.status_code}; shows {shown}, lists {max(left)}" if left else str(answer.status_code)
