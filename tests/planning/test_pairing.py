"""Which items of two lists are one item."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.planning.pairing import pair_items
from tests.strategies import json_values


def test_equal_lists_are_paired_index_by_index() -> None:
    assert pair_items([], []) == []
    assert pair_items([1, {"a": 1}, "x"], [1.0, {"a": 1}, "x"]) == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.parametrize(
    ("one", "other", "pairs"),
    [
        ("abc", "xabc", [(None, 0), (0, 1), (1, 2), (2, 3)]),
        ("abc", "abcx", [(0, 0), (1, 1), (2, 2), (None, 3)]),
        ("abc", "axc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "ac", [(0, 0), (1, None), (2, 1)]),
        ("abcd", "axyd", [(0, 0), (1, 1), (2, 2), (3, 3)]),
        ("abcd", "axd", [(0, 0), (1, 1), (2, None), (3, 2)]),
        ("axyb", "aybz", [(0, 0), (1, None), (2, 1), (3, 2), (None, 3)]),
        ("", "ab", [(None, 0), (None, 1)]),
        ("ab", "", [(0, None), (1, None)]),
        ("aa", "aaa", [(0, 0), (1, 1), (None, 2)]),
        ("bc", "db", [(None, 0), (0, 1), (1, None)]),
        ("pqr", "xpr", [(None, 0), (0, 1), (1, None), (2, 2)]),
        ("xpr", "pqr", [(0, None), (1, 0), (None, 1), (2, 2)]),
    ],
)
def test_items_are_paired_by_their_content(one: str, other: str, pairs: list[Any]) -> None:
    assert pair_items(list(one), list(other)) == pairs


@pytest.mark.parametrize("name", ["name", "id", "key"])
def test_items_are_paired_by_their_name_whatever_else_changed(name: str) -> None:
    one: list[Any] = [{name: "a", "v": 1}, {name: "b", "v": 2}]
    other: list[Any] = [{name: "c", "v": 1}, {name: "a", "v": 3}, {name: "b", "v": 4}]
    assert pair_items(one, other) == [(None, 0), (0, 1), (1, 2)]


NAMELESS: dict[str, tuple[list[Any], list[Any]]] = {
    "one has none": ([{"name": "a"}, {}], [{"name": "a"}]),
    "two have the same": ([{"name": "a", "v": 1}, {"name": "a", "v": 2}], [{"name": "a", "v": 3}]),
    "one has a number": ([{"name": 1, "v": 1}], [{"name": 1, "v": 2}]),
    "one is a text": ([{"name": "a"}, "a"], [{"name": "a"}]),
}


@pytest.mark.parametrize("case", NAMELESS)
def test_without_a_name_of_its_own_for_every_item_the_content_counts(case: str) -> None:
    one, other = NAMELESS[case]
    assert pair_items(one, other)[0] == (0, 0)


def test_the_first_field_that_names_all_items_counts() -> None:
    one = [{"name": "n", "id": "a"}, {"name": "n", "id": "b"}]
    assert pair_items(one, [{"name": "n", "id": "b"}]) == [(0, None), (1, 0)]
    assert pair_items([{"name": "x", "id": "a"}], [{"name": "x", "id": "b"}, {"name": "y", "id": "a"}]) == [
        (0, 0),
        (None, 1),
    ]


def test_values_that_no_json_expresses_are_compared_all_the_same() -> None:
    assert pair_items(["\ud800", 1], [2, "\ud800", 1]) == [(None, 0), (0, 1), (1, 2)]


@given(st.lists(json_values(), max_size=6), st.lists(json_values(), max_size=6))
def test_each_index_is_paired_once_in_rising_order(one: list[Any], other: list[Any]) -> None:
    pairs = pair_items(one, other)
    for side, items in ((0, one), (1, other)):
        assert [pair[side] for pair in pairs if pair[side] is not None] == list(range(len(items)))


def test_long_lists_that_have_little_in_common_are_paired_by_their_index_in_no_time() -> None:
    one, other = [0, 1] * 30_000, [1, 0, 0] * 20_000
    begin = time.monotonic()
    pairs = pair_items(one, other)
    assert time.monotonic() - begin < 20
    assert pairs[0] == (0, 0)
    assert len(pairs) == 60_000


def test_content_is_compared_as_json() -> None:
    assert pair_items([{"a": 1, "b": 2}, 5], [9, {"b": 2.0, "a": 1}, 5]) == [(None, 0), (0, 1), (1, 2)]
    assert pair_items(["\ud800", "\ud801"], ["\ud801"]) == [(0, None), (1, 0)]


def test_items_that_stand_in_a_list_many_times_are_paired_too() -> None:
    core = ["x", "y"] * 120
    pairs = pair_items([0, *core, 1], [2, 3, *core, 4])
    assert (100, 101) in pairs
