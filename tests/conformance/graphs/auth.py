"""Keeps threads apart by user, as the platform's own tutorial does; assistants are everybody's."""

from __future__ import annotations

from typing import Any

from langgraph_sdk import Auth

auth = Auth()


@auth.authenticate
async def authenticate(headers: dict[bytes, bytes]) -> Auth.types.MinimalUserDict:
    """The key is the user's name."""
    key = headers.get(b"x-api-key", b"").decode()
    if not key:
        raise Auth.exceptions.HTTPException(status_code=401, detail="no key")
    return {"identity": key}


@auth.on.threads
async def own(ctx: Auth.types.AuthContext, value: dict[str, Any]) -> dict[str, str]:
    """Mark what is made with its user, and show only that."""
    if ctx.user.identity == "reader":
        raise Auth.exceptions.HTTPException(status_code=403, detail="no threads for readers")
    filters = {"owner": ctx.user.identity}
    metadata = value.get("metadata")
    if metadata is None:
        value["metadata"] = dict(filters)
    else:
        metadata.update(filters)
    return filters


@auth.on.assistants.create
async def create(ctx: Auth.types.AuthContext, value: Auth.types.AssistantsCreate) -> None:
    """Write teams in lower case, as an organisation's own rule may be."""
    _normalise(value.get("metadata"))


@auth.on.assistants.update
async def update(ctx: Auth.types.AuthContext, value: Auth.types.AssistantsUpdate) -> None:
    """As in a create."""
    _normalise(value.get("metadata"))


def _normalise(metadata: dict[str, Any] | None) -> None:
    if metadata and isinstance(metadata.get("team"), str):
        metadata["team"] = metadata["team"].lower()
