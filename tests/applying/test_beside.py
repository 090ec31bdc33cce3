"""What others do beside a change, at each moment of it: who it was, and what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.stamp import STAMP_KEY
from tests.applying.memory_deployment import COMMIT, LATEST, ONE, VERSIONS, MemoryDeployment, status, unmirrored
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


def updated(memory: MemoryDeployment, *more: Desired) -> Plan:
    memory.settle(FIRST, *more)
    return memory.plan(THIRD, *more)


def activated(memory: MemoryDeployment, *more: Desired) -> Plan:
    memory.settle(FIRST, *more)
    memory.settle(SECOND, *more)
    return memory.plan(FIRST, *more)


def before_the_apply(memory: MemoryDeployment, plan: Plan, act: Callable[[], object]) -> tuple[OutsideVersion, ...]:
    act()
    return memory.one(plan).outside


def before_the_patch(memory: MemoryDeployment, plan: Plan, act: Callable[[], object]) -> tuple[OutsideVersion, ...]:
    return memory.one(plan, meanwhile("PATCH", ONE, act)).outside


def before_the_activation(
    memory: MemoryDeployment, plan: Plan, act: Callable[[], object]
) -> tuple[OutsideVersion, ...]:
    return memory.one(plan, meanwhile("POST", LATEST, act)).outside


def after_the_patch(memory: MemoryDeployment, plan: Plan, act: Callable[[], object]) -> tuple[OutsideVersion, ...]:
    return memory.apply(plan, meanwhile("PATCH", ONE, act, carried_out=True)).differences[0].outside


def after_the_activation(memory: MemoryDeployment, plan: Plan, act: Callable[[], object]) -> tuple[OutsideVersion, ...]:
    return memory.apply(plan, meanwhile("POST", VERSIONS, act, carried_out=True)).differences[0].outside


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
    memory = MemoryDeployment()
    for desired in settled:
        memory.settle(desired)
    memory.apply(memory.plan(then))
    (write,) = memory.transport.writes
    body: Row = write.body
    return body


@pytest.mark.parametrize("moment", MOMENTS)
def test_another_apply_is_told_as_that_with_its_commit(moment: str) -> None:
    arrange, apply = MOMENTS[moment]
    memory = MemoryDeployment()
    plan = arrange(memory)
    # The context stays: else an activation would leave a mixture, and be healed.
    theirs = body_of_an_apply(FIRST, then=make_desired(context={"m": 1}, config={"tags": ["z"]}))
    (one,) = apply(memory, plan, lambda: memory.deployment.patch(OWN_ID, **theirs))
    assert (one.attribution, one.commit) == (Attribution.APPLY, COMMIT)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_hand_edit_is_told_as_that_although_it_carries_our_stamp_on(moment: str) -> None:
    arrange, apply = MOMENTS[moment]
    memory = MemoryDeployment()
    (one,) = apply(memory, arrange(memory), lambda: memory.deployment.patch(OWN_ID, context={"m": 9}))
    assert (one.attribution, one.commit) == (Attribution.OUTSIDE, None)
    assert "context.m" in paths(one)
    assert "config.configurable.m" not in paths(one)


@pytest.mark.parametrize("moment", MOMENTS)
def test_where_nothing_is_mirrored_both_sides_of_an_edit_are_told(moment: str) -> None:
    arrange, apply = MOMENTS[moment]
    memory = MemoryDeployment()
    memory.deployment.quirk = unmirrored
    plan = arrange(memory, TELLING)
    assert plan.mirroring is Mirroring.NO

    def edit_both() -> None:
        memory.deployment.quirk = lambda _: None
        for value in (9, 1):
            memory.deployment.patch(OWN_ID, context={"m": value})
        memory.deployment.quirk = unmirrored

    *_, last = apply(memory, plan, edit_both)
    assert paths(last) == {"context.m", "config.configurable.m"}


@pytest.mark.parametrize("mirrored", [True, False])
def test_who_made_an_id_first_is_told_with_all_that_is_there(mirrored: bool) -> None:
    memory = MemoryDeployment()
    memory.deployment.quirk = (lambda _: None) if mirrored else unmirrored
    memory.settle(TELLING)
    plan = memory.plan(FIRST, TELLING)
    memory.deployment.quirk = lambda _: None
    memory.deployment.create(assistant_id=OWN_ID, graph_id="agent", name="Theirs", context={"m": 9})
    (one,) = memory.one(plan).outside
    assert paths(one) == {"graph_id", "name", "context.m"} | (set() if mirrored else {"config.configurable.m"})


# What git does not own


def test_of_what_others_changed_between_only_what_our_write_lost_is_lost() -> None:
    memory = MemoryDeployment()
    memory.settle(FIRST)
    memory.deployment.patch(OWN_ID, metadata={"theirs": 1, "note": 1})
    plan = memory.plan(THIRD)

    def between() -> None:
        memory.deployment.patch(OWN_ID, metadata={"note": 2})
        memory.deployment.quirk = lambda row: row["metadata"].pop("theirs")

    (outcome,) = memory.apply(plan, meanwhile("PATCH", ONE, between)).outcomes
    assert (outcome.outside_versions, outcome.lost) == ((3,), ("metadata.theirs",))


def test_what_others_took_away_between_is_not_lost_by_us() -> None:
    memory = MemoryDeployment()
    memory.settle(FIRST)
    memory.deployment.patch(OWN_ID, metadata={"theirs": 1})
    plan = memory.plan(THIRD)
    between = meanwhile("PATCH", ONE, lambda: memory.deployment.patch(OWN_ID, metadata={"theirs": 2}))
    (outcome,) = memory.apply(plan, between).outcomes
    assert (outcome.outside_versions, outcome.lost) == ((3,), ())


# Servers that do less than they should


def test_an_activation_that_leaves_what_a_newer_manifest_owned_is_healed() -> None:
    memory = MemoryDeployment()
    memory.settle(make_desired(config={"tags": ["a"]}))
    memory.settle(make_desired(config={"tags": ["b"]}, metadata={"tier": 1}))
    plan = memory.plan(make_desired(config={"tags": ["a"]}))

    def left_over() -> None:
        memory.deployment._rows[OWN_ID]["metadata"]["tier"] = 1  # noqa: SLF001, RUF100 - a server that merges

    (outcome,) = memory.apply(plan, meanwhile("POST", LATEST, left_over, carried_out=True)).outcomes
    assert (outcome.status.value, outcome.healed_from) == ("updated", 1)
    assert memory.deployment.get(OWN_ID)["metadata"]["tier"] is None


def test_an_activation_that_restores_only_one_of_two_mirrors_is_healed() -> None:
    memory = MemoryDeployment()
    plan = activated(memory)

    def half() -> None:
        del memory.deployment._rows[OWN_ID]["config"]["configurable"]  # noqa: SLF001, RUF100 - such a server

    (outcome,) = memory.apply(plan, meanwhile("POST", LATEST, half, carried_out=True)).outcomes
    assert (outcome.status.value, outcome.healed_from) == ("updated", 1)


@pytest.mark.parametrize(
    "arrange", [updated, lambda memory, *more: memory.plan(FIRST, *more)], ids=["update", "create"]
)
def test_a_mirror_that_the_deployment_did_not_make_is_noted_and_is_no_convergence(arrange: Any) -> None:
    memory = MemoryDeployment()
    memory.settle(TELLING)
    plan = arrange(memory, TELLING)
    memory.deployment.quirk = unmirrored
    result = memory.apply(plan)
    assert result.outcomes[0].notes == ("the server did not take over: config.configurable",)
    assert [one.paths for one in result.differences] == [("config.configurable",)]


def test_metadata_that_cannot_be_taken_away_is_noted_and_is_no_convergence() -> None:
    memory = MemoryDeployment()
    memory.settle(make_desired(metadata={"team": "cx"}))
    plan = memory.plan(make_desired())
    memory.deployment.quirk = lambda row: row["metadata"].update(team="cx")
    result = memory.apply(plan)
    assert result.outcomes[0].notes == ("the server did not take over: metadata.team",)
    assert [one.paths for one in result.differences] == [("metadata.team",)]


def test_a_create_without_a_stamp_is_told_as_that_although_nothing_can_be_read() -> None:
    memory = MemoryDeployment()
    memory.deployment.quirk = lambda row: row["metadata"].pop(STAMP_KEY)
    result = memory.apply(memory.plan(FIRST), status(403, "POST", VERSIONS, 9))
    assert result.outcomes[0].notes == ("the server did not take over: metadata.assistant_sync",)
