from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.manifests.rules.schema import check_manifest
from assistant_sync.manifests.rules.values import canonical_id, former_keys, is_key

INTEGER = "config.recursion_limit must be an integer from 1 to 2147483647"
UUID = "assistant_id must be a UUID such as 62e209ca-9154-432a-b9e9-2d75c7a9219b"


def messages(**fields: Any) -> list[str]:
    _, violations = check_manifest({"graph_id": "agent", **fields})
    return [violation.message for violation in violations]


def test_the_smallest_manifest_names_a_graph() -> None:
    manifest, violations = check_manifest({"graph_id": "agent"})
    assert violations == []
    assert manifest is not None
    assert manifest.graph_id == "agent"


def test_null_is_absent_in_every_field() -> None:
    names = ["key", "name", "description", "context", "config", "metadata", "assistant_id", "lifecycle", "moved_from"]
    assert messages(**dict.fromkeys(names)) == []
    assert messages(config=dict.fromkeys(["recursion_limit", "tags", "configurable", "metadata"])) == []
    assert messages(lifecycle={"prevent_delete": None}) == []


@pytest.mark.parametrize("fields", [{}, {"graph_id": None}])
def test_a_graph_is_required(fields: dict[str, Any]) -> None:
    manifest, violations = check_manifest(fields)
    assert manifest is None
    assert [(violation.path, violation.message) for violation in violations] == [((), "graph_id is required")]


@pytest.mark.parametrize("name", ["graph", "grph_id", "graph-id", "graphId", "graph_ids"])
def test_a_misspelt_graph_id_is_one_message(name: str) -> None:
    manifest, violations = check_manifest({name: "agent", "graph_id": None})
    assert manifest is None
    assert [violation.message for violation in violations] == [f"unknown field '{name}'; did you mean 'graph_id'?"]


def test_another_unknown_field_does_not_hide_that_a_graph_is_missing() -> None:
    _, violations = check_manifest({"contxt": None, "zebra": 1})
    assert [violation.message for violation in violations] == [
        "unknown field 'contxt'; did you mean 'context'?",
        "unknown field 'zebra'; what the graph reads belongs below context, indented",
        "graph_id is required",
    ]


def test_an_unknown_field_is_reported_with_the_nearest_known_one() -> None:
    _, (violation, other) = check_manifest({"graph_id": "agent", "contxt": None, "zebra": 1})
    assert (violation.path, violation.at_key) == (("contxt",), True)
    assert violation.message == "unknown field 'contxt'; did you mean 'context'?"
    assert other.message == "unknown field 'zebra'; what the graph reads belongs below context, indented"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"graph_id": ""}, "graph_id must be non-empty text"),
        ({"graph_id": 3}, "graph_id must be non-empty text, not a number"),
        ({"name": ""}, "name must be non-empty text"),
        ({"name": True}, "name must be non-empty text, not a boolean"),
        ({"description": 1.5}, "description must be text, not a decimal number"),
        ({"context": []}, "context must be a mapping, not a list"),
        ({"metadata": "x"}, "metadata must be a mapping, not text"),
        ({"config": 3}, "config must be a mapping, not a number"),
        ({"config": {"recursion_limit": "50"}}, f"{INTEGER}, not text"),
        ({"config": {"recursion_limit": 50.0}}, f"{INTEGER}, not a decimal number"),
        ({"config": {"recursion_limit": True}}, f"{INTEGER}, not a boolean"),
        ({"config": {"recursion_limit": 0}}, INTEGER),
        ({"config": {"recursion_limit": 2**31}}, INTEGER),
        ({"config": {"recursion_limit": 10**30}}, INTEGER),
        ({"config": {"tags": "x"}}, "config.tags must be a list of texts, not text"),
        ({"config": {"tags": ["x", 1]}}, "config.tags[1] must be text, not a number"),
        ({"config": {"tags": [None]}}, "config.tags[0] must be text, not null"),
        ({"config": {"configurable": 1}}, "config.configurable must be a mapping, not a number"),
        ({"config": {"metadata": [1]}}, "config.metadata must be a mapping, not a list"),
        ({"assistant_id": "agent"}, UUID),
        ({"assistant_id": ""}, UUID),
        ({"assistant_id": "62e209ca-9154-432a-b9e9-2d75c7a9219b\n"}, UUID),
        ({"assistant_id": "{62e209ca-9154-432a-b9e9-2d75c7a9219b}"}, UUID),
        ({"assistant_id": 5}, f"{UUID}, not a number"),
        ({"lifecycle": True}, "lifecycle must be a mapping, not a boolean"),
        ({"lifecycle": {"prevent_delete": "yes"}}, "lifecycle.prevent_delete must be true or false, not text"),
        ({"lifecycle": {"prevent_delete": 1}}, "lifecycle.prevent_delete must be true or false, not a number"),
        (
            {"lifecycle": {"prevent_deletes": True}},
            "unknown field 'prevent_deletes' in lifecycle; did you mean 'prevent_delete'?",
        ),
        ({"prevent_delete": True}, "unknown field 'prevent_delete'; did you mean 'lifecycle.prevent_delete'?"),
        ({"lifecycl": {}}, "unknown field 'lifecycl'; did you mean 'lifecycle'?"),
    ],
)
def test_a_wrong_value_is_reported_by_what_it_must_be(fields: dict[str, Any], message: str) -> None:
    assert messages(**fields) == [message]


@pytest.mark.parametrize("limit", [1, 50, 2**31 - 1])
def test_a_recursion_limit_within_its_bounds_is_accepted(limit: int) -> None:
    assert messages(config={"recursion_limit": limit, "run_name": "x", "max_concurrency": 3}) == []


def test_all_violations_are_reported_at_once() -> None:
    assert len(messages(name=1, context=1, config={"tags": 1, "recursion_limit": 0}, x=1)) == 5


def test_of_a_long_list_of_wrong_items_a_limited_number_is_reported() -> None:
    assert len(messages(config={"tags": [1] * 5000})) == 1000


def test_context_and_configurable_exclude_each_other() -> None:
    _, (violation,) = check_manifest({"graph_id": "a", "context": {"x": 1}, "config": {"configurable": {"x": 1}}})
    assert violation.path == ("config", "configurable")
    assert violation.message == (
        "context and config.configurable must not both be given. A server that shows both has copied one from the "
        "other: keep context, unless the graph reads only config.configurable"
    )
    for context, configurable in (({}, {"x": 1}), ({"x": 1}, {}), (None, {"x": 1}), ({"x": 1}, None)):
        assert messages(context=context, config={"configurable": configurable}) == []


def test_an_id_is_brought_into_its_canonical_form() -> None:
    canonical = "62e209ca-9154-432a-b9e9-2d75c7a9219b"
    for text in (canonical, canonical.upper(), canonical.replace("-", "")):
        assert messages(assistant_id=text) == []
        assert canonical_id(text) == canonical


@pytest.mark.parametrize("key", ["a", "0", "a.b_c-d", "x" * 63])
def test_a_key_is_short_and_plain(key: str) -> None:
    assert is_key(key)
    assert messages(key=key) == []


@pytest.mark.parametrize("key", ["", "A", "-a", ".a", "_a", "a b", "ä", "x" * 64, "a\n", "a/b", "a\0"])
def test_anything_else_is_no_key(key: str) -> None:
    assert not is_key(key)
    assert messages(key=key) == [
        "key must be 1 to 63 characters of a-z, 0-9, '.', '_' and '-', the first a letter or digit"
    ]


@pytest.mark.parametrize(
    ("written", "keys"),
    [([], ()), ("helpdesk", ("helpdesk",)), (["helpdesk"], ("helpdesk",)), (["a", "b.2"], ("a", "b.2"))],
    ids=["no key", "one", "a list of one", "two"],
)
def test_moved_from_is_one_key_or_a_list_of_keys(written: Any, keys: tuple[str, ...]) -> None:
    manifest, violations = check_manifest({"graph_id": "agent", "moved_from": written})
    assert violations == []
    assert manifest is not None
    assert manifest.moved_from == keys
    assert former_keys({"moved_from": written}) == keys


@pytest.mark.parametrize(
    "written", [1, True, {"a": "b"}, "Help Desk", "", ["a", 2], ["a", None], [["a"]], "a\n"], ids=repr
)
def test_what_can_be_no_key_is_an_error_in_moved_from(written: Any) -> None:
    (message,) = messages(moved_from=written)
    assert message.startswith("moved_from: this must be the key that the assistant had, or a list of its keys")
    assert former_keys({"moved_from": written}) == ()


def test_moved_from_names_no_key_twice() -> None:
    (message,) = messages(moved_from=["a", "b", "a"])
    assert message.startswith("moved_from: a key is named twice")
