"""A graph that the deployment does not serve: at the top of the plan, and ``--fail-on missing-graph``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture


@pytest.fixture
def misnamed(project: ProjectFixture) -> ProjectFixture:
    """A manifest whose graph is misspelt."""
    project.manifest("support", graph_id="suport_agent")
    project.commit()
    return project


def test_graphs_that_are_served_are_no_condition_that_fails(project: ProjectFixture) -> None:
    project.manifest("support")
    project.commit()
    run = project.run("plan", "--fail-on", "missing-graph").expect(0)
    assert "does not serve" not in run.out
    assert project.plan()["missing_graphs"] == []


def test_it_heads_the_plan_with_the_nearest_served_one(misnamed: ProjectFixture) -> None:
    _, second, *_ = misnamed.run("plan").expect(0).out.splitlines()
    assert second == "! This deployment does not serve graph suport_agent; did you mean support_agent?"
    markdown = misnamed.run("plan", "--format", "markdown").expect(0).out
    warning = "> **This deployment does not serve 1 graph**: `suport_agent` (did you mean `support_agent`?)"
    assert warning in markdown.splitlines()[:5]


def test_a_plan_that_must_not_miss_a_graph_exits_with_10_after_its_output(misnamed: ProjectFixture) -> None:
    run = misnamed.run("plan", "--fail-on", "missing-graph").expect(10)
    assert "+ create support" in run.out
    assert "--fail-on missing-graph: the deployment does not serve 'suport_agent'" in run.err
    document = misnamed.run("plan", "--fail-on", "missing-graph", "--format", "json").expect(10).json
    assert document["missing_graphs"] == [{"graph_id": "suport_agent", "nearest": "support_agent"}]
    misnamed.run("plan", "--fail-on", "missing-graph", "--fail-on", "drift").expect(10)
    misnamed.run("plan", "--fail-on", "drift").expect(0)


def test_of_manifests_that_are_not_selected_no_graph_is_missing(misnamed: ProjectFixture) -> None:
    misnamed.manifest("other")
    misnamed.commit()
    misnamed.run("plan", "--only", "other", "--fail-on", "missing-graph").expect(0)
    misnamed.run("plan", "--only", "support", "--fail-on", "missing-graph").expect(10)
