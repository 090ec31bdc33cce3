"""The exit code of an apply (docs/exit-codes.md); pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.errors import ExitCode
from assistant_sync.model.outcome import Status

if TYPE_CHECKING:
    from assistant_sync.model.outcome import ApplyResult


def exit_code(result: ApplyResult) -> int:
    """The code that describes best how an apply ended.

    Interrupted before all else; then a bug of ours (70); then what failed: all that is left is unconfirmed (5), some
    succeeded and some failed (8), or nothing succeeded (the first failure's own code); then what the final read
    found: what the deployment itself did otherwise (9), or what somebody else did since (7), or that it could not be
    made (5); last, that somebody else wrote in between (7).
    """
    if result.interrupted:
        return ExitCode.INTERRUPTED
    if any(outcome.error is not None and outcome.error.exit_code == ExitCode.BUG for outcome in result.outcomes):
        return ExitCode.BUG
    undone = [outcome for outcome in result.outcomes if not outcome.status.is_done]
    if undone:
        if all(outcome.status is Status.UNCONFIRMED for outcome in undone):
            return ExitCode.UNREACHABLE
        if len(undone) < len(result.outcomes):
            return ExitCode.PARTLY_APPLIED
        error = undone[0].error
        return error.exit_code if error is not None else ExitCode.FAILURE
    if result.differences:
        return ExitCode.STALE if all(one.is_explained for one in result.differences) else ExitCode.NOT_CONVERGED
    if result.unread is not None:
        return ExitCode.UNREACHABLE
    return ExitCode.STALE if any(outcome.outside_versions for outcome in result.outcomes) else ExitCode.OK
