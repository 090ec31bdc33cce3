"""The schemas of the fields that the models check with functions of their own, which no JSON Schema can be read off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.json_schema.nodes import or_include, or_null
from assistant_sync.manifests.rules.values import KEY_PATTERN
from assistant_sync.model.deployment import VERSION_PATTERN
from assistant_sync.model.lock import LONGEST_LEASE, SHORTEST_LEASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.values import JsonObject

_PROJECT: JsonObject = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"}
_TARGET: JsonObject = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"}
_VARIABLE: JsonObject = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
_FILE: JsonObject = {"type": "string", "minLength": 1}
_FOLDER: JsonObject = {"type": "string", "pattern": r"^(?![/~]|[A-Za-z]:)[^\\]+$"}
_KEY: JsonObject = {"type": "string", "pattern": KEY_PATTERN}
_HEADER = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"

_LIMIT: JsonObject = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": "^(100|[0-9]{1,2}) ?%$"},
        {"type": "null"},
    ]
}

_LOCK: JsonObject = {
    "anyOf": [
        {"enum": ["on", "off", True, False]},
        {"type": "number", "minimum": SHORTEST_LEASE, "maximum": LONGEST_LEASE},
        {"type": "null"},
    ]
}

_MAPPING: JsonObject = {
    "type": ["object", "null"],
    # An include stands for a text, and this is none.
    "propertyNames": {"pattern": r"^(?!\$file$)"},
}


def _path(*fields: str) -> JsonObject:
    """A path, in one text or as a list of its parts."""
    return {
        "anyOf": [
            {"type": "string", "pattern": rf"^({'|'.join(fields)})(\.[^.\[\]]+|\[[0-9]{{1,6}}\])*$"},
            {
                "type": "array",
                "minItems": 1,
                "prefixItems": [{"enum": list(fields)}],
                "items": {"type": ["string", "integer"]},
            },
        ]
    }


def _headers(value: JsonObject) -> JsonObject:
    return {"type": ["object", "null"], "propertyNames": {"pattern": _HEADER}, "additionalProperties": value}


PROJECT: Mapping[str, JsonObject] = {
    "version": {"const": 1},
    "project": _PROJECT,
    "former_projects": {"type": ["array", "null"], "items": _PROJECT},
    "manifests": or_null(_FOLDER),
    "archive": or_null(_FOLDER),
    "allow_literals.*.path": _path("context", "config", "metadata", "description", "name"),
    "targets.*.url": {"type": "string", "pattern": r"^\s*[Hh][Tt][Tt][Pp][Ss]?://[^\s?#@\\]+\s*$"},
    "targets.*.api_key_env": or_null(_VARIABLE),
    "targets.*.headers": _headers({"type": "string", "minLength": 1}),
    "targets.*.headers_env": _headers(_VARIABLE),
    "targets.*.measured_version": or_null({"type": "string", "pattern": f"^{VERSION_PATTERN.pattern}$"}),
    "targets.*.ca_file": or_null(_FILE),
    "targets.*.cert_file": or_null(_FILE),
    "targets.*.key_file": or_null(_FILE),
    "targets.*.overlay": or_null(_FOLDER),
    "targets.*.formerly": {"type": ["array", "null"], "items": _TARGET},
    "targets.*.limits.deletes": _LIMIT,
    "targets.*.limits.updates": _LIMIT,
    "targets.*.lock": _LOCK,
}
"""By the field's path, as ``texts.PROJECT``."""

TARGET_NAMES: JsonObject = {"pattern": _TARGET["pattern"]}

MANIFEST: Mapping[str, JsonObject] = {
    "graph_id": {"type": "string", "minLength": 1},
    "description": or_include({"type": ["string", "null"]}),
    "context": _MAPPING,
    "config.tags": {"type": ["array", "null"], "items": or_include({"type": "string"})},
    "config.configurable": _MAPPING,
    "config.metadata": _MAPPING,
    "metadata": _MAPPING,
    "lifecycle.ignore_changes": {
        "type": ["array", "null"],
        "items": _path("graph_id", "name", "description", "context", "config", "metadata"),
    },
    "moved_from": {"anyOf": [_KEY, {"type": "array", "items": _KEY, "uniqueItems": True}, {"type": "null"}]},
}
"""By the field's path, as ``texts.MANIFEST``."""

NOT_BOTH: JsonObject = {
    "if": {
        "properties": {
            "context": {"type": "object", "minProperties": 1},
            "config": {
                "type": "object",
                "properties": {"configurable": {"type": "object", "minProperties": 1}},
                "required": ["configurable"],
            },
        },
        "required": ["context", "config"],
    },
    "then": {
        "properties": {
            "config": {
                "properties": {
                    # For a type alone, the language server shows a message of ours.
                    "configurable": {
                        "type": "null",
                        "errorMessage": "context and config.configurable must not both be given.",
                    }
                }
            }
        }
    },
}
