"""The schemas of manifests and overlays are held to what the reader takes and refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from assistant_sync.manifests.graph_schemas.checker import ContextChecker
from assistant_sync.manifests.json_schema.documents import (
    check_schema,
    manifest_schema,
    overlay_schema,
    project_schema,
    schema_text,
)
from assistant_sync.manifests.project.models import ProjectFields
from assistant_sync.manifests.pydantic_errors import check_model
from assistant_sync.manifests.rules.schema import check_manifest
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.model.graph_schema import GraphSchema
from assistant_sync.planning.canonical import make_content
from tests.manifests.json_schema.graphs import SCHEMAS, SUPPORT
from tests.strategies import TEXT, json_values

if TYPE_CHECKING:
    from collections.abc import Iterator


TOP = Path(__file__).parents[3]
MANIFESTS = (TOP / "docs/manifests.md").read_text("utf-8")
TEMPLATES = TOP / "src/assistant_sync/operations/templates"

MANIFEST: Any = manifest_schema(SCHEMAS)
OVERLAY: Any = overlay_schema(SCHEMAS)
PROJECT: Any = project_schema()
CHECK: Any = check_schema(SCHEMAS)
HOLDS = {id(one): jsonschema_rs.validator_for(dict(one)) for one in (MANIFEST, OVERLAY, PROJECT, CHECK)}


def is_valid(schema: Any, value: object) -> bool:
    return HOLDS[id(schema)].is_valid(value)


def context(graph: str = "agent", /, **values: Any) -> dict[str, Any]:
    """A manifest with these values, and what its graph requires."""
    own = {"system_prompt": "Be kind."} if graph == "agent" else {}
    return {"graph_id": graph, "context": own | values}


def documents(text: str) -> list[Any]:
    return [one.value for one in parse_documents(text)]


def examples() -> Iterator[tuple[str, Any, str]]:
    """Every valid file of this repository: its name, its kind of schema, and its text."""
    for folder, kind in (("assistants", MANIFEST), ("checks", CHECK)):
        for path in sorted(TOP.glob(f"{folder}/**/*.yaml")):
            yield str(path.relative_to(TOP)), kind, path.read_text("utf-8")
    yield "assistant-sync.yaml", PROJECT, (TOP / "assistant-sync.yaml").read_text("utf-8")
    for path, text in re.findall(r"^```yaml file=(\S+)\n(.*?)^```$", MANIFESTS, re.DOTALL | re.MULTILINE):
        kind = {"overlays": OVERLAY, "assistants": MANIFEST, "checks": CHECK}.get(path.partition("/")[0], PROJECT)
        yield f"docs: {path}", kind, text
    filled = {
        "project": "acme",
        "default_target": "local",
        "graph": "another",
        "targets": "  local: {url: https://a.b}",
        "checks": "checks: {target: local}",
    }
    for name, kind in (("manifest.yaml", MANIFEST), ("project.yaml", PROJECT), ("check.yaml", CHECK)):
        text = (TEMPLATES / name).read_text("utf-8")
        yield f"init: {name}", kind, re.sub(r"<<(\w+)>>", lambda found: filled[found[1]], text)


EXAMPLES = list(examples())


@pytest.mark.parametrize(("name", "schema", "text"), EXAMPLES, ids=[name for name, *_ in EXAMPLES])
def test_each_example_of_this_repository_is_valid(name: str, schema: Any, text: str) -> None:
    for one in documents(text):
        if "docs" in name and one.get("graph_id") == "agent" and "key" not in one:
            continue  # its context is not of the graph of these tests
        assert [error.message for error in HOLDS[id(schema)].iter_errors(one)] == []


def test_the_examples_of_the_reference_are_valid_where_no_graph_is_known() -> None:
    schema = jsonschema_rs.validator_for(dict(manifest_schema({})))
    texts = [text for name, kind, text in EXAMPLES if kind is MANIFEST]
    assert len(texts) >= 8
    assert all(schema.is_valid(one) for text in texts for one in documents(text))


@pytest.mark.parametrize(
    ("path", "text"), re.findall(r"^```yaml wrong=(\S+)\n(.*?)^```$", MANIFESTS, re.DOTALL | re.MULTILINE)
)
def test_the_wrong_examples_of_the_reference_are_refused_for_their_shape(path: str, text: str) -> None:
    if "name is given twice" in text or "name: Helpdesk" in text:
        return  # no document: a key is given twice
    schema = {"assistants": MANIFEST, "checks": CHECK}.get(path.partition("/")[0], PROJECT)
    assert not any(is_valid(schema, one) for one in documents(text))


# The same verdict as the reader's

KEYS = st.sampled_from(["support", "a.b-c_9", "Support", "", "-a", "a" * 63, "a" * 64, "a\n"])
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "key": KEYS,
    "graph_id": st.sampled_from(["agent2", "", "a b"]),
    "name": TEXT,
    "description": TEXT,
    "context": st.dictionaries(TEXT, json_values(), max_size=2),
    "config": st.fixed_dictionaries(
        {},
        optional={
            "recursion_limit": st.integers(-1, 2**31) | st.none(),
            "tags": st.lists(TEXT | st.integers(), max_size=2) | st.none(),
            "configurable": st.dictionaries(TEXT, json_values(), max_size=2) | st.none(),
            "metadata": st.dictionaries(TEXT, json_values(), max_size=2) | st.none(),
            "other": json_values(),
        },
    ),
    "metadata": st.dictionaries(TEXT, json_values(), max_size=2),
    "assistant_id": st.sampled_from(["62e209ca-9154-432a-b9e9-2d75c7a9219b", "62e209ca9154432ab9e92d75c7a9219b", "62"]),
    "lifecycle": st.fixed_dictionaries(
        {},
        optional={
            "prevent_delete": st.booleans() | st.none() | st.just("yes"),
            "ignore_changes": st.lists(
                st.sampled_from(
                    [
                        "context",
                        "context.a[0].b",
                        "metadata.x",
                        "key",
                        "context.",
                        "a.b",
                        ["context", "a.b", 1],
                        [],
                        [1],
                    ]
                ),
                max_size=2,
            ),
            "other": st.just(1),
        },
    ),
    "moved_from": KEYS | st.lists(KEYS, max_size=3),
    "unknown": json_values(),
}
OTHER: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.just([]) | st.just({}) | st.just("text") | st.just(1.5)
)


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """Fields that are right, nearly right, or of another type."""
    names = draw(st.lists(st.sampled_from(sorted(FIELDS)), unique=True, max_size=5))
    chosen = {name: draw(st.one_of(FIELDS[name], FIELDS[name], OTHER)) for name in names}
    return {"graph_id": "agent2"} | chosen


@given(manifests())
@example({"graph_id": "a", "context": {"a": 1}, "config": {"configurable": {"a": 1}}})
@example({"graph_id": "a", "context": {}, "config": {"configurable": {"a": 1}}})
@example({"graph_id": "a", "moved_from": ["b", "b"]})
@example({"graph_id": None})
@example({"context": {}})
@example({"graph_id": "a", "config": {"recursion_limit": 0}})
@example({"graph_id": "a", "lifecycle": {"prevent_deletes": True}})
def test_a_manifest_is_valid_if_the_reader_takes_its_shape(fields: dict[str, Any]) -> None:
    assume("$file" not in json.dumps(fields))
    assume(not has_line_end(fields))
    _, violations = check_manifest(fields)
    assert is_valid(MANIFEST, fields) == (not violations), violations


def has_line_end(fields: dict[str, Any]) -> bool:
    """Whether a name ends with a line feed, before which a pattern's end is for some engines."""
    names = [fields.get("key"), *(one if isinstance(one := fields.get("moved_from"), list) else [one])]
    return any(isinstance(name, str) and name.endswith("\n") for name in names)


TARGETS: dict[str, st.SearchStrategy[Any]] = {
    "url": st.sampled_from(
        ["https://a.b", "http://127.0.0.1:2024", "https://a.b/path", "ftp://a", "a.b", "https://u@a.b"]
    ),
    "api_key_env": st.sampled_from(["KEY", "_a1", "1A", "", "sk-1"]),
    "auth": st.sampled_from(["key", "none", "off"]),
    "allow_http": st.booleans(),
    "headers": st.sampled_from([{}, {"X-A": "b"}, {"X A": "b"}, {"X-A": ""}, {"X-A": 1}]),
    "headers_env": st.sampled_from([{}, {"X-A": "B"}, {"X-A": "b c"}]),
    "ca_file": st.sampled_from(["ca.pem", "/etc/ca.pem", ""]),
    "overlay": st.sampled_from(["overlays/x", "/overlays", "~/a", "C:/a", "a\\b", ""]),
    "formerly": st.lists(st.sampled_from(["dev", "-a", "A_9"]), max_size=2),
    "limits": st.fixed_dictionaries(
        {}, optional={"deletes": st.sampled_from([0, 5, -1, "10%", "100 %", "101%", "5", True, 1.5])}
    ),
    "activation": st.sampled_from(["safe", "full", "never", "no"]),
    "measured_version": st.sampled_from(["0.8.1", "1.0.0rc1+x_y-z", 0.8, "", ".8", "0.8 1", "1" * 80, "1" * 81]),
    "schema": st.sampled_from(["error", "warn", "off", "on"]),
    "prune": st.booleans() | st.just("yes"),
    "lock": st.sampled_from(["on", "off", True, False, 1, 2, 60, 3600, 3601, 2.5, "60s"]),
    "unknown": st.just(1),
}
PROJECTS: dict[str, st.SearchStrategy[Any]] = {
    "project": st.sampled_from(["acme", "a-9", "Acme", "-a", ""]),
    "version": st.sampled_from([1, 2, "1"]),
    "former_projects": st.lists(st.sampled_from(["b", "B"]), max_size=2),
    "manifests": st.sampled_from(["assistants", "a/b", "/a", ""]),
    "archive": st.sampled_from(["archive", "../x", "a\\b"]),
    "allow_literals": st.sampled_from(
        [[], [{"path": "context.a", "reason": "b"}], [{"path": "a", "reason": "b"}], [{"path": "context"}]]
    ),
    "default_target": TEXT,
    "targets": st.dictionaries(
        st.sampled_from(["local", "Prod.1", "-a"]),
        st.fixed_dictionaries({}, optional=TARGETS).map({"url": "https://a.b"}.__or__),
        max_size=2,
    ),
    "unknown": st.just(1),
}


@given(st.fixed_dictionaries({}, optional=PROJECTS))
def test_a_project_file_is_valid_if_the_reader_takes_its_shape(fields: dict[str, Any]) -> None:
    fields = {"version": 1, "project": "acme", **fields}
    _, violations = check_model(ProjectFields, fields)
    assert is_valid(PROJECT, fields) == (not violations), violations


VALUES = st.sampled_from(
    [
        "text",
        "deep",
        1,
        1.5,
        True,
        None,
        [],
        {},
        [{"name": "a"}],
        [{"label": 1}],
        {"to": "b", "next": {"to": 1}},
        {"to": "b"},
    ]
)


@given(st.dictionaries(st.sampled_from([*SUPPORT["properties"], "unknown"]), VALUES, max_size=4))
def test_a_context_is_valid_if_the_checker_finds_no_error(values: dict[str, Any]) -> None:
    fields = context(**values)
    found = ContextChecker(SCHEMAS).check(
        make_content(graph_id="agent", name="a", description="", context=fields["context"], config={}, metadata={})
    )
    assert is_valid(MANIFEST, fields) == (not any(one.is_error for one in found)), found


# Includes, overlays, and graphs


@pytest.mark.parametrize(
    "fields",
    [
        context(system_prompt={"$file": "../prompts/a.md"}),
        context(depth={"$file": "../depth.txt"}),
        context(tools=[{"name": {"$file": "a.md"}}]),
        context("mail agent/2", mode="chat", reply={"$file": "a.md"}),
        {"graph_id": "x", "description": {"$file": "a.md"}, "metadata": {"a": [{"$file": "a.md"}]}},
        {"graph_id": "x", "config": {"tags": [{"$file": "a.md"}], "configurable": {"p": {"$file": "b.md"}}}},
    ],
)
def test_a_text_from_a_file_may_stand_for_any_text(fields: dict[str, Any]) -> None:
    assert is_valid(MANIFEST, fields)


@pytest.mark.parametrize(
    "fields",
    [
        context(system_prompt={"$file": "a.md", "other": 1}),
        context(system_prompt={"$file": 1}),
        context(temperature={"$file": "a.md"}),
        {"graph_id": {"$file": "a.md"}},
        {"graph_id": "x", "name": {"$file": "a.md"}},
        {"graph_id": "x", "context": {"$file": "a.md"}},
    ],
)
def test_a_text_from_a_file_stands_for_nothing_else(fields: dict[str, Any]) -> None:
    assert not is_valid(MANIFEST, fields)


def test_a_key_that_the_graph_does_not_know_is_refused_as_the_checker_does() -> None:
    assert not is_valid(MANIFEST, context(unknown=1))
    assert not is_valid(MANIFEST, context("mail agent/2", mode="chat", unknown=1))
    assert is_valid(MANIFEST, context("untyped", unknown=1))
    assert is_valid(MANIFEST, context("another graph", unknown=1))
    assert is_valid(MANIFEST, {"graph_id": "agent", "config": {"configurable": {"system_prompt": "a", "unknown": 1}}})


def test_a_default_of_zod_is_not_required() -> None:
    assert is_valid(MANIFEST, context("mail agent/2", limits={"a": 1}))


def test_known_graphs_are_suggested_and_others_are_no_error() -> None:
    assert MANIFEST["properties"]["graph_id"]["examples"] == ["agent", "mail agent/2", "untyped"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"graph_id": "agent", "context": {"temperature": 1}},
        {"graph_id": "agent", "context": {"temperature": None, "escalation": {"to": None}, "system_prompt": None}},
        {"graph_id": None, "name": None, "context": None, "config": None, "metadata": {"a": None}},
        {"context": {"temperature": "of another graph"}},
        {"key": "support", "context": {"unknown": 1}, "config": {"recursion_limit": None, "tags": None}},
    ],
)
def test_an_overlay_requires_nothing_and_removes_with_null(fields: dict[str, Any]) -> None:
    assert is_valid(OVERLAY, fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"graph_id": "agent", "context": {"temperature": "warm"}},
        {"graph_id": "agent", "context": {"tools": [{}]}},
        {"graph_id": "agent", "context": {"unknown": 1}},
        {"moved_from": "b"},
        {"unknown": 1},
        {"config": {"recursion_limit": 0}},
    ],
)
def test_an_overlay_is_refused_for_what_no_manifest_may_have(fields: dict[str, Any]) -> None:
    assert not is_valid(OVERLAY, fields)


def test_an_overlay_without_a_graph_has_the_keys_of_all_graphs_suggested() -> None:
    suggested = OVERLAY["properties"]["context"]["properties"]
    assert {*SUPPORT["properties"], "mode", "limits", "reply"} == {*suggested}
    assert suggested["depth"]["examples"] == ["deep", "quick"]


def test_a_schema_that_the_checker_cannot_use_is_left_out() -> None:
    outside = GraphSchema("b", {"properties": {"a": {"$ref": "https://example.org/a.json"}}})
    made: Any = manifest_schema({"b": outside})
    assert [*made["$defs"]] == ["include"]
    assert "example.org" not in schema_text(made)


def test_a_long_chain_of_references_is_followed() -> None:
    links: Any = {f"L{n}": {"type": "object", "properties": {"next": {"$ref": f"#/$defs/L{n + 1}"}}} for n in range(90)}
    chain = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/L0"}},
        "$defs": links | {"L90": {"type": "string"}},
    }
    made: Any = manifest_schema({"g": GraphSchema("g", chain)})
    assert len(made["$defs"]) > 90


# What the documents look like


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from nodes(inner)


@pytest.mark.parametrize("schema", [MANIFEST, OVERLAY, PROJECT, CHECK], ids=["manifest", "overlay", "project", "check"])
def test_every_reference_leads_into_the_document_itself(schema: Any) -> None:
    defs = schema.get("$defs", {})
    for one in nodes(schema):
        if "$ref" in one:
            assert one["$ref"].removeprefix("#/$defs/") in defs


@pytest.mark.parametrize("schema", [MANIFEST, OVERLAY, PROJECT, CHECK], ids=["manifest", "overlay", "project", "check"])
def test_every_field_has_a_title_and_a_description(schema: Any) -> None:
    pending = [schema]
    while pending:
        for name, one in pending.pop().get("properties", {}).items():
            if name not in {*SUPPORT["properties"], "mode", "limits", "reply"}:
                assert one["title"], name
                assert one["description"], name
                inner = one.get("additionalProperties")
                pending += [one, *([inner] if isinstance(inner, dict) else [])]
                pending += [part["items"] for part in (one, *one.get("anyOf", ())) if "items" in part]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [(MANIFEST, "manifest"), (OVERLAY, "overlay"), (PROJECT, "project"), (CHECK, "check")],
    ids=["m", "o", "p", "c"],
)
def test_an_id_is_no_address(schema: Any, kind: str) -> None:
    assert schema["$id"] == f"assistant-sync:{kind}:1"


def test_the_text_does_not_depend_on_the_order_of_keys_and_graphs() -> None:
    turned = {graph: reverse(one) for graph, one in reversed(SCHEMAS.items())}
    assert schema_text(manifest_schema(turned)) == schema_text(MANIFEST)


def reverse(schema: GraphSchema) -> GraphSchema:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return [turned(one) for one in value] if isinstance(value, list) else value

    return GraphSchema(schema.graph_id, turned(schema.context), turned(schema.configurable))
