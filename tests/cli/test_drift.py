"""The command ``drift``, and ``plan --fail-on drift``, against the official dev server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment

pytestmark = pytest.mark.server


@pytest.fixture
def edited(project: ProjectFixture, deployment: Deployment) -> ProjectFixture:
    project.manifest("support", context={"model_name": "a"})
    project.apply()
    (row,) = deployment.users()
    deployment.patch(row["assistant_id"], name="By hand")
    return project


def test_no_drift_exits_with_0(project: ProjectFixture) -> None:
    project.manifest("support")
    project.apply()
    assert "No drift: 1 owned assistant checked." in project.run("drift").expect(0).out
    project.run("plan", "--fail-on", "drift").expect(0)


def test_drift_exits_with_2_and_shows_what_changed(edited: ProjectFixture) -> None:
    shown = edited.run("drift").expect(2).out
    assert "support was edited outside git" in shown
    assert '~ name: "support" -> "By hand"' in shown
    assert edited.run("drift", "--format", "markdown").expect(2).out.startswith("## Drift: 1 assistant (1 edited)")
    assert edited.run("drift", "--format", "json").expect(2).json["summary"]["edited"] == 1


def test_a_plan_that_must_be_free_of_drift_exits_with_10_after_its_output(edited: ProjectFixture) -> None:
    run = edited.run("plan", "--fail-on", "drift").expect(10)
    assert "<- activate support" in run.out
    assert "--fail-on drift: changed outside git: support (edited)" in run.err
    edited.run("plan").expect(0)
    document = edited.run("plan", "--fail-on", "drift", "--format", "json").expect(10)
    assert document.json["changes"][0]["key"] == "support", "stdout holds one document"
    assert "changed outside git" in document.err
    edited.run("plan", "--fail-on", "drift", "--detailed-exitcode").expect(10)


def test_a_key_that_does_not_exist_is_an_error(edited: ProjectFixture) -> None:
    assert "no manifest or owned assistant matches 'suport'" in edited.run("drift", "suport").expect(64).err
