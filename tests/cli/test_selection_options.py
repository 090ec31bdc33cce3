from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from assistant_sync.cli.app import app
from tests.operations.memory_project import URL
from tests.project_fixture import ProjectFixture

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> ProjectFixture:
    """A good and a bad manifest of two graphs."""
    project = ProjectFixture(tmp_path, URL)
    project.manifest("good")
    project.write("assistants/bad.yaml", "graph_id: research_agent\nname: 1\n")
    project.commit()
    return project


@pytest.mark.parametrize("name", ["validate", "plan", "apply", "drift", "pull"])
def test_the_commands_about_many_assistants_select_with_the_same_options(name: str) -> None:
    command = app.get_command(click.Context(app), name)
    assert command is not None
    found = [one.opts[0] for one in command.params if one.opts[0] in ("--only", "--graph", "--changed-since")]
    assert found == ["--only", "--graph", "--changed-since"]


def test_without_options_all_problems_are_reported_and_nothing_is_shown_of_a_selection(project: ProjectFixture) -> None:
    assert project.run("validate").expect(3).err == ""


@pytest.mark.parametrize(
    "arguments",
    [("--only", "good"), ("--graph", "support_*"), ("--only", "x*", "--only", "g*d"), ("--changed-since", "HEAD")],
)
def test_what_is_not_selected_does_not_make_a_validation_fail(
    project: ProjectFixture, arguments: tuple[str, ...]
) -> None:
    project.manifest("xylophone")
    project.git("add", "-A")
    run = project.run("validate", *arguments).expect(0)
    assert run.err.startswith("Only ")
    assert project.run("validate", "--quiet", *arguments).expect(0).err == ""


def test_variables_select_as_options_do(project: ProjectFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ONLY", "good b*"), ("GRAPH", "support_agent other"), ("CHANGED_SINCE", "HEAD")):
        monkeypatch.setenv(f"ASSISTANT_SYNC_{name}", value)
    run = project.run("validate").expect(64)
    assert "has a graph that matches 'other'" in run.err
    monkeypatch.setenv("ASSISTANT_SYNC_GRAPH", "support_agent research_agent")
    assert project.run("validate").expect(0).out == "Valid (0 manifests)\n"


@pytest.mark.parametrize("name", ["validate", "plan", "apply", "drift", "pull"])
def test_a_ref_that_does_not_exist_is_a_usage_error(project: ProjectFixture, name: str) -> None:
    project.remove("bad")
    run = project.run(name, "--changed-since", "nowhere").expect(64)
    assert "this repository has no commit 'nowhere'" in run.err
