"""The result of an apply as text: a line for each change, what was not done last, then whether it converged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.outcome import Status
from assistant_sync.report.text.lines import IN_JSON, StyledLine, indented, joined, label, message, more
from assistant_sync.report.text.outside import outside_in_difference, outside_in_outcome
from assistant_sync.report.text.styles import ACTION_STYLES, CAUTION, QUIET, TROUBLE
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from assistant_sync.model.outcome import ApplyResult, Outcome

_COUNTED_ALWAYS = (Status.CREATED, Status.UPDATED, Status.ACTIVATED, Status.DELETED)
_COUNTED_IF_ANY = (Status.ADOPTED, Status.UNCHANGED)
_NOT_DONE = (Status.NOT_ATTEMPTED, Status.UNCONFIRMED, Status.FAILED)
_STYLES = {Status.NOT_ATTEMPTED: CAUTION, Status.UNCONFIRMED: CAUTION, Status.FAILED: TROUBLE}
_PATHS = 20  # fields of one assistant that are named
_WORDS = {status: status.value.replace("_", " ") for status in Status}


def result_text(result: ApplyResult, *, verbose: bool = False) -> Text:
    """Render the result of an apply; what needs attention is last, above the line that counts.

    Args:
        result: Masked already.
        verbose: Whether to cut nothing of what others changed.

    Returns:
        A text without a trailing line feed, to be printed without wrapping.
    """
    return joined(result_lines(result, verbose=verbose))


def result_lines(result: ApplyResult, *, verbose: bool = False) -> list[StyledLine]:
    """The lines of ``result_text``."""
    done = [outcome for outcome in result.outcomes if outcome.status.is_done]
    lines = [line for outcome in done for line in _done(outcome, verbose=verbose)]
    for status in _NOT_DONE:
        for outcome in result.outcomes:
            if outcome.status is status:
                lines += _not_done(outcome, verbose=verbose)
    lines += _read_back(result, verbose=verbose)
    for warning in result.warnings:
        first, *further = message(warning, CAUTION)
        lines += [[("Warning: ", CAUTION), *first], *indented(further)]
    if result.interrupted:
        lines.append([("Interrupted: run apply again to continue where this one stopped.", CAUTION)])
    if lines:
        lines.append([])
    return [*lines, _last_line(result)]


def _done(outcome: Outcome, *, verbose: bool) -> Iterator[StyledLine]:
    symbol = "=" if outcome.status is Status.UNCHANGED else outcome.action.symbol
    style = QUIET if outcome.status is Status.UNCHANGED else ACTION_STYLES[outcome.action]
    yield [
        (f"{symbol} ", style),
        *label(outcome.key, "bold"),
        (f" {_WORDS[outcome.status]}", style),
        (_versions(outcome), QUIET),
    ]
    yield from indented(_remarks(outcome, verbose=verbose))


def _not_done(outcome: Outcome, *, verbose: bool) -> Iterator[StyledLine]:
    style = _STYLES[outcome.status]
    before = "" if outcome.version_before is None else f" (from version {outcome.version_before})"
    yield [
        ("! ", style),
        *label(outcome.key, "bold"),
        (f" {outcome.action.value} {_WORDS[outcome.status]}", style),
        (before, QUIET),
    ]
    yield from indented(_remarks(outcome, verbose=verbose))


def _versions(outcome: Outcome) -> str:
    before, after = outcome.version_before, outcome.version_after
    if outcome.status is Status.DELETED:
        return "" if before is None else f" (was version {before})"
    if after is None:
        return ""
    moved = f"{after}" if before is None or before == after else f"{before} -> {after}"
    healed = "" if outcome.healed_from is None else f", healed from {outcome.healed_from}"
    return f" (version {moved}{healed})"


def _remarks(outcome: Outcome, *, verbose: bool) -> Iterator[StyledLine]:
    if outcome.error is not None:
        yield from message(outcome.error.message)
    yield from outside_in_outcome(outcome, verbose=verbose)
    for note in outcome.notes:
        yield from message(note, CAUTION)


def _read_back(result: ApplyResult, *, verbose: bool) -> Iterator[StyledLine]:
    for difference in result.differences:
        line = [("! ", TROUBLE), *label(difference.key, "bold"), (" does not match the plan after read-back:", TROUBLE)]
        for number, path in enumerate(difference.paths[:_PATHS]):
            line += [(", " if number else " ", ""), *label(path)]
        rest = len(difference.paths) - _PATHS
        yield [*line, (f", {more(rest, 'field', see=IN_JSON)}", QUIET)] if rest > 0 else line
        yield from indented(outside_in_difference(difference, verbose=verbose))
    if result.unread is not None:
        first, *further = message(result.unread)
        yield [("! the final read failed: ", TROUBLE), *first]
        yield from indented(further)


def _last_line(result: ApplyResult) -> StyledLine:
    if not result.outcomes:
        return [("Apply complete: nothing to do.", "bold")]
    counts = {status: sum(outcome.status is status for outcome in result.outcomes) for status in Status}
    listed = [f"{counts[status]} {_WORDS[status]}" for status in _COUNTED_ALWAYS]
    listed += [f"{counts[status]} {_WORDS[status]}" for status in _COUNTED_IF_ANY if counts[status]]
    tail = "".join(f"; {counts[status]} {_WORDS[status]}" for status in reversed(_NOT_DONE) if counts[status])
    if counts[Status.NOT_ATTEMPTED] == len(result.outcomes):
        verdict, style = "Nothing was sent", CAUTION
    else:
        verdict, style = _verdict(result)
    return [(f"Applied: {', '.join(listed)}{tail}. ", "bold"), (f"{verdict}.", style)]


def _verdict(result: ApplyResult) -> tuple[str, str]:
    if result.converged:
        return "Verified: the deployment matches", "bold green"
    if result.differences:
        count = len(result.differences)
        verb = "differs" if count == 1 else "differ"
        return f"Verification failed: {plural(count, 'assistant')} {verb} from the plan", TROUBLE
    if result.unread is not None:
        return "Not verified: the final read failed", TROUBLE
    pending = sum(not outcome.status.is_done for outcome in result.outcomes)
    if pending == len(result.outcomes):
        return "Incomplete: no change is known to be done", TROUBLE
    return f"Incomplete: {plural(pending, 'change')} not done; the rest matches the plan", TROUBLE
