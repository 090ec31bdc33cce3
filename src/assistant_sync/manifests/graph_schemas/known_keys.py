"""Which keys a schema knows: a graph drops the others in silence, and no schema forbids them by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant_sync.manifests.graph_schemas.reach import resolve
from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonObject, JsonValue, Path


class KnownKeys(Frozen, frozen=True):
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
        root: The whole schema, which references point into; its bounds were checked.
        schema: A part of it.
    """
    return _known_of(_forms(root, schema))


class _Below(Frozen, frozen=True):
    """What is looked up for each value that a subschema is for.

    Attributes:
        known: Its keys.
        is_open: Whether it says which values other keys may have.
        items: The schema of the items of a list; None if it is not the one of all of them.
    """

    known: KnownKeys | None
    is_open: bool
    items: JsonValue


class KeysBelow:
    """Finds unknown keys within values; what a subschema says is read once.

    Args:
        root: The whole schema; its bounds were checked.
    """

    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._read: dict[int, _Below] = {}

    def unknown(self, schema: JsonValue, value: JsonValue, path: Path) -> Iterator[tuple[Path, KnownKeys]]:
        """The keys of mappings within a value that the schema does not know, each with those that it knows there.

        Args:
            schema: The part of the schema that the value is held against.
            value: The value; its own keys are not looked at.
            path: Where it is.
        """
        if isinstance(value, (dict, Mapping)):
            known = self._below(schema).known
            for key, item in value.items():
                if isinstance(item, dict | list) and known is not None and key in known.properties:
                    yield from self._unknown_of(known.properties[key], item, (*path, key))
        elif isinstance(value, list):
            items = self._below(schema).items
            if isinstance(items, Mapping):
                for index, item in enumerate(value):
                    if isinstance(item, dict | list):
                        yield from self._unknown_of(items, item, (*path, index))

    def _unknown_of(self, schema: JsonValue, value: JsonValue, path: Path) -> Iterator[tuple[Path, KnownKeys]]:
        if isinstance(value, Mapping):
            found = self._below(schema)
            known = found.known
            if known is not None and not known.is_closed and not found.is_open:
                yield from (((*path, key), known) for key in value if key not in known.properties)
        yield from self.unknown(schema, value, path)

    def _below(self, schema: JsonValue) -> _Below:
        found = self._read.get(id(schema))
        if found is None:
            forms = _forms(self._root, schema)
            items = [form["items"] for form, _ in forms if "items" in form]
            found = self._read[id(schema)] = _Below(
                _known_of(forms),
                any(form.get("additionalProperties") not in (None, False) for form, _ in forms),
                items[0] if len(items) == 1 else None,
            )
        return found


def has_mappings_below(root: JsonObject, known: KnownKeys) -> bool:
    """Whether any key that is known may hold a mapping whose keys are known, or a list of such mappings."""
    pending: list[JsonValue] = [*known.properties.values()]
    seen: set[int] = set()
    while pending:
        for form, _ in _forms(root, pending.pop()):
            if "properties" in form:
                return True
            if "items" in form and id(form) not in seen:
                seen.add(id(form))
                pending.append(form["items"])
    return False


def _known_of(forms: list[tuple[JsonObject, bool]]) -> KnownKeys | None:
    found: dict[str, JsonObject] = {}
    count = 0
    is_closed = is_certain = False
    for form, is_direct in forms:
        if "patternProperties" in form:
            return None
        properties = form.get("properties")
        if isinstance(properties, Mapping):
            count += 1
            found.update({key: one if isinstance(one, Mapping) else {} for key, one in properties.items()})
            is_certain = is_direct
            is_closed = is_direct and form.get("additionalProperties") is False
    if not found:
        return None
    return KnownKeys(found, is_closed and count == 1, is_certain and count == 1)


def _forms(root: JsonObject, schema: JsonValue) -> list[tuple[JsonObject, bool]]:
    """The schemas that apply to one value, references followed, each once, with whether it applies in any case."""
    found: dict[int, tuple[JsonObject, bool]] = {}
    pending: list[tuple[JsonValue, bool]] = [(schema, True)]
    while pending:
        form, is_direct = pending.pop()
        if not isinstance(form, Mapping) or id(form) in found:
            continue
        found[id(form)] = (form, is_direct)
        more: list[tuple[JsonValue, bool]] = []
        if "$ref" in form:
            more.append((resolve(root, form["$ref"]), is_direct))
        for key in ("allOf", "anyOf", "oneOf"):
            forms = form.get(key)
            if isinstance(forms, list):
                more += [(one, is_direct and (key == "allOf" or len(forms) == 1)) for one in forms]
        pending += reversed(more)
    return list(found.values())
