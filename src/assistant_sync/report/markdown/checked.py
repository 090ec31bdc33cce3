"""What a check found in Markdown, for a pull request: a table of all cases, then those that failed or changed.

A page has a size limit. To keep to it, answers are cut first, then sections, and rows of the table last: what passed
stands at its end. What is cut is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.checked import Verdict
from assistant_sync.report.linediff.hunks import DiffBudget
from assistant_sync.report.markdown.checked_case import CaseSection, case_row
from assistant_sync.report.markdown.diff import legend
from assistant_sync.report.markdown.escape import message, name, size
from assistant_sync.report.markdown.fit import COMMENT_LIMIT, LEAST
from assistant_sync.report.markdown.sections import shared
from assistant_sync.report.view.checked import check_view
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.checked import CheckReport
    from assistant_sync.report.view.checked import CaseView, CheckView

_FIXED = 600  # characters that the legend and the lines that count what is cut take at most
_NOTES = 4  # the part of the page that notes may take: a quarter
_TABLE = 2  # the part of the rest that the table may take: a half
_NOTE = 100  # characters of the line that counts the notes that are cut

_SEE = "the log of the run has the rest"


def checks_markdown(report: CheckReport, *, limit: int = COMMENT_LIMIT) -> str:
    """Render what a check found.

    Args:
        report: Masked already.
        limit: The characters that it may take, at least 4,096; those beyond U+FFFF count twice.

    Returns:
        Markdown in which text from manifests, servers and answers is nothing but text.

    Raises:
        ValueError: The limit is too small.
    """
    if limit < LEAST:
        raise ValueError(f"a page of {limit} characters is too small for checks; the minimum is {LEAST}")
    view = check_view(report)
    page = _head(report, view)
    room = limit - size(page) - _FIXED
    notes = _notes(view.notes, room // _NOTES)
    page += _table((*view.troubles, *view.passed), (room - size(notes)) // _TABLE) + notes
    page += _sections(view, limit - size(page) - _FIXED)
    return page.rstrip("\n") + "\n"


def _head(report: CheckReport, view: CheckView) -> str:
    commit = "no git commit"
    if report.commit is not None:
        dirty = " **with uncommitted changes**" if report.commit.dirty else ""
        commit = f"commit {name(report.commit.sha[:12])}{dirty}"
    runs = f" {view.runs}." if view.runs else ""
    return (
        f"### assistant-sync checks: {name(report.project)} on {name(report.target)}\n\n"
        f"**{view.status}**{runs}\n\nDeployment {name(report.url)}, {commit}\n\n"
    )


def _notes(notes: Sequence[str], room: int) -> str:
    text = ""
    for number, note in enumerate(notes):
        line = f"> {message(note)}\n\n"
        if size(text) + size(line) > room - _NOTE:
            return f"{text}> … {plural(len(notes) - number, 'more note')} (size limit); {_SEE}.\n\n"
        text += line
    return text


def _table(views: Sequence[CaseView], room: int) -> str:
    """One row for each case, as far as there is room; the others are counted."""
    if not views:
        return ""
    text = "|  | Assistant | Case | Before | After | Time |\n| --- | --- | --- | --- | --- | ---: |\n"
    for number, view in enumerate(views):
        row = case_row(view)
        if size(text) + size(row) > room:
            rest = [one.case.verdict for one in views[number:]]
            counts = ", ".join(f"{rest.count(one):,} {one.value}" for one in Verdict if one in rest)
            return f"{text}\n… {plural(len(rest), 'more case')} without a row (size limit: {counts}); {_SEE}.\n\n"
        text += row
    return f"{text}\n"


def _sections(view: CheckView, room: int) -> str:
    """A section for each case that did not pass or whose answer changed, as far as there is room."""
    budget = DiffBudget()
    shown = [one for one in (*view.troubles, *view.passed) if one.has_details]
    sections = shared([CaseSection(one, budget).within for one in shown], room)
    text = "".join(section.text for section in sections)
    if len(shown) == 1:
        text = text.replace("<details>", "<details open>", 1)
    return f"{legend(text)}{text}{_cut(len(shown) - len(sections), sum(not one.is_whole for one in sections))}"


def _cut(missing: int, partly: int) -> str:
    cut = [f"{plural(missing, 'case')} without details"] if missing else []
    cut += [f"{plural(partly, 'case')} with only part of them"] if partly else []
    return f"**Truncated** (size limit): {' and '.join(cut)}; {_SEE}.\n" if cut else ""
