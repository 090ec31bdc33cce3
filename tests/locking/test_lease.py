"""Who holds a lock: judged by the server's times alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.locking.lease import is_among, left_when_made, lowest_rate, rivals, time_to_renew
from assistant_sync.model.lock import Lock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def lock(holder: str, made: float | None = 0.0, *, generation: int = 1, lease: float = 60) -> Lock:
    """A lock that was made some seconds after noon."""
    at = None if made is None else NOON + timedelta(seconds=made)
    return Lock(project="acme", generation=generation, holder=holder, lease=lease, by="", commit=None, made=at)


def test_where_there_is_no_other_lock_nobody_is_in_the_way() -> None:
    mine = lock("me")
    assert rivals([], mine) == rivals([mine], mine) == ()


def test_a_lock_holds_to_the_end_of_its_lease_and_not_beyond() -> None:
    old = lock("a", 0)
    assert left_when_made(old, lock("me", 59.5)) == 0.5
    assert rivals([old], lock("me", 59.5)) == (old,)
    assert rivals([old], lock("me", 60)) == ()


def test_one_that_was_made_after_mine_is_in_the_way_too_so_that_one_of_two_gives_way() -> None:
    mine, later = lock("me", 0), lock("a", 0.1, generation=2)
    assert rivals([mine, later], mine) == (later,)
    assert rivals([mine, later], later) == (mine,)


def test_my_own_former_generation_is_not_in_my_way() -> None:
    assert rivals([lock("me", 0), lock("me", 20, generation=2)], lock("me", 20, generation=2)) == ()


def test_a_lock_without_a_time_is_respected() -> None:
    untimed = lock("a", None)
    assert rivals([untimed], lock("me", 10_000)) == (untimed,)
    assert rivals([lock("a", 0)], lock("me", None)) != ()


def test_a_lock_counts_as_mine_only_by_id_and_holder() -> None:
    mine = lock("me")
    assert is_among([lock("a"), mine], mine)
    assert not is_among([lock("a")], mine)
    assert not is_among([lock("me", generation=2)], mine)


@given(
    st.lists(st.tuples(st.floats(0, 300), st.integers(2, 100)), min_size=2, max_size=6, unique_by=lambda one: one[0])
)
def test_of_any_locks_that_overlap_no_two_find_nobody_in_the_way(made: list[tuple[float, int]]) -> None:
    locks = [lock(str(n), at, generation=n, lease=lease) for n, (at, lease) in enumerate(made, 1)]
    free = [one for one in locks if not rivals(locks, one)]
    for one in free:
        for other in free:
            if one is not other:
                # Each was over when the other was made: they did not hold at the same time.
                assert left_when_made(one, other) <= 0
                assert left_when_made(other, one) <= 0


@given(st.floats(2, 3600))
def test_at_the_lowest_rate_a_renewal_has_begun_its_last_request_in_half_of_its_time(lease: float) -> None:
    assert abs(3 / lowest_rate(lease) - time_to_renew(lease) / 2) < 1e-6
    assert lowest_rate(60) == 0.6
