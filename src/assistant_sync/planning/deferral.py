"""Deferral: a change that is planned but not sent, because the deployment does not have its graph yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Desired


def deferral(desired: Desired | None, graphs: frozenset[str]) -> str | None:
    """Why a write of this manifest is not sent; None if it is.

    Args:
        desired: The manifest; None if there is none.
        graphs: The graphs that the deployment surely does not register.
    """
    if desired is None or desired.content.graph_id not in graphs:
        return None
    return unregistered(desired.content.graph_id)


def unregistered(graph_id: str) -> str:
    """That a graph is missing, as the reason of a deferral."""
    return f"graph '{redact_text(graph_id)}' is not registered on this deployment (yet)"
