"""A rollback as text: its result, then what git still wants and how to make git agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.report.text.git_view import git_lines
from assistant_sync.report.text.lines import joined
from assistant_sync.report.text.result import result_lines

if TYPE_CHECKING:
    from rich.text import Text

    from assistant_sync.model.aftermath import RollbackReport


def rollback_text(report: RollbackReport, *, verbose: bool = False) -> Text:
    """Render a rollback.

    Args:
        report: What it came to; masked already.
        verbose: Whether to cut nothing of what others changed.
    """
    lines = [*result_lines(report.result, verbose=verbose), []] if report.result.outcomes else []
    if report.git is not None:
        agrees = f"the content of version {report.to}"
        lines += git_lines(report.git, agrees=agrees, undone="this rollback")
    return joined(lines[:-1] if lines and not lines[-1] else lines)
