"""The exit code of an apply (docs/exit-codes.md); pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.outcome import Status

if TYPE_CHECKING:
    from assistant_sync.model.outcome import ApplyResult

_OK, _FAILURE, _UNREACHABLE, _CONFLICT, _PARTLY, _NOT_CONVERGED, _INTERRUPTED = 0, 1, 5, 7, 8, 9, 130


def exit_code(result: ApplyResult) -> int:
    """The code that tells best how an apply ended.

    Interrupted before all else; then what failed: all that is left is unconfirmed (5), some succeeded and some
    failed (8), or nothing succeeded (the first failure's own code); then what the final read found (9, or 5 where
    it could not be made); last, that somebody else wrote in between (7).
    """
    if result.interrupted:
        return _INTERRUPTED
    undone = [outcome for outcome in result.outcomes if not outcome.status.is_done]
    if undone:
        if all(outcome.status is Status.UNCONFIRMED for outcome in undone):
            return _UNREACHABLE
        if len(undone) < len(result.outcomes):
            return _PARTLY
        error = undone[0].error
        return error.exit_code if error is not None else _FAILURE
    if result.differences:
        return _NOT_CONVERGED
    if result.unread is not None:
        return _UNREACHABLE
    return _CONFLICT if any(outcome.outside_versions for outcome in result.outcomes) else _OK
