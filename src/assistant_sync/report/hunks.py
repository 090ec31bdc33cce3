"""Line diffs as styled lines: signs, the part that differs, visible blanks at the end, and cuts that say so."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from assistant_sync.report.lines import ADDED, CAUTION, QUIET, REMOVED, StyledLine, more, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.report.textdiff import Line, TextDiff

_LINES = 100  # lines of one diff, from which on no further run of them begins
_RUN = 40  # lines of one sign in a row, so that what comes is seen beside what goes
_SLACK = 2  # more lines than that are shown rather than counted
_WIDTH = 200  # characters of one line
_LEAD = 40  # characters before the first one that differs, where a line is cut
_MOSTLY = 0.7  # where more of a line differs, marking the part says nothing

_STYLES = {"-": REMOVED, "+": ADDED}


def diff_heading(diff: TextDiff, *, what: str) -> StyledLine:
    """Say how much differs, and where, if that is one place.

    Args:
        diff: The comparison.
        what: What is counted.
    """
    line: StyledLine = [
        (f"+{diff.added:,}", ADDED),
        (f" -{diff.removed:,}", REMOVED),
        (f" {what} of {diff.before_lines:,}", QUIET),
    ]
    if not diff.is_exact:
        line.append((", too different to compare line by line", CAUTION))
    if len(diff.hunks) == 1:
        line.append((f" {diff.hunks[0].place}", "cyan"))
    return line


def diff_lines(diff: TextDiff, *, is_inert: bool, verbose: bool) -> Iterator[StyledLine]:
    """Render the hunks; where there is only one, its place belongs into the heading.

    Args:
        diff: The comparison.
        is_inert: Whether the texts were made inert before they were compared, as JSON is.
        verbose: Whether to cut nothing.
    """
    left = sum(len(hunk.lines) for hunk in diff.hunks)
    room = left if verbose else _LINES
    for hunk in diff.hunks:
        if room > 0 and len(diff.hunks) > 1:
            yield [(hunk.place, "cyan")]
        for _, group in groupby(hunk.lines, key=lambda line: line.sign):
            if room <= 0:
                break
            run = list(group)
            limit = len(run) if verbose or len(run) <= _RUN + _SLACK else _RUN
            for line in run[:limit]:
                yield cut_line(line, is_inert=is_inert, verbose=verbose)
                if line.is_unterminated:
                    yield [("\\ no newline at the end", QUIET)]
            if limit < len(run):
                yield [(f"{run[0].sign} ", _STYLES.get(run[0].sign, "")), (more(len(run) - limit, "line"), QUIET)]
            room -= limit
            left -= len(run)
    if left:
        yield [(more(left, "line"), QUIET), (" of this diff", QUIET)]


def cut_line(line: Line, *, is_inert: bool, verbose: bool) -> StyledLine:
    """Render one line; a long one is cut around what differs."""
    style = _STYLES.get(line.sign, "")
    start, end = (0, len(line.text)) if verbose else _window(line)
    pieces: StyledLine = [(f"{line.sign} ", style)] if line.sign else []
    if start:
        pieces.append((f"… {start:,} characters … ", QUIET))
    printed = end
    if line.sign in _STYLES:
        printed = min(end, max(start, len(line.text.rstrip(" "))))
    for text, is_changed in _pieces(line, start, printed):
        piece_style = f"{style} reverse" if is_changed else style
        pieces += [(text, piece_style)] if is_inert else shown(text, piece_style)
    pieces.append(("·" * (end - printed), style))
    if end < len(line.text):
        pieces.append((f" {more(len(line.text) - end, 'character')}", QUIET))
    return pieces


def _window(line: Line) -> tuple[int, int]:
    """The part of a line that is shown."""
    if len(line.text) <= _WIDTH:
        return 0, len(line.text)
    start = max(0, line.changed[0] - _LEAD) if line.changed else 0
    start = min(start, len(line.text) - _WIDTH)
    return start, start + _WIDTH


def _pieces(line: Line, start: int, end: int) -> Iterator[tuple[str, bool]]:
    """The shown part, split into what differs and what does not."""
    first, last = line.changed or (start, start)
    if last - first > _MOSTLY * len(line.text):
        first = last = start
    cuts = [start, min(max(first, start), end), min(max(last, start), end), end]
    for number in range(3):
        text = line.text[cuts[number] : cuts[number + 1]]
        if text:
            yield text, number == 1
