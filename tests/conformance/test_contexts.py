"""Contexts against the schemas of their graphs: each way of declaring one, on servers that serve all of these ways.

What the servers do with a context is measured by runs; what assistant-sync says of it must follow from that.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.conformance import kinds
from tests.conformance.conformance_project import AnyDeployment
from tests.depth import DEPTH
from tests.project_fixture import ProjectFixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GRAPHS = kinds.GRAPHS / "contexts"

TYPED = ("typed_dict", "a_dataclass", "pydantic_model", "pydantic_forbid", "pydantic_allow")
ZOD = ("zod_object", "zod_strict", "zod_loose")

GOOD: dict[str, Any] = {"model": "m", "temperature": 0.5}
UNKNOWN: dict[str, Any] = {"model": "m", "models": "x"}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "wrong type": ({"model": "m", "temperature": "hot"}, "context.temperature must be a number"),
    "missing": ({"temperature": 0.5}, "context.model is required"),
    "unknown": (UNKNOWN, "unknown key 'models' in context"),
    "enum": ({"model": "m", "depth": "nope"}, "context.depth must be one of 'quick', 'deep'"),
}

SERVERS = tuple(name for name in DEPTH.servers if name != "fake") or ("python",)


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Once this file is there, the graph ``changing`` declares another context."""
    return tmp_path_factory.mktemp("changes") / "changed"


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest, changes: Path) -> Iterator[tuple[str, AnyDeployment]]:
    """One server after the other, with a graph for each way; its kind, and raw requests to it."""
    with ExitStack() as until_the_end, pytest.MonkeyPatch.context() as environment:
        environment.setenv("CONTEXT_CHANGES", str(changes))
        try:
            server = until_the_end.enter_context(kinds.running(request.param, GRAPHS))
        except kinds.CannotRun as reason:
            pytest.skip(f"{request.param} was not run: {reason}")
        deployment = AnyDeployment(server.url)
        until_the_end.callback(deployment.close)
        yield request.param, deployment


@pytest.fixture
def graphs(served: tuple[str, AnyDeployment]) -> tuple[str, ...]:
    """The graphs with a declared context that the server serves."""
    return ZOD if served[0] == "js" else TYPED


@pytest.fixture
def project(served: tuple[str, AnyDeployment], tmp_path: Path) -> ProjectFixture:
    """An empty project in front of the server."""
    deployment = served[1]
    deployment.wipe()
    return ProjectFixture(tmp_path, deployment.url)


def seen(deployment: AnyDeployment, graph: str, context: dict[str, Any]) -> dict[str, Any] | None:
    """The context that a run receives; None if it fails."""
    own = deployment.create(graph_id=graph, context=context, assistant_id=str(uuid4()))["assistant_id"]
    try:
        state = deployment.run(own)
    except RuntimeError:
        return None
    finally:
        deployment.delete(own)
    received: dict[str, Any] = state["seen"]
    return received


def test_a_fitting_context_is_planned_applied_and_seen_without_a_word(
    project: ProjectFixture, served: tuple[str, AnyDeployment], graphs: tuple[str, ...]
) -> None:
    named = (*graphs, "undeclared")
    ids = [project.manifest(graph.replace("_", "-"), graph_id=graph, context=GOOD) for graph in named]
    project.commit()
    assert project.run("validate", "--online").expect(0).err == ""
    assert project.plan()["warnings"] == []
    project.apply()
    assert set(project.actions().values()) == {"keep"}
    for own in ids:
        assert GOOD.items() <= served[1].run(own)["seen"].items()


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_an_error_at_its_line_before_anything_is_sent_online_and_offline(
    case: str, project: ProjectFixture, served: tuple[str, AnyDeployment], graphs: tuple[str, ...]
) -> None:
    context, message = WRONG[case]
    for graph in graphs:
        project.manifest(graph.replace("_", "-"), graph_id=graph, context=context)
    project.commit()
    before = served[1].all()
    online = project.run("validate", "--online").expect(3)
    for run in (project.run("plan"), project.run("apply", "--yes")):
        assert places(run.expect(3).err) == places(online.out)
    assert served[1].all() == before
    for graph in graphs:
        (line,) = [line for line in online.out.splitlines() if graph.replace("_", "-") in line]
        assert re.fullmatch(rf"assistants/{graph.replace('_', '-')}\.yaml:\d+:\d+: {re.escape(message)}.*", line)
    project.run("schema", "pull").expect(0)
    offline = project.run("validate").expect(3)
    assert places(offline.out) == places(online.out)


def test_values_of_configurable_are_held_against_the_schema_as_well(
    project: ProjectFixture, served: tuple[str, AnyDeployment], graphs: tuple[str, ...]
) -> None:
    wrong = {"configurable": {"model": "m", "temperature": "hot"}}
    for graph in graphs:
        project.manifest(graph.replace("_", "-"), graph_id=graph, config=wrong)
    project.commit()
    found = places(project.run("validate", "--online").expect(3).out)
    assert len(found) == len(graphs)
    assert all(": config.configurable.temperature must be a number" in line for line in found)

    for graph in graphs:
        project.manifest(graph.replace("_", "-"), graph_id=graph, config={"configurable": UNKNOWN})
    project.commit()
    lines = places(project.run("validate", "--online").out)
    closed = {line.partition(".yaml")[0] for line in lines if "warning" not in line}
    # Such a key reaches every graph, but a schema that forbids it is taken at its word.
    forbidding = graphs if served[0] == "js" else ("pydantic_forbid",)
    assert closed == {f"assistants/{graph.replace('_', '-')}" for graph in forbidding}
    assert len(lines) == len(graphs)


def places(output: str) -> list[str]:
    """The lines that name a place in a manifest."""
    return [line for line in output.splitlines() if line.startswith("assistants/")]


def test_a_graph_that_declares_nothing_takes_anything(
    project: ProjectFixture, served: tuple[str, AnyDeployment]
) -> None:
    project.manifest("support", graph_id="undeclared", context={"anything": {"at": ["all", 1, None]}})
    project.commit()
    assert project.run("validate", "--online").expect(0).err == ""
    assert seen(served[1], "undeclared", UNKNOWN) == UNKNOWN


def test_an_unknown_key_is_lost_in_python_and_the_js_server_calls_every_schema_closed(
    served: tuple[str, AnyDeployment], graphs: tuple[str, ...]
) -> None:
    kind, deployment = served
    received = {graph: seen(deployment, graph, UNKNOWN) for graph in graphs}
    if kind == "js":
        assert received == {"zod_object": UNKNOWN, "zod_strict": None, "zod_loose": UNKNOWN}
        schemas = [deployment.schemas(graph)["context_schema"] for graph in graphs]
        assert [schema["additionalProperties"] for schema in schemas] == [False] * len(graphs)
    else:
        assert [graph for graph, context in received.items() if context is None or "models" in context] == []


def test_the_js_server_requires_keys_with_a_default_and_runs_without_them(
    project: ProjectFixture, served: tuple[str, AnyDeployment]
) -> None:
    kind, deployment = served
    if kind != "js":
        pytest.skip("another server")
    assert "temperature" in deployment.schemas("zod_object")["context_schema"]["required"]
    assert seen(deployment, "zod_object", {"model": "m"}) == {"model": "m"}
    project.manifest("support", graph_id="zod_object", context={"model": "m"})
    project.run("validate", "--online").expect(0)


def test_a_schema_that_changed_on_the_server_is_reported_with_the_manifests_that_no_longer_fit(
    project: ProjectFixture, served: tuple[str, AnyDeployment], changes: Path
) -> None:
    if served[0] == "js":
        pytest.skip("its graphs cannot change while it runs")
    changes.unlink(missing_ok=True)
    project.manifest("fits", graph_id="changing", context={"model": "m"})
    project.manifest("breaks", graph_id="changing", context={"model": "m", "depth": "deep"})
    project.commit()
    project.apply()
    project.run("schema", "pull").expect(0)
    assert project.run("drift").expect(0).err == ""
    assert project.plan()["warnings"] == []

    changes.touch()
    place = "assistants/breaks.yaml:4:10: context.depth must be an integer"
    messages = [warning["message"] for warning in project.plan()["warnings"]]
    assert len(messages) == 2
    unfit = "1 unchanged manifest does not fit the schema of its graph, so that runs may fail"
    assert messages[0].startswith(f"{unfit}: {place}")
    assert "the schema of graph 'changing' is not what schemas/changing.json has" in messages[1]
    assert set(project.actions().values()) == {"keep"}  # nobody has to wait for it

    drift = project.run("drift", "--format", "json").expect(2).json
    assert [(one["key"], one["kind"]) for one in drift["drifted"]] == [("breaks", "schema-changed")]
    assert place in drift["drifted"][0]["reason"]
    assert "schemas/changing.json" in drift["warnings"][0]

    checks = project.run("doctor", "--format", "json").json["checks"]
    shown = " ".join(check["message"] for check in checks if check["name"] == "schemas")
    assert place in shown
    assert "schemas/changing.json" in shown

    project.manifest("breaks", graph_id="changing", context={"model": "x", "depth": "deep"})
    assert place in project.run("apply", "--yes").expect(3).err  # what is written has to fit
    project.run("schema", "pull").expect(0)
    assert place in project.run("validate").expect(3).out
    project.manifest("breaks", graph_id="changing", context={"model": "x", "depth": 2})
    project.apply()
    assert project.run("drift").expect(0).err == ""
    changes.unlink()


def test_a_manifest_that_fits_the_schema_in_git_waits_for_its_graph(
    project: ProjectFixture, served: tuple[str, AnyDeployment], changes: Path
) -> None:
    if served[0] == "js":
        pytest.skip("its graphs cannot change while it runs")
    project.manifest("support", graph_id="changing", context={"model": "m"})
    changes.touch()
    project.run("schema", "pull").expect(0)
    changes.unlink()
    project.manifest("support", graph_id="changing", context={"model": "m", "depth": 2})
    project.commit()
    project.run("validate").expect(0)

    (ahead, differs) = [warning["message"] for warning in project.plan()["warnings"]]
    assert ahead.startswith("1 manifest of graph 'changing' fits what schemas/ has, but not what the deployment serves")
    assert "context.depth must be one of 'quick', 'deep'" in ahead
    assert "schemas/changing.json" in differs
    project.run("apply", "--yes").expect(3)
    late = project.run("apply", "--yes", "--wait-for-graphs", "1s").expect(5)
    assert "still missing what schemas/ has of graph changing after 1 s; nothing was written" in late.err
    assert served[1].users() == []

    project.manifest("typo", graph_id="changing", context={"model": 5})
    project.run("apply", "--yes", "--wait-for-graphs", "20m").expect(3)  # nothing to wait for
    project.remove("typo")
    changes.touch()
    project.apply("--wait-for-graphs", "1s")
    assert set(project.actions().values()) == {"keep"}
    changes.unlink()


def test_a_target_may_warn_or_look_away(
    project: ProjectFixture, served: tuple[str, AnyDeployment], graphs: tuple[str, ...]
) -> None:
    url = served[1].url
    project.manifest("support", graph_id=graphs[0], context=UNKNOWN)
    project.configure(url, schema="warn")
    project.commit()
    warned = project.run("plan").expect(0).err
    assert re.search(r"assistants/support\.yaml:\d+:\d+: warning: unknown key 'models' in context", warned)
    assert "unknown key" in project.run("validate", "--online").expect(0).out
    project.configure(url, schema="off")
    project.commit()
    assert project.run("plan").expect(0).err == ""
    assert "unknown key" not in project.run("validate", "--online").expect(0).out


def test_a_graph_that_is_not_served_heads_the_plan_with_the_nearest_one(
    project: ProjectFixture, graphs: tuple[str, ...]
) -> None:
    near = graphs[0]
    project.manifest("a", graph_id=near, context=GOOD)
    project.apply()
    project.manifest("a", graph_id=f"{near}s", context=GOOD)
    plan = project.plan()
    assert plan["missing_graphs"] in ([{"graph_id": f"{near}s", "nearest": near}], [])
    if plan["missing_graphs"]:  # the JS server answers a search for any graph, and no row of this one is seen
        project.run("plan", "--fail-on", "missing-graph").expect(10)
