"""Drift in Markdown, for an issue: a table of what happened, then each assistant with what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.outcome import Attribution
from assistant_sync.report.markdown.count import PageBudget
from assistant_sync.report.markdown.escape import cell, code, fence, html_name, message, name, size
from assistant_sync.report.markdown.fields import Fields
from assistant_sync.report.markdown.fit import COMMENT_LIMIT
from assistant_sync.report.markdown.selection import selection_paragraphs
from assistant_sync.report.view.drift import counted, heading, notes, shows_sum, ways_out
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.drift import Drifted, DriftReport
    from assistant_sync.model.outcome import OutsideVersion
    from assistant_sync.report.markdown.fields import Row

_ROWS = 200  # of the table
_VERSIONS = 10  # of one assistant
_TAIL = 200  # characters of the line that counts what is left out
_HEAD_SHARE = 2  # the part of the page that the table may take: one half


def drift_markdown(report: DriftReport, *, limit: int = COMMENT_LIMIT) -> str:
    """Render what has drifted.

    Args:
        report: Masked already.
        limit: The characters that it may take; those beyond U+FFFF count twice.

    Returns:
        Markdown in which text from manifests and servers is nothing but text.
    """
    page = f"## {counted(report)}\n\n{name(report.project)} on {name(report.target)} ({name(report.url)})"
    page += "\n\n" if report.commit is None else f", commit {code(report.commit.sha[:12])}\n\n"
    page += "".join(f"{paragraph}\n\n" for paragraph in selection_paragraphs(report.selection))
    page += _table(report.drifted, limit // _HEAD_SHARE)
    for note in notes(report):
        line = f"> {message(note)}\n\n"
        if size(page) + size(line) < limit - _TAIL:
            page += line
    fields = Fields(PageBudget())
    left = 0
    for one in report.drifted:
        section = _section(one, fields)
        if size(page) + size(section) > limit - _TAIL:
            left += 1
        else:
            page += section
    if left:
        page += f"… {plural(left, 'more assistant')} without room here; `assistant-sync drift` shows all.\n"
    return page.rstrip("\n") + "\n"


def _table(drifted: Sequence[Drifted], room: int) -> str:
    if not drifted:
        return ""
    page = "| | assistant | what happened |\n| --- | --- | --- |\n"
    shown = 0
    for one in drifted[:_ROWS]:
        row = f"| {code(one.kind.value)} | {cell(name(one.key))} | {cell(message(one.reason))} |\n"
        if size(page) + size(row) > room:
            break
        page += row
        shown += 1
    rest = len(drifted) - shown
    return page + (f"\n… {plural(rest, 'more row')}\n\n" if rest else "\n")


def _section(one: Drifted, fields: Fields) -> str:
    lines = [*_versions(one.versions, fields)]
    if shows_sum(one):
        lines += [f"{message(heading(one))}:\n\n", *_fields(one.fields, fields), "\n"]
    lines += [f"{message(way)}\n\n" for way in ways_out(one)]
    where = "" if one.source is None else f"{name(one.source)}\n\n"
    return (
        f"<details><summary>{html_name(one.key)} {one.kind.value}</summary>\n\n{where}"
        f"{''.join(lines).rstrip()}\n\n</details>\n\n"
    )


def _versions(versions: Sequence[OutsideVersion], fields: Fields) -> Iterator[str]:
    rest = len(versions) - _VERSIONS
    if rest > 0:
        yield f"… {plural(rest, 'earlier version')}\n\n"
    for one in versions[max(rest, 0) :]:
        when = "" if one.created_at is None else f", {message(one.created_at)}"
        did = "made active" if one.attribution is Attribution.ACTIVATED else "written outside git"
        if one.attribution is Attribution.APPLY:
            did = "written by an apply"
        yield f"Version {one.version} was {did}{when}{':' if one.fields else ', with the same content.'}\n\n"
        yield from _fields(one.fields, fields)
        yield "\n"


def _fields(changes: Sequence[FieldChange], fields: Fields) -> Iterator[str]:
    for change in changes:
        yield from map(_row, fields.rows(change, is_whole=False))


def _row(row: Row) -> str:
    head = f"- {row.head}\n"
    return f"{head}\n{fence(row.below)}\n" if row.below else head
