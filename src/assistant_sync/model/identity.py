"""Ids that are known before anything is written."""

from __future__ import annotations

from hashlib import sha1
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
    # As uuid5 does it, for each manifest of each plan: that one takes four times as long.
    digest = bytearray(sha1(_OURS.bytes + f"{project}/{key}".encode(), usedforsecurity=False).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def lock_id(project: str, holder: str, generation: int) -> str:
    """The id of a lock row, never used twice; no key can hold the slash, so no manifest derives it."""
    return derived_id(project, f"lock/{holder}/{generation}")


def probe_id(project: str) -> str:
    """The id of the assistant that ``doctor --probe`` makes and removes."""
    return derived_id(project, "probe/scratch")


def default_assistant_id(graph_id: str) -> str:
    """The id of the assistant that the server itself makes for a graph."""
    return str(uuid5(_SERVERS, graph_id))
