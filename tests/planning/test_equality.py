from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.planning.canonical import digest
from assistant_sync.planning.equality import same_content, same_json
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


def test_a_text_is_not_the_list_of_its_characters() -> None:
    assert not same_json("ab", ["a", "b"])
    assert not same_json(["a", "b"], "ab")
