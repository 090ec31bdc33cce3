"""The structural difference of two contents; the one place that knows DeepDiff."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from assistant_sync.model.change import FieldChange, Op
from assistant_sync.planning.canonical import as_document, json_number
from assistant_sync.planning.equality import same_json
from assistant_sync.planning.pairing import pair_items

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Content
    from assistant_sync.model.values import JsonObject, JsonValue, Path

_FIELDS = ("graph_id", "name", "description", "context", "config", "metadata")
"""The order in which fields are shown: the API's."""

# DeepDiff finds True and 1 equal inside lists. No JSON text of ours holds NUL, so these strings are free.
_TRUE, _FALSE = "\x00true", "\x00false"
_ITEM = "\x00"
"""Before both indices of a pair of items, in the key that stands for it."""
_PAIR = re.compile(f"{_ITEM}(\\d+|None){_ITEM}(\\d+|None)")


def diff(before: Content, after: Content) -> tuple[FieldChange, ...]:
    """What differs, in the order of the fields, then of the paths; empty for equal contents.

    Items of lists are compared with their partners, wherever these stand: an item that moved is removed and added. The
    index of a removed item counts in ``before``, that of any other in ``after``.
    """
    return document_diff(as_document(before), as_document(after))


def document_diff(before: JsonObject, after: JsonObject) -> tuple[FieldChange, ...]:
    """As ``diff``, for contents in the API's shape."""
    from deepdiff import DeepDiff  # a no-op plan never needs it

    # By default DeepDiff shows mappings that share few keys as one replaced value, which would hide what changed,
    # and leaves keys out that begin with two underscores.
    found = DeepDiff(
        *_encoded_pair(before, after),
        view="tree",
        threshold_to_diff_deeper=0,
        ignore_private_variables=False,
    )
    changes = [_field_change(kind, item) for kind, items in found.items() for item in items]
    return tuple(sorted(changes, key=_order))


def all_added(content: Content) -> tuple[FieldChange, ...]:
    """Every field of a content, as added."""
    return tuple(FieldChange(path, Op.ADDED, None, value) for path, value in _leaves(content))


def all_removed(content: Content) -> tuple[FieldChange, ...]:
    """Every field of a content, as removed."""
    return tuple(FieldChange(path, Op.REMOVED, value, None) for path, value in _leaves(content))


def _leaves(content: Content) -> list[tuple[Path, JsonValue]]:
    """The fields one by one; mappings are opened one level, ``config.configurable`` one more."""
    document = as_document(content)
    leaves: list[tuple[Path, JsonValue]] = []
    for name in _FIELDS:
        value = document.get(name)
        if not isinstance(value, Mapping):
            if value is not None:
                leaves.append(((name,), value))
            continue
        for key, inner in value.items():
            if (name, key) == ("config", "configurable"):
                leaves += [((name, key, k), v) for k, v in cast("JsonObject", inner).items()]
            else:
                leaves.append(((name, key), inner))
    return leaves


_OPS = {
    "dictionary_item_added": Op.ADDED,
    "iterable_item_added": Op.ADDED,
    "dictionary_item_removed": Op.REMOVED,
    "iterable_item_removed": Op.REMOVED,
    "values_changed": Op.CHANGED,
    "type_changes": Op.CHANGED,
}


def _field_change(kind: str, item: Any) -> FieldChange:  # noqa: ANN401 - DeepDiff's tree has no types
    op = _OPS[kind]
    path = tuple(_index(part, op) for part in item.path(output_format="list"))
    before = None if op is Op.ADDED else _decode(item.t1)
    after = None if op is Op.REMOVED else _decode(item.t2)
    return FieldChange(path, op, before, after)


def _order(change: FieldChange) -> tuple[int, list[tuple[bool, int, str]], str]:
    """By field, then by path; indices by number."""
    rest = [(isinstance(p, int), p if isinstance(p, int) else 0, str(p)) for p in change.path[1:]]
    return _FIELDS.index(str(change.path[0])), rest, change.op.value


def _encoded_pair(one: JsonValue, other: JsonValue) -> tuple[JsonValue, JsonValue]:
    """Give DeepDiff two values that it compares as JSON does, and lists as mappings by the pairs of their items.

    It would copy and walk through what is equal, which is nearly all of two contents: that is left out.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        equal = {key for key, value in one.items() if key in other and same_json(value, other[key])}
        shared = {k: _encoded_pair(value, other[k]) for k, value in one.items() if k in other and k not in equal}
        return (
            {k: shared[k][0] if k in shared else _encode(value) for k, value in one.items() if k not in equal},
            {k: shared[k][1] if k in shared else _encode(value) for k, value in other.items() if k not in equal},
        )
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        ours: dict[str, JsonValue] = {}
        theirs: dict[str, JsonValue] = {}
        for i, j in pair_items(one, other):
            key = f"{_ITEM}{i}{_ITEM}{j}"
            if i is not None and j is not None:
                ours[key], theirs[key] = _encoded_pair(one[i], other[j])
            elif i is not None:
                ours[key] = _encode(one[i])
            elif j is not None:
                theirs[key] = _encode(other[j])
        return ours, theirs
    return _encode(one), _encode(other)


def _index(part: str | int, op: Op) -> str | int:
    """A part of a path: the index of an item, for its pair."""
    pair = _PAIR.fullmatch(part) if isinstance(part, str) else None
    return part if pair is None else int(pair[1] if op is Op.REMOVED else pair[2])


def _encode(value: JsonValue) -> JsonValue:
    """Give DeepDiff a value that it compares as JSON does."""
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, int | float):
        number = json_number(value)
        return int(number) if float(number).is_integer() else number
    if isinstance(value, Mapping):
        return {key: _encode(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_encode(inner) for inner in value]
    return value


def _decode(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return {_TRUE: True, _FALSE: False}.get(value, value)
    if isinstance(value, Mapping):
        return {key: _decode(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_decode(inner) for inner in value]
    return value
