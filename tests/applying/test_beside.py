"""What others do beside a change, at each moment of it: who it was, and what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.stamp import STAMP_KEY
from tests.applying.stage import COMMIT, LATEST, ONE, VERSIONS, Stage, status, unmirrored
from tests.builders import make_desired
from tests.servers.fake_deployment import meanwhile

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.outcome import OutsideVersion
    from assistant_sync.model.plan import Plan
    from tests.servers.fake_deployment import Row

FIRST = make_desired(context={"m": 1}, config={"tags": ["a"]})
SECOND = make_desired(context={"m": 1}, config={"tags": ["b"]})
THIRD = make_desired(context={"m": 2}, config={"tags": ["c"]})
TELLING = make_desired("telling", context={"m": 1})
OWN_ID = FIRST.assistant_id


def updated(stage: Stage, *more: Desired) -> Plan:
    stage.settle(FIRST, *more)
    return stage.plan(THIRD, *more)


def activated(stage: Stage, *more: Desired) -> Plan:
    stage.settle(FIRST, *more)
    stage.settle(SECOND, *more)
    return stage.plan(FIRST, *more)


def before_the_apply(stage: Stage, plan: Plan, act: Callable[[], object]) -> tuple[OutsideVersion, ...]:
    act()
    return stage.one(plan).outside


def before_the_patch(stage: Stage, plan: Plan, act: Callable[[], object]) -> tuple[OutsideVersion, ...]:
    return stage.one(plan, meanwhile("PATCH", ONE, act)).outside


def before_the_activation(stage: Stage, plan: Plan, act: Callable[[], object]) -> tuple[OutsideVersion, ...]:
    return stage.one(plan, meanwhile("POST", LATEST, act)).outside


def after_the_patch(stage: Stage, plan: Plan, act: Callable[[], object]) -> tuple[OutsideVersion, ...]:
    return stage.apply(plan, meanwhile("PATCH", ONE, act, carried_out=True)).differences[0].outside


def after_the_activation(stage: Stage, plan: Plan, act: Callable[[], object]) -> tuple[OutsideVersion, ...]:
    return stage.apply(plan, meanwhile("POST", VERSIONS, act, carried_out=True)).differences[0].outside


MOMENTS: dict[str, tuple[Callable[..., Plan], Callable[..., tuple[OutsideVersion, ...]]]] = {
    "before an update": (updated, before_the_apply),
    "before an activation": (activated, before_the_apply),
    "between the look and the update": (updated, before_the_patch),
    "between the look and the activation": (activated, before_the_activation),
    "after an update": (updated, after_the_patch),
    "after an activation": (activated, after_the_activation),
}


def paths(one: OutsideVersion) -> set[str]:
    return {".".join(map(str, field.path)) for field in one.fields}


def body_of_an_apply(*settled: Desired, then: Desired) -> Row:
    """What another apply sends: that of the same project from another place."""
    stage = Stage()
    for desired in settled:
        stage.settle(desired)
    stage.apply(stage.plan(then))
    (write,) = stage.transport.writes
    body: Row = write.body
    return body


@pytest.mark.parametrize("moment", MOMENTS)
def test_another_apply_is_told_as_that_with_its_commit(moment: str) -> None:
    arrange, apply = MOMENTS[moment]
    stage = Stage()
    plan = arrange(stage)
    # The context stays: else an activation would leave a mixture, and be healed.
    theirs = body_of_an_apply(FIRST, then=make_desired(context={"m": 1}, config={"tags": ["z"]}))
    (one,) = apply(stage, plan, lambda: stage.deployment.patch(OWN_ID, **theirs))
    assert (one.attribution, one.commit) == (Attribution.APPLY, COMMIT)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_hand_edit_is_told_as_that_although_it_carries_our_stamp_on(moment: str) -> None:
    arrange, apply = MOMENTS[moment]
    stage = Stage()
    (one,) = apply(stage, arrange(stage), lambda: stage.deployment.patch(OWN_ID, context={"m": 9}))
    assert (one.attribution, one.commit) == (Attribution.OUTSIDE, None)
    assert "context.m" in paths(one)
    assert "config.configurable.m" not in paths(one)


@pytest.mark.parametrize("moment", MOMENTS)
def test_where_nothing_is_mirrored_both_sides_of_an_edit_are_told(moment: str) -> None:
    arrange, apply = MOMENTS[moment]
    stage = Stage()
    stage.deployment.quirk = unmirrored
    plan = arrange(stage, TELLING)
    assert plan.mirroring is Mirroring.NO

    def edit_both() -> None:
        stage.deployment.quirk = lambda _: None
        for value in (9, 1):
            stage.deployment.patch(OWN_ID, context={"m": value})
        stage.deployment.quirk = unmirrored

    *_, last = apply(stage, plan, edit_both)
    assert paths(last) == {"context.m", "config.configurable.m"}


@pytest.mark.parametrize("mirrored", [True, False])
def test_who_made_an_id_first_is_told_with_all_that_is_there(mirrored: bool) -> None:
    stage = Stage()
    stage.deployment.quirk = (lambda _: None) if mirrored else unmirrored
    stage.settle(TELLING)
    plan = stage.plan(FIRST, TELLING)
    stage.deployment.quirk = lambda _: None
    stage.deployment.create(assistant_id=OWN_ID, graph_id="agent", name="Theirs", context={"m": 9})
    (one,) = stage.one(plan).outside
    assert paths(one) == {"graph_id", "name", "context.m"} | (set() if mirrored else {"config.configurable.m"})


# What git does not own


def test_of_what_others_changed_between_only_what_our_write_lost_is_lost() -> None:
    stage = Stage()
    stage.settle(FIRST)
    stage.deployment.patch(OWN_ID, metadata={"theirs": 1, "note": 1})
    plan = stage.plan(THIRD)

    def between() -> None:
        stage.deployment.patch(OWN_ID, metadata={"note": 2})
        stage.deployment.quirk = lambda row: row["metadata"].pop("theirs")

    (outcome,) = stage.apply(plan, meanwhile("PATCH", ONE, between)).outcomes
    assert (outcome.outside_versions, outcome.lost) == ((3,), ("metadata.theirs",))


def test_what_others_took_away_between_is_not_lost_by_us() -> None:
    stage = Stage()
    stage.settle(FIRST)
    stage.deployment.patch(OWN_ID, metadata={"theirs": 1})
    plan = stage.plan(THIRD)
    between = meanwhile("PATCH", ONE, lambda: stage.deployment.patch(OWN_ID, metadata={"theirs": 2}))
    (outcome,) = stage.apply(plan, between).outcomes
    assert (outcome.outside_versions, outcome.lost) == ((3,), ())


# Servers that do less than they should


def test_an_activation_that_leaves_what_a_newer_manifest_owned_is_healed() -> None:
    stage = Stage()
    stage.settle(make_desired(config={"tags": ["a"]}))
    stage.settle(make_desired(config={"tags": ["b"]}, metadata={"tier": 1}))
    plan = stage.plan(make_desired(config={"tags": ["a"]}))

    def left_over() -> None:
        stage.deployment._rows[OWN_ID]["metadata"]["tier"] = 1  # noqa: SLF001, RUF100 - a server that merges

    (outcome,) = stage.apply(plan, meanwhile("POST", LATEST, left_over, carried_out=True)).outcomes
    assert (outcome.status.value, outcome.healed_from) == ("updated", 1)
    assert stage.deployment.get(OWN_ID)["metadata"]["tier"] is None


def test_an_activation_that_restores_only_one_of_two_mirrors_is_healed() -> None:
    stage = Stage()
    plan = activated(stage)

    def half() -> None:
        del stage.deployment._rows[OWN_ID]["config"]["configurable"]  # noqa: SLF001, RUF100 - such a server

    (outcome,) = stage.apply(plan, meanwhile("POST", LATEST, half, carried_out=True)).outcomes
    assert (outcome.status.value, outcome.healed_from) == ("updated", 1)


@pytest.mark.parametrize("arrange", [updated, lambda stage, *more: stage.plan(FIRST, *more)], ids=["update", "create"])
def test_a_mirror_that_the_deployment_did_not_make_is_noted_and_is_no_convergence(arrange: Any) -> None:
    stage = Stage()
    stage.settle(TELLING)
    plan = arrange(stage, TELLING)
    stage.deployment.quirk = unmirrored
    result = stage.apply(plan)
    assert result.outcomes[0].notes == ("the server did not take over: config.configurable",)
    assert [one.paths for one in result.differences] == [("config.configurable",)]


def test_metadata_that_cannot_be_taken_away_is_noted_and_is_no_convergence() -> None:
    stage = Stage()
    stage.settle(make_desired(metadata={"team": "cx"}))
    plan = stage.plan(make_desired())
    stage.deployment.quirk = lambda row: row["metadata"].update(team="cx")
    result = stage.apply(plan)
    assert result.outcomes[0].notes == ("the server did not take over: metadata.team",)
    assert [one.paths for one in result.differences] == [("metadata.team",)]


def test_a_create_without_a_stamp_is_told_as_that_although_nothing_can_be_read() -> None:
    stage = Stage()
    stage.deployment.quirk = lambda row: row["metadata"].pop(STAMP_KEY)
    result = stage.apply(stage.plan(FIRST), status(403, "POST", VERSIONS, 9))
    assert result.outcomes[0].notes == ("the server did not take over: metadata.assistant_sync",)
