from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.manifests.project.file import load_project
from assistant_sync.manifests.written import Written, read_written
from assistant_sync.repository.worktree import WorkTree
from tests.manifests.manifest_project import OVERLAID, ManifestProject

if TYPE_CHECKING:
    from pathlib import Path

AGENT = "graph_id: agent\n"


@pytest.fixture
def overlaid(tmp_path: Path) -> ManifestProject:
    """Three targets, of which two have an overlay."""
    project = ManifestProject(tmp_path)
    project.write("assistant-sync.yaml", OVERLAID)
    project.write_all(a=AGENT + "context: {model: m}\n", b=AGENT)
    project.write("overlays/production/a.yaml", "context: {model: big}\n")
    project.write("overlays/staging/.gitkeep", "")
    return project


def written(project: ManifestProject, *targets: str) -> dict[str, Written]:
    return read_written(load_project(project.folder / "assistant-sync.yaml"), targets, WorkTree.open(project.folder))


def differing(project: ManifestProject, before: dict[str, Written], *targets: str) -> set[str]:
    now = written(project, *targets)
    return {key for key in {*now, *before} if not now.get(key, Written()).is_same(before.get(key, Written()))}


def test_nothing_differs_if_no_file_does(overlaid: ManifestProject) -> None:
    assert differing(overlaid, written(overlaid, "local", "production"), "local", "production") == set()


def test_a_layout_a_comment_the_file_and_the_place_of_the_key_are_no_difference(overlaid: ManifestProject) -> None:
    before = written(overlaid, "local")
    (overlaid.folder / "assistants/b.yaml").unlink()
    overlaid.write("assistants/c.yaml", "# new\nkey: b\ngraph_id: 'agent'\n")
    assert differing(overlaid, before, "local") == set()


@pytest.mark.parametrize("text", ["graph_id: agent\nname: true\n", "graph_id: agent\nx: 1\n", "graph_id: 1\n"])
def test_an_invalid_manifest_counts_as_it_is_written(overlaid: ManifestProject, text: str) -> None:
    overlaid.write_all(b="graph_id: agent\nname: 1\n")
    before = written(overlaid, "local")
    overlaid.write_all(b=text)
    assert differing(overlaid, before, "local") == {"b"}


def test_a_removed_a_new_and_an_unreadable_manifest_differ(overlaid: ManifestProject) -> None:
    overlaid.write_all(c=AGENT)
    before = written(overlaid, "local")
    (overlaid.folder / "assistants/a.yaml").unlink()
    overlaid.write_all(c="graph_id: [\n", d=AGENT)
    assert differing(overlaid, before, "local") == {"a", "c", "d"}


def test_an_included_text_belongs_to_the_manifest(overlaid: ManifestProject) -> None:
    overlaid.write("prompts/b.md", "Be kind.\n")
    overlaid.write_all(b=AGENT + "context: {prompt: {$file: ../prompts/b.md}}\n")
    before = written(overlaid, "local")
    overlaid.write("prompts/b.md", "Be brief.\n")
    assert differing(overlaid, before, "local") == {"b"}


def test_only_the_overlays_of_the_targets_that_are_named_count(overlaid: ManifestProject) -> None:
    before = {targets: written(overlaid, *targets) for targets in [("local",), ("production",), ("local", "staging")]}
    overlaid.write("overlays/production/a.yaml", "context: {model: small}\n")
    assert {targets: differing(overlaid, of, *targets) for targets, of in before.items()} == {
        ("local",): set(),
        ("production",): {"a"},
        ("local", "staging"): set(),
    }


def test_a_value_that_an_overlay_hides_is_no_difference_on_its_target(overlaid: ManifestProject) -> None:
    before = written(overlaid, "production")
    overlaid.write_all(a=AGENT + "context: {model: n}\n")
    assert differing(overlaid, before, "production") == set()


def test_an_overlay_without_a_manifest_and_a_second_document_of_a_key_count(overlaid: ManifestProject) -> None:
    before = written(overlaid, "production")
    overlaid.write("overlays/production/misspelt.yaml", "name: x\n")
    overlaid.write("overlays/production/z.yaml", "key: a\nname: x\n")
    overlaid.write("assistants/z.yaml", "key: b\ngraph_id: agent\n")
    assert differing(overlaid, before, "production") == {"misspelt", "a", "b"}


def test_a_target_that_the_project_file_does_not_have_says_nothing(overlaid: ManifestProject) -> None:
    assert written(overlaid, "none") == {}
    assert set(written(overlaid, "none", "local")) == {"a", "b"}


def test_without_targets_the_manifests_alone_count(overlaid: ManifestProject) -> None:
    assert written(overlaid)["a"].documents == ((None, {"graph_id": "agent", "context": {"model": "m"}, "key": "a"}),)


def test_the_graphs_are_those_of_all_targets_and_unknown_if_one_is_not_readable(overlaid: ManifestProject) -> None:
    overlaid.write("overlays/production/a.yaml", "graph_id: big_agent\n")
    found = written(overlaid, "local", "production")
    assert (found["a"].graphs, found["b"].graphs) == (("agent", "big_agent"), ("agent",))
    overlaid.write("overlays/production/b.yaml", "graph_id: [agent]\n")
    assert written(overlaid, "local", "production")["b"].graphs == ()
