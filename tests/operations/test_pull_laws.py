"""The laws of pull: pull, then plan, is empty; and a second pull changes nothing."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings

from assistant_sync.errors import InvalidFiles
from assistant_sync.model.change import Action
from assistant_sync.model.identity import derived_id
from assistant_sync.operations.pull import PullRequest, pull
from tests.depth import DEPTH
from tests.end_to_end.test_laws import MANIFESTS
from tests.manifests.writing.corpus_files import FILES, values_of
from tests.operations.memory_project import MemoryProject
from tests.project_fixture import PROJECT
from tests.servers.fake_deployment import FakeDeployment

if TYPE_CHECKING:
    from assistant_sync.model.pulled import PullReport
    from tests.locking.clock import Clock
    from tests.servers.fake_deployment import Row

OWN = derived_id(PROJECT, "support")

_law = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_REASONS = ("looks like a credential", "its name is empty", "reserved", "context and its config.configurable differ")
"""Why a generated assistant may be left out."""


def pulled(project: MemoryProject, **request: Any) -> PullReport:
    return project.run_at_once(pull(PullRequest(settings=project.settings(), **request)))


def without_git(folder: str, clock: Clock) -> MemoryProject:
    """A project in a plain folder, which costs no process."""
    project = MemoryProject(Path(folder), clock)
    shutil.rmtree(project.folder / ".git")
    return project


def make(project: MemoryProject, manifest: dict[str, Any], **body: Any) -> None:
    """Somebody makes an assistant by hand."""
    names = ("graph_id", "name", "description", "context", "config", "metadata")
    fields = {name: manifest[name] for name in names if manifest.get(name) is not None}
    project.deployment.create(**({"name": "By hand"} | fields | body))


@given(MANIFESTS)
@_law
def test_an_imported_assistant_is_adopted_without_a_field(clock: Clock, manifest: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = without_git(folder, clock)
        make(project, manifest)
        report = pulled(project, unmanaged=True, metadata=tuple(manifest.get("metadata") or ()))
        if report.not_pulled:
            assert any(reason in report.not_pulled[0].reason for reason in _REASONS), report.not_pulled
            assert report.files == ()
            return
        plan = project.planned()
        assert [change.action for change in plan.changes] == [Action.ADOPT]
        assert [change.fields for change in plan.changes] == [()]
        assert pulled(project, unmanaged=True).files == ()


@given(MANIFESTS, MANIFESTS)
@_law
def test_an_edited_assistant_is_equal_to_its_manifest_after_a_pull(
    clock: Clock, first: dict[str, Any], second: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = without_git(folder, clock)
        project.manifest("support", **first)
        if project.planned().is_refused:
            return
        project.settle()
        edit = {"name": "By hand", "description": "", "context": {}, "config": {"configurable": {}}, **second}
        config = {**(edit["config"] or {}), "configurable": {}}
        body = {name: value for name, value in edit.items() if value is not None} | {"config": config}
        project.deployment.patch(OWN, **body)
        report = pulled(project)
        if report.not_pulled:
            assert any(reason in report.not_pulled[0].reason for reason in _REASONS), report.not_pulled
            assert report.files == ()
            return
        assert project.planned().writes == ()
        assert pulled(project).files == ()


# The corpus of manifests as people write them

EVERYDAY_SHARE = 12
"""Of so many files one is pulled every day."""


def changed(value: Any) -> Any:
    """Another value, as somebody would change it."""
    match value:
        case str():
            return f"{value} Changed.\n"
        case list():
            return [*value, "changed"]
        case dict():
            return value | {"changed": None}
        case bool() | None:
            return not value
        case _:
            return 0.25


def edited(row: Row) -> dict[str, Any]:
    """What somebody sends who changes the name and some values of the context, and adds one."""
    context = row["context"] | {key: changed(row["context"][key]) for key in list(row["context"])[:2]}
    config = {key: value for key, value in row["config"].items() if key != "configurable"}
    return {"name": f"{row['name']} by hand", "context": context | {"added_by_hand": 0.7}, "config": config}


def comments_of(text: str) -> list[str]:
    """What stands behind each hash that follows a blank: comments, and some texts."""
    return [line[line.index("#") :].strip() for line in text.splitlines() if line.lstrip().startswith("#")]


def pull_one(path: Path, folder: Path, clock: Clock) -> tuple[int, int] | None:
    """Apply a file of the corpus, edit each of its assistants, pull.

    Returns:
        How many assistants were pulled, and how many of them reformatted; None if the file is no valid manifest: some
        of the corpus are only valid YAML.
    """
    text = path.read_bytes().decode()
    documents = [one for one in values_of(text) if one]
    project = without_git(str(folder), clock)
    project.deployment = FakeDeployment([*{one["graph_id"] for one in documents}])
    for file in re.findall(r"\$file: ?['\"]?([^'\"}\n#]+)", text):
        place = folder / "assistants" / file.strip()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("An included text.\n")
    manifest = folder / "assistants" / path.name
    manifest.write_bytes(path.read_bytes())
    try:
        project.settle()
    except InvalidFiles:
        return None
    rows = {row["metadata"]["assistant_sync"]["key"]: row for row in project.deployment.users()}
    for row in rows.values():
        if not row["config"].get("configurable") or row["context"]:
            project.deployment.patch(row["assistant_id"], **edited(row))
    report = pulled(project)
    assert report.not_pulled == (), path.name
    assert len(report.pulled) == len(rows), path.name
    assert project.planned().writes == (), path.name
    after = manifest.read_bytes().decode()
    assert pulled(project).files == (), path.name
    assert manifest.read_bytes().decode() == after
    reformatted = sum("was reformatted" in note for one in report.pulled for note in one.notes)
    if not reformatted:
        assert set(comments_of(text)) - set(comments_of(after)) == set(), path.name
    assert ("\r\n" in text) == ("\r\n" in after), path.name
    assert text.startswith("\ufeff") == after.startswith("\ufeff"), path.name
    return len(report.pulled), reformatted


def test_a_corpus_of_files_is_pulled_without_a_comment_lost(clock: Clock, tmp_path: Path) -> None:
    chosen = FILES if DEPTH.all_tests else FILES[::EVERYDAY_SHARE]
    counts = []
    for path in chosen:
        folder = tmp_path / path.stem
        folder.mkdir()
        counts.append(pull_one(path, folder, clock))
    valid = [one for one in counts if one is not None]
    assert len(valid) >= (200 if DEPTH.all_tests else 0.8 * len(chosen))
    pulled_in_all, reformatted = (sum(column) for column in zip(*valid, strict=True))
    figures = f"{reformatted} of {pulled_in_all} assistants in {len(valid)} files"
    assert reformatted <= pulled_in_all // 20, figures
