"""Line diffs as styled lines: signs, the part that differs, visible spaces at the end, and counts of what is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.report.escape import ascii_json
from assistant_sync.report.text.lines import StyledLine, escaped, more
from assistant_sync.report.text.styles import ADDED, CAUTION, QUIET, REMOVED
from assistant_sync.report.view.hunks import shown_diff
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.report.linediff.hunks import Line, LineDiff
    from assistant_sync.report.linediff.words import Stretch

_WIDTH = 200  # characters of one line
_WIDEST = 800  # characters of one line with several places that differ
_LEAD = 40  # characters before and after what differs, in a line that is cut
_NEAR = 40  # characters that are shown rather than counted
_MOSTLY = 0.7  # if more of a line differs, marking the part adds nothing

_STYLES = {"-": REMOVED, "+": ADDED}


def diff_heading(diff: LineDiff, *, what: str) -> StyledLine:
    """Render how much differs, and its place if it is in one place.

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


def diff_lines(diff: LineDiff, *, is_inert: bool, verbose: bool) -> Iterator[StyledLine]:
    """Render the hunks; the place of a single one belongs into the heading.

    Args:
        diff: The comparison.
        is_inert: Whether the texts were escaped before they were compared, as JSON is.
        verbose: Whether to cut nothing.
    """
    shown = shown_diff(diff, is_cut=not verbose)
    for hunk in shown.hunks:
        if len(diff.hunks) > 1:
            yield [(hunk.place, "cyan")]
        for run in hunk.runs:
            for line in run.lines:
                yield cut_line(line, is_inert=is_inert, verbose=verbose)
                if line.is_unterminated:
                    yield [("\\ no newline at the end", QUIET)]
            if run.rest:
                yield [(f"{run.sign} ", _STYLES.get(run.sign, "")), (more(run.rest, "line"), QUIET)]
    if shown.rest:
        yield [(more(shown.rest, "diff line"), QUIET)]


def cut_line(line: Line, *, is_inert: bool, verbose: bool) -> StyledLine:
    """Render one line; of a long one all that differs with what is around it, as far as there is room."""
    style = _STYLES.get(line.sign, "")
    size = len(line.text)
    windows = [(0, size)] if verbose else _windows(line)
    pieces: StyledLine = [(f"{line.sign} ", style)] if line.sign else []
    at = 0
    for start, end in windows:
        if start > at:
            pieces.append((f"{' ' if at else ''}… {plural(start - at, 'unchanged character')} … ", QUIET))
        pieces += _window(line, start, end, is_inert=is_inert)
        at = end
    changed = line.changed or ()
    if changed and changed[-1].end > at:
        pieces.append((f" … {plural(size - at, 'more character')}, with further differences (-v shows all)", CAUTION))
    elif at < size:
        rest = (
            f"… {plural(size - at, 'unchanged character')} (-v shows all)" if changed else more(size - at, "character")
        )
        pieces.append((f" {rest}", QUIET))
    elif windows[0][0] or len(windows) > 1:
        pieces.append((" (-v shows all)", QUIET))
    return pieces


def _windows(line: Line) -> list[tuple[int, int]]:
    """The parts of a line that are shown, in order: around all that differs, up to the widest line."""
    size = len(line.text)
    if size <= _WIDTH + _NEAR:
        return [(0, size)]
    if not line.changed:
        return [(0, _WIDTH)]
    around: list[tuple[int, int]] = []
    for part in line.changed:
        start, end = max(0, part.start - _LEAD), min(size, part.end + _LEAD)
        before = around[-1][1] if around else 0
        if start - before > _NEAR:
            around.append((start, end))
        else:
            around[-1:] = [(around[-1][0] if around else 0, end)]
    if len(around) == 1:
        start = min(around[0][0], size - _WIDTH)
        around = [(start, max(around[0][1], start + _WIDTH))]
    if size - around[-1][1] <= _NEAR:
        around[-1] = (around[-1][0], size)
    return _within(around, _WIDEST)


def _within(windows: list[tuple[int, int]], room: int) -> list[tuple[int, int]]:
    """The first windows, as far as they fit; none begins that would show only what is around a difference."""
    kept = []
    for start, end in windows:
        kept.append((start, min(end, start + room)))
        room -= end - start
        if room <= _LEAD:
            break
    return kept


def _window(line: Line, start: int, end: int, *, is_inert: bool) -> StyledLine:
    """Render a part of a line; spaces at the end of a line that changed are visible."""
    style = _STYLES.get(line.sign, "")
    printed = end
    if line.sign in _STYLES:
        printed = min(end, max(start, len(line.text.rstrip(" "))))
    changed = line.changed or ()
    is_marked = sum(part.end - part.start for part in changed) <= _MOSTLY * len(line.text)
    pieces: StyledLine = []
    for text, part in _pieces(line, start, printed):
        piece_style = f"{style} reverse" if part and is_marked else style
        looks_same = part is not None and part.looks_same
        if is_inert:
            pieces.append((ascii_json(text) if looks_same else text, piece_style))
        else:
            pieces += escaped(text, piece_style, ascii_only=looks_same)
    if end > printed:
        pieces.append(("·" * (end - printed), style))
    return pieces


def _pieces(line: Line, start: int, end: int) -> Iterator[tuple[str, Stretch | None]]:
    """A part of a line, split into what differs and what does not."""
    at = start
    for part in line.changed or ():
        first, last = max(part.start, at), min(part.end, end)
        if first < last:
            if at < first:
                yield line.text[at:first], None
            yield line.text[first:last], part
            at = last
    if at < end:
        yield line.text[at:end], None
