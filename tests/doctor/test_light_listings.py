from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.doctor.checks import diagnose
from assistant_sync.model.diagnosis import Check, State
from assistant_sync.model.frozen import replace
from assistant_sync.model.project import Activation
from tests.builders import TARGET
from tests.doctor.test_checks import FULL, SERVER, make_project, sound

if TYPE_CHECKING:
    from assistant_sync.model.diagnosis import Diagnosis

LIGHT = replace(FULL, lists_lightly=True)
LINE = f"in assistant-sync.yaml, under targets.{TARGET}: "


def diagnosed(recorded: str | None = None, **members: Any) -> Diagnosis:
    return diagnose(sound(**make_project(activation=Activation.FULL, measured_version=recorded), **members))


def check(diagnosis: Diagnosis) -> Check | None:
    return next((one for one in diagnosis.checks if one.name == "light listings"), None)


def test_nothing_recorded_and_nothing_measured_is_no_check() -> None:
    assert (check(diagnosed()), diagnosed().measured_version) == (None, None)


def test_a_measurement_gives_the_line_to_add() -> None:
    found = diagnosed(probe=LIGHT)
    hint = f'{LINE}measured_version: "1.0"'
    message = "plan can read listings without contexts from this version"
    assert check(found) == Check("light listings", State.OK, message, hint)
    assert found.measured_version == "1.0"
    assert check(diagnosed("0.9", probe=LIGHT)) == check(found)


def test_a_version_that_is_recorded_as_it_was_measured_is_right() -> None:
    message = "the target has measured_version '1.0', which is right"
    assert check(diagnosed("1.0", probe=LIGHT)) == Check("light listings", State.OK, message)


def test_a_version_that_is_recorded_although_the_measurement_is_another_is_a_warning() -> None:
    message = "the target has measured_version, but light listings of this deployment prove nothing"
    found = diagnosed("1.0", probe=FULL)
    assert check(found) == Check("light listings", State.WARNING, message, f"{LINE}remove measured_version")
    assert found.measured_version is None


@pytest.mark.parametrize("server", [None, replace(SERVER, version="2.0"), replace(SERVER, version=None)])
def test_another_version_than_is_recorded_is_a_warning(server: Any) -> None:
    message = "the target has measured_version '1.0', and the deployment reports another version: plan reads whole rows"
    hint = "'assistant-sync doctor --probe' measures this version"
    assert check(diagnosed("1.0", server=server)) == Check("light listings", State.WARNING, message, hint)


def test_the_version_that_is_recorded_needs_no_word_without_a_measurement() -> None:
    assert check(diagnosed("1.0")) is None
    assert check(diagnosed("1.0", server=None, is_reached=False)) is None


@pytest.mark.parametrize("server", [None, replace(SERVER, version=None), replace(SERVER, version='1"\nx: y')])
def test_a_version_that_no_project_file_takes_is_not_recorded(server: Any) -> None:
    found = diagnosed(server=server, probe=LIGHT)
    assert (check(found), found.measured_version) == (None, None)
