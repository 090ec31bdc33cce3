"""The command ``drift``, and ``plan --fail-on drift``, against the official dev server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.identity import derived_id
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy

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


def test_a_selection_narrows_drift_by_key_and_by_graph(edited: ProjectFixture) -> None:
    edited.manifest("research", graph_id="research_agent")
    edited.commit()
    edited.apply("--only", "research")
    for selecting in (["research"], ["--only", "research"], ["--graph", "research_*"]):
        report = edited.run("drift", "--format", "json", *selecting).expect(0).json
        assert (report["checked"], report["drifted"]) == (1, [])
    for selecting in (["support"], ["--only", "s*"], ["--graph", "support_agent"]):
        report = edited.run("drift", "--format", "json", *selecting).expect(2).json
        assert [one["key"] for one in report["drifted"]] == ["support"]


def test_a_selection_narrows_a_pull_by_key_and_by_graph(edited: ProjectFixture, deployment: Deployment) -> None:
    edited.manifest("research", graph_id="research_agent")
    edited.commit()
    edited.apply("--only", "research")
    deployment.patch(derived_id(PROJECT, "research"), name="By hand, too")
    for selecting in (["support"], ["--only", "s*"], ["--graph", "support_agent"]):
        report = edited.run("pull", "--dry-run", "--format", "json", *selecting).expect(0).json
        assert [one["key"] for one in report["pulled"]] == ["support"]
    both = edited.run("pull", "--dry-run", "--format", "json").expect(0).json
    assert [one["key"] for one in both["pulled"]] == ["research", "support"]
    nothing = edited.run("pull", "--graph", "researhc_agent").expect(64)
    assert "no manifest and no owned assistant has a graph that matches 'researhc_agent'" in nothing.err


def test_a_pull_of_a_graph_alone_imports_nothing_and_asks_for_no_complete_listing(
    edited: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    deployment.create(name="Nobody's")
    edited.configure(proxy.url)
    edited.commit()
    proxy.reset()
    report = edited.run("pull", "--dry-run", "--format", "json", "--graph", "support_agent").expect(0).json
    assert [one["key"] for one in report["pulled"]] == ["support"]
    searches = [json.loads(one.body) for one in proxy.requests if one.path == "/assistants/search"]
    assert searches
    assert all(one.get("metadata") or one.get("graph_id") for one in searches)
