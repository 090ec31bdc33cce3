"""Reports of checks that the golden renderings are of."""

from __future__ import annotations

from typing import Any

from assistant_sync.model.checked import CheckedCase, CheckReport, Sample, Side, Verdict
from assistant_sync.model.frozen import replace
from assistant_sync.model.provenance import Commit
from tests.builders import PROJECT, SHA, TARGET, URL
from tests.report.examples import HOSTILE

GREETING = "Hello! How can I help you today?"
POLICY = (
    "You can return a product within 30 days.\n\n"
    "1. Send it back in its box.\n"
    "2. We refund the price within 5 days.\n"
    "3. The refund goes to the card that you paid with.\n"
)


def sample(answer: str = GREETING, verdict: Verdict = Verdict.PASSED, **members: Any) -> Sample:
    """One run; a failed or undecided one names a reason."""
    reasons = {Verdict.PASSED: (), Verdict.FAILED: ("the answer does not contain '30 days'",)}
    facts = {"reasons": reasons.get(verdict, ("the run ended with an error: rate limit",)), "seconds": 1.25, **members}
    return Sample(verdict=verdict, answer=answer, **facts)


def passed(answer: str = GREETING, **members: Any) -> Side:
    return Side(Verdict.PASSED, (sample(answer, **members),))


def failed(answer: str = GREETING, **members: Any) -> Side:
    return Side(Verdict.FAILED, (sample(answer, Verdict.FAILED, **members),))


def undecided(answer: str = "", **members: Any) -> Side:
    return Side(Verdict.UNDECIDED, (sample(answer, Verdict.UNDECIDED, **members),))


def case(name: str, before: Side | None, after: Side, **members: Any) -> CheckedCase:
    facts: dict[str, Any] = {
        "key": "support", "file": "checks/support.yaml", "line": 4, "question": "What is your policy?", "must_pass": 1,
    }  # fmt: skip
    return CheckedCase(case=name, before=before, after=after, **{**facts, **members})


def report(*cases: CheckedCase, **members: Any) -> CheckReport:
    facts: dict[str, Any] = {
        "project": PROJECT, "target": TARGET, "url": URL, "commit": Commit(SHA, dirty=False),
        "runs": 2 * len(cases), "seconds": 12.34,
    }  # fmt: skip
    return CheckReport(cases=cases, **{**facts, **members})


def quiet() -> CheckReport:
    """Everything passed, and nothing changed."""
    return report(case("greets", passed(), passed()), case("greets twice", passed(), passed(), key="sales", line=9))


def mixed() -> CheckReport:
    """One of each kind."""
    shorter = POLICY.replace("within 30 days", "within a month").replace("5 days", "a week")
    repeated = Side(Verdict.FAILED, (sample(), sample("Hi.", Verdict.FAILED), sample("Hey.")))
    judged = ("It greets, and offers help.",)
    return report(
        case("greets", passed(), passed(judgements=judged), line=3),
        case("returns", passed(POLICY), failed(shorter, judgements=("It does not name the days.",)), line=11),
        case("steady", passed(), repeated, must_pass=3, line=20),
        case("shipping", failed("In a week."), failed("In a month."), line=30),
        case("errs", passed(), undecided(seconds=30.0), line=38),
        case("mended", failed("No."), passed("Yes, within 30 days."), line=45),
        case("new", None, passed(), key="triage", file="checks/triage.yaml"),
        case("never ran", None, undecided(seconds=None, reasons=("it was not asked: too many runs",)), key="triage"),
        unchecked=("billing", "sales"),
        notes=("the answers before come from version 3",),
    )


def long() -> CheckReport:
    """A long answer in many lines, and one in a long line."""
    lines = "".join(f"{number}. A step.\n" for number in range(1, 101))
    words = " ".join(f"word{number}" for number in range(1, 201))
    return report(
        case("lists", None, failed(lines)),
        case("rambles", passed(words), failed(words.replace("word100", "word-100"))),
    )


def hostile(text: str = HOSTILE) -> CheckReport:
    """A text wherever a report can hold one."""
    one = sample(text, Verdict.FAILED, reasons=(text, text), judgements=(text,))
    side = Side(Verdict.FAILED, (one, replace(one, answer=f"{text}\n{text}")))
    words = {"key": text, "file": text, "question": text}
    return report(
        case(text, side, Side(Verdict.FAILED, (replace(one, answer=f"see {text} now"), one)), **words),
        case(text, passed(f"a {text} b"), passed(f"a {text} c", judgements=(text,)), **words),
        case(text, None, undecided(reasons=(text,)), **words),
        case(text, passed(text), passed(text), **words),
        unchecked=(text, text),
        notes=(text,),
    )


def hostile_everywhere(text: str) -> CheckReport:
    """The same, in the names above it as well."""
    return replace(hostile(text), project=text, target=text, url=text, commit=Commit(text, dirty=True))
