from __future__ import annotations

import getpass
import os
import platform
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.manifests.load import ManifestSet
from assistant_sync.model.project import Project, Target
from assistant_sync.model.provenance import Commit
from assistant_sync.operations.lock_terms import lock_terms, who
from assistant_sync.operations.workspace import Settings, Workspace
from assistant_sync.repository.worktree import WorkTree
from tests.builders import (
    PROJECT,
    TARGET,
    URL,
    make_assistant,
    make_create,
    make_delete,
    make_desired,
    make_keep,
    make_plan,
    make_refuse,
    make_update,
    make_violation,
)

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.locking.rows import LockTerms
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.plan import Plan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def terms(
    folder: Path, plan: Plan, *manifests: Desired, lease: float | None = 60.0, environ: dict[str, str] | None = None
) -> LockTerms | None:
    target = Target(TARGET, URL, lease=lease)
    project = Project(PROJECT, folder, "assistant-sync.yaml", "assistants", None, TARGET, {TARGET: target})
    loaded = ManifestSet(desired=manifests, problems=(), files=(), documents=len(manifests))
    workspace = Workspace(project, target, WorkTree(folder), loaded, None)
    return lock_terms(plan, workspace, Settings(environ=environ or {}, folder=folder), timeout=7.0)


def needed(*arguments: Any, **named: Any) -> LockTerms:
    found = terms(*arguments, **named)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "plan",
    [
        make_plan(),
        make_plan(make_keep("a")),
        make_plan(make_create("a", deferred="the graph is not registered")),
        make_plan(make_create("a"), make_refuse("b")),
        make_plan(make_create("a"), guards=(make_violation(),)),
    ],
    ids=["nothing", "nothing to write", "nothing to send", "refused", "stopped by a guard"],
)
def test_a_plan_that_sends_nothing_needs_no_lock(plan: Plan, folder: Path) -> None:
    assert terms(folder, plan) is None


def test_a_target_without_a_lease_takes_no_lock(folder: Path) -> None:
    assert terms(folder, make_plan(make_create("a")), lease=None) is None


def test_a_plan_that_sends_something_needs_the_lock_of_its_project(folder: Path) -> None:
    plan = make_plan(make_create("a"), commit=Commit("c0ffee", dirty=True))
    found = needed(folder, plan, lease=30.0, environ={"CI_JOB_URL": "https://ci.example/7"})
    lock = found.lock
    assert (lock.project, lock.lease, lock.by, lock.commit) == (PROJECT, 30.0, "https://ci.example/7", "c0ffee-dirty")
    assert (lock.generation, found.timeout) == (0, 7.0)


def test_without_a_commit_the_lock_names_none(folder: Path) -> None:
    assert needed(folder, make_plan(make_create("a"), commit=None)).lock.commit is None


def test_each_apply_is_another_holder(folder: Path) -> None:
    plan = make_plan(make_create("a"))
    assert needed(folder, plan).lock.holder != needed(folder, plan).lock.holder


def test_the_graphs_that_are_written_to_come_first_and_each_is_named_once(folder: Path) -> None:
    plan = make_plan(
        make_delete("a", live=make_assistant("a", graph_id="of a delete")),
        make_create("b", desired=make_desired("b", graph_id="written")),
        make_update("c", desired=make_desired("c", graph_id="written too")),
        make_update("d", desired=make_desired("d", graph_id="not served"), deferred="it is not served"),
    )
    manifests = (make_desired("b", graph_id="written"), make_desired("e", graph_id="kept"))
    assert needed(folder, plan, *manifests).graphs == ("written", "written too", "of a delete", "kept")


# Who holds it


def test_a_job_of_github_is_named_by_its_run() -> None:
    environ = {"GITHUB_RUN_ID": "12", "GITHUB_REPOSITORY": "acme/agents", "CI_JOB_URL": "https://elsewhere"}
    assert who(environ) == "https://github.com/acme/agents/actions/runs/12"
    enterprise = {**environ, "GITHUB_SERVER_URL": "https://git.acme.example"}
    assert who(enterprise) == "https://git.acme.example/acme/agents/actions/runs/12"


def test_a_job_of_gitlab_is_named_by_its_url() -> None:
    assert who({"CI_JOB_URL": "https://gitlab.example/jobs/7"}) == "https://gitlab.example/jobs/7"


def test_elsewhere_user_machine_and_process_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")
    assert who({}) == f"ann@{platform.node()}, process {os.getpid()}"


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_a_user_without_a_name_is_somebody(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", fail)
    assert who({}).startswith("somebody@")


def test_a_long_name_is_cut() -> None:
    assert who({"CI_JOB_URL": "x" * 300}) == "x" * 200
