"""Ids that are known before anything is written."""

from __future__ import annotations

from uuid import NAMESPACE_OID, UUID, uuid5

_OURS = uuid5(NAMESPACE_OID, "assistant-sync")

_SERVERS = UUID("6ba7b821-9dad-11d1-80b4-00c04fd430c8")
"""The namespace of the graphs' default assistants; not one of the RFC's (langgraph_api/graph.py)."""


def derived_id(project: str, key: str) -> str:
    """The id of a manifest that names none: the same on every target, and known before the first apply.

    Args:
        project: The first name that the project had.
        key: The first key that the assistant had.
    """
    return str(uuid5(_OURS, f"{project}/{key}"))


def lock_id(project: str, holder: str, generation: int) -> str:
    """The id of a lock row, never used twice; no key can hold the slash, so no manifest derives it."""
    return derived_id(project, f"lock/{holder}/{generation}")


def probe_id(project: str) -> str:
    """The id of the assistant that ``doctor --probe`` makes and removes."""
    return derived_id(project, "probe/scratch")


def default_assistant_id(graph_id: str) -> str:
    """The id of the assistant that the server itself makes for a graph."""
    return str(uuid5(_SERVERS, graph_id))
