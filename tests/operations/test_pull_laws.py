"""The laws of pull: pull, then plan, is empty; and a second pull changes nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings

from assistant_sync.model.change import Action
from assistant_sync.model.identity import derived_id
from assistant_sync.operations.pull import PullRequest, pull
from tests.end_to_end.test_laws import MANIFESTS
from tests.operations.memory_project import MemoryProject
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from assistant_sync.model.pulled import PullReport
    from tests.locking.clock import Clock

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
