"""Hypothesis strategies that several tests share."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

MAX_INTEGER = 2**53 - 1

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


def scalars() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-MAX_INTEGER, MAX_INTEGER),
        st.sampled_from([0, 1, 1.0, 0.0, -0.0, "1", "", "true", 1.5]),
        st.floats(-(2.0**62), 2.0**62, width=32),
        TEXT,
    )


def json_values() -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
        max_leaves=8,
    )


def json_objects() -> st.SearchStrategy[dict[str, Any]]:
    keys = TEXT | TEXT.map("__{}".format)  # such keys are private to some libraries, and not to us
    return st.dictionaries(keys, json_values(), max_size=5)
