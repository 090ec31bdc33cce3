"""The URL of a deployment: its one spelling, its origin, and whether it is on this machine."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, quote, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*\.?")
_BRACKETED = re.compile(r"\[[0-9a-fA-F:.]+\](:[0-9]*)?")
_UNWANTED = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff\\]")
_KEPT_IN_PATHS = "/%:@!$&'()*+,;=~"


def normalise_url(text: str) -> str:
    """Bring a deployment's URL into its one spelling, so that equal URLs are equal texts.

    Args:
        text: An absolute http or https URL, with or without a path.

    Returns:
        Scheme and host in lower case, no default port, no trailing slash, the path percent-encoded.

    Raises:
        ValueError: With a sentence about what is wrong. It never repeats the text, which may hold a
            password.
    """
    text = text.strip()
    if _UNWANTED.search(text):
        raise ValueError("the URL has a blank, a backslash or a control character in it")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("the URL has a host or port that cannot be read") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
        raise ValueError("the URL must start with https://, or with http:// for a server on this machine")
    if "@" in parts.netloc:
        raise ValueError("the URL holds a user name or password; use api_key_env or headers_env instead")
    if "?" in text or "#" in text:
        raise ValueError("the URL has a query or fragment; give it up to the path only")
    if port == 0:
        raise ValueError("the URL has port 0, which no server can have")
    suffix = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{_host(parts)}{suffix}{_path(parts)}"


def origin(url: str) -> str:
    """Scheme, host and port of a normalised URL: what credentials are bound to."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def is_loopback(url: str) -> bool:
    """Whether a normalised URL names this machine: ``localhost``, 127.0.0.0/8 or ``[::1]``.

    Names below ``.localhost`` are not counted: not every resolver keeps them on this machine.
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if "[" in parts.netloc:
        try:
            address = IPv6Address(host if _BRACKETED.fullmatch(parts.netloc) else "")
        except ValueError:
            raise ValueError("the URL has an IPv6 address that cannot be read") from None
        _refuse_unspecified(address.is_unspecified, "[::1]")
        return f"[{address.compressed}]"
    if not host.isascii():
        raise ValueError("the URL has a host beyond ASCII; write it in its xn-- form")
    if not _HOST.fullmatch(host):
        raise ValueError("the URL has no host, or one that cannot be a host's name")
    _refuse_unspecified(host == "0.0.0.0", "127.0.0.1")  # noqa: S104 - it is refused
    return host


def _refuse_unspecified(is_unspecified: bool, instead: str) -> None:  # noqa: FBT001 - the one question
    if is_unspecified:
        message = f"the URL has the address that servers listen on; to reach one on this machine, write {instead}"
        raise ValueError(message)


def _path(parts: SplitResult) -> str:
    if any(segment in {".", ".."} for segment in parts.path.split("/")):
        raise ValueError("the URL has . or .. in its path")
    return quote(parts.path, safe=_KEPT_IN_PATHS).rstrip("/")
