from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.planning.canonical import digest, same_content, same_json
from tests.planning.rows import content
from tests.strategies import json_objects, json_values

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonValue


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


def test_integers_beyond_json_numbers_have_the_digest_of_their_doubles() -> None:
    large = content(context={"a": [2**53, 10**23, -(10**23)], "b": 1})
    assert digest(large) == digest(content(context={"a": [2.0**53, 1e23, -1e23], "b": 1}))
    assert digest(large) != digest(content(context={"a": [2.0**53, 1e23, 1e23], "b": 1}))


def test_content_without_json_has_no_digest() -> None:
    assert digest(content(context={"a": "\ud800"})) is None
    assert digest(content(context={"a": 10**400})) is None


@given(json_values(), json_values())
def test_values_are_the_same_exactly_when_their_digests_are(one: Any, other: Any) -> None:
    same = digest(content(context={"v": one})) == digest(content(context={"v": other}))
    assert same_json(one, other) == same


@given(json_objects(), st.randoms(use_true_random=False))
def test_shuffled_objects_are_the_same(value: dict[str, Any], random: Any) -> None:
    items = list(value.items())
    random.shuffle(items)
    assert same_json(value, dict(items))


@pytest.mark.parametrize(
    ("stored", "wanted", "is_same"),
    [
        (10**23, 1e23, True),
        (-(10**23), -1e23, True),
        (1234567890123456789, 1234567890123456789.0, True),
        (1234567890123456768, 1234567890123456789.0, True),
        (2**53 + 1, 2.0**53, True),
        (2**53 - 1, 2.0**53, False),
        (2**53 + 4, 2.0**53, False),
        (10**23, -1e23, False),
        (10**400, 1e308, False),
        (10**23, "100000000000000000000000", False),
        (10**23, True, False),
        (10**23, None, False),
    ],
)
def test_a_large_integer_is_what_a_double_makes_of_it(stored: int, wanted: JsonValue, is_same: bool) -> None:
    """PostgreSQL gives a large float back as an integer."""
    for left, right in ((stored, wanted), (wanted, stored)):
        assert same_json(left, right) is is_same
        assert same_json({"a": [{"b": left}]}, {"a": [{"b": right}]}) is is_same
    assert not same_json([stored, 1], [stored, True])
    assert not same_json([stored], [stored, wanted])
    assert not same_json({"a": stored}, {"b": wanted})
    assert not same_json([stored], {"0": wanted})
