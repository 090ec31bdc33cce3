r"""What a check found as a test suite: a failure if an answer is not as expected, an error if none can be judged.

All of it is ASCII. What a reader could not see, and with it all that XML 1.0 forbids, is escaped as in other outputs,
such as ``\x1b``; other characters are references, so that neither a terminal nor its encoding matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never
from xml.etree import ElementTree as ET

from assistant_sync.model.checked import Verdict
from assistant_sync.report.escape import escape_invisible
from assistant_sync.report.linediff.hunks import split_lines
from assistant_sync.report.view.checked import Answers, case_view, check_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assistant_sync.model.checked import CheckReport
    from assistant_sync.report.view.checked import CaseView, CheckView

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_INTERRUPTED = "the check was interrupted before its end"


def checks_junit(report: CheckReport) -> str:
    """Render what a check found.

    Args:
        report: Masked already.

    Returns:
        XML in ASCII, without a trailing line feed. A suite without failures and errors holds.
    """
    view = check_view(report)
    failures, errors = len(report.of(Verdict.FAILED)), len(report.of(Verdict.UNDECIDED)) + report.is_interrupted
    suite = ET.Element(
        "testsuite",
        name=escape_invisible(f"assistant-sync checks {report.project} on {report.target}"),
        tests=str(len(report.cases) + report.is_interrupted),
        failures=str(failures),
        errors=str(errors),
        skipped="0",
        time=_time(report.seconds),
    )
    _properties(suite, report)
    for one in report.cases:
        _case(suite, case_view(one))
    if report.is_interrupted:
        stopped = ET.SubElement(suite, "testcase", classname="assistant-sync", name="the whole check", time="0.000")
        ET.SubElement(stopped, "error", message=_INTERRUPTED, type="interrupted")
    _text(suite, "system-out", _suite_lines(view))
    ET.indent(suite)
    xml: bytes = ET.tostring(suite, encoding="us-ascii", xml_declaration=False)
    return _DECLARATION + xml.decode("ascii")


def _properties(suite: ET.Element, report: CheckReport) -> None:
    properties = ET.SubElement(suite, "properties")
    facts = {"deployment": report.url, **({} if report.commit is None else {"commit": str(report.commit)})}
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=name, value=escape_invisible(value))


def _case(suite: ET.Element, view: CaseView) -> None:
    case = view.case
    element = ET.SubElement(
        suite,
        "testcase",
        classname=escape_invisible(case.key),
        name=escape_invisible(case.case),
        file=escape_invisible(case.file),
        line=str(case.line),
        time=_time(sum(one.seconds or 0 for one in case.after.samples)),
    )
    match case.verdict:
        case Verdict.PASSED:
            pass
        case Verdict.FAILED:
            _trouble(element, "failure", view)
        case Verdict.UNDECIDED:
            _trouble(element, "error", view)
        case _:
            assert_never(case.verdict)
    _text(element, "system-out", _case_lines(view))


def _trouble(element: ET.Element, tag: str, view: CaseView) -> None:
    why = "; ".join(view.after.reasons) or view.case.verdict.value
    facts = [fact for fact in (view.tally, view.past) if fact]
    message = escape_invisible(f"{why} ({', '.join(facts)})" if facts else why)
    trouble = ET.SubElement(element, tag, message=message, type=view.case.verdict.value)
    lines = [*facts, *view.after.reasons, *(f"judge: {one}" for one in view.after.judgements)]
    trouble.text = _inert(f"{line}\n" for line in (*lines, f"{view.case.file}:{view.case.line}"))


def _case_lines(view: CaseView) -> Iterator[str]:
    """What was asked and answered; a bar stands before each line, so that none passes for another's."""
    yield from _quoted("question", view.case.question)
    match view.answers:
        case Answers.CHANGED | Answers.GONE:
            yield from _quoted("answer before", view.before)
        case Answers.NEW | Answers.NONE | Answers.SAME | Answers.ALONE:
            pass
        case _:
            assert_never(view.answers)
    if view.after.answer:
        yield from _quoted("same answer" if view.answers is Answers.SAME else "answer", view.after.answer)
    else:
        yield f"{view.answers.value}\n"


def _quoted(words: str, text: str) -> Iterator[str]:
    yield f"{words}:\n"
    for line in split_lines(text):
        shown = line.removesuffix("\n")
        yield f"| {shown}\n" if shown else "|\n"


def _suite_lines(view: CheckView) -> Iterator[str]:
    yield f"{view.status}\n"
    yield from (f"Note: {note}\n" for note in view.notes)


def _text(element: ET.Element, tag: str, lines: Iterable[str]) -> None:
    ET.SubElement(element, tag).text = _inert(lines)


def _inert(lines: Iterable[str]) -> str:
    return "\n".join(map(escape_invisible, "".join(lines).split("\n")))


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
