"""The document of a rollback: that of an apply's result, with what git wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.git_view import git_json
from assistant_sync.report.json.result import result_json

if TYPE_CHECKING:
    from assistant_sync.model.aftermath import RollbackReport


def rollback_json(report: RollbackReport) -> dict[str, Any]:
    """Make the document of a rollback."""
    about = {"key": report.key, "to": report.to, "git": git_json(report.git)}
    return {**result_json(report.result), "rollback": about}
