"""What git wants beside what is live, as lines, with the commands that make it agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.aftermath import GitState
from assistant_sync.report.text.lines import StyledLine, escaped, indented, label, message
from assistant_sync.report.text.styles import CAUTION, QUIET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.aftermath import GitView


def git_lines(git: GitView, *, agrees: str, undone: str) -> Iterator[StyledLine]:
    """Render what git wants.

    Args:
        git: What it wants.
        agrees: What the manifest has if git agrees, fit to follow "has".
        undone: What the next apply undoes if git does not.
    """
    match git.state:
        case GitState.AGREES:
            yield [("Git wants the same: ", ""), *label(git.source or ""), (f" has {agrees}.", "")]
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
                (f". The next apply of the unchanged manifest undoes {undone}.", ""),
            ]
            yield [("To make git agree:", "")]
            for way in git.ways:
                yield [("  ", ""), *escaped(way.command, "bold")]
                yield [("      ", ""), *escaped(way.effect, QUIET)]
        case _:
            assert_never(git.state)
