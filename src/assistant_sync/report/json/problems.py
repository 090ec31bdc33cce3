"""The documents of a validation, and of an expected failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync import __version__
from assistant_sync.errors import ChecksFailed, InvalidFiles, StalePlan
from assistant_sync.model.checked import CheckReport
from assistant_sync.report.json.document import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.errors import AssistantSyncError
    from assistant_sync.problem import Problem


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
    """Make the document of an expected failure; it takes the place of the document of the command."""
    checks: dict[str, Any] = {}
    if isinstance(error, ChecksFailed) and isinstance(error.report, CheckReport):
        from assistant_sync.report.json.checked import checks_json

        checks = {"checks": checks_json(error.report, tool_version=__version__)}
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
        **checks,
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
