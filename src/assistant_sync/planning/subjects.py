"""Who a change is about, and what is wanted of it, as changes and digests carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from assistant_sync.planning.canonical import as_document
from assistant_sync.redaction import redact_text

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.stamp import Stamp
    from assistant_sync.model.values import JsonValue


class Subject(TypedDict):
    """What every change says of its assistant; masked."""

    key: str
    assistant_id: str
    graph_id: str
    name: str
    source: str | None


def wish(desired: Desired) -> JsonValue:
    """All that a manifest wants, to be digested."""
    return [desired.key, as_document(desired.content), list(desired.metadata_keys)]


def of_manifest(desired: Desired) -> Subject:
    """The subject that a manifest names."""
    return Subject(
        key=desired.key,
        assistant_id=desired.assistant_id,
        graph_id=redact_text(desired.content.graph_id),
        name=redact_text(desired.content.name),
        source=desired.source,
    )


def of_row(row: Assistant, stamp: Stamp) -> Subject:
    """The subject of an owned assistant without a manifest."""
    return Subject(
        key=redact_text(stamp.key),
        assistant_id=row.assistant_id,
        graph_id=redact_text(row.graph_id),
        name=redact_text(row.name),
        source=None if stamp.source is None else redact_text(stamp.source),
    )
