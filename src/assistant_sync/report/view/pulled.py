"""What is shown of a pull, decided once for all formats."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from assistant_sync.model.pulled import PullKind
from assistant_sync.redaction import redact_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.pulled import FileChange, PullReport

_NO_NEWLINE = "\\ No newline at end of file"
_LONGEST = 5_000  # lines of both files together; more are not compared


def file_diff(change: FileChange) -> list[str]:
    """The difference of a file, as git shows it; lines that hold what looks like a credential are masked."""
    before = [] if change.before is None else _lines(change.before)
    after = _lines(change.after)
    old = "/dev/null" if change.before is None else f"a/{change.path}"
    if len(before) + len(after) > _LONGEST:
        return [f"--- {old}", f"+++ b/{change.path}", f"@@ {len(before):,} -> {len(after):,} lines @@"]
    diff = difflib.unified_diff(before, after, old, f"b/{change.path}", lineterm="")
    return [redact_text(line) for line in diff]


def counted(report: PullReport) -> str:
    """What was pulled, in numbers."""
    done = [
        f"{count} {kind.value}"
        for kind in PullKind
        if (count := sum(one.kind is kind for one in report.pulled))
    ]  # fmt: skip
    left = f"; {len(report.not_pulled)} not" if report.not_pulled else ""
    if not report.pulled:
        return f"Nothing to pull{left}"
    verb = "Would pull" if report.dry_run else "Pulled"
    return f"{verb} {plural(len(report.pulled), 'assistant')} ({', '.join(done)}){left}"


def next_steps(report: PullReport) -> Iterator[str]:
    """The commands that follow."""
    if report.dry_run or not report.pulled:
        return
    if report.branch is not None:
        yield f"git push -u origin {report.branch}   # then open a pull request"
        return
    tops = sorted({path.split("/", 1)[0] for path in (one.path for one in report.files)})
    yield "git diff   # what has changed; new files are not in it"
    yield f"git add {' '.join(tops)}"
    yield "assistant-sync plan"


def _lines(data: bytes) -> list[str]:
    """Lines without their ends; a carriage return stays, and is shown."""
    *lines, last = data.decode(errors="replace").removeprefix("\ufeff").split("\n")
    return [*lines, *([last, _NO_NEWLINE] if last else [])]
