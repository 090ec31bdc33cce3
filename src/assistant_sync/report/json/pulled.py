"""The document of a pull."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.pulled import PullKind
from assistant_sync.report.json.document import FORMAT_VERSION
from assistant_sync.report.json.fields import field_json
from assistant_sync.report.json.selection import selection_json
from assistant_sync.report.view.pulled import file_diff

if TYPE_CHECKING:
    from assistant_sync.model.pulled import NotPulled, Pulled, PullReport


def pulled_json(report: PullReport) -> dict[str, Any]:
    """Make the document of a pull; of a dry run with the difference of each file."""
    return {
        "format_version": FORMAT_VERSION,
        "project": report.project,
        "target": {"name": report.target, "url": report.url},
        **selection_json(report.selection),
        "dry_run": report.dry_run,
        "summary": {kind.value: sum(one.kind is kind for one in report.pulled) for kind in PullKind}
        | {"not_pulled": len(report.not_pulled)},
        "pulled": [_pulled(one) for one in report.pulled],
        "not_pulled": [_not_pulled(one) for one in report.not_pulled],
        "files": [
            {"path": one.path, "new": one.before is None, "diff": file_diff(one) if report.dry_run else None}
            for one in report.files
        ],
        "branch": report.branch,
        "commits": list(report.commits),
        "warnings": list(report.warnings),
    }


def _pulled(one: Pulled) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "key": one.key,
        "assistant_id": one.assistant_id,
        "name": one.name,
        "version": one.version,
        "edited_at": one.edited_at,
        "files": list(one.files),
        "fields": [field_json(field) for field in one.fields],
        "notes": list(one.notes),
    }


def _not_pulled(one: NotPulled) -> dict[str, Any]:
    return {
        "key": one.key,
        "assistant_id": one.assistant_id,
        "name": one.name,
        "graph_id": one.graph_id,
        "reason": one.reason,
    }
