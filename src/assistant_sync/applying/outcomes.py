"""How a change ended, as an outcome; pure."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import TYPE_CHECKING

from assistant_sync.applying.readback import unwanted_paths
from assistant_sync.errors import ExitCode
from assistant_sync.model.change import Delete
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import Failure, Outcome, Status
from assistant_sync.redaction import redact_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from assistant_sync.errors import AssistantSyncError, RemoteError
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.change import Write
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.outcome import Archived


def failed(change: Write, error: AssistantSyncError) -> Outcome:
    """The outcome of a change that an error ended before anything was written."""
    message = redact_text(error.message if error.hint is None else f"{error.message}. {error.hint}")
    return ended(change, Status.FAILED, Failure(type(error).__name__, message, error.exit_code))


def broken(change: Write, error: Exception) -> Outcome:
    """The outcome of a change that met a bug of ours: what it came to is not known."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    message = f"this is a bug in assistant-sync: {type(error).__name__}{place}. It may have been written; plan again"
    return ended(change, Status.UNCONFIRMED, Failure("Bug", message, ExitCode.BUG))


def deferred(change: Write, reason: str) -> Outcome:
    """The outcome of a change that is not sent."""
    return ended(change, Status.NOT_ATTEMPTED, Failure("Deferred", reason, ExitCode.FAILURE))


def not_attempted(change: Write) -> Outcome:
    """The outcome of a change that an interrupted apply did not come to."""
    return ended(change, Status.NOT_ATTEMPTED, None)


def unlocked(change: Write, reason: str) -> Outcome:
    """The outcome of a change that is not sent, because the lock is lost."""
    message = f"skipped: the lock was lost ({reason}). Run apply again"
    return ended(change, Status.NOT_ATTEMPTED, Failure("LockLost", message, ExitCode.STALE))


def ended(change: Write, status: Status, error: Failure | None) -> Outcome:
    """An outcome from the version that the plan saw."""
    return Outcome(
        action=change.action,
        key=change.key,
        assistant_id=change.assistant_id,
        status=status,
        version_before=change.base_version,
        error=error,
        source=None if isinstance(change, Delete) else change.source,
    )


def with_archive(outcome: Outcome, archived: Archived) -> Outcome:
    """The outcome of a delete, with what was kept of the assistant and what went with it."""
    notes = [f"kept in {archived.place}"]
    doubt = "" if outcome.status is Status.DELETED else "if it was deleted, "
    if archived.crons is None:
        notes.append(f"{doubt}its crons were deleted with it and are not in the archive: this key may not read them")
    elif archived.crons:
        schedules = ", ".join(sorted(redact_text(cron.schedule) for cron in archived.crons))
        notes.append(f"{doubt}{plural(len(archived.crons), 'cron')} went with it, kept there too: {schedules}")
    return replace(outcome, notes=(*outcome.notes, *notes), crons=archived.crons or ())


def done_as(change: Write, status: Status, version: int | None) -> Outcome:
    """The outcome of a change that is done, and the version that it left active."""
    return replace(ended(change, status, None), version_after=version)


def conflicting(change: Write, message: str, *, wrote_nothing: bool = True) -> Outcome:
    """The outcome of a change that was not made, or not to last, because somebody else has written."""
    message = f"{message}; nothing was written" if wrote_nothing else message
    return ended(change, Status.FAILED, Failure("Conflict", message, ExitCode.STALE))


def unconfirmed(change: Write, error: RemoteError) -> Outcome:
    """The outcome of a write that was not seen to land."""
    message = (
        f"{redact_text(error.message).removesuffix('.')}. The write was not seen to take effect, and still may; "
        "the next plan shows whether it did"
    )
    return ended(change, Status.UNCONFIRMED, Failure(type(error).__name__, message, error.exit_code))


def checked(
    outcome: Outcome, desired: Desired, row: Assistant, mirroring: Mirroring, stamped_keys: tuple[str, ...] = ()
) -> Outcome:
    """Note what our own version has other than it was sent; the final read decides."""
    notes = list(outcome.notes)
    wrong = unwanted_paths(desired, row, mirroring, stamped_keys)
    if wrong:
        notes.append(f"the server did not take over: {', '.join(wrong)}")
    if outcome.lost:
        notes.append(f"the server changed metadata that this project does not own: {', '.join(outcome.lost)}")
    return replace(outcome, notes=tuple(notes))
