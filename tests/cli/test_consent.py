"""Who agrees to a write: a person on the terminal, an option, a saved plan, or CI; nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.lock import LOCK_KEY, Lock
from tests.project_fixture import PROJECT, Run

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy

_ROW = Lock(project=PROJECT, generation=1, holder="x", lease=600, by="bob@build", commit=None)
_LOCK = {"thread_id": _ROW.id, "metadata": {LOCK_KEY: _ROW.as_json()}}


@pytest.fixture(autouse=True)
def nobody_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_SYNC_YES")


def piped(project: ProjectFixture, *arguments: str, answer: str = "", **environment: str) -> Run:
    """Run a command whose stdin is a pipe that holds the answer."""
    done = subprocess.run(
        [sys.executable, "-m", "assistant_sync", *arguments],
        cwd=project.folder, input=answer, env=os.environ | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("answer", ["n\n", "y\n", ""])
def test_an_answer_in_a_pipe_is_no_consent(answer: str, project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support")
    run = piped(project, "apply", answer=answer).expect(64)
    assert "+ create support" in run.out, "the plan is shown, so that somebody can agree to it"
    assert "there is no terminal to ask on; nothing was written" in run.err
    assert "--yes" in run.err
    assert not deployment.exists(own)


def test_a_closed_stdin_is_no_consent(
    project: ProjectFixture, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = project.manifest("support")
    monkeypatch.setattr(sys, "stdin", None)
    project.run("apply").expect(64)
    assert not deployment.exists(own)


def test_json_on_stdout_stays_one_document_if_nobody_agreed(project: ProjectFixture) -> None:
    project.manifest("support")
    run = project.run("apply", "--format", "json").expect(64)
    assert run.json["error"]["exit_code"] == 64
    assert "+ create support" in run.err


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_nothing_to_write_needs_no_consent(answer: str, project: ProjectFixture) -> None:
    project.manifest("support")
    project.run("apply", "--yes").expect(0)
    piped(project, "apply", answer=answer).expect(0)


def test_a_refused_plan_says_why_and_does_not_ask_for_consent(project: ProjectFixture, deployment: Deployment) -> None:
    deployment.create(assistant_id=project.manifest("support"))
    run = project.run("apply").expect(6)
    assert "! refuse support" in run.out
    assert "terminal" not in run.err


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (("--yes",), {}),
        ((), {"ASSISTANT_SYNC_YES": "1"}),
        ((), {"CI": "true"}),
        ((), {"TF_BUILD": "True"}),
        (("plan.json",), {}),
    ],
)  # fmt: skip
def test_an_option_a_variable_a_saved_plan_and_ci_are_consent(
    options: tuple[str, ...],
    environment: dict[str, str],
    project: ProjectFixture,
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = project.manifest("support")
    project.commit()
    project.run("plan", "--out", "plan.json").expect(0)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    project.run("apply", *options).expect(0)
    assert deployment.exists(own)


def test_unlock_needs_consent_too(project: ProjectFixture, deployment: Deployment) -> None:
    project.manifest("support")
    lock = deployment.create_thread(**_LOCK)["thread_id"]
    run = piped(project, "unlock", answer="y\n").expect(64)
    assert "nothing was written" in run.err
    assert "--yes" in run.err
    assert [row["thread_id"] for row in deployment.locks()] == [lock]
    project.run("unlock", "--yes").expect(0)
    assert deployment.locks() == []


def test_no_lock_needs_no_consent_to_remove_it(project: ProjectFixture) -> None:
    piped(project, "unlock", answer="n\n").expect(0)


def test_unlock_goes_on_in_ci(project: ProjectFixture, deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment.create_thread(**_LOCK)["thread_id"]
    monkeypatch.setenv("CI", "true")
    project.run("unlock").expect(0)
    assert deployment.locks() == []


def test_a_plan_that_was_reviewed_and_one_that_nobody_reviewed_exclude_each_other(project: ProjectFixture) -> None:
    run = project.run("apply", "--yes", "--reviewed", "plan.json", "--unreviewed").expect(64)
    assert "exclude each other" in run.err


def test_an_apply_that_nobody_reviewed_undoes_no_edit_and_deletes_nothing(
    project: ProjectFixture, deployment: Deployment
) -> None:
    own = project.manifest("support")
    gone = project.manifest("gone")
    project.run("apply", "--yes", "--unreviewed").expect(0)
    project.remove("gone")
    deployment.patch(own, description="By hand")
    run = project.run("apply", "--yes", "--unreviewed", "--prune", "--allow-deletes", "1").expect(6)
    assert "'support' was changed outside git, and no reviewed plan shows that" in run.out
    assert "nobody reviewed the delete of 'gone'" in run.out
    assert deployment.get(own)["description"] == "By hand"
    assert deployment.exists(gone)


EMERGENCIES = [("rollback", "support", "--to", "1"), ("undelete", "gone"), ("forget", "orphan")]


@pytest.fixture
def emergencies(project: ProjectFixture, deployment: Deployment) -> list[dict[str, object]]:
    """What rollback, undelete and forget are about; the assistants as they are."""
    for key in ("support", "gone", "orphan"):
        project.manifest(key)
    project.run("apply", "--yes").expect(0)
    project.manifest("support", description="new")
    project.remove("gone")
    project.run("apply", "--yes", "--prune", "--allow-deletes", "1").expect(0)
    project.remove("orphan")
    return deployment.users()


@pytest.mark.parametrize("command", EMERGENCIES, ids=lambda command: command[0])
@pytest.mark.parametrize("environment", [{}, {"CI": "true"}], ids=["pipe", "CI"])
def test_an_emergency_needs_its_own_consent_in_ci_too(
    environment: dict[str, str],
    command: tuple[str, ...],
    project: ProjectFixture,
    deployment: Deployment,
    emergencies: list[dict[str, object]],
) -> None:
    project.commit()
    run = piped(project, *command, answer="y\n", **environment).expect(64)
    assert "Plan for acme-support on local" in run.out, "the plan is shown, so that somebody can agree to it"
    assert f"{command[0]} asks before it writes, and there is no terminal to ask on; nothing was written" in run.err
    assert "Add --yes; this command needs it in CI, too" in run.err
    assert deployment.users() == emergencies
    piped(project, *command, "--yes", **environment).expect(0)
    assert deployment.users() != emergencies


def test_a_version_is_named_in_one_way(project: ProjectFixture) -> None:
    for options in ((), ("--to", "1", "--to-commit", "abc"), ("--to", "0"), ("--to", "x")):
        project.run("rollback", "support", *options).expect(64)


def test_undelete_needs_a_key_or_a_file(project: ProjectFixture) -> None:
    assert "--list shows what there is" in project.run("undelete").expect(64).err


def test_the_list_of_an_empty_archive_needs_no_server(project: ProjectFixture, proxy: Proxy) -> None:
    proxy.reset()
    assert project.run("undelete", "--list").expect(0).out == "The archive has no assistant of this target.\n"
    assert project.run("undelete", "--list", "-f", "json").expect(0).json == {"format_version": "1.0", "archives": []}
    assert proxy.requests == []
