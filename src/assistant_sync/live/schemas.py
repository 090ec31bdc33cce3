"""The schemas of graphs, from what the deployment answers for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant_sync.live.json_value import read_json
from assistant_sync.model.graph_schema import MAX_SCHEMA_BYTES, GraphSchema, SchemaBook
from assistant_sync.redaction import credential_paths

if TYPE_CHECKING:
    from assistant_sync.live.graphs import SeenGraph
    from assistant_sync.model.values import JsonObject, JsonValue

_NONE = "the server answers none"
_UNASKED = "no assistant of it is visible, by which it could be asked for"
_SUGGESTED = ("default", "examples")
_NAMES = frozenset({"context_schema", "config_schema", "input_schema", "state_schema"})


def schemas_of(seen: Mapping[str, SeenGraph]) -> SchemaBook:
    """Read the schemas of graphs; one that is not seen to be served has none.

    Args:
        seen: By graph, what was seen of it.
    """
    schemas: dict[str, GraphSchema] = {}
    unusable: dict[str, str] = {}
    for graph, one in seen.items():
        if not one.is_served:
            continue
        try:
            schemas[graph] = _parse(graph, one.schemas)
        except ValueError as error:
            unusable[graph] = str(error)
    return SchemaBook(schemas, unusable)


def input_schema_of(seen: SeenGraph) -> JsonObject | None:
    """The JSON Schema of a graph's input; None if the server answers none that can be read."""
    if seen.schemas is None or len(seen.schemas) > MAX_SCHEMA_BYTES:
        return None
    try:
        document = read_json(seen.schemas)
    except ValueError:
        return None
    schema = document.get("input_schema") if isinstance(document, dict) else None
    return schema if isinstance(schema, dict) and schema else None


def _parse(graph: str, answer: bytes | None) -> GraphSchema:
    if answer is None:
        raise ValueError(_UNASKED)
    if len(answer) > MAX_SCHEMA_BYTES:
        message = f"it has more than {MAX_SCHEMA_BYTES // 2**20} MiB"
        raise ValueError(message)
    try:
        document = read_json(answer)
    except ValueError as error:
        message = "the server's answer is not JSON, or nested too deep"
        raise ValueError(message) from error
    if not isinstance(document, dict) or not _NAMES & document.keys():
        raise ValueError(_NONE)
    return GraphSchema.of_answer(graph, {key: _without_secrets(one) for key, one in document.items()})


def _without_secrets(schema: JsonValue) -> JsonValue:
    """A schema without defaults and examples that look like credentials: it is kept in git, and shown in editors."""
    if isinstance(schema, list):
        return [_without_secrets(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: _without_secrets(value)
        for key, value in schema.items()
        if key not in _SUGGESTED or not credential_paths({"value": value})
    }
