"""The fields of one change as styled lines: short values beside their path, long ones below it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from assistant_sync.model.change import Op
from assistant_sync.report.escape import ascii_json, composed, json_text, path_text
from assistant_sync.report.linediff.hunks import Line, Work, diff_texts, split_lines
from assistant_sync.report.text.hunks import cut_line, diff_heading, diff_lines
from assistant_sync.report.text.lines import ADDED, CAUTION, QUIET, REMOVED, StyledLine, more
from assistant_sync.report.values import is_container, kind_of, leaves
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import JsonValue, Path

_INLINE = 100  # characters of both values together that stand beside a path
_WIDTH = 200  # characters of a path, and of one long value beside it
_HEAD = 10  # lines of an added or removed text
_SLACK = 2  # more lines than that are shown rather than counted
_VALUES = 100  # values inside one added or removed mapping
_WIDEST_PATH = 32  # wider paths do not push the values of the others to the right

_SIGNS = {Op.ADDED: "+", Op.REMOVED: "-", Op.CHANGED: "~"}
_STYLES = {Op.ADDED: ADDED, Op.REMOVED: REMOVED, Op.CHANGED: CAUTION}


@dataclass(frozen=True, slots=True)
class _Row:
    """One path with what is said beside it and below it."""

    path: str
    op: Op
    beside: StyledLine
    below: list[StyledLine] = field(default_factory=list)


def field_lines(
    fields: Sequence[FieldChange], *, is_whole: bool, verbose: bool, work: Work | None = None
) -> Iterator[StyledLine]:
    """Render the fields of a change, not indented.

    Args:
        fields: Masked already.
        is_whole: Whether the whole assistant comes or goes, so that a sign at each field would say nothing.
        verbose: Whether to cut nothing.
        work: What the page may still cost; None where this is all of it.
    """
    work = work or Work()
    rows = _told_apart([row for one in fields for row in _rows(one, work, is_whole=is_whole, verbose=verbose)])
    width = max((len(row.path) for row in rows if len(row.path) <= _WIDEST_PATH and not row.below), default=0)
    for row in rows:
        line: StyledLine = [] if is_whole else [(f"{_SIGNS[row.op]} ", _STYLES[row.op])]
        padding = 0 if row.below else width - len(row.path)
        line += [(f"{row.path}: ", ""), (" " * padding, ""), *row.beside]
        yield line
        for inner in row.below:
            yield [("    ", ""), *inner]


def _told_apart(rows: list[_Row]) -> list[_Row]:
    """Escape what is not ASCII in the paths that look the same as another one."""
    forms = Counter(composed(path) for path in {row.path for row in rows})
    return [replace(row, path=ascii_json(row.path)) if forms[composed(row.path)] > 1 else row for row in rows]


def _rows(change: FieldChange, work: Work, *, is_whole: bool, verbose: bool) -> Iterator[_Row]:
    if change.sensitive:
        yield _Row(_path(change.path, verbose=verbose), change.op, [(f"(sensitive value {change.op.value})", CAUTION)])
    elif change.op is Op.CHANGED:
        yield _changed(change, work, verbose=verbose)
    else:
        yield from _one_sided(change, is_whole=is_whole, verbose=verbose)


def _changed(change: FieldChange, work: Work, *, verbose: bool) -> _Row:
    path, before, after = _path(change.path, verbose=verbose), change.before, change.after
    if not (_needs_lines(before) or _needs_lines(after)):
        old, new = json_text(before), json_text(after)
        if len(old) + len(new) <= _INLINE:
            return _Row(path, change.op, _inline(old, new))
    if isinstance(before, str) and isinstance(after, str):
        return _changed_text(path, before, after, work, verbose=verbose)
    if is_container(before) and is_container(after):
        diff = diff_texts(json_text(before, indent=2), json_text(after, indent=2), work)
        heading = diff_heading(diff, what="lines as JSON")
        return _Row(path, change.op, heading, list(diff_lines(diff, is_inert=True, verbose=verbose)))
    below = [*_block(before, "-", verbose=verbose), *_block(after, "+", verbose=verbose)]
    return _Row(path, change.op, [(f"{kind_of(before)} -> {kind_of(after)}", CAUTION)], below)


def _inline(old: str, new: str) -> StyledLine:
    note: StyledLine = []
    if old != new and composed(old) == composed(new):
        old, new, note = ascii_json(old), ascii_json(new), [(" (only the Unicode form differs)", CAUTION)]
    return [(old, REMOVED), (" -> ", QUIET), (new, ADDED), *note]


def _changed_text(path: str, before: str, after: str, work: Work, *, verbose: bool) -> _Row:
    if before.replace("\r\n", "\n") == after.replace("\r\n", "\n"):
        old, new = before.count("\r\n"), after.count("\r\n")
        endings = f"{old:,} -> {new:,}"
        return _Row(path, Op.CHANGED, [(f"only line endings differ ({endings} lines end in CR LF)", CAUTION)])
    if composed(before) == composed(after):
        forms = [_form(text) for text in (before, after)]
        detail = f" ({forms[0]} -> {forms[1]})" if all(forms) else ""
        return _Row(path, Op.CHANGED, [(f"only the Unicode form differs{detail}", CAUTION)])
    diff = diff_texts(before, after, work)
    if "\n" in before or "\n" in after:
        heading = diff_heading(diff, what="lines")
    else:
        heading = [(f"{len(before):,} -> {plural(len(after), 'character')}", QUIET)]
    return _Row(path, Op.CHANGED, heading, list(diff_lines(diff, is_inert=False, verbose=verbose)))


def _form(text: str) -> str:
    """The normalisation form that a text has; none where it mixes them."""
    return "NFC" if unicodedata.is_normalized("NFC", text) else "NFD" if unicodedata.is_normalized("NFD", text) else ""


def _one_sided(change: FieldChange, *, is_whole: bool, verbose: bool) -> Iterator[_Row]:
    """A field that comes or goes; a mapping is shown value by value."""
    whole = change.after if change.op is Op.ADDED else change.before
    style = "" if is_whole else _STYLES[change.op]
    values = leaves(change.path, whole)
    for path, value in values if verbose else islice(values, _VALUES):
        below: list[StyledLine] = []
        if isinstance(value, str) and _has_lines(value):
            beside = [(f"{plural(len(split_lines(value)), 'line')}, {plural(len(value), 'character')}", QUIET)]
            below = list(_block(value, "" if is_whole else _SIGNS[change.op], verbose=verbose))
        else:
            beside = _beside(value, style, verbose=verbose)
        yield _Row(_path(path, verbose=verbose), change.op, beside, below)
    rest = sum(1 for _ in values)
    if rest:
        yield _Row(_path(change.path, verbose=verbose), change.op, [(more(rest, "value"), QUIET)])


def _beside(value: JsonValue, style: str, *, verbose: bool) -> StyledLine:
    """A value on one line, cut where it is very long."""
    limit = None if verbose else _WIDTH
    if isinstance(value, str):
        text, rest = json_text(value[:limit]), len(value[_WIDTH:])
    else:
        text = json_text(value)
        text, rest = text[:limit], len(text[_WIDTH:])
    line = [(text, style)]
    return line if verbose or not rest else [*line, (f" {more(rest, 'character')}", QUIET)]


def _block(value: JsonValue, sign: str, *, verbose: bool) -> Iterator[StyledLine]:
    """A value on lines of its own, the first of them where there are many."""
    is_text = isinstance(value, str)
    lines = split_lines(value) if isinstance(value, str) else json_text(value, indent=2).split("\n")
    limit = len(lines) if verbose or len(lines) <= _HEAD + _SLACK else _HEAD
    for line in lines[:limit]:
        yield cut_line(Line(sign, line.removesuffix("\n")), is_inert=not is_text, verbose=verbose)
    if limit < len(lines):
        yield [(more(len(lines) - limit, "line"), QUIET)]


def _path(path: Path, *, verbose: bool) -> str:
    text = path_text(path)
    rest = len(text) - _WIDTH
    return text if verbose or rest <= 0 else f"{text[:_WIDTH]} {more(rest, 'character')}"


def _needs_lines(value: JsonValue) -> bool:
    return isinstance(value, str) and (len(value) > _INLINE or _has_lines(value))


def _has_lines(value: JsonValue) -> bool:
    return isinstance(value, str) and "\n" in value[:-1]
