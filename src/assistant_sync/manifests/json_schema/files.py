"""The files with the schemas for editors, and the line by which a YAML file names its own."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Literal, TypeAlias

from assistant_sync.manifests.graph_schemas.files import FOLDER as KEPT_SCHEMAS
from assistant_sync.manifests.json_schema.documents import (
    check_schema,
    manifest_schema,
    overlay_schema,
    project_schema,
    schema_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.graph_schema import GraphSchema

Kind: TypeAlias = Literal["project", "manifest", "overlay", "check"]

FOLDER = f"{KEPT_SCHEMAS}/editor"
"""Beside the project file; no graph's kept schema is a file of it, because it is a folder below theirs."""


def editor_path(kind: Kind) -> str:
    """The path of a schema, relative to the project file's folder."""
    return f"{FOLDER}/{kind}.json"


def editor_files(schemas: Mapping[str, GraphSchema]) -> dict[str, str]:
    """The text of each schema by its path, relative to the project file's folder.

    Args:
        schemas: Of the graphs that are known.
    """
    made = {
        "project": project_schema(),
        "manifest": manifest_schema(schemas),
        "overlay": overlay_schema(schemas),
        "check": check_schema(schemas),
    }
    return {f"{FOLDER}/{kind}.json": schema_text(schema) for kind, schema in made.items()}


def modeline(schema: str, file: str) -> str:
    """The first line of a YAML file, by which editors find its schema.

    Args:
        schema: The path of the schema.
        file: The path of the YAML file, relative to the same folder.
    """
    return f"# yaml-language-server: $schema={posixpath.relpath(schema, posixpath.dirname(file) or '.')}\n"
