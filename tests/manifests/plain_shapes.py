"""Values that nearly fit a shape, and the comparison of what two libraries make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import strategies as st
from pydantic import BaseModel

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text(max_size=3)
ANYTHING: SearchStrategy[Any] = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=2), SCALARS)


def any_of(*values: object) -> SearchStrategy[Any]:
    """One of some values, most of the time, or null, or anything."""
    named = st.sampled_from([*values, *values, None])
    return st.one_of(*[named] * 20, ANYTHING)


def objects(**members: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """An object with a few of some members, so that some have nothing wrong."""
    names = st.sets(st.sampled_from(sorted(members)), max_size=3)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: members[name] for name in sorted(chosen)}))


def fields_of(shape: type[msgspec.Struct]) -> list[str]:
    return list(shape.__struct_fields__)


def attributes(value: Any) -> Any:
    """A value with the attributes of structs and models, at any depth, as dictionaries."""
    if isinstance(value, msgspec.Struct):
        return {name: attributes(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, BaseModel):
        return {name: attributes(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {key: attributes(one) for key, one in value.items()}
    return [attributes(one) for one in value] if isinstance(value, list) else value
