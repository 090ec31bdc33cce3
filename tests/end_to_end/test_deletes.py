"""What a delete takes along on the real server, and what keeps an assistant from being deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy

NIGHTLY = "0 3 1 1 *"


@pytest.fixture
def busy(project: ProjectFixture, deployment: Deployment) -> Iterator[tuple[str, list[str]]]:
    """An assistant with a cron, two threads that it ran on, and one on which it is about to run."""
    own = project.manifest("nightly")
    project.manifest("other")
    project.commit()
    project.apply()
    deployment.create_cron(own, NIGHTLY)
    threads = [deployment.thread() for _ in range(3)]
    for thread in threads[:2]:
        deployment.run(own, thread_id=thread)
    deployment.run_later(own, threads[2])
    yield own, threads
    for thread in threads:
        deployment.delete_thread(thread)


def test_what_goes_stays_and_is_interrupted_is_shown_before_and_true_afterwards(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy, busy: tuple[str, list[str]]
) -> None:
    own, threads = busy
    project.remove("nightly")
    project.commit()
    proxy.reset()
    (change,) = [one for one in project.plan("--prune")["changes"] if one["key"] == "nightly"]
    assert proxy.writes == []
    assert (change["action"], change["crons"], change["threads"], change["busy_threads"]) == ("delete", 1, 3, 1)
    assert change["reason"].endswith(
        f"; 1 cron will be deleted with it ({NIGHTLY}); 3 threads stay, but cannot be continued with it, "
        "and what runs on 1 of them now will be interrupted"
    )
    saved = project.folder.parent / "plan.json"
    project.run("plan", "--prune", "--out", str(saved)).expect(0)
    threads.append(deployment.thread())
    deployment.run(own, thread_id=threads[-1])
    (outcome,) = project.apply(str(saved))["outcomes"]
    assert (outcome["status"], [one["schedule"] for one in outcome["crons"]]) == ("deleted", [NIGHTLY])
    assert deployment.crons(own) == []
    assert {row["thread_id"] for row in deployment.threads()} >= set(threads)
    assert [run["status"] for run in deployment.thread_runs(threads[2])] == ["interrupted"]
    (archive,) = (project.folder / "archive").rglob("*.json")
    assert [one["schedule"] for one in json.loads(archive.read_text("utf-8"))["crons"]] == [NIGHTLY]


def test_without_pruning_nothing_is_counted(project: ProjectFixture, proxy: Proxy, busy: tuple[str, list[str]]) -> None:
    project.remove("nightly")
    proxy.reset()
    assert project.actions()["nightly"] == "orphan"
    assert [one for one in proxy.requests if "/threads" in one.path or "/crons" in one.path] == []
    assert busy


def test_a_protected_assistant_outlives_its_manifest_until_the_line_is_applied_away(
    project: ProjectFixture, deployment: Deployment
) -> None:
    own = project.manifest("support", context={"model_name": "a"})
    project.manifest("other")
    project.commit()
    project.apply()
    project.manifest("support", context={"model_name": "a"}, lifecycle={"prevent_delete": True})
    project.commit()
    text = project.run("plan").expect(0).out
    assert "the manifest sets lifecycle.prevent_delete, which the stamp does not have yet" in text
    assert "content is equal; only the stamp is written" in text
    assert project.statuses() == {"support": "updated"}
    assert deployment.get(own)["metadata"]["assistant_sync"]["prevent_delete"] is True
    assert project.actions() == {"other": "keep", "support": "keep"}

    project.remove("support")
    project.commit()
    assert project.actions() == {"other": "keep", "support": "orphan"}
    refused = project.run("apply", "--prune", "--allow-deletes", "9").expect(6)
    assert "has lifecycle.prevent_delete. To delete it, first apply a manifest without that line" in refused.out
    assert [row["version"] for row in deployment.versions(own)] == [2, 1]

    project.manifest("support", context={"model_name": "a"})
    project.commit()
    assert project.statuses() == {"support": "activated"}
    project.remove("support")
    project.commit()
    assert project.statuses("--prune") == {"support": "deleted"}
    assert not deployment.exists(own)
