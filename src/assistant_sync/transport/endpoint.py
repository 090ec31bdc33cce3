"""Where requests go and what they carry; credentials only to the target's origin (docs/safety.md)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from assistant_sync.errors import Denied, UnknownName
from assistant_sync.model.frozen import Frozen
from assistant_sync.model.project import Auth
from assistant_sync.model.url import is_loopback, normalise_url, origin
from assistant_sync.redaction import mask_sent
from assistant_sync.transport.credentials import describe_credential, is_secret, read_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from assistant_sync.model.project import Target


class Endpoint(Frozen, frozen=True):
    """A deployment's URL with everything that requests to it carry.

    Attributes:
        url: Normalised; may have a path.
        headers: Sent with every request, credentials included; names in lower case.
        ca_file: Certificates of a private CA, trusted in addition to the usual ones.
        cert_file: A client certificate.
        key_file: Its key; None if the certificate's file holds it.
        key_source: The environment variable that the API key came from; None if none is sent.
        credential: What authenticates requests, in words, such as "the API key from NAME"; None if nothing does.
        is_stripped: Whether the target's credentials are not sent because the URL has another origin.
        sends_key: Whether the target wants an API key to be sent.
    """

    unshown: ClassVar = ("headers",)

    url: str
    headers: Mapping[str, str]
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    key_source: str | None = None
    credential: str | None = None
    is_stripped: bool = False
    sends_key: bool = True


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
    resolved = url_of(target, url)
    is_own = origin(resolved) == origin(target.url)
    headers, key_source = read_credentials(target, environ, is_own=is_own, api_key_env=api_key_env)
    mask_sent(value for name, value in headers.items() if is_secret(name, target))
    return Endpoint(
        url=resolved,
        headers=MappingProxyType(headers),
        ca_file=target.ca_file,
        cert_file=target.cert_file if is_own else None,
        key_file=target.key_file if is_own else None,
        key_source=key_source,
        credential=describe_credential(headers, key_source, target),
        is_stripped=not is_own and api_key_env is None,
        sends_key=target.auth is Auth.KEY,
    )


def url_of(target: Target, url: str | None) -> str:
    """The URL that requests for a target would go to; sends nothing and reads no key.

    Args:
        target: From the project file.
        url: Overrides the target's URL.

    Raises:
        UnknownName: If ``url`` cannot be the URL of a deployment.
        Denied: If the URL is plain http to another machine.
    """
    try:
        resolved = target.url if url is None else normalise_url(url)
    except ValueError as error:
        raise UnknownName(f"the URL given for this run cannot be used: {error}") from None
    is_allowed = target.allow_http and origin(resolved) == origin(target.url)
    if resolved.startswith("http:") and not is_loopback(resolved) and not is_allowed:
        risk = "anyone on the network path could read the key and the prompts"
        raise Denied(
            f"{resolved} is plain http to another machine: {risk}",
            sent=False,
            hint="use https://, or a target with allow_http: true if you trust that network",
        )
    return resolved
