from __future__ import annotations

import math
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from assistant_sync.model.frozen import replace
from assistant_sync.planning.canonical import canonical_json, digest, json_number, live_content
from assistant_sync.planning.equality import same_content
from tests.builders import make_assistant
from tests.planning.rows import content


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


@pytest.mark.parametrize("number", [0, 1, 2**53 - 1, -(2**53 - 1)])
def test_integers_that_doubles_hold_exactly_stay_integers(number: int) -> None:
    assert (json_number(number), type(json_number(number))) == (number, int)


def test_other_integers_become_doubles_or_infinity() -> None:
    made = [json_number(number) for number in (2**53, 2**53 + 1, -(10**23), 10**400, -(10**400))]
    assert made == [2.0**53, 2.0**53, -1e23, math.inf, -math.inf]
    assert {type(number) for number in made} == {float}


def test_the_content_of_a_row_that_was_not_read_whole_is_never_taken_for_empty() -> None:
    row = make_assistant()
    assert live_content(row, ()).context == {}
    with pytest.raises(ValueError, match="was not read whole"):
        live_content(replace(row, is_whole=False), ())


def by_rfc8785(value: Any) -> bytes | None:
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        return None


TEXTS = (
    st.text(max_size=8) | st.text(st.characters(max_codepoint=0xA0), max_size=8) | st.text("\ud800\ue000\U0001f600/")
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**53 - 1, 2**53, -(2**53), 1e-4, 9.9e-5, 1e16, 1e21, 1e-7])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
@example({"\U0001f600": 1, "\ue000": 2})  # code points and UTF-16 sort these two otherwise
@example('\x00\x1f\x7f\u2028/"\\\b\f\n\r\t')
@example([0.1, 123456.789, True, {"b": 1, "a": "ä"}])
def test_the_quick_way_to_canonical_json_writes_what_rfc8785_writes(value: Any) -> None:
    assert canonical_json(value) == by_rfc8785(value)


@pytest.mark.parametrize("number", [1.0, -0.0, 0.1 + 0.2, 1e-4, 9.9e-5, 1e-7, 1e15 + 0.5, 1e16, 1e21, 2**53 - 1, 2**53])
def test_a_number_is_written_as_rfc8785_writes_it(number: float) -> None:
    assert canonical_json([number]) == by_rfc8785([number])
