"""The connection to a target, as project file, command line and environment describe it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from assistant_sync.transport import ReadConnection, resolve_endpoint

if TYPE_CHECKING:
    import asyncio

    from assistant_sync.model.project import Target
    from assistant_sync.operations.workspace import Settings
    from assistant_sync.transport import Endpoint

C = TypeVar("C", bound=ReadConnection)


def endpoint_of(settings: Settings, target: Target, *, api_key_env: str | None = None) -> Endpoint:
    """Where a target is and which headers go there, from project file, command line and environment.

    Args:
        settings: The common options.
        target: The target.
        api_key_env: The variable of another key than the settings name.

    Raises:
        UnknownName: The URL of the command line is not a deployment's.
        Denied: A named key is not set, or the URL is plain http to another machine.
    """
    named = settings.api_key_env if api_key_env is None else api_key_env
    return resolve_endpoint(target, settings.environ, url=settings.url, api_key_env=named)


def connected(kind: type[C], endpoint: Endpoint, settings: Settings, *, stop: asyncio.Event | None = None) -> C:
    """A connection that keeps to the common options; the one way to make one, so that all share one budget.

    Args:
        kind: What it can do.
        endpoint: Where it leads.
        settings: The common options.
        stop: As for ``ReadConnection``.
    """
    return kind(endpoint, timeout=settings.timeout, transport=settings.transport, pacer=settings.pacer, stop=stop)
