"""Which keys a schema knows: a graph drops the others in silence, and no schema forbids them by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.manifests.graph_schemas.bounds import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonObject, JsonValue, Path


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """What a schema says of the keys of a mapping.

    Attributes:
        properties: The schema of each key that it names.
        is_closed: Whether it forbids all others itself.
        is_certain: Whether it names them directly, so that a graph that is typed by it drops all others; false for one
            of several forms.
    """

    properties: Mapping[str, JsonObject]
    is_closed: bool
    is_certain: bool


def known_keys(root: JsonObject, schema: JsonValue) -> KnownKeys | None:
    """The keys that a schema names; None if it names none, or lets any other key be one of its own.

    Args:
        root: The whole schema, which references point into.
        schema: A part of it.
    """
    found: dict[str, JsonObject] = {}
    forms = 0
    is_closed = is_certain = False
    for form, is_direct in _forms(root, schema, is_direct=True):
        if "patternProperties" in form:
            return None
        properties = form.get("properties")
        if isinstance(properties, Mapping):
            forms += 1
            found.update({key: one if isinstance(one, Mapping) else {} for key, one in properties.items()})
            is_certain = is_direct
            is_closed = form.get("additionalProperties") is False
    if not found:
        return None
    return KnownKeys(found, is_closed and forms == 1, is_certain and forms == 1)


def unknown_below(
    root: JsonObject, schema: JsonValue, value: JsonValue, path: Path
) -> Iterator[tuple[Path, KnownKeys]]:
    """The keys of mappings within a value that the schema does not know, each with those that it knows there.

    Args:
        root: The whole schema.
        schema: The part that the value is held against.
        value: The value; its own keys are not looked at.
        path: Where it is.
    """
    if isinstance(value, Mapping):
        known = known_keys(root, schema)
        for key, item in value.items():
            if known is not None and key in known.properties:
                yield from _unknown_of(root, known.properties[key], item, (*path, key))
    elif isinstance(value, list):
        items = [form["items"] for form, _ in _forms(root, schema, is_direct=True) if "items" in form]
        if len(items) == 1:
            for index, item in enumerate(value):
                yield from _unknown_of(root, items[0], item, (*path, index))


def has_mappings_below(root: JsonObject, known: KnownKeys) -> bool:
    """Whether any key that is known may hold a mapping or a list whose keys are known, too."""
    return any(
        "properties" in form or "items" in form
        for one in known.properties.values()
        for form, _ in _forms(root, one, is_direct=True)
    )


def _unknown_of(root: JsonObject, schema: JsonValue, value: JsonValue, path: Path) -> Iterator[tuple[Path, KnownKeys]]:
    if isinstance(value, Mapping):
        known = known_keys(root, schema)
        is_open = any(
            form.get("additionalProperties") not in (None, False) for form, _ in _forms(root, schema, is_direct=True)
        )
        if known is not None and not known.is_closed and not is_open:
            yield from (((*path, key), known) for key in value if key not in known.properties)
    yield from unknown_below(root, schema, value, path)


def _forms(
    root: JsonObject, schema: JsonValue, *, is_direct: bool, level: int = 0
) -> Iterator[tuple[JsonObject, bool]]:
    """The schemas that apply to one value, references followed, each with whether it applies in any case."""
    if not isinstance(schema, Mapping) or level > _DEEPEST:
        return
    yield schema, is_direct
    if "$ref" in schema:
        yield from _forms(root, resolve(root, schema["$ref"]), is_direct=is_direct, level=level + 1)
    for key in ("allOf", "anyOf", "oneOf"):
        forms = schema.get(key)
        if isinstance(forms, list):
            direct = is_direct and (key == "allOf" or len(forms) == 1)
            for form in forms:
                yield from _forms(root, form, is_direct=direct, level=level + 1)


_DEEPEST = 16
"""Forms within forms that are looked at; the bounds of a schema keep their number small."""
