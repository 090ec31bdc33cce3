"""Where questions may be asked: a pull request changes nothing about that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import ExitCode, InvalidFiles, PlanRefused, UnknownName
from assistant_sync.model.project import DEFAULT_MAX_RUNS, CheckTerms
from assistant_sync.operations.check_terms import terms_of
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.workspace import Settings
from tests.operations.memory_project import URL
from tests.project_fixture import ProjectFixture

if TYPE_CHECKING:
    from pathlib import Path

FILE = (
    "version: 1\nproject: acme\ndefault_target: local\ntargets:\n  local: {url: 'http://127.0.0.1:2024'}\n"
    "  staging: {url: 'https://staging.example'}\n  production: {url: 'https://production.example'}\n"
)


@pytest.fixture
def project(tmp_path: Path) -> ProjectFixture:
    folder = tmp_path / "repository"
    folder.mkdir()
    return ProjectFixture(folder, URL)


def write(project: ProjectFixture, checks: str | None = None, *, commits: bool = False) -> None:
    """Write the project file with these terms."""
    project.write("assistant-sync.yaml", FILE + ("" if checks is None else f"checks: {{{checks}}}\n"))
    if commits:
        project.commit()


def terms(project: ProjectFixture, *, trusted: str | None = None, **settings: Any) -> tuple[CheckTerms, str | None]:
    """The terms, and the target that is asked."""
    asked = Settings(**{"environ": {}, "folder": project.folder, **settings})
    found, request = terms_of(PlanRequest(settings=asked, trusted_ref=trusted))
    assert request.trusted_ref == trusted
    return found, request.settings.target


@pytest.mark.parametrize(
    ("checks", "named", "target"),
    [
        (None, None, None),
        (None, "production", "production"),
        ("target: staging", None, "staging"),
        ("target: staging", "production", "production"),
    ],
)
def test_at_home_a_named_target_goes_before_that_of_the_checks_and_this_before_the_default(
    checks: str | None, named: str | None, target: str | None, project: ProjectFixture
) -> None:
    write(project, checks)
    assert terms(project, target=named)[1] == target


def test_at_home_the_work_tree_decides(project: ProjectFixture) -> None:
    write(project, "max_runs: 3", commits=True)
    write(project, "max_runs: 5, allow_default_context: true")
    assert terms(project) == (CheckTerms(max_runs=5, allow_default_context=True), None)


def test_a_pull_request_is_asked_on_the_terms_of_the_trusted_commit_alone(project: ProjectFixture) -> None:
    write(project, "target: staging, max_runs: 3", commits=True)
    write(project, "target: production, max_runs: 1000, allow_default_context: true, gate: true", commits=True)
    write(project, "target: local, max_runs: 2000")
    assert terms(project, trusted="HEAD~1") == (CheckTerms(target="staging", max_runs=3), "staging")
    assert terms(project, trusted="HEAD~1", target="staging")[1] == "staging"
    write(project, None)
    assert terms(project, trusted="HEAD~1") == (CheckTerms(target="staging", max_runs=3), "staging")


def test_terms_that_the_trusted_commit_leaves_open_have_their_defaults(project: ProjectFixture) -> None:
    write(project, "target: staging", commits=True)
    write(project, "target: staging, max_runs: 1000, allow_default_context: true")
    found, _ = terms(project, trusted="HEAD")
    assert (found.max_runs, found.allow_default_context) == (DEFAULT_MAX_RUNS, False)


@pytest.mark.parametrize(
    "before",
    [
        FILE,
        f"{FILE}checks: {{max_runs: 5}}\n",
        f"{FILE}checks: {{target: nowhere}}\n",
        f"{FILE}checks: {{target: staging, surprise: 1}}\n",
        "targets: [\n",
        None,
    ],
    ids=["no checks", "no target", "unknown target", "unknown field", "no YAML", "no file"],
)
def test_without_a_target_in_the_trusted_commit_nothing_is_asked(before: str | None, project: ProjectFixture) -> None:
    if before is None:
        (project.folder / "assistant-sync.yaml").unlink()
    else:
        project.write("assistant-sync.yaml", before)
    sha = project.commit()
    write(project, "target: staging", commits=True)
    with pytest.raises(PlanRefused) as caught:
        terms(project, trusted=sha, target="staging")
    assert caught.value.message == f"no question was asked: checks.target is not set in trusted commit {sha[:12]}"
    assert caught.value.hint is not None
    assert "after the merge" in caught.value.hint
    assert caught.value.exit_code is ExitCode.REFUSED


def test_another_target_than_that_of_the_trusted_commit_is_not_asked(project: ProjectFixture) -> None:
    write(project, "target: staging", commits=True)
    write(project, "target: production", commits=True)
    with pytest.raises(PlanRefused, match="no question was asked of target 'production': pull requests may ask 'stag"):
        terms(project, trusted="HEAD~1", target="production")


def test_an_unknown_commit_is_an_error(project: ProjectFixture) -> None:
    write(project, "target: staging", commits=True)
    with pytest.raises(UnknownName, match="nowhere"):
        terms(project, trusted="nowhere")


def test_a_project_file_of_today_with_problems_is_an_error(project: ProjectFixture) -> None:
    write(project, "target: staging", commits=True)
    write(project, "target: nowhere")
    with pytest.raises(InvalidFiles):
        terms(project, trusted="HEAD")
