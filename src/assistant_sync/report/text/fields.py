"""The fields of one change as styled lines: short values beside their path, long ones below it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias, assert_never

from assistant_sync.model.change import Op
from assistant_sync.model.frozen import Frozen, field, replace
from assistant_sync.report.escape import ascii_json, composed, path_text
from assistant_sync.report.linediff.hunks import DiffBudget, Line, LineDiff, diff_texts
from assistant_sync.report.text.hunks import cut_line, diff_heading, diff_lines
from assistant_sync.report.text.lines import StyledLine, more
from assistant_sync.report.text.styles import ADDED, CAUTION, QUIET, REMOVED
from assistant_sync.report.view.fields import (
    Block,
    Inline,
    JsonDiff,
    KindChange,
    Leaf,
    Leaves,
    Limits,
    LineEndings,
    Masked,
    OneLine,
    TextDiff,
    UnicodeForm,
    field_view,
    texts_of,
)
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import Path

_LIMITS = Limits()
_NO_LIMITS = Limits(width=None, values=None, lines=None)
_WIDTH = 200  # characters of a path
_WIDEST_PATH = 32  # wider paths do not push the values of the others to the right

_SIGNS = {Op.ADDED: "+", Op.REMOVED: "-", Op.CHANGED: "~"}
_STYLES = {Op.ADDED: ADDED, Op.REMOVED: REMOVED, Op.CHANGED: CAUTION}

_Shown: TypeAlias = "tuple[StyledLine, list[StyledLine]]"
"""What stands beside a path and what below it."""


class _Row(Frozen, frozen=True):
    """One path with what stands beside it and below it."""

    path: str
    op: Op
    beside: StyledLine
    below: list[StyledLine] = field(default_factory=list)


class _Comparer(Frozen, frozen=True):
    """Compares values of any size; what that may cost is shared by the whole page."""

    budget: DiffBudget

    def affords(self, _change: FieldChange, /) -> bool:
        return True

    def diff(self, change: FieldChange, /) -> LineDiff:
        return diff_texts(*texts_of(change), self.budget)


def field_lines(
    fields: Sequence[FieldChange], *, is_whole: bool, verbose: bool, budget: DiffBudget | None = None
) -> Iterator[StyledLine]:
    """Render the fields of a change, not indented.

    Args:
        fields: Masked already.
        is_whole: Whether the whole assistant comes or goes, so that a sign at each field would add nothing.
        verbose: Whether to cut nothing.
        budget: What comparing may still cost on the page; None if these fields are all of it.
    """
    comparer = _Comparer(budget or DiffBudget())
    rows = [row for one in fields for row in _rows(one, comparer, is_whole=is_whole, verbose=verbose)]
    rows = _with_distinct_paths(rows)
    width = max((len(row.path) for row in rows if len(row.path) <= _WIDEST_PATH and not row.below), default=0)
    for row in rows:
        line: StyledLine = [] if is_whole else [(f"{_SIGNS[row.op]} ", _STYLES[row.op])]
        padding = 0 if row.below else width - len(row.path)
        line += [(f"{row.path}: ", ""), (" " * padding, ""), *row.beside]
        yield line
        for inner in row.below:
            yield [("    ", ""), *inner]


def _with_distinct_paths(rows: list[_Row]) -> list[_Row]:
    """Escape what is not ASCII in the paths that look the same as another one."""
    forms = Counter(composed(path) for path in {row.path for row in rows})
    return [replace(row, path=ascii_json(row.path)) if forms[composed(row.path)] > 1 else row for row in rows]


def _rows(change: FieldChange, comparer: _Comparer, *, is_whole: bool, verbose: bool) -> Iterator[_Row]:
    view = field_view(change, comparer, _NO_LIMITS if verbose else _LIMITS)
    path = _path(change.path, verbose=verbose)
    match view:
        case Leaves(shown=leaves, rest=rest):
            for leaf in leaves:
                yield _leaf(leaf, change.op, is_whole=is_whole, verbose=verbose)
            if rest:
                yield _Row(path, change.op, [(more(rest, "value"), QUIET)])
        case Masked():
            yield _Row(path, change.op, [(f"(sensitive value {change.op.value})", CAUTION)])
        case _:
            yield _Row(path, change.op, *_changed(view, verbose=verbose))


def _changed(view: Inline | LineEndings | UnicodeForm | TextDiff | JsonDiff | KindChange, *, verbose: bool) -> _Shown:
    match view:
        case Inline(before=old, after=new, is_form_only=is_form_only):
            note: StyledLine = [(" (only the Unicode form differs)", CAUTION)] if is_form_only else []
            return [(old, REMOVED), (" -> ", QUIET), (new, ADDED), *note], []
        case LineEndings(before=before, after=after, hint=hint):
            words = f"only line endings differ ({before:,} -> {after:,} lines end in CR LF); {hint}"
            return [(words, CAUTION)], []
        case UnicodeForm(forms=forms):
            detail = "" if forms is None else f" ({forms[0]} -> {forms[1]})"
            return [(f"only the Unicode form differs{detail}", CAUTION)], []
        case TextDiff(diff=diff, sizes=(old_size, new_size), has_lines=has_lines):
            sizes: StyledLine = [(f"{old_size:,} -> {plural(new_size, 'character')}", QUIET)]
            heading = diff_heading(diff, what="lines") if has_lines else sizes
            return heading, list(diff_lines(diff, is_inert=False, verbose=verbose))
        case JsonDiff(diff=diff):
            heading = diff_heading(diff, what="lines as JSON")
            return heading, list(diff_lines(diff, is_inert=True, verbose=verbose))
        case KindChange(kinds=kinds, before=old_block, after=new_block):
            below = [*_block(old_block, "-", verbose=verbose), *_block(new_block, "+", verbose=verbose)]
            return [(" -> ".join(kinds), CAUTION)], below
        case _:
            assert_never(view)


def _leaf(leaf: Leaf, op: Op, *, is_whole: bool, verbose: bool) -> _Row:
    """One value of a field that comes or goes."""
    path = _path(leaf.path, verbose=verbose)
    match leaf.value:
        case OneLine(text=text, rest=rest):
            cut: StyledLine = [(f" {more(rest, 'character')}", QUIET)] if rest else []
            return _Row(path, op, [(text, "" if is_whole else _STYLES[op]), *cut])
        case Block() as block:
            measure = f"{plural(len(block.lines) + block.rest, 'line')}, {plural(block.size, 'character')}"
            below = list(_block(block, "" if is_whole else _SIGNS[op], verbose=verbose))
            return _Row(path, op, [(measure, QUIET)], below)
        case _:
            assert_never(leaf.value)


def _block(block: Block, sign: str, *, verbose: bool) -> Iterator[StyledLine]:
    """A value on lines of its own."""
    for line in block.lines:
        yield cut_line(Line(sign, line), is_inert=block.is_inert, verbose=verbose)
    if block.rest:
        yield [(more(block.rest, "line"), QUIET)]


def _path(path: Path, *, verbose: bool) -> str:
    text = path_text(path)
    rest = len(text) - _WIDTH
    return text if verbose or rest <= 0 else f"{text[:_WIDTH]} {more(rest, 'character')}"
