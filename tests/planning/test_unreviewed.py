from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.change import Action, FieldChange, Op
from assistant_sync.model.frozen import replace
from assistant_sync.model.plan import GuardViolation
from assistant_sync.planning.unreviewed import never_reviewed, unreviewed_changes
from tests.builders import make_activate, make_adopt, make_create, make_delete, make_keep, make_plan, make_update

if TYPE_CHECKING:
    from assistant_sync.model.change import Write

WAY_OUT = "Review a new plan, or run apply without --reviewed"


def test_the_plan_that_was_reviewed_is_not_unreviewed_changes() -> None:
    plan = make_plan(make_create("a"), make_update("b"), make_delete("c"), make_keep("d"))
    assert unreviewed_changes(plan, plan.changes) == ((), ())


def test_nothing_to_do_is_never_unreviewed_changes() -> None:
    assert unreviewed_changes(make_plan(make_keep("a")), ()) == ((), ())


def test_a_delete_must_have_been_reviewed_as_a_delete() -> None:
    for reviewed in ((), (make_keep("a"),), (make_update("a"),)):
        violations, notices = unreviewed_changes(make_plan(make_delete("a")), reviewed)
        assert [violation.guard for violation in violations] == ["reviewed"]
        assert violations[0].message == f"the delete of 'a' was not reviewed. {WAY_OUT}"
        assert notices == ()


def test_a_reviewed_delete_goes_ahead_whatever_it_starts_from() -> None:
    plan = make_plan(make_delete("a", base_version=4, digest="sha256:now"))
    assert unreviewed_changes(plan, (make_delete("a", base_version=3),))[0] == ()


def test_other_changes_that_are_new_are_named_and_go_ahead() -> None:
    plan = make_plan(make_create("a"), make_update("b", digest="sha256:now"), make_update("c"))
    violations, (notice,) = unreviewed_changes(plan, (make_update("b"), make_update("c")))
    assert violations == ()
    assert notice.message.endswith("create 'a', update 'b'")


@pytest.mark.parametrize(("count", "end"), [(20, "create 'k18', create 'k19'"), (23, "create 'k19' and 3 more")])
def test_many_new_changes_are_counted(count: int, end: str) -> None:
    plan = make_plan(*(make_create(f"k{number:02}") for number in range(count)))
    (notice,) = unreviewed_changes(plan, ())[1]
    assert notice.message.endswith(end)


def test_a_hand_edit_since_the_review_is_not_overwritten() -> None:
    plan = replace(make_plan(make_update("a", base_version=4)), edited=frozenset({make_update("a").assistant_id}))
    for reviewed in ((), (make_update("a", base_version=3),), (make_keep("a", base_version=3),)):
        ((violation,), _) = unreviewed_changes(plan, reviewed)
        message = f"'a' was changed outside git since the review: update would undo that. {WAY_OUT}"
        assert violation == GuardViolation("reviewed", message)


def test_a_hand_edit_that_the_review_started_from_was_seen() -> None:
    change = make_update("a", base_version=4)
    plan = replace(make_plan(change), edited=frozenset({change.assistant_id}))
    assert unreviewed_changes(plan, (change,)) == ((), ())


def test_a_reviewed_delete_of_what_was_edited_since_is_stopped() -> None:
    change = make_delete("a", base_version=4)
    plan = replace(make_plan(change), edited=frozenset({change.assistant_id}))
    ((violation,), _) = unreviewed_changes(plan, (make_delete("a", base_version=3),))
    assert "outside git" in violation.message
    assert change.action is Action.DELETE


def test_a_version_that_is_lower_than_the_reviewed_one_was_moved_by_somebody() -> None:
    for change in (make_update("a", base_version=2), make_activate("a", base_version=2, to_version=1)):
        ((violation,), _) = unreviewed_changes(make_plan(change), (make_update("a", base_version=3),))
        assert "since the review" in violation.message
    assert unreviewed_changes(make_plan(make_update("a", base_version=4)), (make_update("a", base_version=3),))[0] == ()


def test_an_adoption_starts_from_what_was_reviewed_or_not_at_all() -> None:
    change = make_adopt("a", base_version=2)
    assert unreviewed_changes(make_plan(change), (change,)) == ((), ())
    assert len(unreviewed_changes(make_plan(change), ())[0]) == 1
    assert len(unreviewed_changes(make_plan(change), (make_adopt("a", base_version=1),))[0]) == 1


def test_a_change_that_was_reviewed_as_a_create_is_new_and_no_going_back() -> None:
    """Somebody else has created it since, as from another merge."""
    ((), (notice,)) = unreviewed_changes(
        make_plan(make_update("a", base_version=2)), (make_create("a", digest="sha256:then"),)
    )
    assert notice.message.endswith(": update 'a'")


def test_a_change_from_the_reviewed_version_is_no_going_back() -> None:
    change = make_update("a", base_version=3)
    assert unreviewed_changes(make_plan(change), (make_update("a", base_version=3),)) == ((), ())


# Nobody reviewed anything


def test_without_a_review_creates_updates_and_adoptions_of_equal_content_go_ahead() -> None:
    plan = make_plan(make_create("a"), make_update("b"), make_keep("c"), replace(make_adopt("d"), fields=()))
    assert never_reviewed(plan) == ()


@pytest.mark.parametrize("change", [make_update("a"), make_activate("a"), make_delete("a")])
def test_without_a_review_no_edit_is_undone(change: Write) -> None:
    plan = replace(make_plan(change), edited=frozenset({change.assistant_id}))
    (violation,) = never_reviewed(plan)
    assert violation.guard == "reviewed"
    assert "'a'" in violation.message
    assert violation.message.endswith(
        ". Make the change in a pull request that shows its plan, or run apply without --unreviewed"
    )


def test_without_a_review_nothing_is_deleted_and_nothing_made_by_hand_is_overwritten() -> None:
    field = FieldChange(("name",), Op.CHANGED, "by hand", "from git")
    adopted = replace(make_adopt("b"), fields=(field,))
    messages = [one.message.split(". ")[0] for one in never_reviewed(make_plan(make_delete("a"), adopted))]
    assert messages == [
        "nobody reviewed the delete of 'a'",
        "nobody reviewed what adopt changes on 'b', which was made outside git",
    ]
