"""Everything that programs read, as JSON documents (docs/exit-codes.md).

Within ``format_version`` 1.x members are added, never renamed or removed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant_sync.errors import InvalidFiles, StalePlan
from assistant_sync.model.change import Activate
from assistant_sync.model.outcome import Status

if TYPE_CHECKING:
    from assistant_sync.errors import AssistantSyncError
    from assistant_sync.model.change import Change, FieldChange
    from assistant_sync.model.outcome import ApplyResult, Difference, Outcome, OutsideVersion
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.values import JsonValue
    from assistant_sync.problem import Problem

FORMAT_VERSION = "1.0"


def dumps(document: Mapping[str, Any]) -> str:
    """Write a document as text, without a trailing line feed.

    Only printable ASCII goes out as it is: a JSON string may hold bidirectional controls and U+009B, the one-byte
    form of ESC [, as they are, and a terminal or a diff viewer would obey them. Lone surrogates, which UTF-8 cannot
    carry, survive too.

    Raises:
        ValueError: The document holds NaN or an infinity; those of this module do not.
    """
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)


def plan_json(plan: Plan, *, created_at: str, tool_version: str) -> dict[str, Any]:
    """Make the document of a plan, as printed and as saved.

    Args:
        plan: Masked already.
        created_at: The time of planning, ISO 8601.
        tool_version: Of assistant-sync.
    """
    commit = plan.commit
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": tool_version,
        "project": plan.project,
        "target": {"name": plan.target, "url": plan.url},
        "commit": None if commit is None else {"sha": commit.sha, "dirty": commit.dirty},
        "created_at": created_at,
        "digest": plan.digest,
        "base": plan.base,
        "prune": plan.prune,
        "selection": list(plan.selection),
        "warnings": [{"message": warning.message, "key": warning.key} for warning in plan.warnings],
        "guards": [{"guard": violation.guard, "message": violation.message} for violation in plan.guards],
        "summary": {action.value: count for action, count in plan.summary.items()},
        "changes": [_change(change) | {"causes": _causes(plan, change)} for change in plan.changes],
    }


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


def problems_json(problems: Sequence[Problem], documents: int) -> dict[str, Any]:
    """Make the document of a validation.

    Args:
        problems: In the order to list them in.
        documents: How many manifests were checked.
    """
    errors = sum(problem.is_error for problem in problems)
    return {
        "format_version": FORMAT_VERSION,
        "valid": errors == 0,
        "summary": {"documents": documents, "errors": errors, "warnings": len(problems) - errors},
        "problems": [_problem(problem) for problem in problems],
    }


def error_json(error: AssistantSyncError) -> dict[str, Any]:
    """Make the document of an expected failure; it takes the place of the one that was asked for."""
    return {
        "format_version": FORMAT_VERSION,
        "error": {
            "kind": type(error).__name__,
            "message": error.message,
            "hint": error.hint,
            "exit_code": error.exit_code,
            "problems": [_problem(one) for one in error.problems] if isinstance(error, InvalidFiles) else [],
            "differences": list(error.differences) if isinstance(error, StalePlan) else [],
        },
    }


def _causes(plan: Plan, change: Change) -> list[str] | None:
    """Null without a base, which tells nothing from no cause."""
    return None if plan.base is None else [cause.value for cause in plan.causes.get(change.assistant_id, ())]


def _change(change: Change) -> dict[str, Any]:
    return {
        "action": change.action.value,
        "key": change.key,
        "assistant_id": change.assistant_id,
        "graph_id": change.graph_id,
        "name": change.name,
        "source": change.source,
        "reason": change.reason,
        "base_version": change.base_version,
        "to_version": change.to_version if isinstance(change, Activate) else None,
        "digest": change.digest,
        "deferred": change.deferred,
        "fields": [_field(field) for field in change.fields],
    }


def _field(field: FieldChange) -> dict[str, Any]:
    return {
        "path": list(field.path),
        "op": field.op.value,
        "before": None if field.sensitive else _strict(field.before),
        "after": None if field.sensitive else _strict(field.after),
        "sensitive": field.sensitive,
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
        "outside": [_outside(one) for one in outcome.outside],
        "error": None
        if error is None
        else {"kind": error.kind, "message": error.message, "exit_code": error.exit_code},
        "notes": list(outcome.notes),
    }


def _outside(one: OutsideVersion) -> dict[str, Any]:
    return {
        "version": one.version,
        "created_at": one.created_at,
        "origin": one.origin.value,
        "commit": one.commit,
        "fields": [_field(field) for field in one.fields],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "key": difference.key,
        "paths": list(difference.paths),
        "version_after": difference.version_after,
        "version_now": difference.version_now,
        "outside": [_outside(one) for one in difference.outside],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    """A whole file has no line, and a whole line no column: null, so that no reader takes 0 for a place."""
    return {
        "file": problem.file,
        "line": problem.line or None,
        "column": problem.column or None,
        "severity": problem.severity.value,
        "message": problem.message,
    }


def _strict(value: JsonValue) -> JsonValue:
    """Copy a value into what strict JSON has.

    A server in Python may answer NaN or an infinity; they become strings, spelled as Protocol Buffers' JSON does.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: _strict(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_strict(inner) for inner in value]
    return value
