from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.manifests.rules.lossy_values import lossy_values
from tests.strategies import MAX_INTEGER, json_objects

if TYPE_CHECKING:
    from assistant_sync.model.values import Path


def paths(manifest: dict[str, Any]) -> list[Path]:
    return [violation.path for violation in lossy_values(manifest)]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_an_empty_manifest_has_no_lossy_value() -> None:
    assert lossy_values({}) == []


@pytest.mark.parametrize(
    "value",
    [0, -0.0, 9e18, -9e18, 5e-324, MAX_INTEGER, -MAX_INTEGER, True, None, "", "🚀",
     "\\u000", "\\\\", "\r\n\x01\x85\ufffe",
     "0000", "$", ["a.b"], {"": 1, "a.b": {"$": []}}],
)  # fmt: skip
def test_a_value_that_comes_back_as_it_was_is_accepted(value: Any) -> None:
    assert lossy_values({"name": value, "context": {"a": [value]}, "config": {"configurable": {"x": value}}}) == []


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("a\0", "NUL"),
        ("the text \\u0000 here", "backslash"),
        ("\\\\u0000", "backslash"),
        ("ä\ud83d", "unpaired surrogate"),
        ("\udc00", "unpaired surrogate"),
        (math.nan, "NaN, infinite or too large"),
        (math.inf, "NaN, infinite or too large"),
        (-math.inf, "NaN, infinite or too large"),
        (MAX_INTEGER + 1, "±(2^53 - 1)"),
        (-MAX_INTEGER - 1, "±(2^53 - 1)"),
        (10**400, "±(2^53 - 1)"),
        (2.0**63, "±2^63 or beyond"),
        (-(2.0**63), "±2^63 or beyond"),
        (1e308, "±2^63 or beyond"),
    ],
)
def test_a_lossy_value_is_reported_in_every_field(value: Any, word: str) -> None:
    manifest = {"name": value, "context": {"a": [0, value]}, "config": {"x": value}, "metadata": {"m": {"n": value}}}
    violations = lossy_values(manifest)
    assert [violation.path for violation in violations] == [
        ("name",),
        ("context", "a", 1),
        ("config", "x"),
        ("metadata", "m", "n"),
    ]
    assert all(word in violation.message for violation in violations)
    assert not any(violation.at_key for violation in violations)


@pytest.mark.parametrize("key", ["a\0", "\\u0000", "\\U0000", "\ud83d"])
def test_keys_are_checked_at_every_level(key: str) -> None:
    violations = lossy_values({"context": {key: 1, "b": [{key: 2}]}})
    assert [(violation.path, violation.at_key) for violation in violations] == [
        (("context", key), True),
        (("context", "b", 0, key), True),
    ]


def test_a_message_never_shows_the_value() -> None:
    assert "secret" not in lossy_values({"context": {"a": "secret\0"}})[0].message


def test_the_deepest_nesting_is_accepted_and_one_more_is_not() -> None:
    assert lossy_values({"context": {"a": nested(98)}}) == []
    (violation,) = lossy_values({"context": {"a": nested(99)}})
    assert violation.message == "context is nested more than 100 levels deep"


@pytest.mark.parametrize(
    "key",
    ["langgraph_auth_user", "langgraph_auth_user_id", "langgraph_auth_permissions", "langgraph_request_id",
     "__langsmith_project__", "__langsmith_example_id__", "__request_start_time_ms__", "__after_seconds__",
     "__otel_traceparent__", "__otel_tracestate__", "__dd_trace_headers__", "__pregel_node_finished",
     "__context_provided__", "__pregel_send"],
)  # fmt: skip
def test_reserved_context_keys_are_refused_at_the_top_only(key: str) -> None:
    manifest: dict[str, Any] = {
        "context": {key: 1, "x": {key: 1}},
        "config": {key: 1, "configurable": {key: 1}},
        "metadata": {"m": {key: 1}},
    }
    violations = lossy_values(manifest)
    assert [violation.path for violation in violations] == [("context", key), ("config", "configurable", key)]
    assert all(violation.at_key and "reserved" in violation.message for violation in violations)


@pytest.mark.parametrize(
    "key",
    ["thread_id", "run_id", "graph_id", "assistant_id", "checkpoint_ns", "checkpoint_id", "checkpoint_map"],
)
def test_keys_that_every_run_sets_are_refused_in_configurable_and_reach_the_graph_in_a_context(key: str) -> None:
    (violation,) = lossy_values({"context": {key: 1}, "config": {"configurable": {key: 1, "x": {key: 1}}}})
    message = f"config.configurable.{key} is reserved: every run sets it, which overrides this value"
    assert (violation.path, violation.message) == (("config", "configurable", key), message)


def test_only_the_value_system_makes_an_assistant_the_servers_own() -> None:
    for value in ("me", None, ["system"], {"system": 1}):
        assert lossy_values({"metadata": {"created_by": value}}) == []
    (violation,) = lossy_values({"metadata": {"created_by": "system"}})
    assert violation.path == ("metadata", "created_by")


@pytest.mark.parametrize(
    "key",
    [
        "user_id",
        "task_id",
        "checkpoint",
        "langgraph",
        "langgraph_auth_user_ids",
        "my_thread_id",
        "thread_ids",
        "Thread_id",
        "_",
        "",
    ],
)
def test_keys_that_only_look_reserved_are_accepted(key: str) -> None:
    assert lossy_values({"context": {key: 1}, "config": {"configurable": {key: 1}}, "metadata": {key: 1}}) == []


@pytest.mark.parametrize(
    "key",
    ["thread_id", "assistant_id", "run_id", "cron_id", "counters_since_delta_snapshot", "assistant_sync"],
)
def test_reserved_metadata_keys_are_refused_at_the_top_only(key: str) -> None:
    manifest = {"metadata": {key: None, "x": {key: 1}}, "config": {"metadata": {key: 1}}}
    assert paths(manifest) == [("metadata", key), ("config", "metadata", key)]


@pytest.mark.parametrize("value", [None, 3, "text", ["thread_id"]])
def test_fields_of_a_wrong_type_are_skipped(value: Any) -> None:
    assert lossy_values({"context": value, "config": value, "metadata": value}) == []
    assert lossy_values({"config": {"configurable": value, "metadata": value}}) == []


@given(json_objects())
def test_ordinary_json_has_no_lossy_value_in_the_config(value: dict[str, Any]) -> None:
    texts = str(value)
    if "u0000" in texts.lower():
        return
    assert lossy_values({"config": {"x": value}}) == []


@given(json_objects(), st.sampled_from(["\0", math.nan, MAX_INTEGER + 1]))
def test_one_lossy_value_among_ordinary_json_is_found(value: dict[str, Any], bad: Any) -> None:
    assert ("config", "x", "bad", 0) in paths({"config": {"x": {**value, "bad": [bad]}}})
