"""``overlays/<target>`` is read without being named, and nobody's overlay is ignored in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.manifests.load import load_manifests
from assistant_sync.manifests.project.file import load_project
from assistant_sync.repository.committed import CommitTree
from assistant_sync.repository.worktree import WorkTree
from tests.manifests.manifest_project import ManifestProject

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = """\
version: 1
project: acme
default_target: local
targets:
  local: {url: "http://127.0.0.1:2024"}
  production: {url: "https://prod.example.org"}
"""


@pytest.fixture
def plain(project: ManifestProject) -> ManifestProject:
    """A project whose targets name no overlay."""
    project.write("assistant-sync.yaml", PLAIN)
    project.write_all(support="graph_id: agent\ncontext: {m: openai}\n")
    return project


def test_without_such_a_folder_nothing_differs(plain: ManifestProject) -> None:
    assert plain.load("production").problems == ()
    assert plain.one("production").content == plain.one("local").content


def test_the_folder_of_the_targets_name_is_its_overlay(plain: ManifestProject) -> None:
    plain.write("overlays/production/support.yaml", "context: {m: anthropic}\n")
    assert plain.load("production").problems == ()
    assert plain.one("production").content.context == {"m": "anthropic"}
    assert plain.one("local").content.context == {"m": "openai"}
    assert "overlays/production/support.yaml" in plain.load("production").files


def test_it_is_checked_without_a_target_too(plain: ManifestProject) -> None:
    plain.write("overlays/production/suport.yaml", "context: {m: anthropic}\n")
    (problem,) = plain.load(None).problems
    assert "no manifest has the key 'suport'" in str(problem)


def test_an_overlay_that_is_named_is_read_in_its_place(plain: ManifestProject) -> None:
    plain.write("assistant-sync.yaml", PLAIN.replace('org"}', 'org", overlay: envs/prod}'))
    plain.write("envs/prod/support.yaml", "context: {m: named}\n")
    assert plain.one("production").content.context == {"m": "named"}
    plain.write("overlays/production/support.yaml", "context: {m: anthropic}\n")
    (problem,) = plain.load("production").problems
    assert problem.is_error
    assert str(problem) == (
        "overlays/production/support.yaml: no target reads this overlay: target 'production' names another folder as "
        "its 'overlay'"
    )


def test_a_folder_of_no_targets_name_is_an_error(plain: ManifestProject) -> None:
    for name in ("a", "b"):
        plain.write(f"overlays/productions/{name}.yaml", "context: {m: anthropic}\n")
    (problem,) = plain.load("local").problems
    assert problem.is_error
    why = "'productions' is no target; did you mean 'production'?"
    assert str(problem).startswith(f"overlays/productions/a.yaml: no target reads this overlay: {why}")


def test_a_file_beside_the_folders_is_an_error_too(plain: ManifestProject) -> None:
    plain.write("overlays/support.yaml", "context: {m: anthropic}\n")
    (problem,) = plain.load("local").problems
    assert str(problem).endswith("it must be in the folder of a target, such as overlays/local")


@pytest.mark.parametrize("path", ["overlays/README.md", "overlays/shared/tone.md", "overlays/.hidden/a.yaml"])
def test_what_is_no_overlay_may_stand_beside_them(plain: ManifestProject, path: str) -> None:
    plain.write(path, "context: {m: x}\n")
    assert plain.load("production").problems == ()


def test_overlays_below_the_manifests_are_no_manifests(plain: ManifestProject) -> None:
    plain.write("assistant-sync.yaml", PLAIN + "manifests: .\n")
    plain.write("overlays/production/support.yaml", "context: {m: anthropic}\n")
    assert [one.key for one in plain.load("local").desired] == ["support"]
    assert plain.one("production").content.context == {"m": "anthropic"}


def test_a_folder_that_holds_the_manifests_is_no_overlay(plain: ManifestProject) -> None:
    plain.write("assistant-sync.yaml", PLAIN + "manifests: overlays/local\n")
    plain.write("overlays/local/support.yaml", "graph_id: agent\n")
    assert plain.load("local").problems == ()
    assert [one.key for one in plain.load("local").desired] == ["support"]


def test_below_the_repositorys_top_they_are_beside_the_project_file(tmp_path: Path) -> None:
    below = ManifestProject(tmp_path / "repository", home="teams/care")
    below.write("assistant-sync.yaml", PLAIN)
    below.write_all(support="graph_id: agent\n")
    below.write("overlays/production/support.yaml", "name: Below\n")
    assert below.one("production").content.name == "Below"


def test_an_overlay_that_a_sparse_checkout_skips_is_an_error_not_a_default(plain: ManifestProject) -> None:
    plain.write("overlays/production/support.yaml", "context: {m: anthropic}\n")
    plain.repo.commit()
    plain.repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/overlays/")
    (problem,) = plain.load("production", add=False).problems
    assert problem.is_error
    assert "overlays/production/support.yaml" in str(problem)


def test_another_commit_has_its_own(plain: ManifestProject) -> None:
    plain.write("overlays/production/support.yaml", "context: {m: anthropic}\n")
    plain.repo.commit()
    (plain.folder / "overlays/production/support.yaml").unlink()
    project = load_project(plain.folder / "assistant-sync.yaml")
    tree = CommitTree.at(WorkTree.open(plain.folder), "HEAD")
    loaded = load_manifests(project, project.targets["production"], tree, pruning=False, ci=False)
    assert [one.content.context for one in loaded.desired] == [{"m": "anthropic"}]
