from __future__ import annotations

import asyncio
import json
import re
import stat
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.documents.archive import ArchivedAssistant
from assistant_sync.errors import RepositoryError, ServerFault
from assistant_sync.model.change import Delete
from assistant_sync.model.project import Project
from assistant_sync.model.selection import Selection
from assistant_sync.operations.archiving import archiver
from tests.applying.memory_deployment import VERSIONS, MemoryDeployment, status, the_write
from tests.builders import PROJECT, TARGET, make_assistant, make_desired, make_id
from tests.servers.recording import answered

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.model.plan import Plan
    from tests.servers.recording import Fault

OWN = make_id("support")


@pytest.fixture
def memory() -> MemoryDeployment:
    """An assistant with two versions."""
    memory = MemoryDeployment()
    memory.settle(make_desired("support"))
    memory.settle(make_desired("support", description="second"))
    return memory


def to_delete(memory: MemoryDeployment) -> Plan:
    """The plan that deletes the assistant."""
    return memory.plan(make_desired("other"), prune=True, selection=Selection(("support",)))


def archive(memory: MemoryDeployment, plan: Plan, folder: Path, *faults: Fault, to: str | None = None) -> str:
    """Archive the assistant of the plan's delete; the place that is returned."""
    change = the_write(plan)
    assert isinstance(change, Delete)
    project = Project(PROJECT, folder, "assistant-sync.yaml", "assistants", to, None, {})

    async def main() -> str:
        async with memory.writer(*faults) as reader:
            return (await archiver(plan, project, reader)(change)).place

    return asyncio.run(main())


def document(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_nothing_is_written_before_a_delete_asks_for_it(memory: MemoryDeployment, tmp_path: Path) -> None:
    plan = to_delete(memory)
    project = Project(PROJECT, tmp_path, "assistant-sync.yaml", "assistants", None, None, {})

    async def main() -> None:
        async with memory.writer() as reader:
            archiver(plan, project, reader)

    asyncio.run(main())
    assert list(tmp_path.iterdir()) == []


def test_a_file_below_the_targets_folder_is_named_after_key_id_and_time(
    memory: MemoryDeployment, tmp_path: Path
) -> None:
    place = archive(memory, to_delete(memory), tmp_path)
    assert re.fullmatch(rf"archive/{TARGET}/support-{OWN}-\d{{8}}T\d{{6}}\.\d{{6}}\+0000\.json", place)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json")] == [place]


def test_the_file_is_for_its_owner_alone(memory: MemoryDeployment, tmp_path: Path) -> None:
    place = archive(memory, to_delete(memory), tmp_path)
    assert stat.S_IMODE((tmp_path / place).stat().st_mode) == 0o600


def test_the_file_holds_the_assistant_and_all_its_versions(memory: MemoryDeployment, tmp_path: Path) -> None:
    kept = document(tmp_path / archive(memory, to_delete(memory), tmp_path))
    assert (kept["project"], kept["target"], kept["key"]) == (PROJECT, TARGET, "support")
    rows = [memory.deployment.get(OWN), *memory.deployment.versions(OWN)]
    for field in ("assistant_id", "graph_id", "name", "context", "config", "metadata", "version", "created_at"):
        assert [row[field] for row in [kept["assistant"], *kept["versions"]]] == [row[field] for row in rows]
    assert [version["description"] for version in kept["versions"]] == ["second", ""]


def test_the_project_file_names_the_folder(memory: MemoryDeployment, tmp_path: Path) -> None:
    assert archive(memory, to_delete(memory), tmp_path, to="kept/here").startswith(f"kept/here/{TARGET}/support-")


def test_two_archives_of_one_assistant_are_two_files(memory: MemoryDeployment, tmp_path: Path) -> None:
    plan = to_delete(memory)
    assert archive(memory, plan, tmp_path) != archive(memory, plan, tmp_path)


def test_what_somebody_has_written_since_the_plan_is_kept_too(memory: MemoryDeployment, tmp_path: Path) -> None:
    plan = to_delete(memory)
    memory.deployment.patch(OWN, description="by hand")
    kept = document(tmp_path / archive(memory, plan, tmp_path))
    assert kept["assistant"]["description"] == "by hand"
    assert [version["version"] for version in kept["versions"]] == [3, 2, 1]


def test_an_assistant_whose_graph_is_gone_is_kept(memory: MemoryDeployment, tmp_path: Path) -> None:
    plan = to_delete(memory)
    memory.deployment.graphs.remove("agent")
    assert len(document(tmp_path / archive(memory, plan, tmp_path))["versions"]) == 2


def test_the_file_holds_the_crons_of_the_moment(memory: MemoryDeployment, tmp_path: Path) -> None:
    plan = to_delete(memory)
    row = memory.deployment.create_cron(OWN, "0 3 * * *")
    assert document(tmp_path / archive(memory, plan, tmp_path))["crons"] == [row]


HOSTILE = [
    "x/../../../../out/pwned",
    "../up",
    "..",
    "/etc/passwd",
    "a" * 5000,
    "\0",
    "\ud800",
    "e\u0301" * 300,
    "C:\\x",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_key_and_no_id_of_a_server_leads_out_of_the_folder_or_makes_a_name_too_long(text: str) -> None:
    row = make_assistant("a", assistant_id=text)
    archived = ArchivedAssistant(
        project="acme", target="local", key=text, archived_at="2026-11-28T09:00:00+00:00", live=row, versions=[row]
    )
    folder, _, name = archived.file.partition("/")
    assert (folder, "/" in name, name.isascii()) == ("local", False, True)
    assert not name.startswith(".")
    assert len(name) <= 200  # most file systems take 255 bytes


def test_two_ids_that_are_no_uuids_have_two_names() -> None:
    rows = [make_assistant("a", assistant_id=own) for own in ("x/y", "x_y")]
    files = {
        ArchivedAssistant(project="", target="t", key="k", archived_at="", live=row, versions=[]).file for row in rows
    }
    assert len(files) == 2


# What cannot be kept


@pytest.mark.parametrize(
    "fault",
    [status(404, "POST", VERSIONS, times=9), answered("POST", VERSIONS, lambda: httpx.Response(200, json=[]), times=9)],
    ids=["404", "an empty list"],
)
def test_versions_that_cannot_be_read_are_an_error(fault: Fault, memory: MemoryDeployment, tmp_path: Path) -> None:
    with pytest.raises(RepositoryError) as caught:
        archive(memory, to_delete(memory), tmp_path, fault)
    assert caught.value.message == (
        "support: its versions cannot be read, so it cannot be archived; it was not deleted"
    )
    assert list(tmp_path.iterdir()) == []


def test_an_assistant_that_is_gone_cannot_be_kept(memory: MemoryDeployment, tmp_path: Path) -> None:
    plan = to_delete(memory)
    memory.deployment.delete(OWN)
    with pytest.raises(RepositoryError, match="support: its versions cannot be read"):
        archive(memory, plan, tmp_path)


def test_a_deployment_that_fails_is_an_error_of_its_own(memory: MemoryDeployment, tmp_path: Path) -> None:
    with pytest.raises(ServerFault):
        archive(memory, to_delete(memory), tmp_path, status(500, "POST", VERSIONS, times=99))


def test_a_folder_that_cannot_be_made_is_an_error_that_names_the_file(memory: MemoryDeployment, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file")
    with pytest.raises(RepositoryError, match=rf"/archive/{TARGET}/support-.*: cannot be written"):
        archive(memory, to_delete(memory), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_an_archive_that_leads_out_of_the_repository_keeps_nothing_and_deletes_nothing(
    memory: MemoryDeployment, tmp_path: Path
) -> None:
    repository, outside = tmp_path / "repository", tmp_path / "outside"
    (repository / ".git").mkdir(parents=True)
    outside.mkdir()
    (repository / "archive").symlink_to(outside)
    with pytest.raises(RepositoryError, match="leads out of the repository through a symlink; nothing was deleted"):
        archive(memory, to_delete(memory), repository)
    assert list(outside.iterdir()) == []
    (repository / "kept").mkdir()
    (repository / "inside").symlink_to("kept")
    assert archive(memory, to_delete(memory), repository, to="inside").startswith("inside/")


@pytest.mark.parametrize("is_git", [False, True])
def test_an_archive_below_a_link_into_another_repository_keeps_nothing(
    is_git: bool, memory: MemoryDeployment, tmp_path: Path
) -> None:
    repository, other = tmp_path / "repository", tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    repository.mkdir()
    if is_git:
        (repository / ".git").mkdir()
    (repository / "out").symlink_to(other)
    with pytest.raises(RepositoryError, match="leads out of the repository"):
        archive(memory, to_delete(memory), repository, to="out/archive")
    assert [path.name for path in other.iterdir()] == [".git"]
