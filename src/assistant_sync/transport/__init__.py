"""HTTP to a deployment: the origin rule for credentials, connections, retries and one error for each failure."""

from assistant_sync.transport.channel import Transport
from assistant_sync.transport.connection import ReadConnection, Response, WriteConnection
from assistant_sync.transport.endpoint import Endpoint, resolve_endpoint, url_of
from assistant_sync.transport.pacing import Pacer

__all__ = [
    "Endpoint",
    "Pacer",
    "ReadConnection",
    "Response",
    "Transport",
    "WriteConnection",
    "resolve_endpoint",
    "url_of",
]
