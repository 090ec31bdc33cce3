"""Watching: which files a check is made of, and which edit is seen."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from assistant_sync.operations.watch import files_changed, files_signature
from assistant_sync.operations.workspace import Settings
from tests.operations.memory_project import URL
from tests.project_fixture import ProjectFixture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> ProjectFixture:
    """A project with a manifest, a check, an overlay, and a text elsewhere that one of them includes."""
    folder = tmp_path / "repository"
    folder.mkdir()
    project = ProjectFixture(folder, URL, overlay="deploy/here")
    project.manifest("support")
    project.write("checks/support.yaml", "assistants: support\n")
    project.write("deploy/here/support.yaml", "name: Here\n")
    project.write("prompts/support.md", "Be kind.\n")
    return project


def settings(project: ProjectFixture) -> Settings:
    return Settings(environ={}, folder=project.folder)


def signature(project: ProjectFixture) -> dict[Path, tuple[int, int]]:
    return files_signature(settings(project), [project.folder / "prompts/support.md"])


def test_without_an_edit_the_signature_is_equal(project: ProjectFixture) -> None:
    before = signature(project)
    assert {path.relative_to(project.folder).as_posix() for path in before} == {
        "assistant-sync.yaml",
        "assistants/support.yaml",
        "checks/support.yaml",
        "deploy/here/support.yaml",
        "prompts/support.md",
    }
    assert signature(project) == before


def touched(project: ProjectFixture) -> None:
    """The same size, and another time: as after a word of the same length."""
    os.utime(project.folder / "assistants/support.yaml", (1, 1))


@pytest.mark.parametrize(
    "edit",
    [
        lambda project: project.manifest("support", context={"prompt": "be rude"}),
        touched,
        lambda project: project.write("checks/support.yaml", "assistants: '*'\n"),
        lambda project: project.write("prompts/support.md", "Be rude, please.\n"),
        lambda project: project.write("deploy/here/support.yaml", "name: There, now\n"),
        lambda project: project.write("assistant-sync.yaml", "version: 1\nproject: [\n"),
        lambda project: project.write("assistants/new.yaml", "graph_id: x\n"),
        lambda project: project.write("checks/deep/down/new.yaml", "assistants: x\n"),
        lambda project: project.remove("support"),
        lambda project: (project.folder / "assistant-sync.yaml").unlink(),
    ],
    ids=[
        "manifest", "time", "check", "included text", "overlay", "broken project file", "new manifest",
        "new check", "removed manifest", "no project file",
    ],
)  # fmt: skip
def test_an_edit_is_seen(edit: Callable[[ProjectFixture], object], project: ProjectFixture) -> None:
    before = signature(project)
    edit(project)
    assert signature(project) != before


@pytest.mark.parametrize("path", ["README.md", "prompts/other.md", "src/agent.py"])
def test_other_files_are_not_watched(path: str, project: ProjectFixture) -> None:
    before = signature(project)
    project.write(path, "x")
    assert signature(project) == before


def test_a_project_file_elsewhere_is_watched(project: ProjectFixture, tmp_path: Path) -> None:
    config = project.folder / "assistant-sync.yaml"
    asked = Settings(environ={}, folder=tmp_path, config=config)
    assert config in files_signature(asked)


def test_a_wait_ends_with_the_first_edit(project: ProjectFixture) -> None:
    before = signature(project)

    async def main() -> None:
        waiting = asyncio.create_task(files_changed(settings(project), [project.folder / "prompts/support.md"], before))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        project.write("prompts/support.md", "Be rude, please.\n")
        await asyncio.wait_for(waiting, 10)

    asyncio.run(main())
