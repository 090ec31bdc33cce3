"""Schemas as the servers answer them for graphs: of a dataclass, of a pydantic model, and of zod."""

from __future__ import annotations

from typing import Any

from assistant_sync.model.graph_schema import GraphSchema

SUPPORT: dict[str, Any] = {
    "title": "SupportContext",
    "type": "object",
    "properties": {
        "model_name": {
            "type": "string",
            "default": "openai/gpt-4.1",
            "description": "The model that answers.",
            "x_oap_ui_config": {
                "type": "select",
                "options": [{"label": "GPT", "value": "openai/gpt-4.1"}, {"label": "Opus", "value": "anthropic/opus"}],
            },
        },
        "temperature": {"type": "number", "x_oap_ui_config": {"type": "slider", "min": 0, "max": 2}},
        "system_prompt": {
            "type": "string",
            "langgraph_type": "prompt",
            "description": "What the agent is asked to do.",
        },
        "depth": {"type": "string", "enum": ["deep", "quick"], "description": "How far it goes."},
        "tools": {"type": "array", "items": {"$ref": "#/$defs/Tool"}},
        "escalation": {"anyOf": [{"$ref": "#/$defs/Escalation"}, {"type": "null"}]},
    },
    "required": ["system_prompt"],
    "$defs": {
        "Tool": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        "Escalation": {
            "type": "object",
            "properties": {
                "to": {"type": "string"},
                "after": {"type": "integer"},
                "next": {"$ref": "#/$defs/Escalation"},
            },
            "required": ["to"],
        },
    },
}
"""As the Python server answers for a typed context."""

ZOD: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$ref": "#/definitions/Context",
    "definitions": {
        "Context": {
            "type": "object",
            "properties": {
                "mode": {"type": "string", "enum": ["chat", "mail"], "default": "chat"},
                "limits": {"type": "object", "additionalProperties": {"type": "number"}},
                "reply": {"oneOf": [{"type": "string"}, {"type": "object"}]},
            },
            "required": ["mode"],
            "additionalProperties": False,
        }
    },
}
"""As the JS server answers."""

SCHEMAS = {
    "agent": GraphSchema("agent", SUPPORT),
    "mail agent/2": GraphSchema("mail agent/2", ZOD),
    "untyped": GraphSchema("untyped"),
}
