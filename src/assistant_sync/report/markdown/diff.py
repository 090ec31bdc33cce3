r"""Line diffs for a ``diff`` fence: signs in the first column, and marks around the words that differ.

``[-old-]`` and ``{+new+}`` need no colour, so they survive in a copy or a mail, and in lines that are too long for a
row of carets below them. So that no text passes for a mark, what begins one in a changed line is escaped:
``\x5b-`` and ``\x7b+``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.report.escape import ascii_json, escape_invisible_parts
from assistant_sync.report.linediff.hunks import Line
from assistant_sync.report.view.hunks import shown_diff
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assistant_sync.report.linediff.hunks import LineDiff
    from assistant_sync.report.linediff.words import Stretch
    from assistant_sync.report.view.fields import Block

_Part: TypeAlias = "tuple[int, int, Stretch | None]"

_WIDTH = 240  # characters of a line without a known difference
_WIDEST = 800  # characters of a line with differences
_LEAD = 60  # characters before and after what differs, in a line that is cut
_MOSTLY = 0.7  # if more of a line differs, marking the part adds nothing

_OPEN, _CLOSE = {"-": "[-", "+": "{+"}, {"-": "-]", "+": "+}"}
_MARKS = ("[-", "{+", "·")
_LEGEND = "In the diffs `[-…-]` and `{+…+}` mark the words that differ, and `·` marks a space at the end of a line.\n\n"
_NO_MARK = {"-": r"\x5b-", "+": r"\x7b+"}
_NO_JSON_MARK = {"-": r"\u005b-", "+": r"\u007b+"}


def legend(text: str) -> str:
    """What the marks in a text with diffs mean; empty if it has none."""
    return _LEGEND if any(mark in text for mark in _MARKS) else ""


def diff_lines(diff: LineDiff, *, is_inert: bool) -> Iterator[str]:
    """Render the hunks of a diff, each with its place; of very many lines the first.

    Args:
        diff: The comparison.
        is_inert: Whether the texts were escaped before they were compared, as JSON is.
    """
    shown = shown_diff(diff)
    for hunk in shown.hunks:
        yield hunk.place
        for run in hunk.runs:
            for line in run.lines:
                yield shown_line(line, is_inert=is_inert, may_mark=True)
                if line.is_unterminated:
                    yield "\\ no newline at the end"
            if run.rest:
                yield f"{run.sign} {_more(run.rest, 'line')}"
    if shown.rest:
        yield _more(shown.rest, "diff line")


def block_lines(block: Block, sign: str) -> Iterator[str]:
    """Render a value that is added or removed as a whole."""
    for line in block.lines:
        yield shown_line(Line(sign, line), is_inert=block.is_inert, may_mark=False)
    if block.rest:
        yield f"{sign} {_more(block.rest, 'line')}"


def shown_line(line: Line, *, is_inert: bool, may_mark: bool) -> str:
    """Render one line with its sign; of a long one what differs is shown with what is around it.

    Args:
        line: One line of a hunk.
        is_inert: Whether it was escaped already.
        may_mark: Whether the words that differ are marked, and other text is kept from looking like a mark.
    """
    changed = line.changed or ()
    is_marked = may_mark and sum(part.end - part.start for part in changed) <= _MOSTLY * len(line.text)
    end = len(line.text.rstrip(" ")) if line.sign in _OPEN else len(line.text)
    pieces, at = [f"{line.sign} "], 0
    for start, stop, part in _within(_parts(line, end)):
        if start > at:
            pieces.append(f"{' ' if at else ''}… {plural(start - at, 'unchanged character')} … ")
        text = _escaped(line.text[start:stop], part, is_inert=is_inert)
        if may_mark and line.sign in _OPEN:
            text = _without_marks(text, line.sign, is_inert=is_inert)
        pieces.append(f"{_OPEN[line.sign]}{text}{_CLOSE[line.sign]}" if part and is_marked and text else text)
        at = stop
    if at < end:
        differs = ", with further differences" if changed and changed[-1].end > at else ""
        pieces.append(f" {_more(end - at, 'character')}{differs}")
    blanks = len(line.text) - end
    pieces.append("·" * blanks if blanks <= _LEAD else f"{'·' * _LEAD} {_more(blanks - _LEAD, 'space')}")
    return "".join(pieces)


def _parts(line: Line, end: int) -> Iterator[_Part]:
    """A line up to its spaces at the end, in parts that differ and parts that do not, the long ones of these cut."""
    if len(line.text) <= _WIDTH or not line.changed:
        lead, end = _WIDEST, end if len(line.text) <= _WIDTH else min(end, _WIDTH)
    else:
        lead = _LEAD
    at = 0
    for part in line.changed or ():
        yield from _around(at, part.start, lead, has_left=at > 0, has_right=True)
        yield part.start, min(part.end, end), part
        at = part.end
    yield from _around(at, end, lead, has_left=at > 0, has_right=False)


def _around(start: int, end: int, lead: int, *, has_left: bool, has_right: bool) -> Iterator[_Part]:
    """What is the same, as far as it stands near what differs."""
    left, right = lead * has_left, lead * has_right
    if end - start <= left + right + lead:
        yield start, end, None
        return
    yield start, start + left, None
    yield end - right, end, None


def _within(parts: Iterable[_Part]) -> Iterator[_Part]:
    """The first parts of a line, as far as they fit."""
    room = _WIDEST
    for start, end, part in parts:
        if start < end and room > 0:
            yield start, min(end, start + room), part
            room -= end - start


def _escaped(text: str, part: Stretch | None, *, is_inert: bool) -> str:
    looks_same = part is not None and part.looks_same
    if is_inert:
        return ascii_json(text) if looks_same else text
    return "".join(piece for piece, _ in escape_invisible_parts(text, ascii_only=looks_same))


def _without_marks(text: str, sign: str, *, is_inert: bool) -> str:
    return text.replace(_OPEN[sign], (_NO_JSON_MARK if is_inert else _NO_MARK)[sign])


def _more(count: int, noun: str) -> str:
    return f"… {plural(count, f'more {noun}')}"
