"""A rollback as text: its result, then what git still wants and how to make git agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.aftermath import GitState
from assistant_sync.report.text.lines import StyledLine, escaped, indented, joined, label, message
from assistant_sync.report.text.result import result_lines
from assistant_sync.report.text.styles import CAUTION, QUIET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from assistant_sync.model.aftermath import GitView, RollbackReport


def rollback_text(report: RollbackReport, *, verbose: bool = False) -> Text:
    """Render a rollback.

    Args:
        report: What it came to; masked already.
        verbose: Whether to cut nothing of what others changed.
    """
    lines = list(result_lines(report.result, verbose=verbose)) if report.result.outcomes else []
    if report.git is not None:
        lines += [[], *_git(report.git, report.to)] if lines else _git(report.git, report.to)
    return joined(lines)


def _git(git: GitView, to: int) -> Iterator[StyledLine]:
    match git.state:
        case GitState.AGREES:
            yield [("Git wants the same: ", ""), *label(git.source or ""), (f" has the content of version {to}.", "")]
        case GitState.NO_MANIFEST:
            yield [("No manifest has this assistant: an apply with pruning deletes it.", CAUTION)]
        case GitState.UNKNOWN:
            first, *further = message(git.because or "", CAUTION)
            yield [("What git wants is unknown: ", CAUTION), *first]
            yield from indented(further)
        case GitState.DIFFERS:
            yield [
                ("Git still wants something else", CAUTION),
                (": ", ""),
                *label(git.source or ""),
                (". The next apply of the unchanged manifest undoes this rollback.", ""),
            ]
            yield [("To make git agree:", "")]
            for way in git.ways:
                yield [("  ", ""), *escaped(way.command, "bold")]
                yield [("      ", ""), *escaped(way.effect, QUIET)]
        case _:
            assert_never(git.state)
