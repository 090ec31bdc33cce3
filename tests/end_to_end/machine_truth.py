"""What is really on a server, told without the code under test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tests.servers.official import Deployment, Row

STAMP = "assistant_sync"
LOCK = "assistant_sync_lock"

FIELDS = ("graph_id", "name", "description", "context", "config", "metadata")


def own_id(project: str, key: str) -> str:
    """The id that a manifest derives."""
    return str(uuid5(uuid5(NAMESPACE_OID, "assistant-sync"), f"{project}/{key}"))


def stamp_of(row: Row) -> dict[str, Any]:
    """The stamp of a row; empty where it has none."""
    stamp = row["metadata"].get(STAMP)
    return stamp if isinstance(stamp, dict) else {}


def write_of(row: Row) -> str | None:
    """The id of the write that a row's stamp names."""
    return stamp_of(row).get("write")


def is_owned(row: Row, project: str) -> bool:
    """Whether it carries the project's stamp, and that with its own id."""
    stamp = stamp_of(row)
    return (stamp.get("project"), stamp.get("id")) == (project, row["assistant_id"])


def is_lock(thread: Row, project: str) -> bool:
    """Whether it is a lock of the project."""
    lock = thread["metadata"].get(LOCK)
    return isinstance(lock, dict) and lock.get("project") == project


def wanted(key: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The whole content that a manifest wants, as ``content`` gives it."""
    context = manifest.get("context") or {}
    return {
        "graph_id": manifest["graph_id"],
        "name": manifest.get("name", key),
        "description": manifest.get("description") or "",
        "context": context,
        "configurable": context,  # the dev server mirrors the one into the other
        "config": _filled(manifest.get("config") or {}),
        "metadata": _known(manifest.get("metadata") or {}),
    }


def content(row: Row, owned_keys: Iterable[str] | None = None) -> dict[str, Any]:
    """The whole content of a row or a version.

    Args:
        row: As the server gives it.
        owned_keys: The metadata keys that count; None for all but the stamp.
    """
    metadata = {key: value for key, value in row["metadata"].items() if key != STAMP}
    if owned_keys is not None:
        metadata = {key: metadata[key] for key in owned_keys if key in metadata}
    return {
        "graph_id": row["graph_id"],
        "name": row["name"],
        "description": row["description"] or "",
        "context": row["context"],
        "configurable": row["config"].get("configurable") or {},
        "config": _filled({key: value for key, value in row["config"].items() if key != "configurable"}),
        "metadata": _known(metadata),
    }


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, a truth value being no number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def counts(deployment: Deployment, ids: Collection[str]) -> dict[str, int]:
    """How many versions each assistant has; 0 for one that is not there."""
    return {one: len(deployment.versions(one)) for one in ids}


def _filled(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if value not in (None, "", [], {})}


def _known(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if value is not None}
