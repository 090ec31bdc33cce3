"""What an examination of a target found, as far as it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.model.frozen import replace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from assistant_sync.errors import AssistantSyncError
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.deployment import Server
    from assistant_sync.model.diagnosis import Probe
    from assistant_sync.model.lock import Lock
    from assistant_sync.model.project import Project, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What an examination found, as far as it came.

    Attributes:
        project: The project file.
        target: The target.
        url: The deployment's URL.
        key_source: The variable that the API key came from; None if none was sent.
        credential: What authenticates requests, in words; None if nothing does.
        manifests: How many there are; None if they have problems.
        needed: The graphs that they need.
        misfits: What of them does not fit the schemas of their graphs, each problem with its place.
        schema_notes: What concerns the schema of a whole graph.
        failure: At which check the examination ended early, and why.
        is_reached: Whether the deployment answered.
        server: What it reports of itself; None if nothing.
        skew: Seconds that its clock is ahead; None if it does not show it.
        server_time: What its clock showed; None likewise.
        rows: Every assistant that the key may see; None if they could not be read.
        page_size: Rows that one search gave.
        served: The graphs that it serves, of those that manifests and rows name.
        absent: Those of them that it surely does not have.
        locks: The locks of the project; None if they could not be read.
        lock_refusal: Why the deployment shows no threads, in which locks are kept; None if it does.
        marks: The metadata keys that it adds to a thread.
        other: A second key's variable, and the ids that it may see.
        probe: What was measured; None if that was not asked for, or failed.
        can_probe: False if a measurement was asked for and there was no graph to make it with.
    """

    project: Project
    target: Target
    url: str
    key_source: str | None = None
    credential: str | None = None
    manifests: int | None = None
    needed: frozenset[str] = frozenset()
    misfits: tuple[str, ...] = ()
    schema_notes: tuple[str, ...] = ()
    failure: tuple[str, AssistantSyncError] | None = None
    is_reached: bool = False
    server: Server | None = None
    skew: int | None = None
    server_time: datetime | None = None
    rows: Sequence[Assistant] | None = None
    page_size: int | None = None
    served: frozenset[str] | None = None
    absent: frozenset[str] = frozenset()
    locks: Sequence[Lock] | None = None
    lock_refusal: str | None = None
    marks: tuple[str, ...] = ()
    other: tuple[str, frozenset[str]] | None = None
    probe: Probe | None = None
    can_probe: bool = True


def with_failure(found: Observed, where: str, error: AssistantSyncError) -> Observed:
    """The findings of an examination that ended here."""
    return replace(found, failure=(where, error))
