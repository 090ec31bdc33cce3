"""Two states of assistants compared, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.shown import StateKind
from assistant_sync.report.text.fields import field_lines
from assistant_sync.report.text.lines import StyledLine, joined, label
from assistant_sync.report.text.styles import ADDED, QUIET, REMOVED
from assistant_sync.report.view.history import short_commit

if TYPE_CHECKING:
    from rich.text import Text

    from assistant_sync.model.shown import ComparedSides, StateFacts


def diff_text(compared: ComparedSides, *, verbose: bool = False) -> Text:
    """Render a comparison: what is compared, then each field as in a plan."""
    lines: list[StyledLine] = [
        [("--- ", REMOVED), *_side(compared.left)],
        [("+++ ", ADDED), *_side(compared.right)],
    ]
    if compared.fields:
        lines += field_lines(compared.fields, is_whole=False, verbose=verbose)
    else:
        lines.append([("No differences.", "bold")])
    return joined(lines)


def _side(facts: StateFacts) -> StyledLine:
    line: StyledLine = [*label(facts.key, "bold"), (" ", "")]
    source = label(facts.source or "", QUIET)
    match facts.kind:
        case StateKind.VERSION:
            return [*line, (f"version {facts.version}", "")]
        case StateKind.LIVE:
            return [*line, (f"live, version {facts.version}", "")]
        case StateKind.WORKTREE:
            return [*line, ("in the work tree, ", ""), *source]
        case StateKind.REVISION:
            commit = short_commit(facts.commit or "")
            return [*line, ("at ", ""), *label(facts.name), (f", commit {commit}, ", ""), *source]
        case _:
            assert_never(facts.kind)
