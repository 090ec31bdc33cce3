"""What a check found, as text: a line for each case that passed, then the others in full, and the count last."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.checked import Verdict
from assistant_sync.report.linediff.hunks import DiffBudget, Line, diff_texts, split_lines
from assistant_sync.report.text.hunks import cut_line, diff_heading, diff_lines
from assistant_sync.report.text.lines import StyledLine, escaped, indented, joined, label, message, more
from assistant_sync.report.text.styles import ADDED, CAUTION, QUIET, TROUBLE
from assistant_sync.report.view.checked import SYMBOLS, Answers, check_view, seconds_text
from assistant_sync.report.view.hunks import first_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from assistant_sync.model.checked import CheckReport, Sample
    from assistant_sync.report.view.checked import CaseView

_STYLES = {Verdict.PASSED: ADDED, Verdict.FAILED: TROUBLE, Verdict.UNDECIDED: CAUTION}
_LINES = 20  # of an answer, or of a question


def checks_text(report: CheckReport, *, verbose: bool = False) -> Text:
    """Render what a check found.

    Args:
        report: Masked already.
        verbose: Whether to show the answers of what passed, all runs of a case, and to cut no answer.

    Returns:
        A text without a trailing line feed, to be printed without wrapping.
    """
    view = check_view(report)
    budget = DiffBudget()
    lines: list[StyledLine] = [_header(report), []]
    for one in view.passed:
        lines += [_head(one), *(_details(one, budget, verbose=True) if verbose else ())]
    for one in view.troubles:
        lines += [*([] if lines[-1] == [] else [[]]), _head(one), *_details(one, budget, verbose=verbose)]
    if lines[-1]:
        lines.append([])
    for note in view.notes:
        first, *further = message(note, CAUTION)
        lines += [[("Note: ", CAUTION), *first], *indented(further)]
    if view.notes:
        lines.append([])
    runs: StyledLine = [(f" {view.runs}.", QUIET)] if view.runs else []
    return joined([*lines, [(view.status, "bold green" if report.holds else TROUBLE), *runs]])


def _header(report: CheckReport) -> StyledLine:
    line: StyledLine = [("Checks of ", ""), *label(report.project, "bold"), (" on ", "")]
    line += [*label(report.target, "bold"), (" (", ""), *label(report.url), (")", "")]
    if report.commit is None:
        return [*line, (", no git commit", QUIET)]
    dirty: StyledLine = [(" with uncommitted changes", CAUTION)] if report.commit.dirty else []
    return [*line, (", commit ", ""), *escaped(report.commit.sha[:12]), *dirty]


def _head(view: CaseView) -> StyledLine:
    case = view.case
    style = _STYLES[case.verdict]
    line: StyledLine = [(f"{SYMBOLS[case.verdict].ljust(4)} ", style), *label(case.key, "bold"), (": ", "")]
    line += [*label(case.case), ("  (", QUIET), *label(case.file, QUIET), (f":{case.line})", QUIET)]
    line += [(f", {fact}", QUIET) for fact in view.facts]
    return [*line, (f", {view.past}", TROUBLE if view.has_regressed else CAUTION)] if view.past else line


def _details(view: CaseView, budget: DiffBudget, *, verbose: bool) -> Iterator[StyledLine]:
    lines: list[StyledLine] = [*_reasons(view.after)]
    lines += _labelled("question", view.case.question, verbose=verbose)
    lines += _answers(view, budget, verbose=verbose)
    if verbose:
        lines += _further(view)
    yield from indented(lines)


def _reasons(one: Sample) -> Iterator[StyledLine]:
    style = _STYLES[one.verdict]
    for reason in one.reasons:
        first, *further = message(reason, style)
        yield from ([("! ", style), *first], *indented(further))
    for judgement in one.judgements:
        first, *further = message(judgement)
        yield from ([("judge: ", QUIET), *first], *indented(further))


def _answers(view: CaseView, budget: DiffBudget, *, verbose: bool) -> Iterator[StyledLine]:
    """The answer; if there was another one before, how they differ."""
    words = view.answers.value
    match view.answers:
        case Answers.NONE:
            yield [(words, QUIET)]
        case Answers.ALONE | Answers.SAME:
            yield from _labelled(words, view.after.answer, verbose=verbose)
        case Answers.NEW:
            yield from _labelled(f"{words}; now", view.after.answer, verbose=verbose)
        case Answers.GONE:
            yield from _labelled(f"{words}; before", view.before, verbose=verbose)
        case Answers.CHANGED:
            diff = diff_texts(view.before, view.after.answer, budget)
            heading = diff_heading(diff, what="lines") if max(diff.before_lines, diff.after_lines) > 1 else []
            yield [(f"{words}: " if heading else f"{words}:", QUIET), *heading]
            yield from indented(diff_lines(diff, is_inert=False, verbose=verbose))
        case _:
            assert_never(view.answers)


def _labelled(words: str, text: str, *, verbose: bool) -> Iterator[StyledLine]:
    """A text beside what it is, or below if it has several lines; a bar marks those, so that none passes for ours."""
    lines, rest = first_of(split_lines(text), None if verbose else _LINES)
    shown = [cut_line(Line("", line.removesuffix("\n")), is_inert=False, verbose=verbose) for line in lines]
    if len(shown) == 1:
        yield [(f"{words}: ", QUIET), *shown[0]]
        return
    yield [(f"{words}:", QUIET)]
    yield from ([("    | ", QUIET), *line] for line in shown)
    if rest:
        yield [("    | ", QUIET), (more(rest, "line"), QUIET)]


def _further(view: CaseView) -> Iterator[StyledLine]:
    """The other runs of a case that was asked several times."""
    for number, one in enumerate(view.case.after.samples, 1):
        if one is not view.after:
            seconds = seconds_text(one.seconds)
            yield [(f"run {number}: {one.verdict.value}{f', {seconds}' if seconds else ''}", _STYLES[one.verdict])]
            yield from indented([*_reasons(one), *_answer(one.answer)])


def _answer(text: str) -> Iterator[StyledLine]:
    if text:
        yield from _labelled(Answers.ALONE.value, text, verbose=True)
    else:
        yield [(Answers.NONE.value, QUIET)]
