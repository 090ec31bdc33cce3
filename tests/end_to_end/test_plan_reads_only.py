"""The plan: what it reads, what it says, and that it never writes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from assistant_sync.model.identity import derived_id
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    import pytest

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy


def test_a_plan_of_all_eight_kinds_of_change_sends_no_write(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    for key in ("keep", "update", "orphan"):
        project.manifest(key)
    project.manifest("activate", config={"tags": ["a"]})
    project.commit()
    project.apply()
    project.manifest("activate", config={"tags": ["b"]})
    project.commit()
    project.apply()
    project.manifest("activate", config={"tags": ["a"]})
    project.manifest("update", description="new")
    project.manifest("create")
    project.manifest("adopt", assistant_id=deployment.create(name="by hand")["assistant_id"])
    deployment.create(assistant_id=project.manifest("refuse"))
    project.remove("orphan")
    project.commit()
    before = deployment.all()
    proxy.reset()
    run = project.run("plan", "--format", "json").expect(6)
    expected = {key: key for key in ("activate", "adopt", "create", "keep", "orphan", "refuse", "update")}
    assert {change["key"]: change["action"] for change in run.json["changes"]} == expected
    run = project.run("plan", "--format", "json", "--prune").expect(6)
    assert run.json["summary"]["delete"] == 1
    assert {request.method for request in proxy.requests} <= {"GET", "POST"}
    assert proxy.writes == []
    assert project.run("apply", "--prune").code == 6
    assert proxy.writes == []
    assert deployment.all() == before


def test_a_plan_of_many_unchanged_assistants_takes_few_requests(project: ProjectFixture, proxy: Proxy) -> None:
    for number in range(120):
        project.manifest(f"a{number}")
    project.commit()
    project.apply()
    proxy.reset()
    assert project.plan()["summary"]["keep"] == 120
    assert len(proxy.requests) <= 4
    project.manifest("a0", description="new")
    proxy.reset()
    assert project.plan()["summary"]["update"] == 1
    assert len(proxy.requests) <= 8


def test_detailed_exit_codes_say_2_for_changes_and_0_without(project: ProjectFixture) -> None:
    project.manifest("support")
    assert project.run("plan").code == 0
    assert project.run("plan", "--detailed-exitcode").code == 2
    project.apply()
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_the_plans_text_ends_with_its_summary_and_shows_the_changed_line_only(project: ProjectFixture) -> None:
    prompt = "\n".join(f"Line {number} of the prompt." for number in range(300))
    project.manifest("support", context={"model_name": "a", "system_prompt": prompt})
    project.manifest("other")
    project.commit()
    project.apply()
    project.manifest("support", context={"model_name": "a", "system_prompt": prompt.replace("Line 150 ", "Row 150 ")})
    out = project.run("plan").out
    assert out.rstrip().endswith("Plan: 0 to create, 1 to update, 0 to activate, 0 to delete (1 unchanged)")
    assert "Row 150 of the prompt." in out
    assert "Line 10 of" not in out
    assert "model_name" not in out
    assert len(out.splitlines()) <= 22


def test_a_credential_is_in_no_output_and_reaches_the_server(project: ProjectFixture, deployment: Deployment) -> None:
    secret = "sk-" + "a1B2" * 8
    own = project.manifest("support", context={"system_prompt": f"Use {secret}"}, metadata={"api_key": "hunter2!"})
    runs = [project.run("plan"), project.run("plan", "--format", "json", "--out", "plan.json"), project.run("apply")]
    project.manifest("support", name=f"Key {secret}", context={"system_prompt": "Use none"})
    runs += [project.run("plan", "-v"), project.run("apply", "--format", "json")]
    for run in runs:
        assert run.code == 0
        assert secret not in run.out + run.err
        assert "hunter2!" not in run.out + run.err
    assert secret not in (project.folder / "plan.json").read_text()
    assert deployment.versions(own)[-1]["context"]["system_prompt"] == f"Use {secret}"


def test_a_terminal_without_a_character_shows_its_number(project: ProjectFixture) -> None:
    project.manifest("support", name="Grüße 🚀")
    done = subprocess.run(
        [sys.executable, "-m", "assistant_sync", "plan"],
        cwd=project.folder, env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=True,
    )  # fmt: skip
    assert b"Gr\\xfc\\xdfe" in done.stdout


def test_uncommitted_manifests_are_said_to_be_dirty_in_plan_and_stamp(
    project: ProjectFixture, deployment: Deployment
) -> None:
    own = project.manifest("support")
    assert project.plan()["commit"] is None
    sha = project.commit()
    assert project.plan()["commit"] == {"sha": sha, "dirty": False}
    project.write("README.md", "not a manifest")
    project.write("assistants/README.md", "nor is this")
    assert project.plan()["commit"] == {"sha": sha, "dirty": False}
    project.manifest("support", description="new")
    assert project.plan()["commit"] == {"sha": sha, "dirty": True}
    project.apply()
    assert deployment.get(own)["metadata"]["assistant_sync"]["commit"] == f"{sha}-dirty"
    project.manifest("support", description="newer")
    assert project.actions() == {"support": "update"}
    project.manifest("other")
    sha = project.commit()
    assert project.plan()["commit"] == {"sha": sha, "dirty": False}
    project.remove("other")
    assert project.plan()["commit"] == {"sha": sha, "dirty": True}


def test_an_untracked_manifest_is_an_error_in_ci_and_a_warning_elsewhere(
    project: ProjectFixture, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.manifest("support")
    assert "git add" in project.run("plan").expect(0).err
    monkeypatch.setenv("CI", "false")
    assert "git add" in project.run("plan").expect(0).err
    monkeypatch.setenv("CI", "true")
    proxy.reset()
    assert "git add" in project.run("apply").expect(3).err
    assert proxy.requests == []


def test_a_run_carries_the_commit_that_configured_it(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support")
    sha = project.commit()
    project.apply()
    assert own == derived_id(PROJECT, "support")
    thread = deployment.thread()
    deployment.run(own, thread_id=thread)
    assert sha in str(deployment.thread_runs(thread))
