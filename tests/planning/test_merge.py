"""Merging what was edited outside git into what a manifest wants."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from assistant_sync.planning.equality import same_json
from assistant_sync.planning.merge import merge
from tests.strategies import json_objects


def test_nothing_and_nothing_is_nothing() -> None:
    assert merge({}, {}, {}).document == {}


@given(json_objects(), json_objects())
def test_without_an_edit_outside_git_the_manifest_stays(base: dict[str, Any], mine: dict[str, Any]) -> None:
    merged = merge(base, mine, base)
    assert same_json(merged.document, mine)
    assert merged.conflicts == ()


@given(json_objects(), json_objects())
def test_without_a_change_in_git_the_live_value_is_taken(base: dict[str, Any], theirs: dict[str, Any]) -> None:
    merged = merge(base, base, theirs)
    assert same_json(merged.document, theirs)
    assert merged.conflicts == ()


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected"),
    [
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 3}, {"a": 2, "b": 3}),
        ({"a": {"x": 1, "y": 1}}, {"a": {"x": 2, "y": 1}}, {"a": {"x": 1}}, {"a": {"x": 2}}),
        ({"a": 1}, {}, {"a": 1, "b": 2}, {"b": 2}),
        ({}, {"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
        ({"a": None}, {"a": 1}, {"a": None}, {"a": 1}),
        ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": 1}, {"a": True}, {"a": True}),
    ],
)
def test_changes_of_both_sides_are_kept(base: Any, mine: Any, theirs: Any, expected: Any) -> None:
    merged = merge(base, mine, theirs)
    assert same_json(merged.document, expected)
    assert merged.conflicts == ()


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected", "path"),
    [
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}, ("a",)),
        ({"a": {"x": 1}}, {"a": {"x": 2}}, {"a": {"x": 3}}, {"a": {"x": 3}}, ("a", "x")),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [0, 1]}, {"a": [0, 1]}, ("a",)),
        ({"a": 1}, {}, {"a": 2}, {"a": 2}, ("a",)),
        ({"a": 1}, {"a": 2}, {}, {}, ("a",)),
        ({"a": {"x": 1}}, {"a": 2}, {"a": {"x": 3}}, {"a": {"x": 3}}, ("a",)),
    ],
)
def test_of_a_conflict_the_live_value_is_taken_and_the_path_is_named(
    base: Any, mine: Any, theirs: Any, expected: Any, path: Any
) -> None:
    merged = merge(base, mine, theirs)
    assert (merged.document, merged.conflicts) == (expected, (path,))


@given(json_objects(), json_objects(), json_objects())
def test_a_merge_of_what_was_merged_changes_nothing(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    once = merge(base, mine, theirs).document
    assert same_json(merge(base, once, theirs).document, once)
