"""TLS: trusted authorities and client certificates."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx

from assistant_sync.errors import Denied

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.transport.endpoint import Endpoint


def tls_context(endpoint: Endpoint) -> ssl.SSLContext:
    """Return the TLS settings for an endpoint.

    The usual authorities are trusted (those of SSL_CERT_FILE or SSL_CERT_DIR if set), and the endpoint's
    ``ca_file`` in addition.

    Raises:
        Denied: If a file of certificates cannot be read.
    """
    if endpoint.url.startswith("http:"):
        # Plain http to this machine needs no authorities; loading them takes longer than a plan.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context = httpx.create_ssl_context()
    except (OSError, ValueError) as error:
        raise _unreadable("the certificates that SSL_CERT_FILE or SSL_CERT_DIR names", error) from error
    if endpoint.ca_file:
        _load_authorities(context, endpoint.ca_file)
    if endpoint.cert_file:
        _load_certificate(context, endpoint.cert_file, endpoint.key_file)
    return context


def _load_authorities(context: ssl.SSLContext, file: Path) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except (OSError, ValueError) as error:
        raise _unreadable(f"ca_file {file}", error) from error


def _load_certificate(context: ssl.SSLContext, file: Path, key: Path | None) -> None:
    try:
        # Without a password callback OpenSSL would ask for one on the terminal.
        context.load_cert_chain(file, key, password=lambda: "")
    except (OSError, ValueError) as error:
        files = f"cert_file {file}" + (f" with key_file {key}" if key else "")
        raise _unreadable(
            files, error, hint="the key must belong to the certificate, be in PEM format and not be encrypted"
        ) from error


def _unreadable(what: str, error: Exception, hint: str | None = None) -> Denied:
    reason = getattr(error, "strerror", None) or "no usable certificate found"
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "not in PEM").lower().replace("_", " ")
    return Denied(f"{what} cannot be read: {reason}", sent=False, hint=hint)
