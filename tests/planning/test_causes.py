from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.cause import Cause
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.causes import Base
from tests.builders import SHA, make_assistant, make_desired
from tests.planning.plans import plan
from tests.planning.rows import edited, stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.assistant import Assistant, Desired

OLD, NEW, OTHER = (make_desired(context={"m": value}) for value in ("old", "new", "other"))
BRANCH, PENDING, OUTSIDE, BEHIND = Cause.BRANCH, Cause.PENDING, Cause.OUTSIDE, Cause.BEHIND


def causes(
    now: Desired | None,
    before: Desired | None,
    row: Assistant | None,
    *,
    versions: Sequence[Assistant] = (),
    relation: Ancestry = Ancestry.ANCESTOR,
    prune: bool = True,
) -> tuple[Cause, ...]:
    """The causes of the one change that there is."""
    desired = [now] if now is not None else []
    rows = [row] if row is not None else []
    base = Base(SHA, (before,) if before is not None else ())
    made = plan(desired, rows, versions=versions, ancestry={SHA: relation}, prune=prune, base=base)
    (change,) = made.changes
    return made.causes[change.assistant_id]


def test_what_is_kept_or_refused_has_no_cause() -> None:
    rows = [stored(OLD), stored(make_desired("b"), target="another")]
    made = plan([OLD, make_desired("b")], rows, base=Base(SHA, ()))
    assert {change.action.value for change in made.changes} == {"keep", "refuse"}
    assert made.causes == {}


def test_without_a_readable_base_no_cause_is_known() -> None:
    for base in (None, Base(SHA, (), is_readable=False)):
        assert plan([NEW], [stored(OLD)], base=base).causes == {}


@pytest.mark.parametrize(
    ("now", "before", "row", "expected"),
    [
        (NEW, OLD, stored(OLD), (BRANCH,)),
        (NEW, NEW, stored(OLD), (PENDING,)),
        (OTHER, NEW, stored(OLD), (BRANCH, PENDING)),
        (OLD, OLD, edited(stored(OLD), context={"m": "hand"}, config={}), (OUTSIDE,)),
        (NEW, OLD, edited(stored(OLD), context={"m": "hand"}, config={}), (BRANCH, OUTSIDE)),
        (NEW, NEW, edited(stored(OLD), context={"m": "hand"}, config={}), (PENDING, OUTSIDE)),
        (OTHER, NEW, edited(stored(OLD), context={"m": "hand"}, config={}), (BRANCH, PENDING, OUTSIDE)),
        (NEW, None, None, (BRANCH,)),
        (NEW, NEW, None, (PENDING,)),
        (OTHER, NEW, None, (BRANCH, PENDING)),
        (None, OLD, stored(OLD), (BRANCH,)),
        (None, None, stored(OLD), (PENDING,)),
        (None, NEW, stored(OLD), (BRANCH, PENDING)),
    ],
    ids=[
        "the branch's edit", "a merge to come", "both", "a hand edit", "branch and hand", "merge and hand", "all three",
        "a new manifest", "a create to come", "a create that the branch changes", "a removed manifest",
        "a delete to come", "removed before it was applied",
    ],
)  # fmt: skip
def test_the_cause_is_what_differs_from_what(
    now: Desired | None, before: Desired | None, row: Assistant | None, expected: tuple[Cause, ...]
) -> None:
    assert causes(now, before, row) == expected


def test_what_another_branch_applied_is_undone_by_one_that_is_behind() -> None:
    assert causes(OLD, OLD, stored(NEW), relation=Ancestry.DIVERGED) == (BEHIND,)
    assert causes(OTHER, OLD, stored(NEW), relation=Ancestry.DIVERGED) == (BRANCH, BEHIND)
    assert causes(None, None, stored(NEW), relation=Ancestry.DIVERGED) == (BEHIND,)


@pytest.mark.parametrize("relation", [Ancestry.UNKNOWN, Ancestry.ABSENT, Ancestry.SAME, Ancestry.ANCESTOR])
def test_only_a_commit_that_is_known_here_makes_a_branch_late(relation: Ancestry) -> None:
    assert causes(OLD, OLD, stored(NEW), relation=relation) == (PENDING,)


def test_an_orphan_has_causes_too() -> None:
    assert causes(None, OLD, stored(OLD), prune=False) == (BRANCH,)
    assert causes(None, None, stored(OLD), prune=False) == (PENDING,)


def test_a_pointer_that_was_moved_by_hand_is_outside_of_git() -> None:
    assert causes(NEW, NEW, stored(OLD, version=1), versions=[stored(NEW, version=2)]) == (OUTSIDE,)


def test_a_version_that_we_activated_is_not() -> None:
    assert causes(OTHER, OLD, stored(OLD, version=1), versions=[stored(NEW, version=2)]) == (BRANCH,)


def test_metadata_that_git_owns_from_now_on_is_the_branchs() -> None:
    now = make_desired(context={"m": "old"}, metadata={"team": "cx"})
    assert causes(now, OLD, stored(OLD)) == (BRANCH,)


def test_an_adoption_is_the_branchs_that_names_it() -> None:
    own = "0" * 8 + "-0000-4000-8000-" + "0" * 12
    row = make_assistant("by hand", assistant_id=own)
    named = make_desired("a", assistant_id=own)
    assert causes(named, None, row) == (BRANCH,)
    assert causes(named, named, row) == (PENDING,)
