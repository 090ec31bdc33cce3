"""The schemas of the files that users write: the project file, manifests, overlays and checks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from assistant_sync.manifests.json_schema import checks, shapes, texts
from assistant_sync.manifests.json_schema.graphs import GraphParts, graph_parts
from assistant_sync.manifests.json_schema.models import model_schema
from assistant_sync.manifests.json_schema.nodes import INCLUDE, INCLUDE_SCHEMA, or_null
from assistant_sync.manifests.project.models import ProjectFields
from assistant_sync.manifests.rules.models import Manifest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from assistant_sync.model.graph_schema import GraphSchema
    from assistant_sync.model.values import JsonObject, JsonValue

DRAFT = "https://json-schema.org/draft/2020-12/schema"
"""A name that validators know; nothing is fetched from there."""

_VERSION = 1
"""Of the ids: a file that is checked with one schema of an id fits the next one of it, too."""

_NEVER_IN_OVERLAYS = ("moved_from",)


def project_schema() -> JsonObject:
    """The schema of ``assistant-sync.yaml``."""
    made = model_schema(ProjectFields, texts.PROJECT, shapes.PROJECT)
    properties = dict(_mapping(made["properties"]))
    properties["targets"] = {**_mapping(properties["targets"]), "propertyNames": shapes.TARGET_NAMES}
    return _document("project", "The project file", texts.PROJECT[""], {**made, "properties": properties})


def manifest_schema(schemas: Mapping[str, GraphSchema]) -> JsonObject:
    """The schema of a manifest.

    Args:
        schemas: Of the graphs that are known; each is suggested, and one that declares nothing, or whose schema cannot
            be used, takes any context.
    """
    made = model_schema(Manifest, texts.MANIFEST, shapes.MANIFEST)
    parts = [graph_parts(schemas[graph], is_patch=False) for graph in sorted(schemas)]
    properties = _with_graphs(_mapping(made["properties"]), schemas)
    document: dict[str, JsonValue] = {**made, "properties": properties, "required": ["graph_id"]}
    return _document("manifest", "A manifest", texts.MANIFEST[""], document, parts, [shapes.NOT_BOTH])


def overlay_schema(schemas: Mapping[str, GraphSchema]) -> JsonObject:
    """The schema of an overlay: any fields of a manifest, each of which null removes.

    An overlay rarely names its graph, which its manifest does. So the keys of all graphs are suggested in any case, and
    values are checked only if it names one.

    Args:
        schemas: As of ``manifest_schema``.
    """
    made = model_schema(Manifest, texts.MANIFEST, shapes.MANIFEST)
    parts = [graph_parts(schemas[graph], is_patch=True) for graph in sorted(schemas)]
    properties = _with_graphs(_mapping(made["properties"]), schemas)
    for name in _NEVER_IN_OVERLAYS:
        del properties[name]
    properties["graph_id"] = or_null(_mapping(properties["graph_id"]))
    config = _mapping(properties["config"])
    below = dict(_mapping(config["properties"]))
    below["configurable"] = _suggesting(below["configurable"], [one.configurable_notes for one in parts])
    properties["config"] = {**config, "properties": below}
    properties["context"] = _suggesting(properties["context"], [one.context_notes for one in parts])
    document = {**made, "properties": properties}
    return _document("overlay", "An overlay", texts.OVERLAY, document, parts)


def check_schema(graphs: Collection[str]) -> JsonObject:
    """The schema of a document of checks.

    Args:
        graphs: Those that are known; each is suggested, and any other is no error.
    """
    return _document("check", "Checks", checks.TEXTS[""], checks.check_properties(sorted(graphs)))


def schema_text(schema: JsonObject) -> str:
    """A schema as its file has it: the same for equal schemas, whatever the order of their keys."""
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _document(
    name: str,
    title: str,
    description: str,
    schema: JsonObject,
    parts: Sequence[GraphParts] = (),
    rules: Sequence[JsonObject] = (),
) -> JsonObject:
    defs: dict[str, JsonValue] = {} if name == "project" else {INCLUDE: INCLUDE_SCHEMA}
    for one in parts:
        defs |= one.defs
    cases: list[JsonValue] = [*rules, *(_case(one) for one in parts if one.defs)]
    return {
        "$schema": DRAFT,
        "$id": f"assistant-sync:{name}:{_VERSION}",
        "title": title,
        "description": description,
        **schema,
        **({"allOf": cases} if cases else {}),
        **({"$defs": defs} if defs else {}),
    }


def _case(parts: GraphParts) -> JsonObject:
    """What holds for the manifests of one graph."""
    below: dict[str, JsonValue] = {}
    if parts.context is not None:
        below["context"] = {"$ref": f"#/$defs/{parts.context}"}
    if parts.configurable is not None:
        below["config"] = {"properties": {"configurable": {"$ref": f"#/$defs/{parts.configurable}"}}}
    return {
        "if": {"properties": {"graph_id": {"const": parts.graph_id}}, "required": ["graph_id"]},
        "then": {"properties": below},
    }


def _with_graphs(properties: JsonObject, graphs: Mapping[str, GraphSchema]) -> dict[str, JsonValue]:
    """Suggest the graphs that are known; any other is no error."""
    known = {"examples": sorted(graphs)} if graphs else {}
    return {**properties, "graph_id": {**_mapping(properties["graph_id"]), **known}}


def _suggesting(schema: JsonValue, notes: Sequence[Mapping[str, JsonObject]]) -> JsonObject:
    """A mapping in which keys are suggested, the first graph's words for a key that several have."""
    keys: dict[str, JsonValue] = {}
    for one in notes:
        keys = {**one, **keys}
    return {**_mapping(schema), **({"properties": keys} if keys else {})}


def _mapping(value: JsonValue) -> JsonObject:
    assert isinstance(value, dict)  # noqa: S101 - it was made here
    return value
