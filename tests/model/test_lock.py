"""What makes a row a lock: anything else on a deployment stays what it is, whatever its metadata say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from assistant_sync.model.frozen import replace
from assistant_sync.model.lock import DEFAULT_LEASE, LOCK_KEY, Lock
from assistant_sync.model.thread import Thread

LOCK = Lock(project="acme", generation=2, holder="h", lease=30, by="ann", commit="abc")


def row(lock: Lock = LOCK, *, made: str | None = "2026-11-22T10:00:00Z", **members: Any) -> Thread:
    """The thread of a lock, with some members of its metadata replaced."""
    return Thread(thread_id=lock.id, metadata={LOCK_KEY: lock.as_json() | members}, created_at=made)


def test_a_lock_is_read_as_it_was_written() -> None:
    assert Lock.read(row()) == replace(LOCK, made=datetime(2026, 11, 22, 10, tzinfo=UTC))


def test_a_row_without_the_key_or_under_another_id_is_no_lock() -> None:
    assert Lock.read(replace(row(), metadata={})) is None
    assert Lock.read(replace(row(), metadata={LOCK_KEY: "held"})) is None
    assert Lock.read(replace(row(), thread_id="91af49dd-3763-53c2-af48-1069909abd5d")) is None


@pytest.mark.parametrize(
    "members",
    [{"project": None}, {"project": "other"}, {"holder": None}, {"holder": "x"}, {"generation": "2"},
     {"generation": 3}, {"generation": None}],
    ids=str,
)  # fmt: skip
def test_what_does_not_derive_the_rows_id_is_no_lock(members: dict[str, Any]) -> None:
    assert Lock.read(row(**members)) is None


@pytest.mark.parametrize("generation", [0, -1, 10**9 + 1])
def test_a_generation_that_no_apply_reaches_is_no_lock(generation: int) -> None:
    assert Lock.read(row(replace(LOCK, generation=generation))) is None


@pytest.mark.parametrize("lease", [10**6, 0, -1, "long", None])
def test_an_absurd_lease_is_the_usual_one(lease: object) -> None:
    lock = Lock.read(row(lease=lease))
    assert lock is not None
    assert lock.lease == DEFAULT_LEASE


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("2026-11-22T12:00:00.5+02:00", datetime(2026, 11, 22, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-22T10:00:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00+23:59", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_servers_time_is_read_in_utc_or_not_at_all(text: str | None, made: datetime | None) -> None:
    lock = Lock.read(row(made=text))
    assert lock is not None
    assert lock.made == made


def test_the_keys_that_a_server_adds_mark_a_row_but_for_those_of_aegra() -> None:
    added = {"thread_name": "", "graph_id": "agent", "assistant_id": "x", "owner": "ann", "zone": None}
    lock = Lock.read(replace(row(), metadata={**row().metadata, **added}))
    assert lock is not None
    assert lock.marks == ("owner", "zone")
