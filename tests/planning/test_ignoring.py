"""Ignored fields have the live values wherever a manifest is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.change import FieldChange, Op
from assistant_sync.planning.canonical import as_document, make_content
from assistant_sync.planning.equality import same_content, same_json
from assistant_sync.planning.ignoring import is_ignored, with_values_of
from tests.strategies import json_objects

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Content


def content(context: Any = None, **members: Any) -> Content:
    fields = {"graph_id": "agent", "name": "a", "description": "", "config": {}, "metadata": {}}
    return make_content(**(fields | {"context": context or {}} | members))


@given(json_objects(), json_objects())
def test_without_ignored_fields_nothing_changes(live: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert with_values_of(content(live), content(wanted), ()) == content(wanted)


@pytest.mark.parametrize(
    ("live", "wanted", "path", "expected"),
    [
        ({"t": 0.7}, {"t": 0.2, "m": "a"}, ("context", "t"), {"t": 0.7, "m": "a"}),
        ({}, {"t": 0.2, "m": "a"}, ("context", "t"), {"m": "a"}),
        ({"t": None}, {"m": "a"}, ("context", "t"), {"t": None, "m": "a"}),
        ({"ui": {"c": 1, "s": 2}}, {"ui": {"c": 0}}, ("context", "ui", "c"), {"ui": {"c": 1}}),
        ({"ui": {"c": 1}}, {}, ("context", "ui", "c"), {"ui": {"c": 1}}),
        ({}, {"ui": {"c": 1}}, ("context", "ui", "c"), {}),
        ({"ui": {}}, {"ui": {"c": 1}}, ("context", "ui", "c"), {"ui": {}}),
        ({"l": [1, 2]}, {"l": [3, 4]}, ("context", "l", 1), {"l": [3, 2]}),
        ({"l": [1]}, {"l": [3, 4]}, ("context", "l", 1), {"l": [3, 4]}),
        ({"a": 1}, {"b": 2}, ("context",), {"a": 1}),
    ],
)
def test_a_path_has_the_live_value(live: Any, wanted: Any, path: Any, expected: Any) -> None:
    assert with_values_of(content(live), content(wanted), (path,)).context == expected


def test_every_field_can_be_ignored() -> None:
    live = content({"a": 1}, name="live", description="live", config={"tags": ["live"]}, metadata={"team": "live"})
    live = make_content(**(as_document(live) | {"graph_id": "other"}))  # type: ignore[arg-type]  # members by name
    paths = (("graph_id",), ("name",), ("description",), ("context",), ("config",), ("metadata", "team"))
    assert same_content(with_values_of(live, content({"a": 2}, metadata={"team": "x"}), paths), live)


@pytest.mark.parametrize("path", [("context", "t"), ("config", "configurable", "t")])
def test_context_means_configurable_as_well(path: Any) -> None:
    live = content({"t": 0.7}, config={"configurable": {"t": 0.7}})
    wanted = content(config={"configurable": {"t": 0.2}})
    found = with_values_of(live, wanted, (path,))
    assert (found.context, found.configurable) == ({}, {"t": 0.7})
    both = with_values_of(live, content({"t": 1}, config={"configurable": {"t": 1}}), (path,))
    assert (both.context, both.configurable) == ({"t": 0.7}, {"t": 0.7})
    assert with_values_of(live, content({"t": 1}), (path,)).configurable == {}


def test_a_configurable_that_is_not_there_is_read_off_the_context() -> None:
    found = with_values_of(content({"t": 0.7}), content(config={"configurable": {"t": 1}}), (("context", "t"),))
    assert found.configurable == {"t": 0.7}


@given(json_objects(), json_objects(), st.data())
def test_ignoring_twice_is_ignoring_once(live: dict[str, Any], wanted: dict[str, Any], data: st.DataObject) -> None:
    keys = st.sampled_from(sorted({*live, *wanted, "a"}))
    paths = tuple(("context", key) for key in data.draw(st.lists(keys, max_size=3)))
    once = with_values_of(content(live), content(wanted), paths)
    assert same_content(with_values_of(content(live), once, paths), once)
    for path in paths:
        assert (path[1] in once.context) == (path[1] in live)
        assert path[1] not in live or same_json(once.context[path[1]], live[path[1]])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("context", "t"), True),
        (("context", "t", "deep"), True),
        (("config", "configurable", "t"), True),
        (("context",), False),
        (("context", "u"), False),
        (("config", "t"), False),
    ],
)
def test_a_field_is_ignored_at_a_path_and_below(path: Any, expected: bool) -> None:
    assert is_ignored(FieldChange(path, Op.CHANGED, 1, 2), [("context", "t")]) is expected


def test_the_whole_config_is_without_the_copy_of_the_context() -> None:
    live = content({"a": 1}, config={"recursion_limit": 9, "configurable": {"a": 1}})
    found = with_values_of(live, content({"a": 2}, config={"recursion_limit": 5}), (("config",),))
    assert (found.context, found.config, found.configurable) == ({"a": 2}, {"recursion_limit": 9}, {})


@pytest.mark.parametrize("value", ["text", None, 0, [1]])
def test_a_path_below_a_value_of_another_kind_leaves_that_value(value: Any) -> None:
    for live in ({}, {"m": {"n": 1}}, {"m": "text"}):
        assert with_values_of(content(live), content({"m": value}), (("context", "m", "n"),)).context == {"m": value}
