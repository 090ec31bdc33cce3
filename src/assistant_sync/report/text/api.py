"""What ``--format text`` renders: a function for each subject of ``formats.FORMATS``.

Each loads what it needs: a command shows one subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

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


def plan(plan: Plan, options: Options) -> Text:
    """Render a plan."""
    from assistant_sync.report.text.plan import plan_text

    return plan_text(plan, verbose=options.verbose)


def result(result: ApplyResult, options: Options) -> Text:
    """Render the result of an apply."""
    from assistant_sync.report.text.result import result_text

    return result_text(result, verbose=options.verbose)


def problems(problems: Sequence[Problem], documents: int) -> Text:
    """Render a validation of so many manifests."""
    from assistant_sync.report.text.problems import problems_text

    return problems_text(problems, documents)


def diagnosis(diagnosis: Diagnosis, options: Options) -> Text:
    """Render what ``doctor`` found."""
    from assistant_sync.report.text.diagnosis import diagnosis_text

    return diagnosis_text(diagnosis, verbose=options.verbose)


def locks(locks: Sequence[Lock]) -> Text:
    """Render the locks that were removed."""
    from assistant_sync.report.text.locks import locks_text

    return locks_text(locks, removed=True)


def files(_project: str, written: Sequence[str]) -> Text:
    """Render the files of a project that were written."""
    from assistant_sync.report.text.files import files_text

    return files_text(written)


def drift(report: DriftReport, options: Options) -> Text:
    """Render what has drifted."""
    from assistant_sync.report.text.drift import drift_text

    return drift_text(report, verbose=options.verbose)


def pulled(report: PullReport, options: Options) -> Text:
    """Render a pull."""
    from assistant_sync.report.text.pulled import pulled_text

    return pulled_text(report, verbose=options.verbose)


def history(history: History) -> Text:
    """Render the versions of an assistant."""
    from assistant_sync.report.text.history import history_text

    return history_text(history)


def show(shown: ShownManifest) -> Text:
    """Render a live assistant, or a version of it, as a manifest."""
    from assistant_sync.report.text.show import show_text

    return show_text(shown)


def diff(compared: ComparedSides, options: Options) -> Text:
    """Render a comparison of two states."""
    from assistant_sync.report.text.diff import diff_text

    return diff_text(compared, verbose=options.verbose)


def outputs(outputs: Outputs) -> Text:
    """Render what applications need of the assistants."""
    from assistant_sync.report.text.outputs import outputs_text

    return outputs_text(outputs)


def rollback(report: RollbackReport, options: Options) -> Text:
    """Render a rollback."""
    from assistant_sync.report.text.rollback import rollback_text

    return rollback_text(report, verbose=options.verbose)


def undelete(report: UndeleteReport, options: Options) -> Text:
    """Render a restored assistant."""
    from assistant_sync.report.text.undelete import undelete_text

    return undelete_text(report, verbose=options.verbose)


def archives(entries: Sequence[ArchiveEntry]) -> Text:
    """Render what the archive has."""
    from assistant_sync.report.text.undelete import archives_text

    return archives_text(entries)


def schema_files(schemas: SchemaFiles) -> Text:
    """Render the schemas for editors."""
    from assistant_sync.report.text.schema_files import schema_files_text

    return schema_files_text(schemas)


def run(answered: AnsweredRun) -> Text:
    """Render the answer to a question."""
    from assistant_sync.report.text.run import run_text

    return run_text(answered)


def checks(report: CheckReport, options: Options) -> Text:
    """Render what a check found."""
    from assistant_sync.report.text.checked import checks_text

    return checks_text(report, verbose=options.verbose)
