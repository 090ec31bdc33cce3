"""Restoring an assistant from the archive, on a deployment in memory."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import BadDocument, Locked, PlanRefused, RepositoryError, UnknownName
from assistant_sync.model.aftermath import GitState
from assistant_sync.model.change import Action
from assistant_sync.model.identity import derived_id
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.operations.archived import list_archive
from assistant_sync.operations.undelete import UndeleteRequest, undelete
from assistant_sync.planning.policy import Allowance
from tests.applying.memory_deployment import ALL, landed, lost, status, statuses
from tests.operations.memory_project import URL
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.model.aftermath import RestoredManifest, UndeleteReport
    from assistant_sync.operations.undelete import UndeleteRun
    from tests.operations.memory_project import MemoryProject, ScriptedUI
    from tests.servers.recording import Fault

SUPPORT = derived_id(PROJECT, "support")
FIELDS = ("assistant_id", "graph_id", "name", "description", "context", "config")
WANTED: dict[str, Any] = {
    "name": "Support",
    "description": "two\nlines",
    "context": {"model": "a", "nested": {"list": [1, {"x": None}]}},
    "config": {"tags": ["x"], "recursion_limit": 7},
    "metadata": {"team": "cx"},
}


def delete(project: MemoryProject, key: str = "support") -> None:
    project.remove(key)
    project.settle(prune=True, allowance=Allowance(deletes=1))


@pytest.fixture
def deleted(project: MemoryProject) -> MemoryProject:
    """An assistant with two versions, unowned metadata and a cron, deleted by an apply; another one stays."""
    project.manifest("other")
    project.manifest("support", **WANTED | {"description": "first"})
    project.settle()
    project.manifest("support", **WANTED)
    project.commit()
    project.settle()
    project.deployment.patch(SUPPORT, metadata={"unowned": {"by": "a person"}})
    project.deployment.create_cron(SUPPORT, "0 3 * * *")
    delete(project)
    assert not project.deployment.exists(SUPPORT)
    return project


def restored(
    project: MemoryProject, *faults: Fault, ui: ScriptedUI | None = None, settings: Any = None, **request: Any
) -> UndeleteRun:
    asked = UndeleteRequest(settings=settings or project.settings(*faults), **{"key": "support", **request})
    return project.run_at_once(undelete(asked, ui or project.ui()))


def report_of(run: UndeleteRun) -> UndeleteReport:
    assert run.report is not None
    return run.report


def manifest_of(run: UndeleteRun) -> RestoredManifest:
    manifest = report_of(run).manifest
    assert manifest is not None
    return manifest


def archive_of(project: MemoryProject, key: str = "support") -> Path:
    (path,) = (project.folder / "archive" / "local").glob(f"{key}-*.json")
    return path


def edit(path: Path, **members: Any) -> Path:
    """Change members of an archive's file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | members))
    return path


def test_an_archive_that_has_nothing_restores_nothing(project: MemoryProject) -> None:
    with pytest.raises(UnknownName, match="the archive has no assistant with the key 'support' of target 'local'"):
        restored(project)
    assert project.transport.requests == []
    assert list_archive(project.settings()) == ((), ())


def test_all_fields_are_live_again_under_the_same_id_by_one_create(deleted: MemoryProject) -> None:
    before = json.loads(archive_of(deleted).read_text())["assistant"]
    run = restored(deleted)
    assert deleted.timeline == ["begin_writes", "lock", "approve", "POST", "unlock"]
    row = deleted.deployment.get(SUPPORT)
    assert {name: row[name] for name in FIELDS} == {name: before[name] for name in FIELDS}
    stamp, old = row["metadata"].pop(STAMP_KEY), before["metadata"].pop(STAMP_KEY)
    assert row["metadata"] == before["metadata"]
    assert stamp["write"] != old["write"]
    same = ("project", "target", "key", "id", "digest", "commit", "source", "metadata_keys")
    assert {name: stamp[name] for name in same} == {name: old[name] for name in same}
    assert (statuses(report_of(run).result), row["version"]) == ({"support": "created"}, 1)
    assert report_of(run).result.converged


def test_its_manifest_is_written_back_and_wants_what_is_live(deleted: MemoryProject) -> None:
    run = restored(deleted)
    assert manifest_of(run).path == "assistants/support.yaml"
    git = report_of(run).git
    assert git is not None
    assert git.state is GitState.AGREES
    assert deleted.planned(prune=True).writes == ()


def test_the_archive_stays_with_all_versions(deleted: MemoryProject) -> None:
    before = archive_of(deleted).read_bytes()
    run = restored(deleted)
    assert archive_of(deleted).read_bytes() == before
    assert (report_of(run).versions, report_of(run).archive) == (
        3,
        archive_of(deleted).relative_to(deleted.folder).as_posix(),
    )


def test_the_newest_archive_is_restored_and_a_file_can_be_named(deleted: MemoryProject) -> None:
    first = archive_of(deleted)
    restored(deleted)
    deleted.manifest("support", name="Later")
    deleted.settle()
    deleted.clock.elapse(1)
    delete(deleted)
    restored(deleted, writes_manifest=False)
    assert deleted.deployment.get(SUPPORT)["name"] == "Later"
    deleted.deployment.delete(SUPPORT)
    restored(deleted, key=None, file=first, writes_manifest=False)
    assert deleted.deployment.get(SUPPORT)["name"] == "Support"


def test_a_key_that_another_one_begins_with_is_not_mistaken(deleted: MemoryProject) -> None:
    deleted.manifest("support-2")
    deleted.settle()
    deleted.clock.elapse(1)
    delete(deleted, "support-2")
    assert report_of(restored(deleted)).assistant_id == SUPPORT


def test_a_person_who_says_no_restores_nothing(deleted: MemoryProject) -> None:
    run = restored(deleted, ui=deleted.ui(asks=True, agrees=False))
    assert (run.report, deleted.transport.writes, deleted.deployment.exists(SUPPORT)) == (None, [], False)
    assert not (deleted.folder / "assistants/support.yaml").exists()


def test_the_lock_of_an_apply_holds_it_off(deleted: MemoryProject) -> None:
    deleted.leave_lock()
    with pytest.raises(Locked):
        restored(deleted, lock_timeout=5.0)
    assert deleted.sent == []


# Ends in between


def test_a_run_that_ended_before_the_manifest_is_completed_by_the_next(deleted: MemoryProject) -> None:
    restored(deleted, writes_manifest=False)
    run = restored(deleted)
    assert (report_of(run).result.outcomes, deleted.transport.writes) == ((), [])
    assert manifest_of(run).path == "assistants/support.yaml"
    assert deleted.planned(prune=True).writes == ()


def test_a_create_whose_answer_is_lost_is_found(deleted: MemoryProject) -> None:
    run = restored(deleted, deleted.beside_the_lock(landed("POST", ALL)))
    assert statuses(report_of(run).result) == {"support": "created"}
    assert (deleted.numbers(SUPPORT), manifest_of(run).path) == ([1], "assistants/support.yaml")


@pytest.mark.parametrize("fault", [lost("POST", ALL, 9), status(403, "POST", ALL)], ids=["lost", "403"])
def test_a_create_that_is_not_done_writes_no_manifest_and_the_next_one_ends_it(
    fault: Fault, deleted: MemoryProject
) -> None:
    run = restored(deleted, deleted.beside_the_lock(fault))
    assert (report_of(run).manifest, report_of(run).git) == (None, None)
    assert not (deleted.folder / "assistants/support.yaml").exists()
    run = restored(deleted)
    assert (deleted.numbers(SUPPORT), manifest_of(run).path) == ([1], "assistants/support.yaml")


def test_a_server_that_drops_unowned_metadata_has_not_converged(deleted: MemoryProject) -> None:
    deleted.deployment.quirk = lambda row: row["metadata"].pop("unowned", None)
    result = report_of(restored(deleted)).result
    assert [one.paths for one in result.differences] == [("metadata.unowned",)]


# What is there already


def test_what_is_live_with_other_content_is_left_alone(deleted: MemoryProject) -> None:
    restored(deleted)
    deleted.deployment.patch(SUPPORT, name="by hand")
    run = restored(deleted)
    (change,) = run.run.planned.plan.changes
    assert (change.action, run.report, deleted.transport.writes) == (Action.REFUSE, None, [])
    assert "it is live, with other content than the archive has (version 2)" in change.reason


def test_an_unmanaged_assistant_on_its_id_is_left_alone(deleted: MemoryProject) -> None:
    deleted.deployment.create(assistant_id=SUPPORT)
    (change,) = restored(deleted).run.planned.plan.changes
    assert (change.action, change.reason) == (Action.REFUSE, "the assistant with this id carries no stamp")


def test_another_assistant_with_the_key_stops_it(deleted: MemoryProject) -> None:
    other = "12345678-1234-4234-8234-123456789abc"
    deleted.manifest("support", assistant_id=other)
    deleted.settle()
    (change,) = restored(deleted).run.planned.plan.changes
    assert change.reason == f"another assistant of this project has this key now: {other}"


def test_a_graph_that_is_gone_is_not_sent(deleted: MemoryProject) -> None:
    deleted.deployment.graphs.remove("support_agent")
    run = restored(deleted)
    assert statuses(report_of(run).result) == {"support": "not_attempted"}
    assert report_of(run).manifest is None


def test_a_manifest_with_the_key_is_left_as_it_is(deleted: MemoryProject) -> None:
    deleted.manifest("support", name="another wish")
    before = (deleted.folder / "assistants/support.yaml").read_bytes()
    run = restored(deleted)
    assert (manifest_of(run).path, manifest_of(run).because) == (
        None,
        "assistants/support.yaml has this assistant already",
    )
    assert (deleted.folder / "assistants/support.yaml").read_bytes() == before
    git = report_of(run).git
    assert git is not None
    assert (git.state, git.ways[0].command) == (GitState.DIFFERS, "assistant-sync pull support")


# The place of the manifest


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("assistants/deep/er/file.yml", "assistants/deep/er/file.yml"),
        ("assistants/other.yaml", "assistants/support.yaml"),
        ("elsewhere/support.yaml", "assistants/support.yaml"),
        ("assistants/../../out.yaml", "assistants/support.yaml"),
        ("/etc/cron.d/x.yaml", "assistants/support.yaml"),
        ("assistants/.hidden/x.yaml", "assistants/support.yaml"),
        ("assistants/x.txt", "assistants/support.yaml"),
        ("assistants/other.yaml/x.yaml", "assistants/support.yaml"),
        ("assistants/link/x.yaml", "assistants/support.yaml"),
        ("assistants/a\x1bb.yaml", "assistants/support.yaml"),
        (None, "assistants/support.yaml"),
    ],
    ids=range(11),
)
def test_the_manifest_goes_where_it_was_if_that_is_free_and_inside(
    source: str | None, place: str, deleted: MemoryProject, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (deleted.folder / "assistants/link").symlink_to(tmp_path / "outside")
    path = archive_of(deleted)
    live = json.loads(path.read_text())["assistant"]
    live["metadata"][STAMP_KEY]["source"] = source
    edit(path, assistant=live)
    run = restored(deleted)
    assert manifest_of(run).path == place
    assert (deleted.folder / place).is_file()
    assert deleted.deployment.get(SUPPORT)["metadata"][STAMP_KEY]["source"] == place
    assert deleted.planned().writes == ()
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_place_that_is_taken_is_never_written_over(deleted: MemoryProject) -> None:
    deleted.write("assistants/support.yaml", "key: third\ngraph_id: support_agent\n")
    run = restored(deleted)
    assert manifest_of(run).because == "another file has the place where its manifest would be"
    assert (deleted.folder / "assistants/support.yaml").read_text() == "key: third\ngraph_id: support_agent\n"


def test_the_folder_that_went_with_the_last_manifest_is_made(deleted: MemoryProject) -> None:
    deleted.remove("other")
    (deleted.folder / "assistants").rmdir()
    assert manifest_of(restored(deleted)).path == "assistants/support.yaml"
    assert deleted.planned().writes == ()


def test_manifests_with_errors_may_have_the_key(deleted: MemoryProject) -> None:
    deleted.write("assistants/bad.yaml", "graph_id: [")
    run = restored(deleted)
    assert statuses(report_of(run).result) == {"support": "created"}
    assert (manifest_of(run).because or "").startswith("the manifests cannot be read: ")


def test_an_id_that_does_not_follow_from_the_key_is_named(project: MemoryProject) -> None:
    own = "12345678-1234-4234-8234-123456789abc"
    project.manifest("other")
    project.deployment.create(assistant_id=own, name="By hand")
    project.manifest("support", assistant_id=own, name="By hand")
    project.settle()
    delete(project)
    restored(project)
    assert f"assistant_id: {own}" in (project.folder / "assistants/support.yaml").read_text()
    assert project.planned().writes == ()


def test_without_a_manifest_git_must_get_one(deleted: MemoryProject) -> None:
    run = restored(deleted, writes_manifest=False)
    git = report_of(run).git
    assert git is not None
    assert (manifest_of(run).because, git.state) == ("--no-manifest was given", GitState.NO_MANIFEST)


# What an archive's file may hold


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"kind": "plan"}, "is not an archived assistant that this version reads"),
        ({"format_version": "2.0"}, "is not an archived assistant that this version reads"),
        ({"assistant": {}}, "is not an archived assistant: assistant.assistant_id"),
        ({"assistant": None}, "is not an archived assistant: assistant"),
        ({"versions": {}}, "is not an archived assistant: versions"),
        ({"crons": [{"cron_id": 1}]}, "is not an archived assistant: crons.0.cron_id"),
        ({"archived_at": 1}, "is not an archived assistant: archived_at"),
    ],
    ids=range(7),
)
def test_a_damaged_file_is_an_error_that_names_the_member(
    members: dict[str, Any], message: str, deleted: MemoryProject
) -> None:
    path = edit(archive_of(deleted), **members)
    with pytest.raises(BadDocument, match=message):
        restored(deleted)
    assert deleted.transport.requests == []
    entries, (unread,) = list_archive(deleted.settings())
    assert (entries, message in unread, str(path) in unread) == ((), True, True)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format_version": "1.0", "x": NaN}', "\udcff"])
def test_a_file_that_is_no_json_object_is_an_error(text: str, deleted: MemoryProject) -> None:
    archive_of(deleted).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadDocument, match="is not a file of the archive: not"):
        restored(deleted)


def test_the_archive_of_another_project_is_refused(deleted: MemoryProject) -> None:
    edit(archive_of(deleted), project="another")
    with pytest.raises(PlanRefused, match="is an archive of another project"):
        restored(deleted)


def test_an_archived_row_without_our_stamp_is_refused(deleted: MemoryProject) -> None:
    path = archive_of(deleted)
    live = json.loads(path.read_text())["assistant"]
    edit(path, assistant=live | {"metadata": {}})
    with pytest.raises(PlanRefused, match="the assistant in it carries no stamp"):
        restored(deleted)


def test_an_archived_row_whose_stamp_has_another_key_is_refused(deleted: MemoryProject) -> None:
    path = archive_of(deleted)
    live = json.loads(path.read_text())["assistant"]
    live["metadata"][STAMP_KEY]["key"] = "another"
    edit(path, assistant=live)
    with pytest.raises(PlanRefused, match="the assistant in it has another key"):
        restored(deleted)


def test_a_newer_file_that_has_the_name_but_not_the_key_is_passed_over(deleted: MemoryProject) -> None:
    path = archive_of(deleted)
    newer = path.with_name(path.name.rpartition("-")[0] + "-29990101T000000.json")
    newer.write_bytes(path.read_bytes())
    edit(newer, key="another")
    assert report_of(restored(deleted)).archive == path.relative_to(deleted.folder).as_posix()


def test_an_archived_mixture_is_refused_with_the_way_out(deleted: MemoryProject) -> None:
    path = archive_of(deleted)
    live = json.loads(path.read_text())["assistant"]
    edit(path, assistant=live | {"config": {"configurable": {"model": "b"}}})
    with pytest.raises(PlanRefused, match=r"its context and config\.configurable differ") as caught:
        restored(deleted)
    assert "--from" in (caught.value.hint or "")


def test_a_named_file_must_have_the_key(deleted: MemoryProject) -> None:
    with pytest.raises(UnknownName, match="has the assistant 'support', not 'other'"):
        restored(deleted, key="other", file=archive_of(deleted))


def test_a_key_that_is_misspelt_is_suggested(deleted: MemoryProject) -> None:
    with pytest.raises(UnknownName) as caught:
        restored(deleted, key="suport")
    assert caught.value.hint == "did you mean 'support'?"


def test_an_archive_that_leads_out_of_the_repository_is_not_read(deleted: MemoryProject, tmp_path: Path) -> None:
    (deleted.folder / "archive").rename(tmp_path / "moved")
    (deleted.folder / "archive").symlink_to(tmp_path / "moved")
    with pytest.raises(RepositoryError, match="leads out of the repository through a symlink"):
        restored(deleted)


def test_the_archive_is_listed_the_newest_first_and_by_key(deleted: MemoryProject) -> None:
    deleted.manifest("third")
    deleted.settle()
    deleted.clock.elapse(1)
    delete(deleted, "third")
    entries, unread = list_archive(deleted.settings())
    assert [(one.key, one.versions, one.crons) for one in entries] == [("third", 1, 0), ("support", 3, 1)]
    assert (unread, [one.key for one in list_archive(deleted.settings(), "support")[0]]) == ((), ["support"])


def test_a_former_name_of_the_target_counts(deleted: MemoryProject) -> None:
    deleted.configure(URL, name="renamed", formerly=["local"])
    assert report_of(restored(deleted)).result.converged
    assert deleted.deployment.get(SUPPORT)["metadata"][STAMP_KEY]["target"] == "renamed"


# Crons


def test_each_cron_comes_with_the_command_that_makes_it_again(deleted: MemoryProject) -> None:
    deleted.environ["LANGGRAPH_API_KEY"] = "top-secret-key"
    path = archive_of(deleted)
    cron = {
        "cron_id": "c1", "schedule": "0 3 * * *", "timezone": "Europe/Berlin", "enabled": False,
        "payload": {
            "input": {"question": "it's $(id) `id`\n\x1b]0;x"},
            "context": {"m": 1},
            "config": {"configurable": {"cron_id": "c1", "m": 1}},
        },
    }  # fmt: skip
    edit(path, crons=[cron])
    (made,) = report_of(restored(deleted)).crons or ()
    assert ("top-secret-key" in made.command, made.command.isprintable()) == (False, True)
    assert """-H 'x-api-key: '"$LANGGRAPH_API_KEY\"""" in made.command
    words = shlex.split(made.command)
    assert f"{URL}/runs/crons" in words
    assert json.loads(words[-1]) == {
        "assistant_id": SUPPORT, "schedule": "0 3 * * *", "timezone": "Europe/Berlin", "enabled": False,
        "input": {"question": "it's $(id) `id`\n\x1b]0;x"}, "context": {"m": 1},
    }  # fmt: skip


def test_a_cron_of_a_thread_goes_to_that_thread_and_headers_are_quoted(deleted: MemoryProject) -> None:
    deleted.environ["TENANT"] = "hidden"
    deleted.configure(URL, headers={"X`id`": "v"}, headers_env={"X-Tenant": "TENANT"})
    edit(archive_of(deleted), crons=[{"cron_id": "c", "schedule": "* * * * *", "thread_id": "../x y"}])
    (made,) = report_of(restored(deleted)).crons or ()
    assert f"{URL}/threads/..%2Fx%20y/runs/crons" in shlex.split(made.command)
    assert "-H 'x`id`: ...'" in made.command
    assert """-H 'x-tenant: '"$TENANT\"""" in made.command
    assert "hidden" not in made.command


def test_a_value_that_looks_like_a_credential_is_left_out(deleted: MemoryProject) -> None:
    secret = "sk-" + "a1B2" * 10
    payload = {"input": {"list": [{"api_key": secret}], "text": f"use {secret}"}}
    edit(archive_of(deleted), crons=[{"cron_id": "c", "schedule": "* * * * *", "payload": payload}])
    (made,) = report_of(restored(deleted)).crons or ()
    assert (made.is_masked, secret in made.command) == (True, False)


def test_crons_that_could_not_be_read_are_unknown(deleted: MemoryProject) -> None:
    edit(archive_of(deleted), crons=None)
    assert report_of(restored(deleted)).crons is None


def test_an_archive_of_another_target_is_refused_unless_the_target_had_that_name(deleted: MemoryProject) -> None:
    path = edit(archive_of(deleted), target="staging")
    with pytest.raises(PlanRefused, match="was archived from the target 'staging', not from 'local'"):
        restored(deleted, file=path)
    deleted.configure(URL, formerly=["staging"])
    assert report_of(restored(deleted, file=path)).result.converged


def test_a_value_that_looks_like_an_include_is_restored_but_not_written_into_a_manifest(deleted: MemoryProject) -> None:
    document = json.loads(archive_of(deleted).read_text())
    include = {"p": {"$file": "../assistant-sync.yaml"}}
    document["assistant"] |= {"context": include, "config": {"configurable": include}}
    manifest = manifest_of(restored(deleted, file=edit(archive_of(deleted), **document)))
    assert (manifest.path, manifest.because) == (None, "a manifest cannot express it")


@pytest.mark.parametrize("place", ["context", "metadata"])
def test_an_archive_that_is_nested_too_deep_is_refused_before_anything_is_sent(
    deleted: MemoryProject, place: str
) -> None:
    deep: Any = {}
    for _ in range(200):
        deep = {"a": deep}
    document = json.loads(archive_of(deleted).read_text())
    document["assistant"][place]["deep"] = deep
    with pytest.raises(BadDocument, match="nested more than 110 levels"):
        restored(deleted, file=edit(archive_of(deleted), **document))
    assert not deleted.deployment.exists(SUPPORT)
