from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.documents.plan_file import SavedPlan
from assistant_sync.errors import BadAnswer, StalePlan, UnknownName
from assistant_sync.model.selection import Selection
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.saved_plan import as_saved, check_saved, hold_against_review, stale_if_missing
from assistant_sync.operations.workspace import Settings
from assistant_sync.planning.policy import Allowance
from assistant_sync.report.json.plan import plan_json
from tests.builders import (
    TARGET,
    make_create,
    make_delete,
    make_keep,
    make_plan,
    make_refuse,
    make_update,
    make_violation,
    make_warning,
)

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan


def saved_of(plan: Plan) -> SavedPlan:
    """A plan as it is read from a file."""
    return SavedPlan.model_validate(plan_json(plan, created_at="2026-11-22T10:00:00+00:00", tool_version="1"))


def asked(target: str | None = None, **members: Any) -> PlanRequest:
    return PlanRequest(settings=Settings(environ={}, folder=Path(), target=target), **members)


# The request of a saved plan


def test_without_a_saved_plan_the_request_stays_as_it_is() -> None:
    request = asked()
    assert as_saved(request, None) is request


@pytest.mark.parametrize(
    ("asked_for", "kept"),
    [
        ({}, Selection(("a*",), ("g",))),
        ({"selection": Selection(graphs=("h",))}, Selection(graphs=("h",))),
        ({"changed_since": "main"}, Selection()),
    ],
)
def test_any_condition_of_the_command_line_takes_the_place_of_the_whole_saved_selection(
    asked_for: dict[str, Any], kept: Selection
) -> None:
    saved = saved_of(make_plan(selection=Selection(("a*",), ("g",))))
    assert as_saved(asked(**asked_for), saved).selection == kept


def test_a_saved_plan_gives_target_selection_and_pruning() -> None:
    request = as_saved(asked(), saved_of(make_plan(selection=Selection(("a*",)), prune=True)))
    assert (request.settings.target, request.selection, request.prune) == (TARGET, Selection(("a*",)), True)


@pytest.mark.parametrize("prune", [False, True])
def test_what_the_command_line_names_comes_before_the_saved_plan(prune: bool) -> None:
    request = as_saved(asked(TARGET, selection=Selection(("b",)), prune=prune), saved_of(make_plan(prune=not prune)))
    assert (request.settings.target, request.selection, request.prune) == (TARGET, Selection(("b",)), prune)


def test_what_may_exceed_the_saved_plan_is_for_the_command_line_to_allow() -> None:
    allowed: dict[str, Any] = {
        "allowance": Allowance(deletes=3),
        "retarget": True,
        "allow_older": True,
        "in_public": True,
        "allow_public_archive": True,
        "trusted_ref": "main",
    }
    request = as_saved(asked(**allowed), saved_of(make_plan()))
    assert {name: getattr(request, name) for name in allowed} == allowed


def test_a_saved_plan_for_another_target_than_the_one_named_is_an_error() -> None:
    with pytest.raises(UnknownName, match=f"the plan file is for target '{TARGET}', not for 'staging'"):
        as_saved(asked("staging"), saved_of(make_plan()))


# A name that only the saved plan has


def look_up(saved: SavedPlan | None, request: PlanRequest, error: Exception | None) -> None:
    with stale_if_missing(saved, request):
        if error is not None:
            raise error


def test_if_all_names_exist_nothing_is_raised() -> None:
    look_up(saved_of(make_plan()), asked(), None)


def test_a_name_of_the_saved_plan_that_no_longer_exists_makes_it_stale() -> None:
    with pytest.raises(StalePlan, match="a target or assistant it refers to no longer exists") as caught:
        look_up(saved_of(make_plan()), asked(), UnknownName("no target 'x'"))
    assert caught.value.differences == ("no target 'x'",)
    assert caught.value.hint == "plan again and review the new plan"


@pytest.mark.parametrize(
    ("saved", "request_", "error"),
    [
        (None, asked(), UnknownName("x")),
        (saved_of(make_plan()), asked(selection=Selection(("x",))), UnknownName("x")),
        (saved_of(make_plan()), asked(), BadAnswer("x")),
    ],
    ids=["no saved plan", "a name of the command line", "another error"],
)
def test_any_other_error_is_raised_as_it_is(saved: SavedPlan | None, request_: PlanRequest, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        look_up(saved, request_, error)
    assert caught.value is error


# Is the plan still the saved one?


def test_the_same_plan_passes() -> None:
    plan = make_plan(make_create("a"), make_keep("b"))
    check_saved(saved_of(plan), plan)


def test_a_plan_that_differs_is_stale_and_each_difference_is_named() -> None:
    saved = saved_of(make_plan(make_create("a")))
    with pytest.raises(StalePlan, match="have changed since it was made; nothing was written") as caught:
        check_saved(saved, make_plan(make_create("a"), make_update("b")))
    assert caught.value.differences == ("b: new in the plan (update)",)
    assert caught.value.hint == "plan again and review the new plan"


def test_a_plan_with_nothing_left_to_do_may_have_been_applied_already() -> None:
    saved = saved_of(make_plan(make_create("a")))
    with pytest.raises(StalePlan, match="nothing is left to do, so it may have been applied already") as caught:
        check_saved(saved, make_plan(make_keep("a")))
    assert (caught.value.differences, caught.value.hint) == (("a: was create, now keep",), None)


def test_a_plan_that_is_refused_by_now_was_not_applied() -> None:
    saved = saved_of(make_plan(make_create("a")))
    with pytest.raises(StalePlan, match="the manifests or the deployment have changed"):
        check_saved(saved, make_plan(make_refuse("a", digest="of a refusal")))


def test_the_saved_plan_of_another_project_is_stale_although_its_digest_is_the_same() -> None:
    plan = make_plan(make_create("a"))
    with pytest.raises(StalePlan) as caught:
        check_saved(saved_of(plan), make_plan(make_create("a"), project="another"))
    assert caught.value.differences == ("project: was 'acme-support', now 'another'",)


# Does the plan exceed the reviewed one?


def test_without_a_review_the_plan_stays_as_it_is() -> None:
    plan = make_plan(make_create("a"))
    assert hold_against_review(plan, None) is plan


def test_what_was_reviewed_is_neither_stopped_nor_warned_of() -> None:
    plan = make_plan(make_create("a"), make_delete("b"))
    assert hold_against_review(plan, saved_of(plan)) == plan


def test_what_was_not_reviewed_is_added_to_the_guards_and_warnings_of_the_plan() -> None:
    plan = make_plan(make_create("a"), make_delete("b"), guards=(make_violation(),), warnings=(make_warning(),))
    held = hold_against_review(plan, saved_of(make_plan()))
    assert [violation.guard for violation in held.guards] == ["deletes", "reviewed"]
    assert [warning.message.split(":")[0] for warning in held.warnings] == [
        "the graph is not registered",
        "not in the reviewed plan, from other merged commits or with another base",
    ]


@pytest.mark.parametrize("other", [{"project": "another"}, {"target": "staging"}])
def test_the_plan_of_another_project_or_target_is_no_review(other: dict[str, str]) -> None:
    with pytest.raises(UnknownName, match=r"the reviewed plan is of .* not of this project and target"):
        hold_against_review(make_plan(), saved_of(make_plan(**other)))


def test_what_was_reviewed_for_another_url_was_not_reviewed_for_this_one() -> None:
    plan = make_plan(make_create("a"))
    held = hold_against_review(plan, saved_of(make_plan(make_create("a"), url="https://other.example")))
    assert "create 'a'" in held.warnings[-1].message
