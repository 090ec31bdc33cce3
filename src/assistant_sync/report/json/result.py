"""The document of an apply's result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.outcome import Status
from assistant_sync.redaction import redact_text
from assistant_sync.report.json.document import FORMAT_VERSION
from assistant_sync.report.json.fields import field_json

if TYPE_CHECKING:
    from assistant_sync.model.outcome import ApplyResult, Difference, Outcome, OutsideVersion


def result_json(result: ApplyResult) -> dict[str, Any]:
    """Make the document of an apply's result; ``summary`` counts by status, and what the plan kept as unchanged."""
    summary = {status.value: 0 for status in Status}
    for outcome in result.outcomes:
        summary[outcome.status.value] += 1
    summary[Status.UNCHANGED.value] += result.unchanged
    return {
        "format_version": FORMAT_VERSION,
        "converged": result.converged,
        "interrupted": result.interrupted,
        "unread": result.unread,
        "warnings": list(result.warnings),
        "summary": summary,
        "outcomes": [_outcome(outcome) for outcome in result.outcomes],
        "differences": [_difference(one) for one in result.differences],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    error = outcome.error
    return {
        "action": outcome.action.value,
        "key": outcome.key,
        "assistant_id": outcome.assistant_id,
        "status": outcome.status.value,
        "version_before": outcome.version_before,
        "version_after": outcome.version_after,
        "healed_from": outcome.healed_from,
        "outside_versions": list(outcome.outside_versions),
        "outside": [outside_json(one) for one in outcome.outside],
        "error": None
        if error is None
        else {"kind": error.kind, "message": error.message, "exit_code": error.exit_code},
        "crons": [{"cron_id": cron.cron_id, "schedule": redact_text(cron.schedule)} for cron in outcome.crons],
        "notes": list(outcome.notes),
    }


def outside_json(one: OutsideVersion) -> dict[str, Any]:
    """Make the object of a version that this apply did not make."""
    return {
        "version": one.version,
        "created_at": one.created_at,
        "attribution": one.attribution.value,
        "commit": one.commit,
        "fields": [field_json(field) for field in one.fields],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "key": difference.key,
        "paths": list(difference.paths),
        "version_after": difference.version_after,
        "version_now": difference.version_now,
        "outside": [outside_json(one) for one in difference.outside],
    }
