"""The shape of the project file as pydantic models, which explain what is wrong; schema.py reads a file that fits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo

from assistant_sync.manifests.project.rules import (
    file_path,
    header_name,
    header_value,
    lease_of,
    limit_of,
    literal_path,
    project_name,
    public_header,
    relative_path,
    server_version,
    target_name,
    target_url,
    variable_name,
)
from assistant_sync.model.project import Limit
from assistant_sync.model.values import Path  # noqa: TC001 - pydantic reads the annotation

_Limit = Annotated[Limit | None, PlainValidator(limit_of)]
_RelativePath = Annotated[str, AfterValidator(relative_path)]
_FilePath = Annotated[str, AfterValidator(file_path)]
_Version = Annotated[str, AfterValidator(server_version)]
_Variable = Annotated[str, AfterValidator(variable_name)]
_Header = Annotated[str, AfterValidator(header_name)]
_PublicHeader = Annotated[str, AfterValidator(public_header)]
_HeaderValue = Annotated[str, AfterValidator(header_value)]


def _url(text: str, others: ValidationInfo) -> str:
    return target_url(text, allow_http=bool(others.data.get("allow_http")))


class LimitFields(BaseModel):
    """The guards of a target."""

    model_config = ConfigDict(strict=True, extra="forbid")

    deletes: _Limit = None
    updates: _Limit = None


class TargetFields(BaseModel):
    """One target; null is absent in every field but the URL."""

    model_config = ConfigDict(strict=True, extra="forbid")

    allow_http: bool | None = None  # before the URL, whose check asks for it
    url: Annotated[str, AfterValidator(_url)]
    auth: Literal["key", "none"] | None = Field(None, description="key or none")
    api_key_env: _Variable | None = None
    headers: dict[_PublicHeader, _HeaderValue] | None = None
    headers_env: dict[_Header, _Variable] | None = None
    ca_file: _FilePath | None = None
    cert_file: _FilePath | None = None
    key_file: _FilePath | None = None
    overlay: _RelativePath | None = None
    formerly: list[Annotated[str, AfterValidator(target_name)]] | None = None
    limits: LimitFields | None = None
    activation: Literal["safe", "full", "never"] | None = Field(None, description="safe, full or never")
    measured_version: _Version | None = None
    prune: bool | None = None
    schema_mode: Literal["error", "warn", "off"] | None = Field(None, alias="schema", description="error, warn or off")
    lock: Annotated[float | None, PlainValidator(lease_of)] = None


class LiteralFields(BaseModel):
    """A path whose values are no credentials, although they look like some."""

    model_config = ConfigDict(strict=True, extra="forbid")

    path: Annotated[Path, PlainValidator(literal_path)]
    reason: Annotated[str, Field(min_length=1, description="a sentence that says why")]


class ChecksFields(BaseModel):
    """Where and how the checks are asked; null is absent in every field."""

    model_config = ConfigDict(strict=True, extra="forbid")

    target: str | None = None
    gate: bool | None = None
    max_runs: int | None = Field(None, ge=1, description="an integer of at least 1")
    allow_default_context: bool | None = None


class ProjectFields(BaseModel):
    """The project file."""

    model_config = ConfigDict(strict=True, extra="forbid")

    version: int = Field(ge=1, le=1, description="1, the only version of this format")
    project: Annotated[str, AfterValidator(project_name)]
    former_projects: list[Annotated[str, AfterValidator(project_name)]] | None = None
    manifests: _RelativePath | None = None
    archive: _RelativePath | None = None
    allow_literals: list[LiteralFields] | None = None
    default_target: str | None = None
    checks: ChecksFields | None = None
    targets: dict[Annotated[str, AfterValidator(target_name)], TargetFields] | None = None
