"""What others wrote beside an apply, as text: each version with what it changed, and how to keep or regain that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.change import Action
from assistant_sync.model.outcome import Origin
from assistant_sync.report.text.fields import field_lines
from assistant_sync.report.text.lines import CAUTION, IN_JSON, QUIET, StyledLine, escaped, indented, label, more

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant_sync.model.outcome import Difference, Outcome, OutsideVersion

_VERSIONS = 5
_FIELDS = 20  # of one version
_COMMIT = 12  # characters


def outside_in_outcome(outcome: Outcome, *, verbose: bool) -> Iterator[StyledLine]:
    """Tell what others wrote before our write, or instead of it."""
    if not outcome.outside:
        if outcome.outside_versions:
            numbers = _numbers(outcome.outside_versions)
            yield [(f"Somebody else wrote {numbers} meanwhile; nothing of that is lost.", CAUTION)]
        return
    yield from _versions(outcome.outside, "meanwhile", verbose=verbose)
    if outcome.status.is_done:
        numbers = _numbers(outcome.outside_versions)
        line: StyledLine = [(f"That is out of effect but not lost: the server keeps {numbers}.", CAUTION)]
        if outcome.source is not None:
            line += [(" To bring it back, write these values into ", CAUTION), *label(outcome.source, CAUTION)]
            line.append((" and apply again.", CAUTION))
        yield line
    elif outcome.action is not Action.CREATE:
        yield from _how_to_keep(outcome.source)


def outside_in_difference(difference: Difference, *, verbose: bool) -> Iterator[StyledLine]:
    """Tell what others wrote after our write, which is in effect now."""
    if difference.outside:
        ours = "" if difference.version_after is None else f" ({difference.version_after})"
        yield from _versions(difference.outside, f"after ours{ours}", verbose=verbose)
        yield from _how_to_keep(difference.source)


def _how_to_keep(source: str | None) -> Iterator[StyledLine]:
    if source is not None:
        line: StyledLine = [("That is in effect now. To keep it, write these values into ", CAUTION)]
        yield [*line, *label(source, CAUTION), ("; otherwise the next apply undoes it.", CAUTION)]


def _versions(versions: Sequence[OutsideVersion], when: str, *, verbose: bool) -> Iterator[StyledLine]:
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
    if one.origin is Origin.ACTIVATED:
        line.append((f"made active {when}", CAUTION))
    elif one.origin is Origin.OUTSIDE:
        line.append((f"written {when} by somebody else", CAUTION))
    else:
        line.append((f"written {when} by another apply", CAUTION))
        commit = "without git" if one.commit is None else f"commit {_short(one.commit)}"
        line += [(" (", CAUTION), *escaped(commit, CAUTION), (")", CAUTION)]
    if one.created_at is not None:
        line += [(", ", CAUTION), *label(one.created_at, CAUTION)]
    return [*line, (":" if one.fields else ", with the same content.", CAUTION)]


def _short(commit: str) -> str:
    """A commit's first characters, and that it had uncommitted changes."""
    sha, dirty, _ = commit.partition("-dirty")
    return f"{sha[:_COMMIT]}{dirty}"


def _numbers(numbers: Sequence[int]) -> str:
    """``version 4``, or ``versions 4, 5``."""
    listed = ", ".join(map(str, numbers[:_FIELDS]))
    rest = f", {more(len(numbers) - _FIELDS, 'number', see=IN_JSON)}" if len(numbers) > _FIELDS else ""
    return f"version{'' if len(numbers) == 1 else 's'} {listed}{rest}"
