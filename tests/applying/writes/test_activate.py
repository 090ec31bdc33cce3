"""One activation: what it restores, how a mix is healed, and who else may have written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.outcome import Attribution
from tests.applying.kinds import KINDS, OLD
from tests.applying.memory_deployment import (
    LATEST,
    ONE,
    VERSIONS,
    status,
)
from tests.servers.fake_deployment import meanwhile

if TYPE_CHECKING:
    from assistant_sync.model.outcome import Outcome


def conflict(outcome: Outcome) -> str:
    """What a conflict says."""
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind, outcome.error.exit_code) == ("failed", "Conflict", 7)
    return outcome.error.message


def test_a_healed_activation_tells_what_the_deployment_does_and_what_to_set() -> None:
    case = KINDS["heal"]()
    (note,) = case.memory.one(case.plan).notes
    assert note == (
        "the server restored version 1 only partially; one full update followed at once. "
        "Set 'activation: safe' or 'activation: never' on this target"
    )


def test_a_target_that_is_safe_already_is_told_to_activate_nothing() -> None:
    case = KINDS["heal"]()
    case.memory.restores_all = False
    (note,) = case.memory.one(case.plan).notes
    assert note == (
        "the server restored version 1 only partially; one full update followed at once. "
        "Set 'activation: never' on this target"
    )


def test_a_healing_that_fails_says_that_a_mixture_may_be_live() -> None:
    case = KINDS["heal"]()
    outcome = case.memory.one(case.plan, status(400, "PATCH", ONE))
    assert (outcome.status.value, outcome.healed_from, outcome.version_after) == ("failed", 1, 1)
    assert outcome.notes == ("activating version 1 left the live assistant a mix of two versions. Run apply again",)
    case.memory.settle(*case.desired)


@pytest.mark.parametrize("carried_out", [False, True], ids=["before", "after"])
def test_a_version_beside_an_activation_is_named(carried_out: bool) -> None:
    case = KINDS["activate"]()

    def theirs() -> None:
        case.memory.deployment.patch(case.change.assistant_id, name="Theirs")

    outcome = case.memory.one(case.plan, meanwhile("POST", LATEST, theirs, carried_out=carried_out))
    assert outcome.outside_versions == (3,)
    (one,) = outcome.outside
    told = {".".join(map(str, field.path)) for field in one.fields}
    # After the activation, theirs is one of the activated content.
    assert (one.version, one.attribution, told) == (
        3,
        Attribution.OUTSIDE,
        {"name", "config.tags.0"} if carried_out else {"name"},
    )
    if carried_out:
        assert conflict(outcome) == "version 1 was activated, but somebody else has written since"
    else:
        assert (outcome.status.value, outcome.version_after) == ("activated", 1)


def test_a_version_beside_an_activation_that_cannot_be_looked_for_is_noted() -> None:
    case = KINDS["activate"]()
    outcome = case.memory.one(case.plan, status(403, "POST", VERSIONS))
    assert outcome.status.value == "activated"
    assert outcome.notes[0].startswith("whether somebody else wrote meanwhile could not be read: ")


def test_an_assistant_that_is_deleted_after_its_activation_is_a_conflict() -> None:
    case = KINDS["activate"]()
    gone = meanwhile(*case.write, lambda: case.memory.deployment.delete(case.change.assistant_id), carried_out=True)
    assert conflict(case.memory.one(case.plan, gone)) == (
        "version 1 was activated, but somebody else has deleted the assistant since"
    )


def test_an_assistant_that_was_made_anew_under_an_activation_is_a_conflict() -> None:
    case = KINDS["activate"]()

    def anew() -> None:
        case.memory.deployment.delete(OLD.assistant_id)
        for number in (1, 2):
            case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", if_exists="do_nothing")
            case.memory.deployment.patch(OLD.assistant_id, name=f"New {number}")
        case.memory.deployment._versions[OLD.assistant_id] = case.memory.deployment._versions[OLD.assistant_id][1:]  # noqa: SLF001, RUF100, E501 - without version 1

    outcome = case.memory.one(case.plan, meanwhile(*case.write, anew))
    assert "somebody else has written since the plan" in conflict(outcome)
