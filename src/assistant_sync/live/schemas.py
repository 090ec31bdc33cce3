"""The schemas of graphs, from what the deployment answers for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import from_json

from assistant_sync.model.graph_schema import MAX_SCHEMA_BYTES, GraphSchema, SchemaBook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.live.graphs import SeenGraph

_NONE = "the server answers none"
_NAMES = frozenset({"context_schema", "config_schema", "input_schema", "state_schema"})


def schemas_of(seen: Mapping[str, SeenGraph]) -> SchemaBook:
    """Read the schemas of graphs; a graph that is surely not served has none.

    Args:
        seen: By graph, what was seen of it.
    """
    schemas: dict[str, GraphSchema] = {}
    unusable: dict[str, str] = {}
    for graph, one in seen.items():
        if one.is_served is False:
            continue
        try:
            schemas[graph] = _parse(graph, one.schemas)
        except ValueError as error:
            unusable[graph] = str(error)
    return SchemaBook(schemas, unusable)


def _parse(graph: str, answer: bytes | None) -> GraphSchema:
    if answer is None:
        raise ValueError(_NONE)
    if len(answer) > MAX_SCHEMA_BYTES:
        message = f"it has more than {MAX_SCHEMA_BYTES // 2**20} MiB"
        raise ValueError(message)
    try:
        document = from_json(answer, allow_inf_nan=False)
    except ValueError as error:
        message = "the server's answer is not JSON, or nested too deep"
        raise ValueError(message) from error
    if not isinstance(document, dict) or not _NAMES & document.keys():
        raise ValueError(_NONE)
    return GraphSchema.of_answer(graph, document)
