"""What others wrote during an apply, as text: each version with its changes, and how to keep or restore them."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.change import Action
from assistant_sync.model.outcome import Attribution
from assistant_sync.report.text.fields import field_lines
from assistant_sync.report.text.lines import IN_JSON, StyledLine, escaped, indented, label, more
from assistant_sync.report.text.styles import CAUTION, QUIET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.model.outcome import Difference, Outcome, OutsideVersion

_VERSIONS = 5
_FIELDS = 20  # of one version
_COMMIT = 12  # characters


def outside_in_outcome(outcome: Outcome, *, verbose: bool) -> Iterator[StyledLine]:
    """Render what others wrote before our write, or instead of it."""
    numbers, is_one = _numbers(outcome.outside_versions), len(outcome.outside_versions) == 1
    kept = f"the server keeps {'it' if is_one else 'them'}."
    if not outcome.outside:
        if outcome.outside_versions:
            yield [(f"Somebody else wrote version{'' if is_one else 's'} {numbers} in the meantime; {kept}", CAUTION)]
        return
    yield from version_lines(outcome.outside, "in the meantime", verbose=verbose)
    if outcome.status.is_done:
        subject = f"Version {numbers} is" if is_one else f"Versions {numbers} are"
        line: StyledLine = [(f"{subject} no longer active; {kept}", CAUTION)]
        if outcome.source is not None:
            line += [(" To restore these values, write them into ", CAUTION), *label(outcome.source, CAUTION)]
            line.append((" and apply again.", CAUTION))
        yield line
    elif outcome.action is not Action.CREATE:
        yield from _how_to_keep(outcome.source)


def outside_in_difference(difference: Difference, *, verbose: bool) -> Iterator[StyledLine]:
    """Render what others wrote after our write, which is active now."""
    if difference.outside:
        ours = "" if difference.version_after is None else f"version {difference.version_after} of "
        yield from version_lines(difference.outside, f"after {ours}this apply", verbose=verbose)
        yield from _how_to_keep(difference.source)


def _how_to_keep(source: str | None) -> Iterator[StyledLine]:
    if source is not None:
        line: StyledLine = [("This is active now. To keep it, write these values into ", CAUTION)]
        yield [*line, *label(source, CAUTION), ("; otherwise the next apply undoes it.", CAUTION)]


def version_lines(versions: Sequence[OutsideVersion], when: str = "", *, verbose: bool) -> Iterator[StyledLine]:
    """Render versions that others made, each with what it changed.

    Args:
        versions: In the order of their numbers; of many, the last ones are shown.
        when: A few words about when they were made; "" for none.
        verbose: Whether to cut nothing.
    """
    rest = 0 if verbose else len(versions) - _VERSIONS
    if rest > 0:
        yield [(more(rest, "version"), QUIET)]
    for one in versions[max(rest, 0) :]:
        yield _head(one, when)
        limit = len(one.fields) if verbose else _FIELDS
        yield from indented(field_lines(one.fields[:limit], is_whole=False, verbose=verbose))
        if len(one.fields) > limit:
            yield [("    ", ""), (more(len(one.fields) - limit, "field"), QUIET)]


def _head(one: OutsideVersion, when: str) -> StyledLine:
    line: StyledLine = [(f"Version {one.version} was ", CAUTION)]
    match one.attribution:
        case Attribution.ACTIVATED:
            line.append(("made active", CAUTION))
        case Attribution.OUTSIDE:
            line.append(("written by somebody else", CAUTION))
        case Attribution.APPLY:
            commit = "without git" if one.commit is None else f"commit {_short(one.commit)}"
            line += [("written by another apply (", CAUTION), *escaped(commit, CAUTION), (")", CAUTION)]
        case _:
            assert_never(one.attribution)
    if when:
        line.append((f" {when}", CAUTION))
    if one.created_at is not None:
        line += [(", ", CAUTION), *label(one.created_at, CAUTION)]
    return [*line, (":" if one.fields else ", with the same content.", CAUTION)]


def _short(commit: str) -> str:
    """A commit's first characters, and that it had uncommitted changes."""
    sha, dirty, _ = commit.partition("-dirty")
    return f"{sha[:_COMMIT]}{dirty}"


def _numbers(numbers: Sequence[int]) -> str:
    """Such as ``4, 5``; of very many the first."""
    listed = ", ".join(map(str, numbers[:_FIELDS]))
    rest = f", {more(len(numbers) - _FIELDS, 'number', see=IN_JSON)}" if len(numbers) > _FIELDS else ""
    return f"{listed}{rest}"
