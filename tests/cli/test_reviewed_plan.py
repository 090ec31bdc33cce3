"""``reviewed-plan`` through the command line, against a fake GitHub and a fake deployment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_github import project  # noqa: F401 - a fixture
from tests.forge.github.test_actions import read_outputs
from tests.project_fixture import PROJECT
from tests.servers.fake_actions import FakeActions, fake_actions
from tests.servers.fake_github import REPOSITORY, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.project_fixture import ProjectFixture

HEAD = "a" * 40


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeActions]:
    """The API, and the variables that the runner sets."""
    with fake_actions() as fake:
        variables = {
            "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_API_URL": fake.url,
            "GITHUB_TOKEN": TOKEN, "GITHUB_REF": "refs/heads/main", "GITHUB_OUTPUT": str(tmp_path / "output"),
        }  # fmt: skip
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield fake


@pytest.fixture
def merged(project: ProjectFixture, github: FakeActions, monkeypatch: pytest.MonkeyPatch) -> ProjectFixture:  # noqa: F811
    """A project whose plan a pull request has shown, and which was merged."""
    project.manifest("support")
    commit = project.commit()
    project.run("plan", "--out", "../plan.json").expect(0)
    saved = (project.folder / "../plan.json").read_text("utf-8")
    github.pull(7, HEAD, commit)
    github.artifact(f"assistant-sync-plan-{PROJECT}-local-{HEAD}", HEAD, {"plan.json": saved})
    monkeypatch.setenv("GITHUB_SHA", commit)
    return project


def test_without_a_reviewed_plan_there_is_no_file(merged: ProjectFixture, github: FakeActions) -> None:
    github.artifacts.clear()
    (merged.folder / "../reviewed.json").write_text("of another run")
    run = merged.run("reviewed-plan", "--out", "../reviewed.json").expect(0)
    assert run.out.startswith("::notice::No plan of a pull request was found for this commit")
    assert not (merged.folder / "../reviewed.json").exists()


def test_the_reviewed_plan_is_written_and_named(merged: ProjectFixture, tmp_path: Path) -> None:
    run = merged.run("reviewed-plan", "--out", "../reviewed.json").expect(0)
    assert f"of pull request 7, commit {HEAD}" in run.err
    assert (tmp_path / "reviewed.json").read_text("utf-8") == (tmp_path / "plan.json").read_text("utf-8")
    merged.run("apply", "--reviewed", "../reviewed.json").expect(0)


def test_the_digest_is_an_output_only_if_the_files_are_those_that_were_reviewed(
    merged: ProjectFixture, tmp_path: Path
) -> None:
    merged.run("reviewed-plan", "--out", "../reviewed.json").expect(0)
    digest = json.loads((tmp_path / "plan.json").read_text("utf-8"))["digest"]
    assert read_outputs((tmp_path / "output").read_text("utf-8")) == {"digest": digest}
    (tmp_path / "output").unlink()
    merged.write("README.md", "merged meanwhile")
    merged.commit()
    run = merged.run("reviewed-plan", "--out", "../reviewed.json").expect(0)
    assert "not exactly those that were reviewed" in run.err
    assert not (tmp_path / "output").exists()


def test_what_is_no_plan_is_an_error_and_not_used(merged: ProjectFixture, github: FakeActions) -> None:
    github.artifact(f"assistant-sync-plan-{PROJECT}-local-{HEAD}", HEAD, {"plan.json": "{}"})
    assert "is not a plan file" in merged.run("reviewed-plan", "--out", "../reviewed.json").expect(3).err
    assert not (merged.folder / "../reviewed.json").exists(), "a later step may only look whether the file is there"


def test_outside_of_github_actions_it_says_what_is_missing(
    merged: ProjectFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    run = merged.run("reviewed-plan", "--out", "../reviewed.json").expect(1)
    assert "GITHUB_TOKEN" in run.err
    assert "Hint: " in run.err
