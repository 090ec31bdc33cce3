"""Whether two contents, or two values, are equal: the same JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assistant_sync.planning.canonical import json_number

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Content
    from assistant_sync.model.values import JsonValue

_PLAIN = (str, int, float, type(None))


def same_content(one: Content, other: Content) -> bool:
    """Whether two contents are equal as JSON."""
    return (
        one.graph_id == other.graph_id
        and one.name == other.name
        and one.description == other.description
        and same_json(one.context, other.context)
        and same_json(one.config, other.config)
        and same_json(one.configurable, other.configurable)
        and same_json(one.metadata, other.metadata)
    )


def same_json(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values are equal as JSON: ``1`` is ``1.0`` and ``-0`` is ``0``, but ``true`` is not ``1``.

    Numbers beyond ±(2^53 - 1) are what a double makes of them: PostgreSQL gives such a float back as an integer.
    Object order does not count, list order does; strings are compared code point by code point.
    """
    # Python's own comparison is quick, and wrong in two respects: it takes True for 1, and large integers exactly.
    if one == other:
        return _same_booleans(one, other)
    return _same_as_doubles(one, other)


def _same_as_doubles(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values that differ in Python differ in large integers only, which are the same as doubles."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(value, other[key]) for key, value in one.items())
    if isinstance(one, str) or isinstance(other, str):
        return False
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return json_number(one) == json_number(other)  # a boolean is no large integer
    return False


def _same_booleans(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values that Python holds equal have their booleans in the same places; loops for speed."""
    if isinstance(one, _PLAIN):
        return (one is True or one is False) == (other is True or other is False)
    if isinstance(one, (dict, Mapping)) and isinstance(other, (dict, Mapping)):
        for key, value in one.items():  # noqa: SIM110 - a generator takes twice as long
            if type(value) is not str and not _same_booleans(value, other[key]):
                return False
        return True
    if isinstance(one, (list, Sequence)) and isinstance(other, (list, Sequence)):
        for value, its in zip(one, other, strict=True):
            if type(value) is not str and not _same_booleans(value, its):
                return False
    return True
