"""Which items of two lists are one item: a difference shows them beside each other, wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.planning.canonical import json_of_doubles

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from assistant_sync.model.values import JsonValue

Pair: TypeAlias = tuple[int | None, int | None]
"""The index in the first list and in the second one; None if there is no such item."""

_NAMES = ("name", "id", "key")
"""The fields by which people distinguish the items of a list."""

_MOST_COMPARED = 1_000_000
"""Items of the first list times items of the second, without those that both begin and end with."""


def pair_items(one: Sequence[JsonValue], other: Sequence[JsonValue]) -> list[Pair]:
    """Pair the items of two lists, in rising order of both.

    Items are one if they have the same name, where all items have one, or else the same content. Of the items between
    these, the first is paired with the first, and so on.

    Args:
        one: The first list.
        other: The second one.

    Returns:
        Each index of each list once.
    """
    ours, theirs = _tokens(one, other)
    start = _equal_at_start(ours, theirs)
    end = _equal_at_start(ours[start:][::-1], theirs[start:][::-1])
    left, right = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    pairs: list[Pair] = [(index, index) for index in range(start)]
    pairs += [(_moved(i, start), _moved(j, start)) for i, j in _pairs_between(left, right)]
    pairs += [(len(ours) - number, len(theirs) - number) for number in range(end, 0, -1)]
    return pairs


def _tokens(one: Sequence[JsonValue], other: Sequence[JsonValue]) -> tuple[list[Hashable], list[Hashable]]:
    """What stands for each item: equal for items that are one."""
    for name in _NAMES:
        ours, theirs = _named(one, name), _named(other, name)
        if ours is not None and theirs is not None:
            return list(ours), list(theirs)
    return [_content(item) for item in one], [_content(item) for item in other]


def _named(items: Sequence[JsonValue], name: str) -> list[str] | None:
    """The texts that all items have in this field; None if one has none, or two have the same."""
    found = [item.get(name) for item in items if isinstance(item, Mapping)]
    texts = [text for text in found if isinstance(text, str)]
    return texts if len(texts) == len(items) == len(set(texts)) else None


def _content(item: JsonValue) -> Hashable:
    return json_of_doubles(item) or repr(item)


def _equal_at_start(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """How many items both lists begin with."""
    differing = (number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))


def _pairs_between(one: Sequence[Hashable], other: Sequence[Hashable]) -> Iterator[Pair]:
    if len(one) * len(other) > _MOST_COMPARED:
        yield from _side_by_side(range(len(one)), range(len(other)))
        return
    from difflib import SequenceMatcher  # only for lists that differ

    for _, i1, i2, j1, j2 in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        yield from _side_by_side(range(i1, i2), range(j1, j2))


def _side_by_side(one: range, other: range) -> Iterator[Pair]:
    """Pair the first with the first; what is left of the longer one has no partner."""
    common = min(len(one), len(other))
    yield from zip(one[:common], other[:common], strict=True)
    yield from ((index, None) for index in one[common:])
    yield from ((None, index) for index in other[common:])


def _moved(index: int | None, start: int) -> int | None:
    return None if index is None else index + start
