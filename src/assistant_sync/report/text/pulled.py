"""A pull as text: each assistant with its files and fields, then what was left out, then the count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.pulled import PullKind
from assistant_sync.report.linediff.hunks import DiffBudget
from assistant_sync.report.text.fields import field_lines
from assistant_sync.report.text.lines import StyledLine, escaped, indented, joined, label, message
from assistant_sync.report.text.selection import selection_lines
from assistant_sync.report.text.styles import ADDED, CAUTION, QUIET, REMOVED, TROUBLE
from assistant_sync.report.view.pulled import counted, file_diff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from assistant_sync.model.pulled import NotPulled, Pulled, PullReport

_SYMBOLS = {PullKind.EDITED: "~", PullKind.IMPORTED: "+"}
_COMMIT = 12  # characters


def pulled_text(report: PullReport, *, verbose: bool = False) -> Text:
    """Render a pull; of a dry run with the difference of each file.

    Args:
        report: Masked already.
        verbose: Whether to cut no value.

    Returns:
        A text without a trailing line feed, to be printed without wrapping.
    """
    budget = DiffBudget()
    lines: list[StyledLine] = [*selection_lines(report.selection)]
    for one in report.pulled:
        lines += _pulled(one, budget, verbose=verbose)
    for left in report.not_pulled:
        lines += _not_pulled(left)
    if report.dry_run:
        for change in report.files:
            lines += [[], *(_diff_line(line) for line in file_diff(change))]
    for warning in report.warnings:
        first, *further = message(warning, CAUTION)
        lines += [[("Note: ", CAUTION), *first], *indented(further)]
    if lines:
        lines.append([])
    return joined([*lines, _last_line(report)])


def _pulled(one: Pulled, budget: DiffBudget, *, verbose: bool) -> Iterator[StyledLine]:
    line: StyledLine = [(f"{_SYMBOLS[one.kind]} ", ADDED), *label(one.key, "bold"), (f" {one.kind.value}", ADDED)]
    if one.name != one.key:
        line += [(" ", ""), *label(f'"{one.name}"')]
    line += [(f" version {one.version}", QUIET)]
    if one.edited_at is not None:
        line += [(" of ", QUIET), *label(one.edited_at, QUIET)]
    yield [*line, (" -> ", QUIET), *label(", ".join(one.files))]
    yield from indented(field_lines(one.fields, is_whole=False, verbose=verbose, budget=budget))
    for note in one.notes:
        yield from indented(message(note, CAUTION))


def _not_pulled(one: NotPulled) -> Iterator[StyledLine]:
    named = f'"{one.name}"' if one.key is None else one.key
    yield [
        ("! ", TROUBLE),
        *label(named, "bold"),
        (" not pulled", TROUBLE),
        (" (graph ", QUIET),
        *label(one.graph_id, QUIET),
        (", ", QUIET),
        *label(one.assistant_id, QUIET),
        (")", QUIET),
    ]
    yield from indented(message(one.reason))


def _diff_line(line: str) -> StyledLine:
    style = ADDED if line.startswith("+") else REMOVED if line.startswith("-") else ""
    return escaped(line, style)


def _last_line(report: PullReport) -> StyledLine:
    line: StyledLine = [(f"{counted(report)}.", "bold")]
    if report.commits:
        first, last = report.commits[0][:_COMMIT], report.commits[-1][:_COMMIT]
        named = first if len(report.commits) == 1 else f"{first} to {last}"
        line += [(f" {len(report.commits)} on branch ", ""), *label(report.branch or ""), (f" ({named}).", "")]
    return line
