"""The document of a plan, as ``plan`` prints and saves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from assistant_sync.model.change import Activate, Adopt, Create, Delete, Keep, Orphan, Refuse, Update
from assistant_sync.report.json.document import FORMAT_VERSION
from assistant_sync.report.json.fields import field_json
from assistant_sync.report.json.selection import selection_json

if TYPE_CHECKING:
    from assistant_sync.model.change import Change
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.provenance import Commit


def plan_json(plan: Plan, *, created_at: str, tool_version: str) -> dict[str, Any]:
    """Make the document of a plan.

    Args:
        plan: Masked already.
        created_at: The time of planning, ISO 8601.
        tool_version: Of assistant-sync.
    """
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": tool_version,
        "project": plan.project,
        "target": {"name": plan.target, "url": plan.url},
        "commit": commit_json(plan.commit),
        "created_at": created_at,
        "digest": plan.digest,
        "base": plan.base,
        "prune": plan.prune,
        **selection_json(plan.selection),
        "missing_graphs": [{"graph_id": one.graph_id, "nearest": one.nearest} for one in plan.missing_graphs],
        "warnings": [{"message": warning.message, "key": warning.key} for warning in plan.warnings],
        "guards": [{"guard": violation.guard, "message": violation.message} for violation in plan.guards],
        "summary": {action.value: count for action, count in plan.summary.items()},
        "changes": [_change(change) | {"causes": _causes(plan, change)} for change in plan.changes],
    }


def commit_json(commit: Commit | None) -> dict[str, Any] | None:
    """Make the object of a commit; null without git."""
    if commit is None:
        return None
    tree = {} if commit.tree is None else {"tree": commit.tree}
    return {"sha": commit.sha, "dirty": commit.dirty} | tree


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
        "to_version": _to_version(change),
        "renamed_from": change.renamed_from if isinstance(change, Update | Activate) else None,
        "digest": change.digest,
        "deferred": change.deferred,
        "crons": len(change.crons) if isinstance(change, Delete) else None,
        **_threads(change),
        "fields": [field_json(field) for field in change.fields],
        "ignored": [field_json(field) for field in change.ignored],
    }


def _threads(change: Change) -> dict[str, int | None]:
    """How many threads stay without the assistant of a delete; null if that is unknown, and for all other changes."""
    counts = change.threads if isinstance(change, Delete) else None
    return {
        "threads": None if counts is None else counts.total,
        "busy_threads": None if counts is None else counts.busy,
    }


def _to_version(change: Change) -> int | None:
    match change:
        case Activate():
            return change.to_version
        case Create() | Update() | Adopt() | Delete() | Orphan() | Keep() | Refuse():
            return None
        case _:
            assert_never(change)


def _causes(plan: Plan, change: Change) -> list[str] | None:
    """The causes of a change; null without a base, so that "not compared" differs from "no cause"."""
    return None if plan.base is None else [cause.value for cause in plan.causes.get(change.assistant_id, ())]
