"""``lifecycle.prevent_delete``: the stamp holds it, so that it protects once the manifest is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Activate, Refuse, Update
from assistant_sync.model.frozen import replace
from assistant_sync.model.selection import Selection
from assistant_sync.planning.canonical import digest
from assistant_sync.planning.causes import Base
from assistant_sync.planning.policy import Allowance
from assistant_sync.planning.stamp_changes import stamp_differs
from tests.builders import SHA, make_desired, make_stamp
from tests.planning.plans import actions, plan
from tests.planning.rows import edited, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired

OPEN = make_desired(context={"m": "a"}, metadata={"team": "cx"})
PROTECTED = replace(OPEN, prevent_delete=True)
SET = "the manifest sets lifecycle.prevent_delete, which the stamp does not have yet"
UNSET = "the manifest no longer sets lifecycle.prevent_delete, which the stamp still has"


def live(desired: Desired, **stamp: Any) -> Assistant:
    return stored(desired, **{"prevent_delete": desired.prevent_delete, **stamp})


def test_a_stamp_that_fits_the_manifest_has_nothing_to_change() -> None:
    assert stamp_differs(OPEN, make_stamp()) is None
    assert stamp_differs(PROTECTED, make_stamp(prevent_delete=True)) is None
    assert stamp_differs(PROTECTED, make_stamp()) == SET
    assert stamp_differs(OPEN, make_stamp(prevent_delete=True)) == UNSET


@pytest.mark.parametrize("desired", [OPEN, PROTECTED], ids=["open", "protected"])
def test_a_manifest_whose_protection_is_on_the_stamp_is_kept(desired: Desired) -> None:
    assert actions(plan([desired], [live(desired)])) == {"support": "keep"}


@pytest.mark.parametrize(
    ("desired", "before", "why"), [(PROTECTED, OPEN, SET), (OPEN, PROTECTED, UNSET)], ids=["set", "removed"]
)
def test_a_protection_alone_costs_one_version_without_a_field(desired: Desired, before: Desired, why: str) -> None:
    (change,) = plan([desired], [live(before)]).changes
    assert isinstance(change, Update)
    assert (change.reason, change.fields, change.base_version) == (why, (), 1)


def test_the_digest_of_the_content_does_not_know_of_it() -> None:
    assert digest(OPEN.content) == digest(PROTECTED.content)


def test_a_protection_makes_another_plan() -> None:
    other = replace(OPEN, content=replace(OPEN.content, description="x"))
    for rows in ([], [live(OPEN)]):
        plans = [plan([one], rows) for one in (other, replace(other, prevent_delete=True))]
        assert len({made.digest for made in plans}) == 2
        assert plans[0].changes[0].fields == plans[1].changes[0].fields


def test_beside_other_changes_the_reason_names_it_too() -> None:
    before = make_desired(context={"m": "before"}, metadata={"team": "cx"})
    (change,) = plan([PROTECTED], [live(before)]).changes
    assert change.reason == f"the manifest has changed since it was last applied; {SET}"
    assert [field.path for field in change.fields] == [("context", "m")]


def test_going_back_to_a_version_without_it_moves_the_pointer() -> None:
    (change,) = plan([OPEN], [live(PROTECTED, version=2)], versions=[live(OPEN)]).changes
    assert isinstance(change, Activate)
    assert (change.to_version, change.fields) == (1, ())
    assert change.reason == f"version 1 has the manifest's content; {UNSET}"


def test_a_protection_reaches_an_assistant_that_was_edited_as_the_manifest_wants() -> None:
    by_hand = edited(live(make_desired(context={"m": "old"}, metadata={"team": "cx"})), context={"m": "a"}, config={})
    (change,) = plan([PROTECTED], [by_hand]).changes
    assert change.action.value == "update"


def test_metadata_that_the_server_changed_does_not_hide_a_new_protection() -> None:
    row = live(OPEN)
    normalised = replace(row, metadata={**row.metadata, "team": "CX"})
    assert actions(plan([OPEN], [normalised], versions=[normalised])) == {"support": "keep"}
    (change,) = plan([PROTECTED], [normalised], versions=[normalised]).changes
    assert isinstance(change, Update)
    assert change.reason.endswith(SET)


def test_a_protected_assistant_whose_manifest_is_gone_is_not_pruned() -> None:
    made = plan([], [live(PROTECTED)], prune=True, allowance=Allowance(deletes=9))
    (change,) = made.changes
    assert isinstance(change, Refuse)
    assert change.reason == (
        "no manifest has this key any more, and the one that it was written from has lifecycle.prevent_delete. To "
        "delete it, first apply a manifest without that line; to leave it alone, use --no-prune"
    )
    assert made.is_refused


def test_without_pruning_it_is_an_orphan_like_any_other() -> None:
    assert actions(plan([], [live(PROTECTED)])) == {"support": "orphan"}


def test_one_without_a_protection_on_its_active_version_is_pruned() -> None:
    made = plan([], [live(OPEN, version=1)], versions=[live(PROTECTED, version=2)], prune=True)
    assert actions(made) == {"support": "delete"}


def test_a_selection_without_it_is_pruned_as_ever() -> None:
    rows = [live(PROTECTED), stored(make_desired("b"))]
    assert actions(plan([OPEN, make_desired("c")], rows, prune=True, selection=Selection(("b",)))) == {"b": "delete"}


@pytest.mark.parametrize(
    ("now", "before", "row", "expected"),
    [
        (PROTECTED, OPEN, live(OPEN), (Cause.BRANCH,)),
        (PROTECTED, PROTECTED, live(OPEN), (Cause.PENDING,)),
        (OPEN, PROTECTED, live(PROTECTED), (Cause.BRANCH,)),
        (OPEN, OPEN, live(PROTECTED), (Cause.PENDING,)),
    ],
    ids=["set here", "set before", "removed here", "removed before"],
)
def test_a_protection_comes_from_the_branch_or_from_an_earlier_merge(
    now: Desired, before: Desired, row: Assistant, expected: tuple[Cause, ...]
) -> None:
    made = plan([now], [row], base=Base(SHA, (before,)))
    assert made.causes[now.assistant_id] == expected


def test_a_pointer_that_a_hand_moved_to_before_the_protection_is_outside_of_git() -> None:
    made = plan([PROTECTED], [live(OPEN)], versions=[live(PROTECTED, version=2)], base=Base(SHA, (PROTECTED,)))
    assert made.causes[PROTECTED.assistant_id] == (Cause.OUTSIDE,)
    assert isinstance(made.changes[0], Activate)
