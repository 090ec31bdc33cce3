r"""Line diffs for a ``diff`` fence: signs in the first column, and marks around the words that differ.

``[-old-]`` and ``{+new+}`` survive where no colour does, in a copy, in a mail, and in lines that are too long for a
row of carets below them. So that no text passes for a mark, what begins one in a changed line is spelled out:
``\x5b-`` and ``\x7b+``.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.report.escape import ascii_json, composed, escape_invisible_parts
from assistant_sync.report.linediff.hunks import Line, diff_texts, split_lines
from assistant_sync.report.linediff.myers import common_start
from assistant_sync.report.linediff.words import Stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assistant_sync.report.markdown.count import Count, Work

_Part: TypeAlias = tuple[int, int, Stretch | None]
_Hunk: TypeAlias = "tuple[str, Sequence[Line]]"

_LINES = 100  # lines of one diff, from which on no further run of them begins
_RUN = 40  # lines of one sign in a row, so that what comes is seen beside what goes
_SLACK = 2  # more lines than that are shown rather than counted
_WIDTH = 240  # characters of a line without a known difference
_WIDEST = 800  # characters of a line with differences
_LEAD = 60  # characters before and after what differs, where a line is cut
_MOSTLY = 0.7  # where more of a line differs, marking the part says nothing

_OPEN, _CLOSE = {"-": "[-", "+": "{+"}, {"-": "-]", "+": "+}"}
_NO_MARK = {"-": r"\x5b-", "+": r"\x7b+"}
_NO_JSON_MARK = {"-": r"\u005b-", "+": r"\u007b+"}


def text_diff(before: str, after: str, count: Count, work: Work, *, is_inert: bool) -> Iterator[str]:
    """Render how one text becomes another, line by line.

    Args:
        before: The first text.
        after: The second one.
        count: Where they differ.
        work: What comparing words may cost.
        is_inert: Whether the texts were made inert before they were compared, as JSON is.
    """
    old, new = split_lines(before), split_lines(after)
    if count.is_exact and work.may_compare_words(old, new, count.gaps):
        hunks: Iterable[_Hunk] = ((hunk.place, hunk.lines) for hunk in diff_texts(before, after).hunks)
    else:
        hunks = _rough(old, new, count)
    return _shown(hunks, is_inert=is_inert)


def block(lines: Sequence[str], sign: str, *, is_inert: bool, limit: int) -> Iterator[str]:
    """Render a value that comes or goes as a whole, the first lines of it where there are many."""
    end = len(lines) if len(lines) <= limit + _SLACK else limit
    for line in lines[:end]:
        yield shown_line(Line(sign, line.removesuffix("\n")), is_inert=is_inert, may_mark=False)
    if end < len(lines):
        yield f"{sign} {_more(len(lines) - end, 'line')}"


def _rough(old: Sequence[str], new: Sequence[str], count: Count) -> Iterator[_Hunk]:
    """The differences without the lines around them, each line's in one stretch: what costs next to nothing."""
    for gap in count.gaps:
        places = (f"{start + (end > start)},{end - start}" for start, end in ((gap.i, gap.j), (gap.k, gap.l)))
        removed = [Line("-", line.removesuffix("\n")) for line in old[gap.i : gap.j]]
        added = [Line("+", line.removesuffix("\n")) for line in new[gap.k : gap.l]]
        if count.is_exact:
            for number in range(min(len(removed), len(added), _RUN + _SLACK)):
                removed[number], added[number] = _paired(removed[number].text, added[number].text)
        yield "@@ -{} +{} @@".format(*places), [*removed, *added]


def _paired(old: str, new: str) -> tuple[Line, Line]:
    start = common_start(old, new)
    end = common_start(old[start:][::-1], new[start:][::-1])
    looks_same = composed(old) == composed(new)
    stretches = [Stretch(start, len(line) - end, looks_same) for line in (old, new)]
    return Line("-", old, (stretches[0],)), Line("+", new, (stretches[1],))


def _shown(hunks: Iterable[_Hunk], *, is_inert: bool) -> Iterator[str]:
    room = _LINES
    left = 0
    for place, lines in hunks:
        if room <= 0:
            left += len(lines)
            continue
        yield place
        for sign, group in groupby(lines, key=lambda line: line.sign):
            run = list(group)
            if room <= 0:
                left += len(run)
                continue
            end = len(run) if len(run) <= _RUN + _SLACK else _RUN
            for line in run[:end]:
                yield shown_line(line, is_inert=is_inert, may_mark=True)
                if line.is_unterminated:
                    yield "\\ no newline at the end"
            if end < len(run):
                yield f"{sign} {_more(len(run) - end, 'line')}"
            room -= end
    if left:
        yield _more(left, "diff line")


def shown_line(line: Line, *, is_inert: bool, may_mark: bool) -> str:
    """Render one line with its sign; of a long one what differs is shown with what is around it.

    Args:
        line: One line of a hunk.
        is_inert: Whether it was made inert already.
        may_mark: Whether the words that differ are marked, and other text is kept from looking so.
    """
    changed = line.changed or ()
    is_marked = may_mark and sum(part.end - part.start for part in changed) <= _MOSTLY * len(line.text)
    end = len(line.text.rstrip(" ")) if line.sign in _OPEN else len(line.text)
    pieces, at = [f"{line.sign} "], 0
    for start, stop, part in _within(_parts(line, end)):
        if start > at:
            pieces.append(f"{' ' if at else ''}… {start - at:,} characters the same … ")
        text = _inert(line.text[start:stop], part, is_inert=is_inert)
        if may_mark and line.sign in _OPEN:
            text = _without_marks(text, line.sign, is_inert=is_inert)
        pieces.append(f"{_OPEN[line.sign]}{text}{_CLOSE[line.sign]}" if part and is_marked and text else text)
        at = stop
    if at < end:
        differs = "; differs further on" if changed and changed[-1].end > at else ""
        pieces.append(f" {_more(end - at, 'character')}{differs}")
    blanks = len(line.text) - end
    pieces.append("·" * blanks if blanks <= _LEAD else f"{'·' * _LEAD} {_more(blanks - _LEAD, 'blank')}")
    return "".join(pieces)


def _parts(line: Line, end: int) -> Iterator[_Part]:
    """A line up to its blanks at the end, in parts that differ and parts that do not, the long ones of these cut."""
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


def _inert(text: str, part: Stretch | None, *, is_inert: bool) -> str:
    looks_same = part is not None and part.looks_same
    if is_inert:
        return ascii_json(text) if looks_same else text
    return "".join(piece for piece, _ in escape_invisible_parts(text, ascii_only=looks_same))


def _without_marks(text: str, sign: str, *, is_inert: bool) -> str:
    return text.replace(_OPEN[sign], (_NO_JSON_MARK if is_inert else _NO_MARK)[sign])


def _more(count: int, noun: str) -> str:
    return f"… {count:,} more {noun}{'' if count == 1 else 's'}"
