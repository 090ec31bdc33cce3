"""The schema of one graph as a part of the editor's: re-rooted, with includes, and with the words of its form."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.manifests.graph_schemas.compiled import CompiledSchema, without_defaulted
from assistant_sync.manifests.graph_schemas.known_keys import known_keys
from assistant_sync.manifests.graph_schemas.reach import resolve
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema
from assistant_sync.manifests.json_schema.nodes import apart, or_null
from assistant_sync.manifests.json_schema.rewriting import Rewriter
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.manifests.graph_schemas.known_keys import KnownKeys
    from assistant_sync.model.graph_schema import GraphSchema
    from assistant_sync.model.values import JsonObject, JsonValue

_LONGEST_NAME = 40
_TITLE = "Values of the graph"
"""An editor names a mapping without a title by our definition."""


@dataclass(frozen=True, slots=True)
class GraphParts:
    """What an editor's schema has of one graph.

    Attributes:
        graph_id: The graph.
        context: The name in ``defs`` of the schema of ``context``; None if there is none.
        configurable: That of ``config.configurable``.
        defs: All schemas by the names that they have in the ``$defs`` of the document.
        context_notes: What is suggested for each key of ``context`` where values are not checked.
        configurable_notes: Likewise for ``config.configurable``.
    """

    graph_id: str
    context: str | None = None
    configurable: str | None = None
    defs: Mapping[str, JsonObject] = field(default_factory=dict)
    context_notes: Mapping[str, JsonObject] = field(default_factory=dict)
    configurable_notes: Mapping[str, JsonObject] = field(default_factory=dict)


def graph_parts(schema: GraphSchema, *, is_patch: bool) -> GraphParts:
    """Make the parts of one graph; a schema that the checker cannot use either has none.

    Args:
        schema: Of the graph.
        is_patch: Whether they are for an overlay, in which nothing is required and null removes.
    """
    name = _name(schema.graph_id)
    context = _part(schema.context, f"{name}.context", drops_unknown=True, is_patch=is_patch)
    configurable = _part(schema.of_configurable, f"{name}.configurable", drops_unknown=False, is_patch=is_patch)
    return GraphParts(
        schema.graph_id,
        None if context is None else context.name,
        None if configurable is None else configurable.name,
        {**(context.defs if context else {}), **(configurable.defs if configurable else {})},
        context.notes if context else {},
        configurable.notes if configurable else {},
    )


def why_unusable(schema: GraphSchema) -> str | None:
    """Why a graph's schema, or a part of it, is left out; None if nothing is."""
    for one in (schema.context, schema.of_configurable):
        try:
            _check(one)
        except UnusableSchema as error:
            return str(error)
    return None


def _check(schema: JsonObject | None) -> None:
    """Refuse what the checker does not use either, and what no document can hold.

    Raises:
        UnusableSchema: It does not.
    """
    if schema is None:
        return
    CompiledSchema("", schema, (), drops_unknown=False)
    try:
        json.dumps(schema, allow_nan=False)
    except ValueError as error:
        raise UnusableSchema("it has a number that JSON does not have") from error


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    defs: Mapping[str, JsonObject]
    notes: Mapping[str, JsonObject]


def _part(schema: JsonObject | None, name: str, *, drops_unknown: bool, is_patch: bool) -> _Part | None:
    if schema is None:
        return None
    try:
        _check(schema)
    except UnusableSchema:
        return None
    root = without_defaulted(schema)
    known = known_keys(root, root)
    rewriter = Rewriter(root, name, is_patch=is_patch)
    whole = rewriter.root(_without_reference(root))
    if known is not None:
        is_closed = known.is_closed or (drops_unknown and known.is_certain)
        whole = _with_keys(whole, known, rewriter, is_closed=is_closed)
    keys = {} if known is None else known.properties
    notes = {key: apart(rewriter.suggestion(key, one))[0] for key, one in keys.items()}
    return _Part(name, {name: or_null({"title": _TITLE, **whole}), **rewriter.defs()}, notes)


def _without_reference(root: JsonObject) -> JsonObject:
    """The root itself, or what it refers to: a null can be allowed only beside a type."""
    form: JsonValue = root
    while isinstance(form, dict) and "$ref" in form and form.keys() <= {"$ref", "$defs", "definitions", "$schema"}:
        form = resolve(root, form["$ref"])
    return form if isinstance(form, dict) else root


def _with_keys(whole: JsonObject, known: KnownKeys, rewriter: Rewriter, *, is_closed: bool) -> dict[str, JsonValue]:
    """The schema of a mapping that names all its keys itself, which an editor completes and closes it by."""
    own = whole.get("properties")
    named = own if isinstance(own, dict) else {}
    more = {key: rewriter.property(key, one) for key, one in known.properties.items() if key not in named}
    made: dict[str, JsonValue] = {"type": "object", **whole}
    if is_closed:
        made |= {"properties": {**named, **more}, "additionalProperties": False}
    return made


def _name(graph_id: str) -> str:
    """A name in ``$defs`` that needs no escape in a reference, and that no other graph has."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", redact_text(graph_id))[:_LONGEST_NAME]
    if plain == graph_id:
        return f"graph.{plain}"
    return f"graph.{plain}.{hashlib.sha256(graph_id.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
