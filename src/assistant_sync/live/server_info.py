"""What a deployment reports of itself in ``GET /info``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from assistant_sync.errors import BadAnswer, RemoteError
from assistant_sync.live.json_value import read_json
from assistant_sync.model.deployment import Server

if TYPE_CHECKING:
    from assistant_sync.transport import ReadConnection, Response

OFFICIAL, OFFICIAL_JS = "LangGraph API server", "LangGraph API server (JavaScript)"

_INFO = "/info"
_LONGEST = 80


def identify(answer: Response) -> Server | None:
    """Read an answer to ``GET /info``; servers differ in it (docs/servers.md). None if it names nobody.

    It is shown to people; all that is decided by it is whether light listings were measured on the same version.
    """
    try:
        info = read_json(answer.content)
    except ValueError:
        info = None
    if not isinstance(info, dict):
        return None
    version = _text(info, "version")
    for product, member, runtime in (
        (OFFICIAL, "langgraph_py_version", "langgraph"),
        (OFFICIAL_JS, "langgraph_js_version", "@langchain/langgraph"),
    ):
        if _text(info, member) is not None:
            return Server(product, version, f"{runtime} {_text(info, member)}")
    if _text(info, "context") == "js":
        return Server(OFFICIAL_JS, version)
    name = _text(info, "name")
    return None if name is None else Server(name, version)


async def reports_version(connection: ReadConnection, version: str) -> bool:
    """Whether a deployment reports a version; no if it cannot be asked.

    Args:
        connection: To the deployment.
        version: As ``identify`` reads it.
    """
    with suppress(RemoteError):
        server = identify(await connection.get(_INFO))
        return server is not None and server.version == version
    return False


async def error_without_assistants(connection: ReadConnection, url: str, path: str) -> BadAnswer:
    """Explain why a deployment does not have the listing of assistants.

    Args:
        connection: To the deployment.
        url: The deployment's URL.
        path: Of the listing.
    """
    server = None
    with suppress(RemoteError):
        server = identify(await connection.get(_INFO))
    if server is None:
        message = f"{url} does not look like a LangGraph server: it has no {path}"
        return BadAnswer(
            message, method="POST", path=path, status=404, hint="check the target's url, its path included"
        )
    # langgraph-api leaves the routes out if "http" in langgraph.json says so (langgraph_api/api/__init__.py).
    message = f"{url} is a {server.product} that does not offer assistants: it has no {path}"
    hint = "langgraph.json of that deployment has http.disable_assistants; remove it there"
    return BadAnswer(message, method="POST", path=path, status=404, hint=hint)


def revision(answer: Response) -> str | None:
    """The revision that a deployment shows in ``GET /info``; None if it shows none."""
    try:
        info = read_json(answer.content)
    except ValueError:
        return None
    host = info.get("host") if isinstance(info, dict) else None
    return _text(host, "host_revision_id") if isinstance(host, dict) else None


def _text(info: dict[str, Any], member: str) -> str | None:
    value = info.get(member)
    return value[:_LONGEST] if isinstance(value, str) and value else None
