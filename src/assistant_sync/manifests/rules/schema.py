"""The shape of a manifest: pydantic models, and the checks that concern several fields."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.limits import MAX_RECURSION_LIMIT
from assistant_sync.manifests.paths import parse_path
from assistant_sync.manifests.pydantic_errors import check_model
from assistant_sync.manifests.wording import suggestion
from assistant_sync.model.values import Path  # noqa: TC001 - pydantic reads the annotation

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject

KEY_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,62}$"
KEY_SHAPE = "1 to 63 characters of a-z, 0-9, '.', '_' and '-', the first a letter or digit"
_UUID_PATTERN = r"^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$"


def is_key(text: str) -> bool:
    """Whether a text is a valid key."""
    return re.fullmatch(KEY_PATTERN, text) is not None and not text.endswith("\n")


def former_keys(fields: JsonObject) -> tuple[str, ...]:
    """The keys of ``moved_from`` in a manifest that is not checked yet; none if it is not valid."""
    try:
        return _former_keys(fields.get("moved_from"))
    except ValueError:
        return ()


def _former_keys(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - a file may have any value here
    """The keys of ``moved_from``, which is one key or a list of keys."""
    keys = () if value is None else tuple(value) if isinstance(value, list) else (value,)
    if not all(isinstance(key, str) and is_key(key) for key in keys):
        message = f"this must be the key that the assistant had, or a list of its keys, the oldest first: {KEY_SHAPE}"
        raise ValueError(message)
    if len(set(keys)) < len(keys):
        raise ValueError("a key is named twice; name each key that the assistant had once, the oldest first")
    return keys


_Mapping = Annotated[dict[str, Any] | None, Field(description="a mapping")]


_CONTENT = ("graph_id", "name", "description", "context", "config", "metadata")


def _ignored(value: Any) -> Path:  # noqa: ANN401 - a file may have any value here
    return parse_path(value, _CONTENT)


class ConfigFields(BaseModel):
    """The keys of ``config`` that servers check; they store any other as it is."""

    model_config = ConfigDict(strict=True, extra="allow")

    recursion_limit: int | None = Field(
        None, ge=1, le=MAX_RECURSION_LIMIT, description=f"an integer from 1 to {MAX_RECURSION_LIMIT}"
    )
    tags: list[str] | None = Field(None, description="a list of texts")
    configurable: _Mapping = None
    metadata: _Mapping = None


class Lifecycle(BaseModel):
    """What assistant-sync may do with the assistant; the deployment gets none of it but a mark in the stamp."""

    model_config = ConfigDict(strict=True, extra="forbid")

    prevent_delete: bool | None = Field(None, description="true or false")
    ignore_changes: list[Annotated[Path, PlainValidator(_ignored)]] | None = Field(None, description="a list of paths")


CONFIG_KEYS = (*ConfigFields.model_fields, "run_name", "max_concurrency")
"""The keys of ``config`` that have a meaning in LangGraph."""


class Manifest(BaseModel):
    """One manifest; null is absent in every field."""

    model_config = ConfigDict(strict=True, extra="forbid")

    key: str | None = Field(None, pattern=KEY_PATTERN, description=KEY_SHAPE)
    graph_id: str | None = Field(None, min_length=1, description="non-empty text")
    name: str | None = Field(None, min_length=1, description="non-empty text")
    description: str | None = Field(None, description="text")
    context: _Mapping = None
    config: ConfigFields | None = Field(None, description="a mapping")
    metadata: _Mapping = None
    assistant_id: str | None = Field(
        None, pattern=_UUID_PATTERN, description="a UUID such as 62e209ca-9154-432a-b9e9-2d75c7a9219b"
    )
    lifecycle: Lifecycle | None = Field(None, description="a mapping")
    moved_from: Annotated[tuple[str, ...], PlainValidator(_former_keys)] = ()


def check_manifest(value: JsonObject) -> tuple[Manifest | None, list[Violation]]:
    """Check the shape of a manifest whose includes and overlay are in place.

    Args:
        value: Its fields.

    Returns:
        The manifest if its shape is valid, and everything that is wrong.
    """
    manifest, violations = check_model(Manifest, value)
    violations = [_with_place_of_graph_values(one) for one in violations]
    if value.get("graph_id") is None and not any(map(_misspells_graph_id, value)):
        violations.append(Violation((), "graph_id is required"))
    if manifest is None or manifest.graph_id is None:
        return None, violations
    if manifest.context and manifest.config and manifest.config.configurable:
        message = (
            "context and config.configurable must not both be given. A server that shows both has copied one from the "
            "other: keep context, unless the graph reads only config.configurable"
        )
        violations.append(Violation(("config", "configurable"), message, at_key=True))
    return manifest, violations


def _with_place_of_graph_values(violation: Violation) -> Violation:
    """An unknown field that is near to no known one is most likely a value that the graph reads."""
    is_unknown = len(violation.path) == 1 and violation.message.startswith("unknown field")
    if not is_unknown or "did you mean" in violation.message:
        return violation
    return replace(violation, message=f"{violation.message}; what the graph reads belongs below context, indented")


def _misspells_graph_id(name: str) -> bool:
    """Whether the message about an unknown field already suggests ``graph_id``: one mistake is one message."""
    is_unknown = name not in Manifest.model_fields
    return is_unknown and suggestion(name, Manifest.model_fields) == suggestion("graph_id", ("graph_id",))


def canonical_id(text: str) -> str:
    """A UUID in lower case with hyphens."""
    return str(UUID(text))
