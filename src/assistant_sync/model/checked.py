"""What a check found: of each case the answers of both sides."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from assistant_sync.model.provenance import Commit


class Verdict(Enum):
    """What a case, or one answer of it, shows; the value is its name in every output."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    """Neither: no answer can be judged. It never counts as passed."""


class Sample(Frozen, frozen=True, kw_only=True):
    """One run.

    Attributes:
        verdict: Of its answer.
        answer: The answer's text, masked and cut; empty if there is none.
        reasons: What does not hold, or why there is no verdict, a sentence each; masked.
        seconds: From the request to the end of the run; None if it was not started.
        judgements: What judges gave as their reasons; masked.
    """

    unshown: ClassVar = ("answer",)

    verdict: Verdict
    answer: str = ""
    reasons: tuple[str, ...] = ()
    seconds: float | None = None
    judgements: tuple[str, ...] = ()


class Side(Frozen, frozen=True):
    """All runs of a case on one side.

    Attributes:
        verdict: Whether as many answers hold as must.
        samples: One for each repetition; at least one.
    """

    verdict: Verdict
    samples: tuple[Sample, ...]

    @property
    def shown(self) -> Sample:
        """The run that stands for the side: the first that has the side's verdict."""
        return next((one for one in self.samples if one.verdict is self.verdict), self.samples[0])

    @property
    def passed(self) -> int:
        """The number of answers that hold."""
        return sum(one.verdict is Verdict.PASSED for one in self.samples)


class CheckedCase(Frozen, frozen=True, kw_only=True):
    """A case that was asked of one assistant.

    Attributes:
        key: The assistant's.
        case: The case's name.
        file: Where it is written, relative to the project file's folder.
        line: Of the case in the file.
        question: What was asked, masked; JSON if the case gives the graph's input.
        must_pass: How many answers must hold.
        before: The live assistant's side; None if there is no live assistant, or it was not asked.
        after: The side of the manifests.
    """

    unshown: ClassVar = ("question",)

    key: str
    case: str
    file: str
    line: int
    question: str
    must_pass: int
    before: Side | None
    after: Side

    @property
    def verdict(self) -> Verdict:
        """Of the manifests' side: what was live before does not excuse it."""
        return self.after.verdict


class CheckReport(Frozen, frozen=True, kw_only=True):
    """What one check found.

    Attributes:
        project: The project's name.
        target: The target's name.
        url: The deployment's.
        commit: Where the manifests come from; None without git.
        cases: In the order of keys, files and lines.
        unchecked: The keys of changed assistants that no check is about.
        unchanged: Whether there was nothing to check because the plan changes nothing.
        notes: What the reader should know beside it, a sentence each.
        runs: How many runs were started.
        seconds: How long it took.
        is_interrupted: Whether it was stopped before its end.
    """

    project: str
    target: str
    url: str
    commit: Commit | None = None
    cases: tuple[CheckedCase, ...] = ()
    unchecked: tuple[str, ...] = ()
    unchanged: bool = False
    notes: tuple[str, ...] = ()
    runs: int = 0
    seconds: float = 0.0
    is_interrupted: bool = False

    def of(self, verdict: Verdict) -> tuple[CheckedCase, ...]:
        """The cases with a verdict."""
        return tuple(one for one in self.cases if one.verdict is verdict)

    @property
    def holds(self) -> bool:
        """Whether every case passed; one without a verdict did not."""
        return not self.is_interrupted and all(one.verdict is Verdict.PASSED for one in self.cases)
