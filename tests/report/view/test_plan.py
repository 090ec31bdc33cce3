from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.model.cause import Cause
from assistant_sync.report.view.plan import STAMP_ONLY, PlanStatus, WarningView, change_view, plan_view
from tests.builders import (
    changed,
    make_activate,
    make_adopt,
    make_create,
    make_delete,
    make_id,
    make_keep,
    make_orphan,
    make_plan,
    make_refuse,
    make_update,
    make_violation,
    make_warning,
)


def test_an_empty_plan_shows_nothing() -> None:
    view = plan_view(make_plan())

    assert (view.status, view.shown, view.kept, view.refusal, view.is_compared) == (
        PlanStatus.NO_CHANGES, (), (), "", False,
    )  # fmt: skip
    assert view.counts == "0 to create, 0 to update, 0 to activate, 0 to delete"


@pytest.mark.parametrize(
    ("changes", "guards", "status", "refusal"),
    [
        ([make_keep("a"), make_orphan("b")], 0, PlanStatus.NO_CHANGES, ""),
        ([make_create("a", deferred="no graph")], 0, PlanStatus.CHANGES, ""),
        ([make_delete("a")], 0, PlanStatus.CHANGES, ""),
        ([make_update("a"), make_refuse("b"), make_refuse("c")], 0, PlanStatus.REFUSED, "2 changes refused"),
        ([], 1, PlanStatus.REFUSED, "1 guard tripped"),
        ([make_refuse("a")], 2, PlanStatus.REFUSED, "1 change refused, 2 guards tripped"),
    ],
)
def test_the_status_and_what_stops_the_plan(changes: list[Any], guards: int, status: PlanStatus, refusal: str) -> None:
    view = plan_view(make_plan(*changes, guards=(make_violation(),) * guards))

    assert (view.status, view.refusal, len(view.guards)) == (status, refusal, guards)


def test_changes_stand_by_kind_and_each_kind_in_the_plans_order() -> None:
    plan = make_plan(
        make_update("a"), make_orphan("b"), make_delete("c"), make_create("d", deferred="no graph"), make_refuse("e"),
        make_keep("f"), make_adopt("g"), make_refuse("h"), make_delete("i"), make_activate("j"),
        warnings=(make_warning("careful"),),
    )  # fmt: skip
    view = plan_view(plan)

    assert [one.change.key for one in view.shown] == ["e", "h", "c", "i", "a", "d", "g", "j", "b"]
    assert [change.key for change in view.kept] == ["f"]
    assert view.counts == "1 to create, 1 to update, 1 to activate, 2 to delete, 1 to adopt"
    assert (view.deferred, view.warnings) == (1, (WarningView("careful", ()),))


def test_causes_and_what_a_branch_that_is_behind_would_undo() -> None:
    causes = {make_id("a"): (Cause.BEHIND, Cause.OUTSIDE), make_id("b"): (Cause.BRANCH,)}
    view = plan_view(make_plan(*map(make_update, "abc"), base="b" * 40, causes=causes))

    assert view.is_compared
    assert [one.causes for one in view.writes] == [(Cause.BEHIND, Cause.OUTSIDE), (Cause.BRANCH,), ()]
    assert view.behind == view.writes[:1]


@pytest.mark.parametrize(
    ("change", "versions", "is_whole"),
    [
        (make_create(), (), True),
        (make_delete(), ("at version 3",), True),
        (make_update("a", changed("x", 1, 2)), ("from version 3",), False),
        (make_adopt("a", changed("x", 1, 2)), ("from version 3",), False),
        (
            make_activate("a", changed("x", 1, 2), base_version=9, to_version=7),
            ("version 7 is identical", "active is 9"),
            False,
        ),
        (make_orphan(), ("at version 3",), False),
        (make_keep(), ("at version 3",), False),
        (make_refuse(), ("at version 3",), False),
    ],
)
def test_each_kind_of_change_has_its_versions_in_words(change: Any, versions: tuple[str, ...], is_whole: bool) -> None:
    view = change_view(change)

    assert (view.versions, view.is_whole, view.note) == (versions, is_whole, "")


def test_a_write_without_differences_notes_that_only_the_stamp_is_written() -> None:
    assert change_view(make_adopt()).note == STAMP_ONLY
    assert change_view(make_update()).note == STAMP_ONLY
    assert change_view(make_activate()).note == "content is equal; only the stamp is another one"
    assert change_view(make_keep()).note == ""


def test_a_rename_alone_notes_that_only_the_stamp_is_written() -> None:
    assert change_view(make_update(renamed_from="helpdesk")).note == STAMP_ONLY
    assert change_view(make_update("a", changed("x", 1, 2), renamed_from="helpdesk")).note == ""


def test_equal_warnings_are_one_with_all_their_keys() -> None:
    warnings = (make_warning("x", "a"), make_warning("y"), make_warning("x", "b"), make_warning("z", "a"))
    views = plan_view(make_plan(warnings=warnings)).warnings
    assert views == (WarningView("x", ("a", "b")), WarningView("y", ()), WarningView("z", ("a",)))
