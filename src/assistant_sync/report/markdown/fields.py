"""The fields of one change in Markdown: short values beside their path, long ones in a fence below it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from assistant_sync.model.change import Op
from assistant_sync.report.escape import ascii_json, composed, json_text, path_text
from assistant_sync.report.linediff.hunks import split_lines
from assistant_sync.report.markdown.diff import block, text_diff
from assistant_sync.report.markdown.escape import code
from assistant_sync.report.values import is_container, kind_of, leaves
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import JsonValue, Path
    from assistant_sync.report.markdown.count import Count, Work

_INLINE = 100  # characters of both values together that stand beside a path
_WIDTH = 200  # characters of a path, and of one long value beside it
_HEAD = 20  # lines of an added or removed text
_VALUES = 100  # values inside one added or removed mapping

_SIGNS = {Op.ADDED: "+", Op.REMOVED: "-", Op.CHANGED: "~"}


@dataclass(frozen=True, slots=True)
class Row:
    """One path with what stands beside it, and the lines of the fence below it."""

    head: str
    below: tuple[str, ...] = ()


@dataclass(slots=True)
class Fields:
    """The fields of a whole page; each is compared once, and only when it is asked for.

    Attributes:
        work: What comparing may still cost.
    """

    work: Work
    _rows: dict[int, tuple[FieldChange, tuple[Row, ...]]] = field(default_factory=dict)  # by id, so each is kept alive

    def rows(self, change: FieldChange, *, is_whole: bool) -> tuple[Row, ...]:
        """Render one field.

        Args:
            change: Masked already.
            is_whole: Whether the whole assistant comes or goes, so that a sign at each field would say nothing.
        """
        if id(change) not in self._rows:
            self._rows[id(change)] = change, tuple(_field_rows(change, self.work, is_whole=is_whole))
        return self._rows[id(change)][1]


def _field_rows(change: FieldChange, work: Work, *, is_whole: bool) -> Iterator[Row]:
    if change.sensitive:
        yield Row(f"{_path(change, is_whole=is_whole)}: sensitive value {change.op.value}, not shown")
    elif change.op is Op.CHANGED:
        yield _changed(change, work)
    else:
        yield from _one_sided(change, is_whole=is_whole)


def _changed(change: FieldChange, work: Work) -> Row:
    path, before, after = _path(change, is_whole=False), change.before, change.after
    count = work.count(change)
    if not count.is_exact and is_container(before) and is_container(after) and not count.gaps:
        return Row(f"{path}: {_lines(count)} as JSON, too large to compare here")
    if not (_needs_lines(before) or _needs_lines(after)):
        old, new = json_text(before), json_text(after)
        if len(old) + len(new) <= _INLINE:
            return Row(f"{path}: {_inline(old, new)}")
    if isinstance(before, str) and isinstance(after, str):
        return _changed_text(path, before, after, count, work)
    if is_container(before) and is_container(after):
        texts = json_text(before, indent=2), json_text(after, indent=2)
        return Row(f"{path}: {_lines(count)} as JSON", tuple(text_diff(*texts, count, work, is_inert=True)))
    below = [*_block(before, "-"), *_block(after, "+")]
    return Row(f"{path}: {kind_of(before)} → {kind_of(after)}", tuple(below))


def _inline(old: str, new: str) -> str:
    note = ""
    if old != new and composed(old) == composed(new):
        old, new, note = ascii_json(old), ascii_json(new), " (only the Unicode form differs)"
    return f"{code(old)} → {code(new)}{note}"


def _changed_text(path: str, before: str, after: str, count: Count, work: Work) -> Row:
    if before.replace("\r\n", "\n") == after.replace("\r\n", "\n"):
        old, new = before.count("\r\n"), after.count("\r\n")
        return Row(f"{path}: only line endings differ ({old:,} → {new:,} lines end in CR LF)")
    if composed(before) == composed(after):
        forms = [_form(text) for text in (before, after)]
        detail = f" ({forms[0]} → {forms[1]})" if all(forms) else ""
        return Row(f"{path}: only the Unicode form differs{detail}")
    characters = f"{len(before):,} → {plural(len(after), 'character')}"
    has_lines = "\n" in before or "\n" in after
    measure = f"{_lines(count)} of {len(split_lines(before)):,}, {characters}" if has_lines else characters
    note = "" if count.is_exact else "; too different to compare line by line"
    return Row(f"{path}: {measure}{note}", tuple(text_diff(before, after, count, work, is_inert=False)))


def _lines(count: Count) -> str:
    return f"+{count.added:,} -{count.removed:,} lines"


def _form(text: str) -> str:
    """The normalisation form that a text has; none where it mixes them."""
    return "NFC" if unicodedata.is_normalized("NFC", text) else "NFD" if unicodedata.is_normalized("NFD", text) else ""


def _one_sided(change: FieldChange, *, is_whole: bool) -> Iterator[Row]:
    """A field that comes or goes; a mapping is shown value by value."""
    values = leaves(change.path, change.after if change.op is Op.ADDED else change.before)
    sign = _SIGNS[change.op]
    for path, value in islice(values, _VALUES):
        told = _path(change, path, is_whole=is_whole)
        if isinstance(value, str) and "\n" in value[:-1]:
            measure = f"{plural(len(split_lines(value)), 'line')}, {plural(len(value), 'character')}"
            yield Row(f"{told}: {measure}", tuple(_block(value, sign)))
        else:
            yield Row(f"{told}: {_beside(value)}")
    rest = sum(1 for _ in values)
    if rest:
        yield Row(f"{_path(change, is_whole=is_whole)}: … {rest:,} more value{'' if rest == 1 else 's'}")


def _beside(value: JsonValue) -> str:
    """A value on one line, cut where it is very long."""
    if isinstance(value, str):
        text, rest = json_text(value[:_WIDTH]), len(value) - _WIDTH
    else:
        whole = json_text(value)
        text, rest = whole[:_WIDTH], len(whole) - _WIDTH
    return code(text) if rest <= 0 else f"{code(text)} … {rest:,} more character{'' if rest == 1 else 's'}"


def _block(value: JsonValue, sign: str) -> Iterator[str]:
    lines = split_lines(value) if isinstance(value, str) else json_text(value, indent=2).split("\n")
    return block(lines, sign, is_inert=not isinstance(value, str), limit=_HEAD)


def _path(change: FieldChange, path: Path | None = None, *, is_whole: bool) -> str:
    text = path_text(change.path if path is None else path)
    if composed(text) != text:
        text = ascii_json(text)  # there may be another path that looks the same
    sign = "" if is_whole else f"{_SIGNS[change.op]} "
    rest = len(text) - _WIDTH
    return code(sign + text) if rest <= 0 else f"{code(sign + text[:_WIDTH])} … {rest:,} more characters"


def _needs_lines(value: JsonValue) -> bool:
    return isinstance(value, str) and (len(value) > _INLINE or "\n" in value[:-1])
