"""The document of a rollback: that of an apply's result, with what git wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.result import result_json

if TYPE_CHECKING:
    from assistant_sync.model.aftermath import GitView, RollbackReport


def rollback_json(report: RollbackReport) -> dict[str, Any]:
    """Make the document of a rollback."""
    git = None if report.git is None else _git(report.git)
    return {**result_json(report.result), "rollback": {"key": report.key, "to": report.to, "git": git}}


def _git(git: GitView) -> dict[str, Any]:
    return {
        "state": git.state.value,
        "source": git.source,
        "because": git.because,
        "ways": [{"command": way.command, "effect": way.effect} for way in git.ways],
    }
