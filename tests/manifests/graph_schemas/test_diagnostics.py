from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.manifests.graph_schemas.files import file_name, schema_text
from assistant_sync.manifests.load import Checks, load_manifests
from assistant_sync.manifests.project.file import load_project
from assistant_sync.model.graph_schema import GraphSchema
from assistant_sync.repository.worktree import WorkTree
from tests.manifests.manifest_project import OVERLAID, ManifestProject

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.problem import Problem

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "depth": {"enum": ["quick", "deep"]},
        "limits": {"type": "object", "properties": {"a": {"type": "integer"}}},
    },
    "required": ["model"],
}
GOOD = "graph_id: agent\ncontext:\n  model: m\n"
SOURCE = " (schema of graph 'agent')"


@pytest.fixture
def kept(project: ManifestProject) -> ManifestProject:
    """A project that keeps the schema of one graph."""
    project.write("schemas/agent.json", schema_text(GraphSchema("agent", SCHEMA)))
    return project


def found_in(project: ManifestProject, target: str = "local") -> tuple[Problem, ...]:
    """The problems, those of the kept schemas included."""
    project.repo.git("add", "--all")
    read = load_project(project.folder / "assistant-sync.yaml")
    tree = WorkTree.open(project.folder)
    checks = Checks(with_schemas=True)
    return load_manifests(read, read.targets[target], tree, pruning=False, ci=False, checks=checks).problems


def shown_in(project: ManifestProject, target: str = "local") -> list[str]:
    return [str(one) for one in found_in(project, target)]


def test_nothing_is_found_if_everything_fits(kept: ManifestProject) -> None:
    kept.write_all(a=GOOD, b="graph_id: other\ncontext: {anything: 1}\n")
    assert shown_in(kept) == []


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("graph_id: agent\ncontext:\n  model: 5\n", "3:10", "context.model must be a text"),
        (
            "graph_id: agent\ncontext:\n  model: m\n  depth: nope\n",
            "4:10",
            "context.depth must be one of 'quick', 'deep'",
        ),
        ("graph_id: agent\ncontext:\n  model: m\n  limits: {a: x}\n", "4:15", "context.limits.a must be an integer"),
        ("graph_id: agent\ncontext:\n  model: m\n  models: m\n", "4:3", "unknown key 'models' in context"),
        (GOOD + "---\nkey: b\ngraph_id: agent\ncontext: {model: 5}\n", "7:18", "context.model must be a text"),
        ("graph_id: agent\ncontext:\n  model: &m 5\n", "3:10", "context.model must be a text"),
    ],
)
def test_a_misfit_is_shown_at_its_place(kept: ManifestProject, text: str, place: str, message: str) -> None:
    kept.write_all(a=text.replace("graph_id", "key: a\ngraph_id", 1) if "---" in text else text)
    (found,) = shown_in(kept)
    line, column = map(int, place.split(":"))
    assert found.startswith(f"assistants/a.yaml:{line + ('---' in text)}:{column}: {message}")


def test_a_missing_key_is_shown_at_the_first_one_that_is_there(kept: ManifestProject) -> None:
    kept.write_all(a="graph_id: agent\ncontext:\n  depth: quick\n")
    assert shown_in(kept) == [f"assistants/a.yaml:3:3: context.model is required{SOURCE}"]


def test_a_misfit_of_an_overlay_is_shown_there(kept: ManifestProject) -> None:
    kept.write("assistant-sync.yaml", OVERLAID)
    kept.write("overlays/staging/.gitkeep", "")
    kept.write_all(a=GOOD)
    kept.write("overlays/production/a.yaml", "context:\n  model: 5\n")
    assert shown_in(kept, "staging") == []
    assert shown_in(kept, "production") == [f"overlays/production/a.yaml:2:10: context.model must be a text{SOURCE}"]


def test_a_key_that_an_overlay_removes_is_missing_there(kept: ManifestProject) -> None:
    kept.write("assistant-sync.yaml", OVERLAID)
    kept.write("overlays/staging/.gitkeep", "")
    kept.write_all(a=GOOD)
    kept.write("overlays/production/a.yaml", "context:\n  model: null\n")
    assert shown_in(kept, "production") == [f"overlays/production/a.yaml:2:3: context.model is required{SOURCE}"]


def test_an_included_text_is_shown_at_its_include_and_not_quoted(kept: ManifestProject) -> None:
    kept.write("prompts/a.md", "hunter2")
    kept.write_all(a="graph_id: agent\ncontext:\n  model: m\n  depth: {$file: ../prompts/a.md}\n")
    (found,) = shown_in(kept)
    assert found.startswith("assistants/a.yaml:4:")
    assert "hunter2" not in found


def test_the_target_says_what_a_misfit_means(kept: ManifestProject) -> None:
    kept.write_all(a="graph_id: agent\ncontext: {model: 5}\n")
    assert [one.is_error for one in found_in(kept)] == [True]
    for mode, expected in (("warn", [False]), ('"off"', [])):
        text = f'version: 1\nproject: acme\ntargets:\n  local: {{url: "http://127.0.0.1:2024", schema: {mode}}}\n'
        kept.write("assistant-sync.yaml", text)
        assert [one.is_error for one in found_in(kept)] == expected


BAD: dict[str, bytes] = {
    "cut": b'{"format_version": "1.0"',
    "not UTF-8": b'\xff{"format_version": "1.0", "graph_id": "agent"}',
    "a list": b"[]",
    "no format": b"{}",
    "a later format": b'{"format_version": "2.0", "graph_id": "agent"}',
    "another graph": b'{"format_version": "1.0", "graph_id": "other"}',
    "deep": b"[" * 100_000,
    "nested": b'{"format_version": "1.0", "graph_id": "agent", "context_schema": ' + b'{"a":' * 800 + b"1" + b"}" * 801,
    "many digits": b'{"format_version": "1.0", "graph_id": "agent", "a": ' + b"1" * 5000 + b"}",
    "large": b" " * (2**20 + 1),
    "a bad schema": b'{"format_version": "1.0", "graph_id": "agent", "context_schema": {"type": "text"}}',
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used_is_one_warning(project: ManifestProject, content: bytes) -> None:
    project.write_all(a="graph_id: agent\ncontext: {model: 5}\n", b="graph_id: agent\ncontext: {model: 6}\n")
    path = project.write("schemas/agent.json", "")
    path.write_bytes(content)
    (found,) = found_in(project)
    assert (found.file, found.is_error) == ("schemas/agent.json", False)
    assert found.message.startswith("this schema is not used: ")
    assert len(found.message) < 400


@pytest.mark.parametrize("kind", ["link out", "link to nothing", "folder", "pipe"])
def test_what_is_no_file_of_the_repository_is_not_read(project: ManifestProject, tmp_path: Path, kind: str) -> None:
    project.write_all(a="graph_id: agent\ncontext: {model: 5}\n")
    path = project.write("schemas/agent.json", "")
    path.unlink()
    outside = tmp_path / "outside.json"
    outside.write_text(schema_text(GraphSchema("agent", SCHEMA)), encoding="utf-8")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(outside if kind == "link out" else tmp_path / "nothing")
    assert [one.is_error for one in found_in(project)] in ([], [False])


@pytest.mark.parametrize("graph", ["a/b", "..", "%2F", "a\nb", "🙂", "../../etc/passwd", "Agent", "x" * 300, "é" * 50])
def test_a_name_of_a_graph_stays_in_the_folder(graph: str) -> None:
    name = file_name(graph)
    assert name is None or ("/" not in name and name.isascii() and name not in (".", "..") and len(name) <= 255)
    assert (name is None) == (len(graph) > 200 or graph.startswith("éé"))
