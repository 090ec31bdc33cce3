"""One case of a check in Markdown: as a row of the table, and with question, answers and reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from assistant_sync.report.escape import escape_invisible
from assistant_sync.report.linediff.hunks import diff_texts, split_lines
from assistant_sync.report.markdown.diff import diff_lines
from assistant_sync.report.markdown.escape import cell, code, html_name, message, name, size
from assistant_sync.report.markdown.sections import Details, fence_within
from assistant_sync.report.view.checked import SYMBOLS, Answers, held, seconds_text
from assistant_sync.report.view.hunks import first_of
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.checked import Side
    from assistant_sync.report.linediff.hunks import DiffBudget
    from assistant_sync.report.view.checked import CaseView

_WIDEST = 800  # characters of a line
_LINES = 40  # of an answer, or of a question
_REASON = 120  # characters of a reason for which there is little room
_NOTES = 240  # characters of the notes of what is cut
_LEAST = 150  # characters without which nothing is begun


def case_row(view: CaseView) -> str:
    """Render a case as a row of the table."""
    case = view.case
    after = [case.verdict.value, view.tally]
    if case.before is not None:
        after.append(view.answers.value)
    cells = [
        code(SYMBOLS[case.verdict]),
        name(case.key),
        name(case.case),
        "not asked" if case.before is None else _side(case.before),
        ", ".join(part for part in after if part),
        seconds_text(view.after.seconds),
    ]
    return f"| {' | '.join(map(cell, cells))} |\n"


@dataclass(slots=True)
class CaseSection:
    """The section of one case; its answers are compared once, and only when it is asked for.

    Attributes:
        view: The case.
        budget: What comparing may still cost on the page.
    """

    view: CaseView
    budget: DiffBudget
    _lines: tuple[str, ...] | None = field(default=None, init=False)

    def within(self, room: int) -> Details | None:
        """Render it in so many characters at most, cut if it must be; None if there is no room for its beginning."""
        head = f"<details><summary>{_summary(self.view)}</summary>\n\n{_facts(self.view)}\n\n"
        tail = "</details>\n\n"
        left = room - size(head) - size(tail) - _NOTES
        if left < _LEAST:
            return None
        reasons, has_reasons = _reasons(self.view, left // 2)
        left -= size(reasons)
        question, has_question = _block("Question", list(_text_lines(self.view.case.question)), left // 3, "question")
        left -= size(question)
        answer, has_answer = self._answer(left)
        is_whole = has_reasons and has_question and has_answer
        return Details(f"{head}{reasons}{question}{answer}{tail}", is_whole)

    def _answer(self, room: int) -> tuple[str, bool]:
        words = self.view.answers.value.capitalize()
        if self._lines is None:
            self._lines = tuple(_answer_lines(self.view, self.budget))
        match self.view.answers:
            case Answers.NONE:
                return f"{words}.\n\n", True
            case Answers.NEW:
                words += "; now"
            case Answers.GONE:
                words += "; before"
            case Answers.ALONE | Answers.SAME | Answers.CHANGED:
                pass
            case _:
                assert_never(self.view.answers)
        return _block(words, self._lines, room, "answer")


def _side(side: Side) -> str:
    return ", ".join(part for part in (side.verdict.value, held(side)) if part)


def _summary(view: CaseView) -> str:
    case = view.case
    past = f", {view.past}" if view.past else ""
    return f"{html_name(SYMBOLS[case.verdict])} {html_name(case.key)}: {html_name(case.case)}{past}"


def _facts(view: CaseView) -> str:
    return ", ".join([f"{name(view.case.file)} line {view.case.line}", *view.facts])


def _reasons(view: CaseView, room: int) -> tuple[str, bool]:
    """The reasons and what judges gave as theirs, as a list; of a long one the beginning, if there is little room."""
    items = [("", one) for one in view.after.reasons] + [("judge: ", one) for one in view.after.judgements]
    text = ""
    is_whole = True
    for number, (words, one) in enumerate(items):
        item = f"- {words}{message(one)}\n"
        if size(text) + size(item) > room:
            item, is_whole = f"- {words}{name(one, _REASON)}\n", False
        if size(text) + size(item) > room:
            text += f"- … {plural(len(items) - number, 'more reason')} (size limit)\n"
            break
        text += item
    return f"{text}\n" if text else "", is_whole


def _block(words: str, lines: list[str] | tuple[str, ...], room: int, what: str) -> tuple[str, bool]:
    block, is_whole = fence_within(lines, room - len(words) - 5, what=what)
    return (f"{words}:\n\n{block}\n", is_whole) if block else (f"{words}: not shown (size limit).\n\n", False)


def _answer_lines(view: CaseView, budget: DiffBudget) -> Iterator[str]:
    match view.answers:
        case Answers.NONE:
            return
        case Answers.ALONE | Answers.SAME | Answers.NEW:
            yield from _text_lines(view.after.answer)
        case Answers.GONE:
            yield from _text_lines(view.before)
        case Answers.CHANGED:
            yield from diff_lines(diff_texts(view.before, view.after.answer, budget), is_inert=False)
        case _:
            assert_never(view.answers)


def _text_lines(text: str) -> Iterator[str]:
    """A text in a fence for diffs, in which two blanks stand before a line that is in both."""
    lines, rest = first_of(split_lines(text), _LINES)
    for line in lines:
        shown = line.removesuffix("\n")
        more = len(shown) - _WIDEST
        yield f"  {escape_invisible(shown[:_WIDEST])}" + (f" … {plural(more, 'more character')}" if more > 0 else "")
    if rest:
        yield f"… {plural(rest, 'more line')}"
