"""Masking, in the model and before any rendering: whole values, or of a long text the lines that hold a credential."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant_sync.model.change import FieldChange
from assistant_sync.model.frozen import replace
from assistant_sync.redaction.names import Naming, can_be_secret, naming, strongest
from assistant_sync.redaction.shapes import (
    hold_sent,
    key_has_shape,
    key_matches,
    matches,
    secret_lines,
    without_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from assistant_sync.model.values import JsonValue, Path

_ON_BOTH_SIDES = "(masked line)"
_ON_ONE_SIDE = "(masked line, {})"
"""Two masked lines that differ must look different, or the diff would show no change."""

_TWINS = {("context",): ("config", "configurable"), ("config", "configurable"): ("context",)}
"""Servers mirror the one into the other."""


def redact(fields: Collection[FieldChange], literals: Collection[Path] = ()) -> tuple[FieldChange, ...]:
    """Mask the values of each field that looks like a credential, by its path or on either side.

    Args:
        fields: What differs.
        literals: Paths that somebody has declared harmless, with all that is below them.
    """
    return tuple([_redact_one(field, literals) for field in fields]) if fields else ()


def redact_text(text: str) -> str:
    """Mask what looks like a credential inside a text of ours, such as a name or a server's message."""
    return without_secrets(text)


def credential_paths(document: JsonValue, literals: Collection[Path] = ()) -> tuple[Path, ...]:
    """Where in a document something looks like a credential, by its name or by its content.

    Args:
        document: Any value; a text has the empty path.
        literals: Paths that somebody has declared harmless, with all that is below them.

    Returns:
        The paths; below a name of a credential nothing more is looked for. ``redact`` masks all of them, and also the
        parameters of a JSON Schema, which have the names of credentials but hold none.
    """
    # Building paths costs more than looking: only a document that holds one pays for it.
    return tuple(_paths(document, (), literals)) if _holds_a_credential(document) else ()


def _paths(value: JsonValue, path: Path, literals: Collection[Path]) -> Iterator[Path]:
    if is_literal(path, literals):
        return
    if isinstance(value, str):
        if matches(value):
            yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            below = (*path, key)
            is_parameter = path[-1:] == ("properties",) and isinstance(inner, Mapping)
            named = Naming.NOTHING if is_parameter else naming(key)
            if key_matches(key) or can_be_secret(_without(inner, below, literals), named):
                yield below
            else:
                yield from _paths(inner, below, literals)
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index), literals)


def is_named_as_credential(path: Path, value: JsonValue) -> bool:
    """Whether the names on a path are those of a credential, and the value can be one."""
    return can_be_secret(value, strongest(path))


def keys_are_harmless(keys: frozenset[str]) -> bool:
    """Whether none of some keys looks like a credential or is the name of one."""
    return _are_harmless(keys) and not hold_sent(keys)


@lru_cache(maxsize=4096)
def _are_harmless(keys: frozenset[str]) -> bool:
    return all(naming(key) is Naming.NOTHING and not key_has_shape(key) for key in keys)


def is_literal(path: Path, literals: Collection[Path]) -> bool:
    """Whether a path is one that was declared harmless, or lies below one."""
    return any(path[: len(one)] == one for literal in literals for one in _with_twin(literal))


def _with_twin(path: Path) -> Iterator[Path]:
    yield path
    for start, other in _TWINS.items():
        if path[: len(start)] == start:
            yield (*other, *path[len(start) :])


def _without(value: JsonValue, path: Path, literals: Collection[Path]) -> JsonValue:
    """A value without what was declared harmless in it."""
    if not literals:
        return value
    if is_literal(path, literals):
        return None
    if isinstance(value, Mapping):
        return {key: _without(inner, (*path, key), literals) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_without(inner, (*path, index), literals) for index, inner in enumerate(value)]
    return value


def _redact_one(field: FieldChange, literals: Collection[Path]) -> FieldChange:
    path = _redacted_path(field.path)
    sides = [_without(side, field.path, literals) for side in (field.before, field.after)]
    named = _strongest(field.path)
    if named is not Naming.NOTHING and any(can_be_secret(side, named) for side in sides):
        return FieldChange(path, field.op, None, None, sensitive=True)
    if any(map(_holds_a_credential, sides)):
        return _with_masked_lines(replace(field, path=path))
    return field if path is field.path else replace(field, path=path)


_strongest = lru_cache(maxsize=4096)(strongest)


def _redacted_path(path: Path) -> Path:
    """The path with masked names; the same one if there is nothing to mask, as in nearly all."""
    if _has_no_shape(path) and not hold_sent([part for part in path if isinstance(part, str)]):
        return path
    return tuple([redact_text(part) if isinstance(part, str) else part for part in path])


@lru_cache(maxsize=4096)
def _has_no_shape(path: Path) -> bool:
    return not any(isinstance(part, str) and key_has_shape(part) for part in path)


def _with_masked_lines(field: FieldChange) -> FieldChange:
    """Mask the lines of a text that hold a credential; the whole value if it is no text of several lines."""
    sides = (field.before, field.after)
    texts = [side for side in sides if isinstance(side, str)]
    if any(side is not None and not isinstance(side, str) for side in sides) or not any("\n" in one for one in texts):
        return FieldChange(field.path, field.op, None, None, sensitive=True)
    hidden = [_secret_lines_of(side) for side in sides]
    before = _masked(field.before, hidden[1], _ON_ONE_SIDE.format("before"))
    after = _masked(field.after, hidden[0], _ON_ONE_SIDE.format("after"))
    return replace(field, before=before, after=after)


def _secret_lines_of(side: JsonValue) -> frozenset[str]:
    if not isinstance(side, str):
        return frozenset()
    lines = side.split("\n")
    return frozenset(lines[number] for number in secret_lines(side))


def _masked(side: JsonValue, of_the_other: Collection[str], otherwise: str) -> JsonValue:
    if not isinstance(side, str):
        return side
    lines = side.split("\n")
    for number in secret_lines(side):
        lines[number] = _ON_BOTH_SIDES if lines[number] in of_the_other else otherwise
    return "\n".join(lines)


def _holds_a_credential(value: JsonValue) -> bool:
    """Whether a value, or anything inside it, looks like a credential; written for speed, since hardly any does."""
    if isinstance(value, str):
        return matches(value)
    if value is None or isinstance(value, (int, float)):
        return False
    if isinstance(value, (dict, Mapping)):
        for key, inner in value.items():
            if key_matches(key):
                return True
            named = naming(key)
            if named is not Naming.NOTHING and can_be_secret(inner, named):
                return True
        value = list(value.values())
    for item in value:  # noqa: SIM110 - a generator costs a third more
        if _holds_a_credential(item):
            return True
    return False
