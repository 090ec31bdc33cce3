from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.project import Limit, Limits
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.guards import check_guards
from assistant_sync.planning.policy import Allowance
from tests.builders import make_activate, make_adopt, make_create, make_delete, make_keep, make_update
from tests.planning.rows import make_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.plan import GuardViolation


def violations(
    changes: tuple[Any, ...],
    *,
    owned: int = 100,
    manifests: int = 5,
    written_from: Sequence[Ancestry] = (),
    unread: Sequence[str] = (),
    **policy: Any,
) -> tuple[GuardViolation, ...]:
    rules = make_policy(**policy)
    return check_guards(changes, rules, owned=owned, manifests=manifests, written_from=written_from, unread=unread)


def tripped(*changes: Any, **settings: Any) -> list[str]:
    """The names of the guards that these changes violate."""
    return [violation.guard for violation in violations(changes, **settings)]


def messages(*changes: Any, **settings: Any) -> list[str]:
    """The messages of these guards."""
    return [violation.message for violation in violations(changes, **settings)]


def test_a_plan_without_writes_trips_nothing() -> None:
    assert tripped(make_keep()) == []


def test_ten_percent_of_the_owned_may_be_deleted_without_limits() -> None:
    assert tripped(*[make_delete()] * 10) == []
    assert tripped(*[make_delete()] * 11) == ["deletes"]


@pytest.mark.parametrize("owned", [1, 2, 9, 10, 19])
def test_a_small_fleet_is_guarded_too_and_one_delete_passes(owned: int) -> None:
    assert tripped(make_delete(), owned=owned) == []
    assert tripped(make_delete(), make_delete(), owned=owned) == ["deletes"]


def test_zero_deletes_means_none() -> None:
    assert tripped(make_delete(), limits=Limits(deletes=Limit(0, is_percentage=False))) == ["deletes"]
    assert tripped(make_delete(), limits=Limits(deletes=Limit(0, is_percentage=True))) == ["deletes"]


def test_updates_and_activations_count_together_and_creates_and_adoptions_do_not() -> None:
    limits = Limits(updates=Limit(1, is_percentage=False))
    assert tripped(make_update(), make_create(), make_adopt(), limits=limits) == []
    assert tripped(make_update(), make_activate(), limits=limits) == ["updates"]


def test_without_a_limit_all_may_be_updated() -> None:
    assert tripped(*[make_update()] * 100) == []


def test_an_allowance_replaces_the_limit_in_both_directions() -> None:
    assert tripped(*[make_delete()] * 50, allowance=Allowance(deletes=50)) == []
    assert tripped(make_delete(), allowance=Allowance(deletes=0)) == ["deletes"]
    assert tripped(make_update(), allowance=Allowance(updates=0)) == ["updates"]


def test_no_manifests_at_all_never_means_delete_all() -> None:
    assert tripped(make_delete(), manifests=0) == ["empty"]
    assert tripped(make_delete(), manifests=0, allowance=Allowance(deletes=1)) == []


@pytest.mark.parametrize("relation", [o for o in Ancestry if o not in (Ancestry.SAME, Ancestry.ANCESTOR)])
def test_a_delete_of_what_another_history_wrote_must_be_allowed(relation: Ancestry) -> None:
    assert tripped(make_delete(), written_from=[relation]) == ["unknown-commit"]
    assert tripped(make_delete(), written_from=[relation], allowance=Allowance(deletes=1)) == []
    assert tripped(make_delete(), written_from=[Ancestry.ANCESTOR]) == []


def test_a_delete_whose_manifest_is_in_the_commit_unread_must_be_allowed() -> None:
    files = [f"care/assistants/{name}.yaml" for name in "abcd"]
    assert tripped(make_delete(), unread=files[:1]) == ["source-unread"]
    assert tripped(make_delete(), unread=files[:1], allowance=Allowance(deletes=1)) == []
    assert messages(*[make_delete()] * 4, unread=files) == [
        (
            "the plan would delete 4 assistants whose manifest is in this commit, but not among this project's "
            "files: care/assistants/a.yaml, care/assistants/b.yaml, care/assistants/c.yaml and 1 more. Another project "
            "has the same name, most likely: give each its own 'project:'. If this is intended, allow it for this run "
            "with --allow-deletes 4"
        )
    ]


def test_up_to_three_unread_manifests_are_all_named() -> None:
    (message,) = messages(*[make_delete()] * 3, unread=["a.yaml", "b.yaml", "c.yaml"])
    assert "this project's files: a.yaml, b.yaml, c.yaml. Another project" in message


def test_deletes_need_a_lasting_archive_whatever_is_allowed() -> None:
    assert tripped(make_delete(), can_archive=False, allowance=Allowance(deletes=1)) == ["archive"]
    assert tripped(make_update(), can_archive=False) == []


def test_deletes_need_an_archive_that_not_everybody_reads_whatever_is_allowed() -> None:
    assert tripped(make_delete(), archive_is_public=True, allowance=Allowance(deletes=1)) == ["public-archive"]
    assert tripped(make_update(), archive_is_public=True) == []
    assert tripped(make_delete(), archive_is_public=True, can_archive=False) == ["archive", "public-archive"]
    assert messages(make_delete(), make_delete(), archive_is_public=True) == [
        (
            "the plan would delete 2 assistants, and this repository is public: everybody can read what its jobs keep, "
            "and the archive has the prompts and metadata of all versions. Apply from a place that only your team can "
            "read; if everybody may read them, use --allow-public-archive"
        )
    ]


def test_a_percentage_of_updates_is_one_of_the_owned() -> None:
    limits = Limits(updates=Limit(50, is_percentage=True))
    assert tripped(*[make_update()] * 5, owned=10, limits=limits) == []
    assert tripped(*[make_update()] * 6, owned=10, limits=limits) == ["updates"]


def test_each_guard_tells_what_it_counted_what_it_allows_and_the_way_on() -> None:
    assert messages(make_delete(), make_delete(), owned=12) == [
        (
            "the plan would delete 2 of 12 owned live assistants; the limit is 1. "
            "If this is intended, allow it for this run with --allow-deletes 2"
        )
    ]
    assert messages(make_update(), owned=1, allowance=Allowance(updates=0)) == [
        (
            "the plan would update 1 of 1 owned live assistant; the limit is 0. "
            "If this is intended, allow it for this run with --allow-updates 1"
        )
    ]
    assert messages(make_delete(), can_archive=False) == [
        (
            "the plan would delete 1 assistant, and what this job archives is lost with it. "
            "Name a folder that is kept with 'archive:' in the project file"
        )
    ]
    assert messages(make_delete(), make_delete(), manifests=0) == [
        (
            "there are no manifests, which would delete 2 assistants. "
            "If this is intended, allow it for this run with --allow-deletes 2"
        )
    ]
    assert messages(make_delete(), make_delete(), written_from=[Ancestry.ABSENT, Ancestry.SAME]) == [
        (
            "the plan would delete 1 assistant written from a commit that is not known to be in this repository's "
            "history (a stale branch, another repository, or a shallow clone, which 'fetch-depth: 0' completes). "
            "If this is intended, allow it for this run with --allow-deletes 2"
        )
    ]


@given(st.integers(0, 10_000), st.integers(1, 100))
def test_a_percentage_is_rounded_down_but_allows_one(owned: int, percent: int) -> None:
    allowed = Limit(percent, is_percentage=True).of(owned)
    assert allowed == max(1, int(owned * percent / 100 + 1e-9))
