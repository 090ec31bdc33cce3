"""The API key and the headers of a target, from the environment variables that hold them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant_sync.errors import Denied
from assistant_sync.model.project import Auth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.project import Target

KEY_HEADER = "x-api-key"
DEFAULT_KEY_VARIABLES = ("LANGGRAPH_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")
"""In the order of the platform's own client (langgraph_sdk)."""

_AUTHENTICATING = ("authorization", "cookie", "proxy-authorization")

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")


def read_credentials(
    target: Target, environ: Mapping[str, str], *, is_own: bool, api_key_env: str | None
) -> tuple[dict[str, str], str | None]:
    """Return the headers that requests carry, and the variable that the API key came from.

    Args:
        target: From the project file.
        environ: The environment variables.
        is_own: Whether requests go to the target's own origin; elsewhere none of its headers and keys is sent.
        api_key_env: The variable that holds the key; its key is sent to any origin.

    Raises:
        Denied: If a named variable is not set, or a value cannot be sent as a header.
    """
    headers = _target_headers(target, environ) if is_own else {}
    source = _variable_of_key_header(target) if KEY_HEADER in headers else None
    named_variable = api_key_env if api_key_env is not None or not is_own else target.api_key_env
    if named_variable is not None:
        headers[KEY_HEADER] = _named_value(named_variable, environ, f"target {target.name}: the API key")
        source = named_variable
    elif is_own and target.auth is Auth.KEY and KEY_HEADER not in headers:
        source = next((name for name in DEFAULT_KEY_VARIABLES if _unquoted(environ.get(name, ""))), None)
        if source is not None:
            headers[KEY_HEADER] = _checked(_unquoted(environ[source]), source)
    return headers, source


def is_secret(name: str, target: Target) -> bool:
    """Whether the value of a header must not be printed: a key, what a variable holds, or what authenticates."""
    return name == KEY_HEADER or name in _AUTHENTICATING or name in {one.lower() for one in target.headers_env}


def describe_credential(headers: Mapping[str, str], key_source: str | None, target: Target) -> str | None:
    """What authenticates requests, in words; None if nothing does.

    Args:
        headers: What requests carry; names in lower case.
        key_source: The variable that the API key came from.
        target: From the project file.
    """
    key = None if key_source is None else f"the API key from {key_source}"
    header = _describe_header(headers, target)
    return " and ".join(one for one in (key, header) if one is not None) or None


def _describe_header(headers: Mapping[str, str], target: Target) -> str | None:
    """The first header that authenticates beside the API key's."""
    variables = {name.lower(): (name, variable) for name, variable in target.headers_env.items()}
    literal = {name.lower(): (name, None) for name in target.headers}
    for name in (*_AUTHENTICATING, *variables):
        if name in headers and name != KEY_HEADER:
            written, variable = (literal | variables)[name]
            return f"the header {written}" if variable is None else f"the header {written} from {variable}"
    return None


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
