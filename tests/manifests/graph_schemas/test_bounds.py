from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.manifests.graph_schemas.bounds import ENDLESS, MAX_PATH, SchemaBounds
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema

if TYPE_CHECKING:
    from collections.abc import Callable

LINKS: dict[str, Callable[[Any], Any]] = {
    "properties": lambda ref: {"properties": {"next": ref}},
    "items": lambda ref: {"items": ref},
    "prefixItems": lambda ref: {"prefixItems": [ref]},
    "additionalProperties": lambda ref: {"additionalProperties": ref},
    "patternProperties": lambda ref: {"patternProperties": {"^a": ref}},
    "allOf": lambda ref: {"allOf": [ref]},
    "anyOf": lambda ref: {"anyOf": [ref]},
    "not": lambda ref: {"not": ref},
    "dependentSchemas": lambda ref: {"dependentSchemas": {"a": ref}},
    "a cycle": lambda ref: {"properties": {"next": ref, "back": {"$ref": "#/$defs/L0"}}},
}

COMPILES = """
import sys, threading
from assistant_sync.manifests.graph_schemas.compiled import CompiledSchema
from tests.manifests.graph_schemas.test_bounds import LINKS, LONGEST, chain

def run():
    for kind, link in LINKS.items():
        checker = CompiledSchema("g", chain(LONGEST[kind], link), (), drops_unknown=True)
        checker.check({"a": {"next": [{}]}}, ("context",))

threading.stack_size(2**20)
thread = threading.Thread(target=run)
thread.start()
thread.join()
print("done")
"""


LONGEST = {kind: 64 if kind == "a cycle" else 97 for kind in LINKS}
"""All subschemas of a cycle count as one path."""


def chain(links: int, link: Callable[[Any], Any]) -> dict[str, Any]:
    """A schema whose references lead through so many others."""
    defs = {f"L{n}": link({"$ref": f"#/$defs/L{n + 1}"}) for n in range(links)}
    return {"properties": {"a": {"$ref": "#/$defs/L0"}}, "$defs": defs | {f"L{links}": {"type": "object"}}}


def why(schema: dict[str, Any]) -> str:
    with pytest.raises(UnusableSchema) as error:
        SchemaBounds(schema)
    return str(error.value)


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("links", [100, 2000, 8000])
def test_a_long_chain_of_references_is_refused(kind: str, links: int) -> None:
    assert why(chain(links, LINKS[kind])) == f"its subschemas are nested deeper than {MAX_PATH}, references followed"


@pytest.mark.parametrize("kind", LINKS)
def test_a_chain_below_the_limit_is_accepted(kind: str) -> None:
    assert SchemaBounds(chain(LONGEST[kind], LINKS[kind])).is_recursive is (kind == "a cycle")


def test_the_longest_chains_that_are_accepted_compile_on_a_small_stack() -> None:
    done = subprocess.run([sys.executable, "-c", COMPILES], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


def test_subschemas_beside_each_other_are_no_path() -> None:
    wide = {"properties": {f"k{n}": {"anyOf": [{"type": "string"}, {"type": "null"}]} for n in range(500)}}
    assert not SchemaBounds(wide).is_recursive


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"$ref": "#"}, ENDLESS),
        ({"allOf": [{"$ref": "#"}]}, ENDLESS),
        ({"$ref": "https://example.org/a"}, "it refers to something outside of itself"),
        ({"$ref": "file:///etc/passwd"}, "it refers to something outside of itself"),
        ({"$ref": "other.json#/a"}, "it refers to something outside of itself"),
        ({"$ref": "#anchor"}, "it refers to something outside of itself"),
        ({"$ref": 1}, "it refers to something outside of itself"),
        ({"$ref": "#/$defs/a"}, "it refers to a part of itself that is not there"),
        ({"allOf": [{"$ref": "#/allOf/1"}]}, "it refers to a part of itself that is not there"),
        ({"allOf": [{"$ref": "#/allOf/" + "1" * 5000}]}, "it refers to a part of itself that is not there"),
        ({"$anchor": "a"}, "it uses $anchor, which is not supported"),
        ({"items": {"$dynamicRef": "#a"}}, "it uses $dynamicRef, which is not supported"),
        ({"items": {"$id": "https://example.org"}}, "it uses $id below its top, which is not supported"),
        ({"enum": list(range(50_000))}, "it has more than 50,000 values"),
        ({"pattern": "(a{1000}){1000}"}, "its patterns have more than 200,000 states"),
    ],
)
def test_the_reason_is_given_if_a_schema_is_unusable(schema: dict[str, Any], reason: str) -> None:
    assert why(schema) == reason


def test_an_endless_reference_is_refused_as_soon_as_a_value_reaches_it() -> None:
    bounds = SchemaBounds({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}})
    with pytest.raises(UnusableSchema, match=ENDLESS):
        bounds.check_value({"a": 1})


def test_references_that_double_are_counted() -> None:
    assert why(chain(60, lambda ref: {"allOf": [ref, ref]})) == (
        "its references make more than 100,000 checks of one value"
    )
    assert why(chain(40, lambda ref: {"allOf": [ref], "unevaluatedProperties": False})) == (
        "its references make more than 100,000 checks of one value"
    )


def test_a_deep_schema_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(900):
        schema = {"items": schema}
    assert why(schema) == "it is nested deeper than 64"


def test_a_recursive_schema_is_refused_for_a_deep_value_alone() -> None:
    bounds = SchemaBounds({"properties": {name: {"$ref": "#"} for name in "abcdefgh"}})
    assert bounds.is_recursive
    assert bounds.check_value({"a": {"b": 1}})
    value: dict[str, Any] = {}
    for _ in range(60):
        value = {"a": value}
    with pytest.raises(UnusableSchema, match="more than 100,000 checks"):
        bounds.check_value(value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"enum": [str(n) for n in range(10_000)]}, ["x"] * 20_000),
        ({"allOf": [{"type": "string"}] * 5_000}, ["x"] * 50_000),
        ({"pattern": "[01]*1[01]{4000}x"}, ["01" * 20_000]),
    ],
)
def test_a_check_that_would_take_long_is_refused(schema: dict[str, Any], value: list[str]) -> None:
    bounds = SchemaBounds({"properties": {"a": {"items": schema}}})
    assert bounds.check_value({"a": value[:1000] if len(value) > 1 else ["01"]}) in (True, False)
    with pytest.raises(UnusableSchema, match="too long"):
        bounds.check_value({"a": value})
    assert not bounds.is_cheap({"a": value})


def test_errors_are_listed_if_there_is_memory_for_them() -> None:
    bounds = SchemaBounds({"properties": {"a": {"items": {"type": "integer"}}, "b": {"type": "string"}}})
    assert bounds.check_value({"a": ["x"] * 1000, "b": "x" * 100_000})
    assert not bounds.check_value({"a": ["x"] * 100_000})
    assert not SchemaBounds({"anyOf": [{"required": ["b"]}] * 300}).check_value({"a": "x" * 2**20})


def test_what_is_cheap_is_checked_and_what_a_cycle_may_multiply_is_looked_at() -> None:
    plain = SchemaBounds({"properties": {"a": {"type": "string"}}})
    assert plain.is_cheap({"a": "x"})
    assert plain.check_value({"a": "x"})
    assert not plain.is_cheap({"a": "\ud800"})  # it has no JSON, whose length would count
    assert not SchemaBounds({"properties": {"a": {"$ref": "#"}}}).is_cheap({"a": {}})
