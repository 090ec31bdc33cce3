"""The document of what a check found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.checked import Verdict
from assistant_sync.report.json.document import FORMAT_VERSION
from assistant_sync.report.json.plan import commit_json

if TYPE_CHECKING:
    from assistant_sync.model.checked import CheckedCase, CheckReport, Sample, Side


def checks_json(report: CheckReport, *, tool_version: str) -> dict[str, Any]:
    """Make the document of what a check found.

    Args:
        report: Masked already.
        tool_version: Of assistant-sync.
    """
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": tool_version,
        "project": report.project,
        "target": {"name": report.target, "url": report.url},
        "commit": commit_json(report.commit),
        "summary": {verdict.value: len(report.of(verdict)) for verdict in Verdict},
        "holds": report.holds,
        "interrupted": report.is_interrupted,
        "runs": report.runs,
        "seconds": round(report.seconds, 3),
        "notes": list(report.notes),
        "unchecked": list(report.unchecked),
        "cases": [_case(one) for one in report.cases],
    }


def _case(case: CheckedCase) -> dict[str, Any]:
    return {
        "key": case.key,
        "case": case.case,
        "file": case.file,
        "line": case.line,
        "question": case.question,
        "verdict": case.verdict.value,
        "must_pass": case.must_pass,
        "before": None if case.before is None else _side(case.before),
        "after": _side(case.after),
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "verdict": side.verdict.value,
        "passed": side.passed,
        "samples": [_sample(one) for one in side.samples],
    }


def _sample(one: Sample) -> dict[str, Any]:
    return {
        "verdict": one.verdict.value,
        "answer": one.answer,
        "reasons": list(one.reasons),
        "judgements": list(one.judgements),
        "seconds": None if one.seconds is None else round(one.seconds, 3),
    }
