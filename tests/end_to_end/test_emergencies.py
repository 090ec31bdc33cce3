"""rollback, undelete and forget on the real server: what runs see, and what the next plan says."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.servers.official import plain_client

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy


@pytest.fixture
def history(project: ProjectFixture) -> str:
    """The id of an assistant with two applied commits."""
    own = ""
    for model in ("a", "b"):
        own = project.manifest(
            "support",
            description=model,
            context={"model_name": model},
            config={"tags": [model]},
            metadata={"team": model},
        )
        project.commit(model)
        project.apply()
    return own


def numbers(deployment: Deployment, assistant_id: str) -> list[int]:
    return [row["version"] for row in deployment.versions(assistant_id)]


def archive(project: ProjectFixture) -> Path:
    (path,) = (project.folder / "archive" / "local").iterdir()
    return path


def test_nothing_to_roll_back_is_no_write(project: ProjectFixture, history: str, proxy: Proxy) -> None:
    proxy.reset()
    run = project.run("rollback", "support", "--to", "2").expect(0)
    assert "support: the live content is that of version 2 already. Nothing to do." in run.out
    assert proxy.writes == []


def test_a_rollback_is_one_version_that_runs_see_at_once(
    project: ProjectFixture, history: str, deployment: Deployment
) -> None:
    deployment.patch(history, metadata={"unowned": 1})
    run = project.run("rollback", "support", "--to", "1", "--format", "json").expect(0)
    assert run.json["rollback"]["git"]["state"] == "differs"
    assert run.json["outcomes"][0]["version_after"] == 4
    assert numbers(deployment, history) == [4, 3, 2, 1]
    seen = deployment.run(history)["seen"]
    assert (seen["context"]["model_name"], seen["tags"]) == ("a", ["a"])
    row, first = deployment.get(history), deployment.versions(history)[-1]
    for field in ("graph_id", "name", "description", "context", "config"):
        assert row[field] == first[field]
    assert (row["metadata"]["team"], row["metadata"]["unowned"]) == ("a", 1)
    assert row["metadata"]["assistant_sync"]["rollback"] == {"to": 1}


def test_the_next_plan_undoes_it_on_purpose_and_a_revert_agrees(project: ProjectFixture, history: str) -> None:
    out = project.run("rollback", "support", "--to-commit", project.git("rev-parse", "--short", "HEAD~1")).expect(0).out
    head = project.git("rev-parse", "HEAD")
    assert f"  git revert {head}\n" in out
    assert "  assistant-sync pull support\n" in out
    assert "The next apply of the unchanged manifest undoes this rollback." in out
    (change,) = project.plan()["changes"]
    assert change["reason"].startswith("it was rolled back to version 1 on purpose (version 3 of 20")
    refused = project.run("apply", "--unreviewed").expect(6)
    assert "was rolled back on purpose, and no reviewed plan shows" in refused.err
    project.revert()
    assert project.actions() == {"support": "keep"}


def test_a_deleted_assistant_comes_back_with_all_its_fields_and_its_history_stays_in_the_archive(
    project: ProjectFixture, history: str, deployment: Deployment
) -> None:
    deployment.patch(history, metadata={"unowned": {"by": "a person"}})
    before = deployment.get(history)
    project.manifest("other")
    project.remove("support")
    project.commit()
    project.apply("--prune", "--allow-deletes", "1")
    assert not deployment.exists(history)
    assert "support" in project.run("undelete", "--list").expect(0).out
    run = project.run("undelete", "support").expect(0)
    assert "Wrote its manifest assistants/support.yaml. Commit it." in run.out
    after = deployment.get(history)
    for field in ("assistant_id", "graph_id", "name", "description", "context", "config"):
        assert after[field] == before[field]
    assert {**after["metadata"], "assistant_sync": 0} == {**before["metadata"], "assistant_sync": 0}
    assert [row["version"] for row in json.loads(archive(project).read_text())["versions"]] == [3, 2, 1]
    assert deployment.run(history)["seen"]["context"]["model_name"] == "b"
    project.commit()
    assert project.actions("--prune") == {"other": "keep", "support": "keep"}


def test_a_process_that_ends_after_the_create_loses_nothing(
    project: ProjectFixture, history: str, deployment: Deployment
) -> None:
    project.manifest("other")
    project.remove("support")
    project.apply("--prune", "--allow-deletes", "1")
    (project.folder / "assistants").chmod(0o500)  # the manifest cannot be written: as if the process had ended
    try:
        if os.access(project.folder / "assistants", os.W_OK):
            project.run("undelete", "support", "--no-manifest").expect(0)
        else:
            run = project.run("undelete", "support").expect(0)
            assert "No manifest was written: assistants/support.yaml cannot be written" in run.out
    finally:
        (project.folder / "assistants").chmod(0o700)
    assert deployment.exists(history)
    run = project.run("undelete", "support").expect(0)
    assert "support: it is live already, with the archived content. Nothing to do." in run.out
    assert (project.folder / "assistants/support.yaml").exists()
    assert numbers(deployment, history) == [1]
    assert project.actions("--prune") == {"other": "keep", "support": "keep"}


def test_the_command_of_a_cron_makes_it_again(project: ProjectFixture, history: str, server_url: str) -> None:
    with plain_client(server_url) as client:
        wanted = {
            "assistant_id": history, "schedule": "0 3 * * *", "timezone": "Europe/Berlin", "enabled": False,
            "input": {"question": "it's time"}, "context": {"model_name": "b"}, "config": {"tags": ["nightly"]},
        }  # fmt: skip
        made = client.post("/runs/crons", json=wanted).raise_for_status().json()
        project.manifest("other")
        project.remove("support")
        project.apply("--prune", "--allow-deletes", "1")
        (cron,) = project.run("undelete", "support", "--format", "json").expect(0).json["undelete"]["crons"]
        words = shlex.split(cron["command"])
        path = urlsplit(next(word for word in words if word.startswith("http"))).path
        again = client.post(path, json=json.loads(words[-1])).raise_for_status().json()
    differing = {"cron_id", "created_at", "updated_at", "next_run_date", "payload"}
    assert {k: v for k, v in again.items() if k not in differing} == {
        k: v for k, v in made.items() if k not in differing
    }
    for member in ("input", "context"):
        assert again["payload"][member] == made["payload"][member]
    assert again["payload"]["config"]["tags"] == ["nightly"]


def test_what_is_forgotten_is_unmanaged_and_otherwise_as_it_was(
    project: ProjectFixture, history: str, deployment: Deployment
) -> None:
    project.manifest("other")
    project.apply()
    refused = project.run("forget", "support").expect(6)
    assert "assistants/support.yaml still wants it" in refused.err
    project.remove("support")
    before = deployment.get(history)
    run = project.run("forget", "support").expect(0)
    assert "it is unmanaged from now on" in run.out
    after = deployment.get(history)
    assert numbers(deployment, history) == [3, 2, 1]
    for field in ("graph_id", "name", "description", "context", "config"):
        assert after[field] == before[field]
    assert {**after["metadata"], "assistant_sync": 0} == {**before["metadata"], "assistant_sync": 0}
    assert after["metadata"]["assistant_sync"] is None
    assert project.actions("--prune") == {"other": "keep"}
    project.run("forget", "support").expect(64)
