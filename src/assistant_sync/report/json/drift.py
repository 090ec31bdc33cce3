"""The document of a drift report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.document import FORMAT_VERSION
from assistant_sync.report.json.fields import field_json
from assistant_sync.report.json.plan import commit_json
from assistant_sync.report.json.result import outside_json
from assistant_sync.report.json.selection import selection_json

if TYPE_CHECKING:
    from assistant_sync.model.drift import Drifted, DriftReport


def drift_json(report: DriftReport) -> dict[str, Any]:
    """Make the document of a drift report; ``summary`` counts by kind."""
    return {
        "format_version": FORMAT_VERSION,
        "project": report.project,
        "target": {"name": report.target, "url": report.url},
        **selection_json(report.selection),
        "commit": commit_json(report.commit),
        "checked": report.checked,
        "summary": {kind.value: count for kind, count in report.summary.items()},
        "drifted": [_drifted(one) for one in report.drifted],
        "pending": list(report.pending),
        "warnings": list(report.warnings),
    }


def _drifted(one: Drifted) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "key": one.key,
        "assistant_id": one.assistant_id,
        "name": one.name,
        "source": one.source,
        "has_manifest": one.has_manifest,
        "is_mixed": one.is_mixed,
        "reason": one.reason,
        "version": one.version,
        "written_version": one.written_version,
        "commit": one.commit,
        "versions": [outside_json(version) for version in one.versions],
        "fields": [field_json(field) for field in one.fields],
    }
