from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.planning.canonical import digest, same_content, same_json
from tests.planning.rows import content
from tests.strategies import json_objects, json_values


def test_equal_contents_are_the_same() -> None:
    assert same_content(content(context={"a": [1, {"b": None}]}), content(context={"a": [1, {"b": None}]}))


def test_one_is_one_point_zero_and_minus_zero_is_zero() -> None:
    assert same_json({"a": [1, 0]}, {"a": [1.0, -0.0]})
    assert digest(content(context={"a": 1, "b": 0})) == digest(content(context={"a": 1.0, "b": -0.0}))


def test_true_is_not_one_at_any_depth() -> None:
    assert not same_json(True, 1)
    assert not same_json({"a": [[False]]}, {"a": [[0]]})
    assert digest(content(context={"a": True})) != digest(content(context={"a": 1}))


def test_object_order_is_free_and_list_order_is_not() -> None:
    assert same_json({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not same_json([1, 2], [2, 1])


def test_unicode_is_not_normalised() -> None:
    assert not same_json("\u00e9", "e\u0301")


def test_empty_config_values_are_absent_and_false_and_zero_are_not() -> None:
    empty = content(config={"tags": [], "run_name": "", "x": None, "y": {}})
    assert empty == content()
    assert content(config={"a": False, "b": 0}).config == {"a": False, "b": 0}


def test_null_metadata_is_absent_and_a_null_in_the_context_is_a_value() -> None:
    assert content(metadata={"team": None}) == content()
    assert not same_content(content(context={"a": None}), content())


def test_configurable_is_a_field_of_its_own() -> None:
    made = content(config={"recursion_limit": 5, "configurable": {"a": 1}})
    assert (made.config, made.configurable) == ({"recursion_limit": 5}, {"a": 1})


@pytest.mark.parametrize("configurable", [None, {}, "text", [1]])
def test_a_configurable_that_is_none_is_empty(configurable: Any) -> None:
    assert content(config={"configurable": configurable}) == content()


def test_a_digest_names_its_form_and_covers_each_field() -> None:
    base = content(description="d", context={"a": 1}, config={"tags": ["x"]}, metadata={"m": 1})
    others = [
        replace(base, graph_id="g"),
        replace(base, name="n"),
        replace(base, description=""),
        replace(base, context={}),
        replace(base, config={}),
        replace(base, configurable={"a": 1}),
        replace(base, metadata={}),
    ]
    digests = [digest(one) for one in [base, *others]]
    assert all(d is not None and d.startswith("c1:") and len(d) == 67 for d in digests)
    assert len(set(digests)) == len(digests)


def test_content_beyond_json_numbers_has_no_digest() -> None:
    assert digest(content(context={"a": 2**53})) is None


@given(json_values(), json_values())
def test_values_are_the_same_exactly_when_their_digests_are(one: Any, other: Any) -> None:
    same = digest(content(context={"v": one})) == digest(content(context={"v": other}))
    assert same_json(one, other) == same


@given(json_objects(), st.randoms(use_true_random=False))
def test_shuffled_objects_are_the_same(value: dict[str, Any], random: Any) -> None:
    items = list(value.items())
    random.shuffle(items)
    assert same_json(value, dict(items))
