"""Names that are one tool, or none, at the MCP endpoint of a deployment (docs/servers.md)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant_sync.manifests.diagnostics import SourceRef
from assistant_sync.manifests.rules.mcp_tools import MAX_TOOLS, too_many_tools, tool_name
from tests.manifests.manifest_project import OVERLAID

if TYPE_CHECKING:
    from types import ModuleType

    from tests.manifests.manifest_project import ManifestProject

CALLS_FAIL = "calls of it fail. Give each assistant its own name, if they are called over MCP (docs/servers.md)"


def server_module(name: str) -> ModuleType:
    """A module of langgraph-api by its file: importing the package would ask for a server's settings."""
    package = importlib.util.find_spec("langgraph_api")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).parent / "api" / "mcp" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"server_mcp{name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NORMALIZE_NAME = server_module("_sanitizers").normalize_name

NAMES = st.one_of(
    st.text(), st.text("ab AB_-.\t\n\x1f\u00a0\u200bäß客!", max_size=8), st.text("ab ", min_size=126, max_size=260)
)


@given(NAMES)
@example(" a \u2003 b ")
@example("x" * 127 + " " + "y")
@example("x" * 128 + " " + "y")
def test_a_name_becomes_the_tool_that_the_server_makes_of_it(name: str) -> None:
    assert tool_name(name) == NORMALIZE_NAME(name)


def test_the_limit_is_the_servers() -> None:
    assert server_module("_constants").MAX_ASSISTANTS == MAX_TOOLS


def warning(place: str, key: str, other: str, more: str = "") -> str:
    return f"{place}: warning: over MCP, this name is the same tool as that of '{key}', at {other}{more}: {CALLS_FAIL}"


@pytest.mark.parametrize(
    ("one", "two"),
    [("Same", "Same"), ("Support bot", "Support_bot"), ("Support bot!", "Support   bot"), ("Über", "ber"),
     ("(a)", "[a]"), ("x" * 128 + "a", "x" * 128 + "b")],
)  # fmt: skip
def test_names_that_are_one_tool_are_a_warning_at_each_and_both_manifests_are_valid(
    project: ManifestProject, one: str, two: str
) -> None:
    project.write_all(a=f"graph_id: g\nname: '{one}'\n", b=f"name: '{two}'\ngraph_id: g\n", c="graph_id: g\n")
    loaded = project.load()
    assert [str(problem) for problem in loaded.problems] == [
        warning("assistants/a.yaml:2:7", "b", "assistants/b.yaml:1"),
        warning("assistants/b.yaml:1:7", "a", "assistants/a.yaml:2"),
    ]
    assert [desired.key for desired in loaded.desired] == ["a", "b", "c"]


@pytest.mark.parametrize("names", [("A", "a"), ("a b", "ab"), ("a-b", "a_b"), ("a.b", "ab")])
def test_names_that_stay_different_are_no_warning(project: ManifestProject, names: tuple[str, str]) -> None:
    project.write_all(**{f"k{index}": f"graph_id: g\nname: {name}\n" for index, name in enumerate(names)})
    assert project.problems() == []


def test_a_name_that_is_the_key_is_reported_at_the_key_or_at_the_document(project: ManifestProject) -> None:
    project.write_all(a="graph_id: g\nkey: support\n", b="graph_id: g\nname: support!\n", support2="graph_id: g\n")
    project.write_all(c="graph_id: g\nname: support2\n")
    assert project.problems() == [
        warning("assistants/a.yaml:2:6", "b", "assistants/b.yaml:2"),
        warning("assistants/b.yaml:2:7", "support", "assistants/a.yaml:2"),
        warning("assistants/c.yaml:2:7", "support2", "assistants/support2.yaml:1"),
        warning("assistants/support2.yaml:1:1", "c", "assistants/c.yaml:2"),
    ]


def test_of_more_than_two_each_names_one_other_and_their_number(project: ManifestProject) -> None:
    project.write_all(**dict.fromkeys("abc", "graph_id: g\nname: Same\n"))
    assert project.problems() == [
        warning("assistants/a.yaml:2:7", "b", "assistants/b.yaml:2", " and of 1 more"),
        warning("assistants/b.yaml:2:7", "a", "assistants/a.yaml:2", " and of 1 more"),
        warning("assistants/c.yaml:2:7", "a", "assistants/a.yaml:2", " and of 1 more"),
    ]


def test_of_very_many_with_one_name_only_some_are_reported(project: ManifestProject) -> None:
    project.write_all(**{f"k{index}": "graph_id: g\nname: Same\n" for index in range(25)})
    problems = project.problems()
    assert len(problems) == 20
    assert all(" and of 23 more" in problem for problem in problems)


@pytest.mark.parametrize("name", ["客服", "'!'", '"\\u200b"'])
def test_a_name_of_which_nothing_remains_is_a_warning(project: ManifestProject, name: str) -> None:
    project.write_all(a=f"graph_id: g\nname: {name}\n")
    (problem,) = project.problems()
    assert problem.startswith("assistants/a.yaml:2:7: warning: over MCP, nothing of this name remains")


def test_two_of_which_nothing_remains_are_not_also_one_tool(project: ManifestProject) -> None:
    project.write_all(a="graph_id: g\nname: 客服\n", b="graph_id: g\nname: 助手\n")
    assert [problem.split(" warning: over MCP, ")[1][:7] for problem in project.problems()] == ["nothing"] * 2


def test_a_name_that_somebody_else_owns_is_no_warning(project: ManifestProject) -> None:
    ignored = "graph_id: g\nname: Same\nlifecycle: {ignore_changes: [name]}\n"
    project.write_all(a="graph_id: g\nname: Same\n", b=ignored, c=ignored)
    assert project.problems() == []


def test_an_invalid_manifest_is_no_tool(project: ManifestProject) -> None:
    project.write_all(a="graph_id: g\nname: Same\n", b="name: Same\n")
    assert project.problems() == ["assistants/b.yaml:1:1: graph_id is required"]


def test_a_key_that_is_used_twice_is_one_mistake(project: ManifestProject) -> None:
    project.write_all(a="graph_id: g\nkey: a\n", b="graph_id: g\nkey: a\n")
    assert [problem for problem in project.problems() if "MCP" in problem] == []


def test_no_warning_prints_a_name(project: ManifestProject) -> None:
    project.write_all(**dict.fromkeys("ab", "graph_id: g\nname: Rosebud\n"), c="graph_id: g\nname: ключ\n")
    assert len(project.problems()) == 3
    assert not any(name in problem for problem in project.problems() for name in ("Rosebud", "ключ"))


def test_names_are_compared_under_each_overlay_and_reported_where_they_are_written(project: ManifestProject) -> None:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/staging/.gitkeep", "")
    project.write("overlays/production/b.yaml", "key: b\nname: Alpha\n")
    project.write_all(a="graph_id: g\nname: Alpha\n", b="graph_id: g\nname: Beta\n")
    found = [
        warning("assistants/a.yaml:2:7", "b", "overlays/production/b.yaml:2"),
        warning("overlays/production/b.yaml:2:7", "a", "assistants/a.yaml:2"),
    ]
    assert project.problems("staging") == []
    assert project.problems("production") == found
    assert project.problems(None) == found


def test_an_overlay_that_takes_a_name_off_leaves_the_key(project: ManifestProject) -> None:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/production/b.yaml", "key: b\nname: null\n")
    project.write_all(a="graph_id: g\nname: b\n", b="graph_id: g\nname: Beta\n")
    assert project.problems("production") == [
        warning("assistants/a.yaml:2:7", "b", "overlays/production/b.yaml:2"),
        warning("overlays/production/b.yaml:2:7", "a", "assistants/a.yaml:2"),
    ]


def test_a_name_that_only_an_overlay_gives_is_reported_there(project: ManifestProject) -> None:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/production/b.yaml", "description: x\nname: Alpha\n")
    project.write_all(a="graph_id: g\nname: Alpha\n", b="graph_id: g\n")
    assert project.problems("production")[1] == warning("overlays/production/b.yaml:2:7", "a", "assistants/a.yaml:2")


def test_a_place_has_one_warning_however_many_overlays_change_the_others(project: ManifestProject) -> None:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/staging/.gitkeep", "")
    project.write("overlays/production/c.yaml", "name: Other\n")
    project.write_all(**dict.fromkeys("abc", "graph_id: g\nname: Same\n"))
    assert [problem.split(": ")[0] for problem in project.problems(None)] == [
        f"assistants/{key}.yaml:2:7" for key in "abc"
    ]


def test_the_key_of_an_overlay_is_not_the_place_of_a_name(project: ManifestProject) -> None:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/production/b.yaml", "key: b\ndescription: x\n")
    project.write_all(a="graph_id: g\nname: b\n", b="graph_id: g\n")
    assert project.problems("production")[1].startswith("assistants/b.yaml:1:1: warning: over MCP")


@pytest.mark.parametrize(("manifests", "warnings"), [(0, 0), (1000, 0), (1001, 1), (10_000, 1)])
def test_more_manifests_than_a_call_looks_at_are_one_warning(manifests: int, warnings: int) -> None:
    found = list(too_many_tools(SourceRef("assistant-sync.yaml"), manifests))
    assert len(found) == warnings


def test_a_project_that_is_larger_than_mcp_is_warned_once_at_the_project_file(project: ManifestProject) -> None:
    project.write("assistants/all.yaml", "---\n".join(f"key: k{index}\ngraph_id: g\n" for index in range(1001)))
    (problem,) = project.problems()
    assert problem == (
        "assistant-sync.yaml:1:1: warning: this project has 1001 manifests; over MCP, only the 1000 assistants of a "
        "deployment that were created last can be called. Split it among deployments, if clients call all by MCP "
        "(docs/servers.md)"
    )
