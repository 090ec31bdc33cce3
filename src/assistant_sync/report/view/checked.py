"""What is shown of a check, decided once for text, Markdown and JUnit's XML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from assistant_sync.model.checked import Verdict
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from assistant_sync.model.checked import CheckedCase, CheckReport, Sample, Side

_MOST_KEYS = 20  # that a sentence names

SYMBOLS = {Verdict.PASSED: "ok", Verdict.FAILED: "FAIL", Verdict.UNDECIDED: "??"}
"""What stands before a case."""


class Answers(Enum):
    """How the answer compares with the one before; the value says so."""

    ALONE = "answer"
    """There is nothing to compare it with."""
    SAME = "same answer"
    CHANGED = "answer changed"
    NONE = "no answer"
    """Nor was there one before, if it was asked."""
    NEW = "no answer before"
    GONE = "no answer any more"

    @property
    def has_changed(self) -> bool:
        """Whether both sides were asked and differ."""
        return self in (Answers.CHANGED, Answers.NEW, Answers.GONE)


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case.

    Attributes:
        case: Masked already.
        answers: How the answers that stand for both sides compare.
        past: What was before, such as "passed before"; empty if there is nothing to say.
        tally: How many answers hold; empty if it was asked once.
    """

    case: CheckedCase
    answers: Answers
    past: str
    tally: str

    @property
    def after(self) -> Sample:
        """The run that stands for the manifests' side."""
        return self.case.after.shown

    @property
    def before(self) -> str:
        """The answer before; empty if there is none."""
        return "" if self.case.before is None else self.case.before.shown.answer

    @property
    def has_passed(self) -> bool:
        """Whether the manifests' side passed."""
        return self.case.verdict is Verdict.PASSED

    @property
    def has_regressed(self) -> bool:
        """Whether it passed before and does not now."""
        return not self.has_passed and self.case.before is not None and self.case.before.verdict is Verdict.PASSED

    @property
    def has_details(self) -> bool:
        """Whether there is more to see than one line: it did not pass, or its answer changed."""
        return not self.has_passed or self.answers.has_changed

    @property
    def facts(self) -> tuple[str, ...]:
        """What stands behind its name, beside its place and its past."""
        compared = self.has_passed and self.answers is not Answers.ALONE
        facts = (seconds_text(self.after.seconds), self.tally, self.answers.value if compared else "")
        return tuple(fact for fact in facts if fact)


@dataclass(frozen=True, slots=True)
class CheckView:
    """What one check found.

    Attributes:
        troubles: The cases that did not pass, in order.
        passed: The others.
        notes: What the reader should know beside them, a sentence each.
        status: How many there are of each verdict, in a sentence.
        runs: How many runs that took, and how long; empty without any.
    """

    troubles: tuple[CaseView, ...]
    passed: tuple[CaseView, ...]
    notes: tuple[str, ...]
    status: str
    runs: str


def check_view(report: CheckReport) -> CheckView:
    """Decide what is shown of a check.

    Args:
        report: Masked already.
    """
    cases = tuple(map(case_view, report.cases))
    regressed = sum(one.has_regressed for one in cases)
    verb = "do" if regressed > 1 else "does"
    notes = [*report.notes]
    notes += [f"{plural(regressed, 'case')} that passed before {verb} not pass now"] if regressed else []
    notes += [_unchecked(report.unchecked)] if report.unchecked else []
    return CheckView(
        troubles=tuple(one for one in cases if not one.has_passed),
        passed=tuple(one for one in cases if one.has_passed),
        notes=tuple(notes),
        status=_status(report),
        runs=f"{plural(report.runs, 'run')} in {seconds_text(report.seconds)}" if report.runs else "",
    )


def case_view(case: CheckedCase) -> CaseView:
    """Decide what is shown of a case."""
    return CaseView(case, _answers(case), _past(case), _tally(case))


def seconds_text(seconds: float | None) -> str:
    """How long something took; empty if it was not started."""
    return "" if seconds is None else f"{seconds:,.1f} s"


def held(side: Side) -> str:
    """How many answers of a side hold; empty if it was asked once."""
    if len(side.samples) == 1:
        return ""
    return f"{side.passed} of {len(side.samples)} answers {'holds' if side.passed == 1 else 'hold'}"


def _tally(case: CheckedCase) -> str:
    text = held(case.after)
    return f"{text}, {case.must_pass} must" if text and case.verdict is not Verdict.PASSED else text


def _answers(case: CheckedCase) -> Answers:
    after = case.after.shown.answer
    before = None if case.before is None else case.before.shown.answer
    if not (before or after):
        return Answers.NONE
    if before is None:
        return Answers.ALONE
    if before == after:
        return Answers.SAME
    return Answers.CHANGED if before and after else Answers.GONE if before else Answers.NEW


def _past(case: CheckedCase) -> str:
    if case.before is None:
        return ""
    before, now = case.before.verdict, case.verdict
    if before is now:
        return "" if now is Verdict.PASSED else f"{before.value} before, too"
    return f"{before.value} before"


def _status(report: CheckReport) -> str:
    lead = "Interrupted. " if report.is_interrupted else ""
    if not report.cases:
        return lead + ("Nothing to check: the plan changes nothing." if report.unchanged else "No case was asked.")
    counts = ", ".join(f"{count:,} {one.value}" for one in Verdict if (count := len(report.of(one))))
    return f"{lead}{plural(len(report.cases), 'case')}: {counts}."


def _unchecked(keys: tuple[str, ...]) -> str:
    rest = len(keys) - _MOST_KEYS
    named = ", ".join(keys[:_MOST_KEYS]) + (f" and {rest:,} more" if rest > 0 else "")
    return f"no check is about {plural(len(keys), 'changed assistant')}: {named}"
