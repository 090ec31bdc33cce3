"""What ``--format json`` renders: a function for each subject of ``formats.FORMATS``.

Each loads what it needs: a command shows one subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.aftermath import ArchiveEntry, RollbackReport, UndeleteReport
    from assistant_sync.model.diagnosis import Diagnosis
    from assistant_sync.model.lock import Lock
    from assistant_sync.model.outcome import ApplyResult
    from assistant_sync.model.plan import Plan
    from assistant_sync.problem import Problem
    from assistant_sync.report.options import Options


def plan(plan: Plan, options: Options) -> dict[str, Any]:
    """Make the document of a plan."""
    from assistant_sync.report.json.plan import plan_json

    return plan_json(plan, created_at=options.created_at, tool_version=__version__)


def result(result: ApplyResult, _options: Options) -> dict[str, Any]:
    """Make the document of an apply's result."""
    from assistant_sync.report.json.result import result_json

    return result_json(result)


def problems(problems: Sequence[Problem], documents: int) -> dict[str, Any]:
    """Make the document of a validation of so many manifests."""
    from assistant_sync.report.json.problems import problems_json

    return problems_json(problems, documents)


def diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    """Make the document of what ``doctor`` found."""
    from assistant_sync.report.json.diagnosis import diagnosis_json

    return diagnosis_json(diagnosis, tool_version=__version__)


def locks(locks: Sequence[Lock]) -> dict[str, Any]:
    """Make the document of the locks that were removed."""
    from assistant_sync.report.json.locks import locks_json

    return locks_json(locks)


def files(project: str, written: Sequence[str]) -> dict[str, Any]:
    """Make the document of the files of a project that were written."""
    from assistant_sync.report.json.files import files_json

    return files_json(project, written)


def rollback(report: RollbackReport, _options: Options) -> dict[str, Any]:
    """Make the document of a rollback."""
    from assistant_sync.report.json.rollback import rollback_json

    return rollback_json(report)


def undelete(report: UndeleteReport, _options: Options) -> dict[str, Any]:
    """Make the document of a restored assistant."""
    from assistant_sync.report.json.undelete import undelete_json

    return undelete_json(report)


def archives(entries: Sequence[ArchiveEntry]) -> dict[str, Any]:
    """Make the document of what the archive has."""
    from assistant_sync.report.json.undelete import archives_json

    return archives_json(entries)
