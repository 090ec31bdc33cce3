"""Drift as text: each assistant with the versions that others made, and how to keep or undo them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.drift import DriftKind
from assistant_sync.report.linediff.hunks import DiffBudget
from assistant_sync.report.text.fields import field_lines
from assistant_sync.report.text.lines import StyledLine, escaped, indented, joined, label, message
from assistant_sync.report.text.outside import version_lines
from assistant_sync.report.text.selection import selection_lines
from assistant_sync.report.text.styles import CAUTION, QUIET, TROUBLE
from assistant_sync.report.view.drift import counted, heading, notes, shows_sum, ways_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from assistant_sync.model.drift import Drifted, DriftReport

_SYMBOLS = {
    DriftKind.EDITED: "~",
    DriftKind.MOVED: "<-",
    DriftKind.ROLLED_BACK: "<-",
    DriftKind.DELETED: "-",
    DriftKind.UNSTAMPED: "?",
    DriftKind.GRAPH_GONE: "!",
    DriftKind.SCHEMA_CHANGED: "!",
}


def drift_text(report: DriftReport, *, verbose: bool = False) -> Text:
    """Render what has drifted.

    Args:
        report: Masked already.
        verbose: Whether to cut no value.

    Returns:
        A text without a trailing line feed, to be printed without wrapping.
    """
    budget = DiffBudget()
    lines: list[StyledLine] = [_header(report), *selection_lines(report.selection), []]
    for one in report.drifted:
        lines += [*_drifted(one, budget, verbose=verbose), []]
    for note in notes(report):
        first, *further = message(note, CAUTION)
        lines += [[("Note: ", CAUTION), *first], *indented(further)]
    if lines[-1]:
        lines.append([])
    return joined([*lines, [(f"{counted(report)}.", "bold" if report.drifted else "bold green")]])


def _header(report: DriftReport) -> StyledLine:
    line: StyledLine = [("Drift of ", ""), *label(report.project, "bold"), (" on ", ""), *label(report.target, "bold")]
    line += [(" (", ""), *label(report.url), (")", "")]
    if report.commit is not None:
        line += [(", commit ", ""), *escaped(report.commit.sha[:12])]
        if report.commit.dirty:
            line.append((" with uncommitted changes", CAUTION))
    return line


def _drifted(one: Drifted, budget: DiffBudget, *, verbose: bool) -> Iterator[StyledLine]:
    style = TROUBLE if one.kind in (DriftKind.DELETED, DriftKind.GRAPH_GONE, DriftKind.SCHEMA_CHANGED) else CAUTION
    first, *further = message(one.reason, style)
    line: StyledLine = [(f"{_SYMBOLS[one.kind]} ", style), *label(one.key, "bold"), (" ", ""), *first]
    if one.source is not None:
        line += [("  (", QUIET), *label(one.source, QUIET), (")", QUIET)]
    yield line
    yield from indented(further)
    yield from indented(_details(one, budget, verbose=verbose))


def _details(one: Drifted, budget: DiffBudget, *, verbose: bool) -> Iterator[StyledLine]:
    yield from version_lines(one.versions, verbose=verbose)
    if shows_sum(one):
        yield [*escaped(heading(one)), (":", "")]
        yield from indented(field_lines(one.fields, is_whole=False, verbose=verbose, budget=budget))
    for way in ways_out(one):
        yield escaped(way, QUIET)
