"""What ``--format json`` renders: a function for each subject of ``formats.FORMATS``.

Each loads what it needs: a command shows one subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.aftermath import ArchiveEntry, RollbackReport, UndeleteReport
    from assistant_sync.model.asked import AnsweredRun
    from assistant_sync.model.checked import CheckReport
    from assistant_sync.model.diagnosis import Diagnosis
    from assistant_sync.model.drift import DriftReport
    from assistant_sync.model.history import History
    from assistant_sync.model.lock import Lock
    from assistant_sync.model.outcome import ApplyResult
    from assistant_sync.model.outputs import Outputs
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.pulled import PullReport
    from assistant_sync.model.schema_files import SchemaFiles
    from assistant_sync.model.shown import ComparedSides, ShownManifest
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


def diagnosis(diagnosis: Diagnosis, _options: Options) -> dict[str, Any]:
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


def drift(report: DriftReport, _options: Options) -> dict[str, Any]:
    """Make the document of what has drifted."""
    from assistant_sync.report.json.drift import drift_json

    return drift_json(report)


def pulled(report: PullReport, _options: Options) -> dict[str, Any]:
    """Make the document of a pull."""
    from assistant_sync.report.json.pulled import pulled_json

    return pulled_json(report)


def history(history: History) -> dict[str, Any]:
    """Make the document of the versions of an assistant."""
    from assistant_sync.report.json.history import history_json

    return history_json(history)


def show(shown: ShownManifest) -> dict[str, Any]:
    """Make the document of a live assistant, or a version of it, as a manifest."""
    from assistant_sync.report.json.show import show_json

    return show_json(shown)


def diff(compared: ComparedSides, _options: Options) -> dict[str, Any]:
    """Make the document of a comparison of two states."""
    from assistant_sync.report.json.diff import diff_json

    return diff_json(compared)


def outputs(outputs: Outputs) -> dict[str, Any]:
    """Make the document of what applications need of the assistants."""
    from assistant_sync.report.json.outputs import outputs_json

    return outputs_json(outputs)


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


def schema_files(schemas: SchemaFiles) -> dict[str, Any]:
    """Make the document of the schemas for editors."""
    from assistant_sync.report.json.schema_files import schema_files_json

    return schema_files_json(schemas)


def run(answered: AnsweredRun) -> dict[str, Any]:
    """Make the document of the answer to a question."""
    from assistant_sync.report.json.run import run_json

    return run_json(answered)


def checks(report: CheckReport, _options: Options) -> dict[str, Any]:
    """Make the document of what a check found."""
    from assistant_sync.report.json.checked import checks_json

    return checks_json(report, tool_version=__version__)
