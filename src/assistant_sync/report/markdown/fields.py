"""The fields of one change in Markdown: short values beside their path, long ones in a fence below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.change import Op
from assistant_sync.report.escape import ascii_json, composed, path_text
from assistant_sync.report.markdown.compare import PageComparer
from assistant_sync.report.markdown.diff import block_lines, diff_lines
from assistant_sync.report.markdown.escape import code
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
)
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import Path
    from assistant_sync.report.linediff.hunks import LineDiff
    from assistant_sync.report.markdown.count import PageBudget
    from assistant_sync.report.view.fields import FieldView

_LIMITS = Limits(lines=20)
_WIDTH = 200  # characters of a path

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
        budget: What comparing may still cost.
    """

    budget: PageBudget
    _rows: dict[int, tuple[FieldChange, tuple[Row, ...]]] = field(default_factory=dict)  # by id, so each is kept alive

    def rows(self, change: FieldChange, *, is_whole: bool) -> tuple[Row, ...]:
        """Render one field.

        Args:
            change: Masked already.
            is_whole: Whether the whole assistant comes or goes, so that a sign at each field would add nothing.
        """
        if id(change) not in self._rows:
            view = field_view(change, PageComparer(self.budget), _LIMITS)
            sign = "" if is_whole else _SIGNS[change.op]
            self._rows[id(change)] = change, tuple(_field_rows(change, view, sign))
        return self._rows[id(change)][1]


def _field_rows(change: FieldChange, view: FieldView, sign: str) -> Iterator[Row]:
    path = _path(change.path, sign)
    match view:
        case Masked():
            yield Row(f"{path}: sensitive value {change.op.value}, not shown")
        case Inline(before=old, after=new, is_form_only=is_form_only):
            note = " (only the Unicode form differs)" if is_form_only else ""
            yield Row(f"{path}: {code(old)} → {code(new)}{note}")
        case LineEndings(before=before, after=after, hint=hint):
            counts = f"{before:,} → {after:,} lines end in CR LF"
            yield Row(f"{path}: only line endings differ ({counts}); {hint}")
        case UnicodeForm(forms=forms):
            detail = "" if forms is None else f" ({forms[0]} → {forms[1]})"
            yield Row(f"{path}: only the Unicode form differs{detail}")
        case TextDiff():
            yield Row(f"{path}: {_measure(view)}", tuple(diff_lines(view.diff, is_inert=False)))
        case JsonDiff(diff=diff):
            note = "" if diff.is_exact or diff.hunks else ", too large to compare here"
            yield Row(f"{path}: {_lines(diff)} as JSON{note}", tuple(diff_lines(diff, is_inert=True)))
        case KindChange(kinds=kinds, before=old_block, after=new_block):
            below = (*block_lines(old_block, "-"), *block_lines(new_block, "+"))
            yield Row(f"{path}: {' → '.join(kinds)}", below)
        case Leaves(shown=leaves, rest=rest):
            yield from (_leaf(leaf, _SIGNS[change.op], sign) for leaf in leaves)
            if rest:
                yield Row(f"{path}: … {plural(rest, 'more value')}")
        case _:
            assert_never(view)


def _measure(view: TextDiff) -> str:
    old_size, new_size = view.sizes
    sizes = f"{old_size:,} → {plural(new_size, 'character')}"
    note = "" if view.diff.is_exact else "; too different to compare line by line"
    return f"{f'{_lines(view.diff)} of {view.diff.before_lines:,}, ' if view.has_lines else ''}{sizes}{note}"


def _lines(diff: LineDiff) -> str:
    return f"+{diff.added:,} -{diff.removed:,} lines"


def _leaf(leaf: Leaf, op_sign: str, sign: str) -> Row:
    """One value of a field that comes or goes; ``sign`` stands at its path, ``op_sign`` at its lines."""
    path = _path(leaf.path, sign)
    match leaf.value:
        case OneLine(text=text, rest=rest):
            cut = f" … {plural(rest, 'more character')}" if rest else ""
            return Row(f"{path}: {code(text)}{cut}")
        case Block() as block:
            measure = f"{plural(len(block.lines) + block.rest, 'line')}, {plural(block.size, 'character')}"
            return Row(f"{path}: {measure}", tuple(block_lines(block, op_sign)))
        case _:
            assert_never(leaf.value)


def _path(path: Path, sign: str) -> str:
    text = path_text(path)
    if composed(text) != text:
        text = ascii_json(text)  # there may be another path that looks the same
    start = f"{sign} " if sign else ""
    rest = len(text) - _WIDTH
    return code(start + text) if rest <= 0 else f"{code(start + text[:_WIDTH])} … {plural(rest, 'more character')}"
