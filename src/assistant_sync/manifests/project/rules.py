"""The rules for single values of the project file; each returns the value in its form, or raises a ValueError.

The error is a sentence for people.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from assistant_sync.manifests.paths import parse_path
from assistant_sync.model.deployment import VERSION_PATTERN
from assistant_sync.model.lock import LONGEST_LEASE, SHORTEST_LEASE
from assistant_sync.model.project import Limit
from assistant_sync.model.url import is_loopback, normalise_url
from assistant_sync.redaction import credential_paths

if TYPE_CHECKING:
    from assistant_sync.model.values import Path

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


def project_name(text: str) -> str:
    """The name of a project."""
    if not _PROJECT.fullmatch(text):
        raise ValueError("a project's name is 1 to 63 characters of a-z, 0-9 and '-', the first a letter or digit")
    return text


def target_name(text: str) -> str:
    """The name of a target."""
    if not _TARGET.fullmatch(text):
        message = "a target's name is 1 to 63 letters, digits, '.', '_' and '-', the first a letter or digit"
        raise ValueError(message)
    return text


def target_url(text: str, *, allow_http: bool) -> str:
    """The URL of a target, in one spelling."""
    url = normalise_url(text)
    if url.startswith("http:") and not is_loopback(url) and not allow_http:
        message = (
            "the URL is plain http to another machine: anyone on the network path could read the API key and the "
            "prompts; use https://, or set allow_http: true on the target if you trust that network"
        )
        raise ValueError(message)
    return url


def variable_name(text: str) -> str:
    """The name of an environment variable."""
    if credential_paths(text):
        raise ValueError("this looks like a key, not the name of a variable that holds one")
    if not _ENVIRONMENT.fullmatch(text):
        raise ValueError("this must be the name of an environment variable, not its value")
    return text


def header_name(text: str) -> str:
    """The name of a header."""
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError("this is not a valid header name")
    if text.lower() in _OWN_HEADERS:
        raise ValueError(f"the header {text} is set by assistant-sync itself; remove it")
    return text


def public_header(text: str) -> str:
    """The name of a header whose value may be in git."""
    instead = _SECRET_HEADERS.get(header_name(text).lower())
    if instead:
        message = f"the header {text} is a secret and must not be in git: name an environment variable in {instead}"
        raise ValueError(message)
    return text


def header_value(text: str) -> str:
    """The value of a header."""
    if not _HEADER_VALUE.fullmatch(text):
        raise ValueError("a header's value must be one line of ASCII characters, without leading or trailing blanks")
    return text


def server_version(text: str) -> str:
    """A server's version."""
    if not VERSION_PATTERN.fullmatch(text):
        message = "a server's version is 1 to 80 letters, digits, '.', '+', '_' and '-', the first a letter or digit"
        raise ValueError(message)
    return text


def relative_path(text: str) -> str:
    """A path relative to the folder of the project file, in one spelling."""
    if not text or "\0" in text or "\\" in text or _ABSOLUTE.match(text):
        raise ValueError("this must be a path relative to the folder of this file, with forward slashes")
    return posixpath.normpath(text)


def file_path(text: str) -> str:
    """The path of a file."""
    if not text or "\0" in text:
        raise ValueError("this must be the path of a file")
    return text


def limit_of(value: Any) -> Limit | None:  # noqa: ANN401 - a file may have any value here
    """The limit that a guard has; None for none."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Limit(value, is_percentage=False)
    percentage = _PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
    if percentage is None:
        raise ValueError("a limit is a number such as 5, without quotes, or a percentage such as 10%")
    return Limit(int(percentage[1]), is_percentage=True)


def lease_of(value: Any) -> float | None:  # noqa: ANN401 - a file may have any value here
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


def literal_path(value: Any) -> Path:  # noqa: ANN401 - a file may have any value here
    """The path of a value that is no credential."""
    return parse_path(value, _LITERAL_FIELDS)
