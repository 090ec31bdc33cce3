"""The schemas that are kept in the repository: one file for each graph, which ``schema pull`` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema
from assistant_sync.manifests.wording import shown
from assistant_sync.model.graph_schema import MAX_SCHEMA_BYTES, GraphSchema, SchemaBook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.repository.tree import Tree

FOLDER = "schemas"
"""Beside the project file."""

_FORMAT = "1.0"
_LONGEST_NAME = 255
"""Bytes of a file's name that every file system takes."""


def file_name(graph_id: str) -> str | None:
    """The name of a graph's file in ``FOLDER``; None if the graph's name is too long for a file.

    The graph's name is percent-encoded, so that it names a file of that folder whatever it is.
    """
    name = f"{quote(graph_id, safe='')}.json"
    return name if len(name) <= _LONGEST_NAME else None


def schema_text(schema: GraphSchema) -> str:
    """The content of a graph's file, in stable order."""
    document = {
        "format_version": _FORMAT,
        "graph_id": schema.graph_id,
        "context_schema": schema.context,
        "config_schema": schema.configurable,
        "variables": list(schema.variables),
    }
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def read_schemas(tree: Tree, folder: str, graphs: Iterable[str]) -> SchemaBook:
    """Read the kept schemas of some graphs; a graph without a file has none.

    Args:
        tree: The repository.
        folder: That of the schemas, relative to its top.
        graphs: The graphs.
    """
    schemas: dict[str, GraphSchema] = {}
    unusable: dict[str, str] = {}
    names = set(tree.names(folder))
    for graph in sorted(graphs):
        name = file_name(graph)
        if name is None or name not in names:
            continue
        try:
            schemas[graph] = parse_schema(tree.read(f"{folder}/{name}", limit=MAX_SCHEMA_BYTES), graph)
        except (RepositoryError, UnusableSchema) as error:
            unusable[graph] = str(error).removeprefix(f"{folder}/{name} ")
    return SchemaBook(schemas, unusable)


def parse_schema(data: bytes, graph_id: str) -> GraphSchema:
    """Read the content of a graph's file.

    Raises:
        UnusableSchema: It is no such content, or of another graph.
    """
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnusableSchema("this is no JSON document") from error
    if not isinstance(document, Mapping) or "format_version" not in document:
        raise UnusableSchema("this file was not written by 'schema pull'")
    if document["format_version"] != _FORMAT:
        raise UnusableSchema(f"this file has the format {shown(str(document['format_version']))}, not {_FORMAT}")
    if document.get("graph_id") != graph_id:
        raise UnusableSchema(f"this file is of graph {shown(str(document.get('graph_id')))}, not {shown(graph_id)}")
    return GraphSchema.of_answer(graph_id, document)
