from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.change import Keep, Update
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.planning import made_changes
from assistant_sync.planning.made_changes import MadeChanges, change_of
from assistant_sync.planning.three_way import three_way
from tests.planning.rows import desired_with, edited, make_policy, owned_row, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.planning.three_way import ThreeWay

BEFORE, AFTER = desired_with({"model": "a"}), desired_with({"model": "b"})


def one(desired: Desired, row: Assistant) -> ThreeWay:
    return three_way(desired, owned_row(row), Mirroring.YES, None)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ThreeWay]:
    """What a change was made of."""
    found: list[ThreeWay] = []

    def noting(*arguments: object) -> object:
        found.append(arguments[0])  # type: ignore[arg-type] # the first one is the assistant
        return change_of(*arguments)  # type: ignore[arg-type] # passed on as they are

    monkeypatch.setattr(made_changes, "change_of", noting)
    return found


def test_the_change_of_an_assistant_that_is_as_it_was_is_made_once(asked: list[ThreeWay]) -> None:
    made = MadeChanges()
    first = made.change(one(AFTER, stored(BEFORE)), make_policy(), None)
    assert isinstance(first, Update)
    assert made.change(one(AFTER, stored(BEFORE)), make_policy(), None) is first
    assert len(asked) == 1


def test_a_row_that_is_equal_by_then_is_kept(asked: list[ThreeWay]) -> None:
    made = MadeChanges()
    assert isinstance(made.change(one(AFTER, stored(BEFORE)), make_policy(), None), Update)
    assert isinstance(made.change(one(AFTER, stored(AFTER)), make_policy(), None), Keep)
    assert len(asked) == 2


@pytest.mark.parametrize(
    "then",
    [
        one(AFTER, edited(stored(BEFORE), context={"model": "c"})),
        one(AFTER, edited(stored(BEFORE), version=1, updated_at="2026-11-29T10:00:00+00:00")),
        one(BEFORE, stored(BEFORE)),
    ],
    ids=["another version", "another time", "another manifest"],
)
def test_what_differs_is_decided_again(then: ThreeWay, asked: list[ThreeWay]) -> None:
    made = MadeChanges()
    made.change(one(AFTER, stored(BEFORE)), make_policy(), None)
    assert made.change(then, make_policy(), None) == change_of(then, make_policy(), None)
    assert len(asked) == 2


def test_other_rules_are_asked(asked: list[ThreeWay]) -> None:
    made, same = MadeChanges(), one(AFTER, stored(BEFORE))
    made.change(same, make_policy(), None)
    assert made.change(same, make_policy(), "its graph is not deployed").deferred == "its graph is not deployed"
    made.change(same, replace(make_policy(), prune=True), "its graph is not deployed")
    assert len(asked) == 3
