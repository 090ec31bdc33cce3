"""The plan as a whole: what it has beside its changes."""

from __future__ import annotations

import pytest

from assistant_sync.model.cause import Cause
from assistant_sync.model.plan import PlanWarning
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.causes import Base
from assistant_sync.planning.observations import Observations
from tests.builders import SHA, make_assistant, make_desired, make_id
from tests.planning.plans import plan
from tests.planning.rows import edited, stored

WRITTEN, EDITED = make_desired(context={"m": 1}), make_desired(context={"m": 2})
BY_HAND = {"context": {"m": 3}, "config": {"configurable": {"m": 3}}}
SECRET = "ghp_" + "a1B2" * 9


def test_a_plan_without_a_base_has_none_and_nothing_was_edited() -> None:
    made = plan([WRITTEN], [stored(WRITTEN)])
    assert (made.base, made.causes, made.edited, made.warnings) == (None, {}, frozenset(), ())


def test_a_plan_names_the_base_that_it_was_compared_with() -> None:
    assert plan([EDITED], [stored(WRITTEN)], base=Base(SHA, (WRITTEN,))).base == SHA


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_writes_over_an_edit_outside_git_is_named(is_ours: bool) -> None:
    row = edited(stored(WRITTEN), **BY_HAND) if is_ours else stored(WRITTEN)
    expected = frozenset({row.assistant_id} if is_ours else ())
    assert plan([EDITED], [row]).edited == expected
    assert plan([], [row], prune=True).edited == expected


def test_what_is_not_written_undoes_no_edit() -> None:
    row = edited(stored(WRITTEN), **BY_HAND)
    assert plan([make_desired(context={"m": 3})], [row]).edited == frozenset()
    assert plan([], [row]).edited == frozenset()
    assert plan([EDITED], [row], target="another").edited == frozenset()


def test_a_base_with_problems_is_a_warning_and_nothing_has_a_cause() -> None:
    made = plan([EDITED], [stored(WRITTEN)], base=Base(SHA, (), is_readable=False))
    message = "where changes come from is unknown: the files of the base, 3f9c2e1d7b8a, have problems"
    assert (made.base, made.causes, made.warnings) == (SHA, {}, (PlanWarning(message),))


def test_a_branch_that_is_behind_is_told_once_with_the_keys_that_it_would_revert() -> None:
    keys = ["a", "b", SECRET]
    now = [make_desired(key, context={"m": 1}) for key in keys]
    later = [stored(make_desired(key, context={"m": 2}), commit=SHA) for key in keys]
    kept = make_desired("kept")
    made = plan([*now, kept], [*later, stored(kept)], ancestry={SHA: Ancestry.DIVERGED}, base=Base(SHA, (*now, kept)))
    (warning,) = made.warnings
    assert warning.message.startswith(
        "This branch is behind: applying it would revert changes from commits that it does not contain (a, b, "
    )
    assert warning.message.endswith("). Rebase or merge first")
    assert SECRET not in warning.message
    assert warning.key is None


def test_a_branch_that_is_not_behind_is_not_warned_of() -> None:
    made = plan([EDITED], [stored(WRITTEN)], base=Base(SHA, (WRITTEN,)))
    assert (made.causes, made.warnings) == ({make_id("support"): (Cause.BRANCH,)}, ())


def test_a_delete_whose_stamp_names_no_commit_is_not_one_from_an_unknown_commit() -> None:
    keys = [f"k{number}" for number in range(12)]
    rows = [stored(make_desired(key)) for key in keys]
    gone = stored(make_desired("gone"), commit=None)
    assert plan(list(map(make_desired, keys)), [*rows, gone], prune=True).guards == ()
    lost = stored(make_desired("gone"), commit="e" * 40)
    (violation,) = plan(list(map(make_desired, keys)), [*rows, lost], prune=True).guards
    assert violation.guard == "unknown-commit"


def test_how_a_commit_relates_is_unknown_where_nobody_said() -> None:
    seen = Observations(ancestry={SHA: Ancestry.SAME})
    assert [seen.relation(commit) for commit in (SHA, "e" * 40, None)] == [
        Ancestry.SAME,
        Ancestry.UNKNOWN,
        Ancestry.UNKNOWN,
    ]


def test_an_adoption_undoes_no_edit_of_ours() -> None:
    own = "0" * 8 + "-0000-4000-8000-" + "0" * 12
    row = make_assistant("by-hand", assistant_id=own)
    assert plan([make_desired("a", assistant_id=own, description="x")], [row]).edited == frozenset()


def test_only_a_delete_whose_own_manifest_is_unread_is_stopped_by_that() -> None:
    keys = [f"k{number}" for number in range(12)]
    rows = [stored(make_desired(key)) for key in (*keys, "gone")]
    desired = list(map(make_desired, keys))
    for unread, guards in (("assistants/gone.yaml", ["source-unread"]), ("assistants/k1.yaml", [])):
        made = plan(desired, rows, prune=True, unread=frozenset({unread}))
        assert [violation.guard for violation in made.guards] == guards
