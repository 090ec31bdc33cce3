"""Which edits made outside git a change undoes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.change import Action
from tests.builders import make_desired
from tests.planning.plans import plan
from tests.planning.rows import edited, stored

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan

BEFORE: dict[str, Any] = {"p": "old", "m": 1}


def planned(wanted: dict[str, Any], there: dict[str, Any], *, knows_ours: bool = True, times: int = 1) -> Plan:
    """A plan for an assistant that somebody has edited since it was applied."""
    ours = stored(make_desired(context=BEFORE))
    row, between = ours, []
    for _ in range(times):
        between.append(row)
        row = edited(row, context=there, config={"configurable": there})
    return plan([make_desired(context=wanted)], [row], versions=between if knows_ours else ())


def test_what_nobody_edited_is_not_undone() -> None:
    row = stored(make_desired(context=BEFORE))
    assert plan([make_desired(context={"p": "new", "m": 1})], [row], versions=[row]).edited == frozenset()


def test_an_edit_that_the_manifest_has_taken_over_is_not_undone_by_another_change() -> None:
    made = planned({"p": "new", "m": 2}, {"p": "old", "m": 2})
    (change,) = made.changes
    assert made.edited == frozenset()
    assert change.reason == (
        "the manifest has changed since it was last applied; what was edited outside git (version 2 of 2026-11-20 "
        "08:00 UTC) stays"
    )


@pytest.mark.parametrize("wanted", [{"p": "old", "m": 1}, {"p": "new", "m": 3}, {"p": "old"}])
def test_a_change_of_what_was_edited_undoes_it(wanted: dict[str, Any]) -> None:
    made = planned(wanted, {"p": "old", "m": 2})
    (change,) = made.changes
    assert made.edited == {change.assistant_id}
    assert change.reason.endswith("this undoes that edit") or change.action is Action.ACTIVATE


def test_where_the_version_that_we_wrote_is_gone_an_edit_counts_as_undone() -> None:
    made = planned({"p": "new", "m": 2}, {"p": "old", "m": 2}, knows_ours=False)
    assert len(made.edited) == 1


def test_a_delete_undoes_every_edit() -> None:
    ours = stored(make_desired(context=BEFORE))
    row = edited(ours, context={"m": 2}, config={"configurable": {"m": 2}})
    assert plan([make_desired("other")], [row], versions=[ours], prune=True).edited == {row.assistant_id}


def test_several_edits_are_shown_with_all_their_versions() -> None:
    (change,) = planned({"p": "new", "m": 3}, {"p": "old", "m": 2}, times=3).changes
    assert "edited outside git (versions 2 to 4, the last of 2026-11-20 08:00 UTC)" in change.reason
