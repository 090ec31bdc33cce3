"""The shape of a manifest as pydantic models, which explain what is wrong; schema.py reads a manifest that fits."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from assistant_sync.manifests.limits import MAX_RECURSION_LIMIT
from assistant_sync.manifests.rules.values import KEY_PATTERN, KEY_SHAPE, UUID_PATTERN, keys_of_move, path_to_ignore
from assistant_sync.model.values import Path  # noqa: TC001 - pydantic reads the annotation

_Mapping = Annotated[dict[str, Any] | None, Field(description="a mapping")]


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
    ignore_changes: list[Annotated[Path, PlainValidator(path_to_ignore)]] | None = Field(
        None, description="a list of paths"
    )


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
        None, pattern=UUID_PATTERN, description="a UUID such as 62e209ca-9154-432a-b9e9-2d75c7a9219b"
    )
    lifecycle: Lifecycle | None = Field(None, description="a mapping")
    moved_from: Annotated[tuple[str, ...], PlainValidator(keys_of_move)] = ()
