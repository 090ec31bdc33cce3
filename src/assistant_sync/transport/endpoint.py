"""Where requests go and what they carry: the origin rule for credentials (docs/safety.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from assistant_sync.errors import Denied, UnknownName
from assistant_sync.model.url import is_loopback, normalise_url, origin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from assistant_sync.model.project import Target

KEY_HEADER = "x-api-key"
DEFAULT_KEY_VARIABLES = ("LANGGRAPH_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")
"""In the order of the platform's own client (langgraph_sdk)."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A deployment's URL with everything that requests to it carry.

    Attributes:
        url: Normalised; may have a path.
        headers: Sent with every request, credentials included; names in lower case.
        ca_file: Certificates of a private CA, trusted in addition to the usual ones.
        cert_file: A client certificate.
        key_file: Its key; None if the certificate's file holds it.
        key_source: The environment variable that the API key came from; None if none is sent.
        is_stripped: Whether the target's credentials are not sent because the URL has another origin.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    key_source: str | None = None
    is_stripped: bool = False


def resolve_endpoint(
    target: Target, environ: Mapping[str, str], *, url: str | None = None, api_key_env: str | None = None
) -> Endpoint:
    """Return the URL, the headers and the certificates for a target.

    Args:
        target: From the project file.
        environ: The environment variables.
        url: Overrides the target's URL. If its origin differs from the target's, no key, no header and no client
            certificate of the target is sent there.
        api_key_env: The variable that holds the key; its key is sent to any origin.

    Raises:
        UnknownName: If ``url`` cannot be the URL of a deployment.
        Denied: If a named variable is not set, a value cannot be sent as a header, or the URL is plain http
            to another machine.
    """
    resolved = _resolved_url(target, url)
    is_own = origin(resolved) == origin(target.url)
    headers = _target_headers(target, environ) if is_own else {}
    source = _variable_of_key_header(target) if KEY_HEADER in headers else None
    named_variable = api_key_env if api_key_env is not None or not is_own else target.api_key_env
    if named_variable is not None:
        headers[KEY_HEADER] = _named_value(named_variable, environ, f"target {target.name}: the API key")
        source = named_variable
    elif is_own and KEY_HEADER not in headers:
        source = next((name for name in DEFAULT_KEY_VARIABLES if _unquoted(environ.get(name, ""))), None)
        if source is not None:
            headers[KEY_HEADER] = _checked(_unquoted(environ[source]), source)
    return Endpoint(
        url=resolved,
        headers=MappingProxyType(headers),
        ca_file=target.ca_file,
        cert_file=target.cert_file if is_own else None,
        key_file=target.key_file if is_own else None,
        key_source=source,
        is_stripped=not is_own and named_variable is None,
    )


def _resolved_url(target: Target, url: str | None) -> str:
    try:
        resolved = target.url if url is None else normalise_url(url)
    except ValueError as error:
        raise UnknownName(f"the URL given for this run cannot be used: {error}") from None
    if resolved.startswith("http:") and not is_loopback(resolved):
        risk = "anyone on the network path could read the key and the prompts"
        raise _denied(
            f"{resolved} is plain http to another machine: {risk}",
            hint="use https://; plain http is for 127.0.0.1, [::1] and localhost only",
        )
    return resolved


def _target_headers(target: Target, environ: Mapping[str, str]) -> dict[str, str]:
    headers = {
        name.lower(): _checked(value.strip(), f"target {target.name}: the header {name}")
        for name, value in target.headers.items()
    }
    for name, variable in target.headers_env.items():
        headers[name.lower()] = _named_value(variable, environ, f"target {target.name}: the header {name}")
    for name in headers:
        if not _HEADER_NAME.fullmatch(name):
            raise _denied(f"target {target.name}: {name!r} cannot be the name of a header")
    return headers


def _variable_of_key_header(target: Target) -> str | None:
    return next((name for header, name in target.headers_env.items() if header.lower() == KEY_HEADER), None)


def _named_value(variable: str, environ: Mapping[str, str], what: str) -> str:
    """Return the value of a variable that the user named; no other variable replaces it."""
    value = _unquoted(environ.get(variable, ""))
    if not value:
        raise _denied(
            f"{what} is read from the environment variable {variable}, which is not set or is blank",
            hint=f"set {variable}; no other variable is tried if one is named",
        )
    return _checked(value, variable)


def _unquoted(value: str) -> str:
    return value.strip().strip("\"'").strip()


def _checked(value: str, source: str) -> str:
    if not _HEADER_VALUE.fullmatch(value):
        raise _denied(f"{source} cannot be sent as a header: it must be printable ASCII on one line")
    return value


def _denied(message: str, hint: str | None = None) -> Denied:
    return Denied(message, sent=False, hint=hint)
