from __future__ import annotations

import pytest

from assistant_sync.applying.outcomes import (
    broken,
    checked,
    conflicting,
    deferred,
    done_as,
    failed,
    not_attempted,
    unconfirmed,
    unlocked,
    with_archive,
)
from assistant_sync.errors import RateLimited, ServerFault
from assistant_sync.model.cron import Cron
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import Archived, Failure, Outcome, Status
from tests.builders import make_create, make_delete, make_desired, make_update
from tests.planning.rows import stored

SECRET = "ghp_" + "a1B2" * 9
UPDATE = make_update(base_version=3)


def ended(status: Status, error: Failure | None) -> Outcome:
    return Outcome(
        action=UPDATE.action, key=UPDATE.key, assistant_id=UPDATE.assistant_id, status=status, version_before=3,
        error=error, source=UPDATE.source,
    )  # fmt: skip


def test_each_end_names_its_change_and_the_version_that_the_plan_saw() -> None:
    assert not_attempted(UPDATE) == ended(Status.NOT_ATTEMPTED, None)
    assert deferred(UPDATE, "why") == ended(Status.NOT_ATTEMPTED, Failure("Deferred", "why", 1))
    message = "skipped: the lock was lost (why). Run apply again"
    assert unlocked(UPDATE, "why") == ended(Status.NOT_ATTEMPTED, Failure("LockLost", message, 7))
    assert failed(UPDATE, ServerFault("why")) == ended(Status.FAILED, Failure("ServerFault", "why", 5))
    assert failed(UPDATE, RateLimited("why", hint="wait")) == ended(
        Status.FAILED, Failure("RateLimited", "why. wait", 5)
    )


def test_a_conflict_says_that_nothing_was_written_where_that_is_so() -> None:
    assert conflicting(UPDATE, "why") == ended(Status.FAILED, Failure("Conflict", "why; nothing was written", 7))
    assert conflicting(UPDATE, "why", wrote_nothing=False) == ended(Status.FAILED, Failure("Conflict", "why", 7))


def test_what_is_done_names_the_version_that_it_left_active() -> None:
    outcome = done_as(UPDATE, Status.UPDATED, 4)
    assert (outcome.status, outcome.version_before, outcome.version_after, outcome.error) == (
        Status.UPDATED,
        3,
        4,
        None,
    )


def test_only_what_has_a_manifest_still_names_its_source() -> None:
    assert not_attempted(make_create("a")).source == "assistants/a.yaml"
    assert not_attempted(make_delete("a")).source is None


def test_a_bug_is_told_with_its_kind_and_place_and_without_its_message() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        raise ZeroDivisionError(SECRET)
    told = broken(UPDATE, caught.value).error
    assert told is not None
    assert SECRET not in told.message
    assert "ZeroDivisionError at test_outcomes.py:" in told.message
    assert broken(UPDATE, ZeroDivisionError()) == ended(
        Status.UNCONFIRMED,
        Failure("Bug", "this is a bug in assistant-sync: ZeroDivisionError. It may have been written; plan again", 70),
    )


@pytest.mark.parametrize("make", [failed, unconfirmed])
def test_credentials_in_what_a_server_says_are_masked(make: object) -> None:
    assert callable(make)
    message = make(UPDATE, ServerFault(f"it said {SECRET}")).error.message
    assert message.startswith("it said (masked)")


def test_what_a_row_shows_otherwise_than_it_was_sent_is_noted_beside_what_was_noted_already() -> None:
    desired = make_desired(context={"m": 1})
    done = Outcome(
        action=UPDATE.action, key="a", assistant_id="1", status=Status.UPDATED, notes=("first",),
        lost=("metadata.a", "metadata.b"),
    )  # fmt: skip
    assert checked(done, desired, stored(desired), Mirroring.YES).notes == (
        "first", "the server changed metadata that this project does not own: metadata.a, metadata.b"
    )  # fmt: skip
    row = stored(make_desired(name="odd", context={"m": 1}), mirrored=False)
    assert checked(done, desired, row, Mirroring.YES).notes[1] == (
        "the server did not take over: name, config.configurable"
    )
    kept = stored(make_desired(context={"m": 1}, metadata={"old": 1}))
    notes = checked(done, desired, kept, Mirroring.UNKNOWN, ("old",)).notes
    assert notes[1] == "the server did not take over: metadata.old"


@pytest.mark.parametrize("message", ["why", "why."])
def test_an_unconfirmed_outcome_ends_its_cause_with_one_full_stop(message: str) -> None:
    text = "why. The write was not seen to take effect, and still may; the next plan shows whether it did"
    assert unconfirmed(UPDATE, ServerFault(message)) == ended(Status.UNCONFIRMED, Failure("ServerFault", text, 5))


DELETE = make_delete("old", base_version=2)
GONE = done_as(DELETE, Status.DELETED, None)


def cron(number: int, schedule: str) -> Cron:
    return Cron(cron_id=f"c{number}", schedule=schedule, row={})


def test_a_delete_says_what_was_kept_and_what_went_with_it() -> None:
    assert with_archive(GONE, Archived("archive/x.json")) == replace(GONE, notes=("kept in archive/x.json",))
    crons = (cron(1, "5 3 * * *"), cron(2, "0 3 * * *"))
    assert with_archive(replace(GONE, notes=("first",)), Archived("x", crons)) == replace(
        GONE, notes=("first", "kept in x", "2 crons went with it, kept there too: 0 3 * * *, 5 3 * * *"), crons=crons
    )
    one = with_archive(GONE, Archived("x", (cron(1, SECRET),)))
    assert one.notes[1] == "1 cron went with it, kept there too: (masked)"


def test_crons_that_nobody_could_read_are_said_to_be_lost() -> None:
    lost = "its crons were deleted with it and are not in the archive: this key may not read them"
    assert with_archive(GONE, Archived("x", None)) == replace(GONE, notes=("kept in x", lost))


def test_a_delete_in_doubt_does_not_say_that_crons_are_gone() -> None:
    doubtful = replace(GONE, status=Status.UNCONFIRMED)
    crons = (cron(1, "0 3 * * *"),)
    found = with_archive(doubtful, Archived("x", crons))
    assert (found.notes[1], found.crons) == (
        "if it was deleted, 1 cron went with it, kept there too: 0 3 * * *", crons,
    )  # fmt: skip
    lost = "if it was deleted, its crons were deleted with it and are not in the archive: this key may not read them"
    assert with_archive(doubtful, Archived("x", None)).notes[1] == lost
