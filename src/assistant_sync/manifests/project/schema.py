"""The shape of the project file: pydantic models, each field checked by itself."""

from __future__ import annotations

import posixpath
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo

from assistant_sync.manifests.paths import parse_path
from assistant_sync.model.deployment import VERSION_PATTERN
from assistant_sync.model.lock import LONGEST_LEASE, SHORTEST_LEASE
from assistant_sync.model.project import Limit
from assistant_sync.model.url import is_loopback, normalise_url
from assistant_sync.model.values import Path  # noqa: TC001 - pydantic reads the annotation
from assistant_sync.redaction import credential_paths

_PROJECT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_TARGET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_ENVIRONMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")
_PERCENTAGE = re.compile(r"(100|[0-9]{1,2}) ?%")
_ABSOLUTE = re.compile(r"[/~]|[A-Za-z]:")

_LITERAL_FIELDS = ("context", "config", "metadata", "description", "name")

_SECRET_HEADERS = {
    "x-api-key": "api_key_env",
    **dict.fromkeys(("authorization", "proxy-authorization", "cookie"), "headers_env"),
}
_OWN_HEADERS = frozenset({"host", "connection", "content-length", "content-type", "transfer-encoding"})


def _project(text: str) -> str:
    if not _PROJECT.fullmatch(text):
        raise ValueError("a project's name is 1 to 63 characters of a-z, 0-9 and '-', the first a letter or digit")
    return text


def _target(text: str) -> str:
    if not _TARGET.fullmatch(text):
        message = "a target's name is 1 to 63 letters, digits, '.', '_' and '-', the first a letter or digit"
        raise ValueError(message)
    return text


def _url(text: str, others: ValidationInfo) -> str:
    url = normalise_url(text)
    if url.startswith("http:") and not is_loopback(url) and not others.data.get("allow_http"):
        message = (
            "the URL is plain http to another machine: anyone on the network path could read the API key and the "
            "prompts; use https://, or set allow_http: true on the target if you trust that network"
        )
        raise ValueError(message)
    return url


def _variable(text: str) -> str:
    if credential_paths(text):
        raise ValueError("this looks like a key, not the name of a variable that holds one")
    if not _ENVIRONMENT.fullmatch(text):
        raise ValueError("this must be the name of an environment variable, not its value")
    return text


def _header(text: str) -> str:
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError("this is not a valid header name")
    if text.lower() in _OWN_HEADERS:
        raise ValueError(f"the header {text} is set by assistant-sync itself; remove it")
    return text


def _public_header(text: str) -> str:
    instead = _SECRET_HEADERS.get(_header(text).lower())
    if instead:
        message = f"the header {text} is a secret and must not be in git: name an environment variable in {instead}"
        raise ValueError(message)
    return text


def _header_value(text: str) -> str:
    if not _HEADER_VALUE.fullmatch(text):
        raise ValueError("a header's value must be one line of ASCII characters, without leading or trailing blanks")
    return text


def _version(text: str) -> str:
    if not VERSION_PATTERN.fullmatch(text):
        message = "a server's version is 1 to 80 letters, digits, '.', '+', '_' and '-', the first a letter or digit"
        raise ValueError(message)
    return text


def _relative(text: str) -> str:
    if not text or "\0" in text or "\\" in text or _ABSOLUTE.match(text):
        raise ValueError("this must be a path relative to the folder of this file, with forward slashes")
    return posixpath.normpath(text)


def _file(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("this must be the path of a file")
    return text


def _limit(value: Any) -> Limit | None:  # noqa: ANN401 - a file may have any value here
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Limit(value, is_percentage=False)
    percentage = _PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
    if percentage is None:
        raise ValueError("a limit is a number such as 5, without quotes, or a percentage such as 10%")
    return Limit(int(percentage[1]), is_percentage=True)


def _lease(value: Any) -> float | None:  # noqa: ANN401 - a file may have any value here
    """The length of the lease in seconds; 0 for no lock, None for the default."""
    if value is None or value == "on" or value is True:
        return None
    if value == "off" or value is False:
        return 0
    if isinstance(value, int | float) and SHORTEST_LEASE <= value <= LONGEST_LEASE:
        return value
    message = (
        f"lock is on, off, or the seconds that it holds unless it is renewed ({SHORTEST_LEASE} to {LONGEST_LEASE})"
    )
    raise ValueError(message)


_Limit = Annotated[Limit | None, PlainValidator(_limit)]
_RelativePath = Annotated[str, AfterValidator(_relative)]
_FilePath = Annotated[str, AfterValidator(_file)]
_Version = Annotated[str, AfterValidator(_version)]
_Variable = Annotated[str, AfterValidator(_variable)]
_Header = Annotated[str, AfterValidator(_header)]
_PublicHeader = Annotated[str, AfterValidator(_public_header)]
_HeaderValue = Annotated[str, AfterValidator(_header_value)]


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
    formerly: list[Annotated[str, AfterValidator(_target)]] | None = None
    limits: LimitFields | None = None
    activation: Literal["safe", "full", "never"] | None = Field(None, description="safe, full or never")
    measured_version: _Version | None = None
    prune: bool | None = None
    schema_mode: Literal["error", "warn", "off"] | None = Field(None, alias="schema", description="error, warn or off")
    lock: Annotated[float | None, PlainValidator(_lease)] = None


def _path(value: Any) -> Path:  # noqa: ANN401 - a file may have any value here
    return parse_path(value, _LITERAL_FIELDS)


class LiteralFields(BaseModel):
    """A path whose values are no credentials, although they look like some."""

    model_config = ConfigDict(strict=True, extra="forbid")

    path: Annotated[Path, PlainValidator(_path)]
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
    project: Annotated[str, AfterValidator(_project)]
    former_projects: list[Annotated[str, AfterValidator(_project)]] | None = None
    manifests: _RelativePath | None = None
    archive: _RelativePath | None = None
    allow_literals: list[LiteralFields] | None = None
    default_target: str | None = None
    checks: ChecksFields | None = None
    targets: dict[Annotated[str, AfterValidator(_target)], TargetFields] | None = None
