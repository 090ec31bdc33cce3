"""Light listings on every server: used only if ``doctor --probe`` allows them; the plan is that of whole rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.identity import derived_id
from tests.project_fixture import PROJECT
from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject
    from tests.servers.proxy import Forward, Proxy, Request

OWN = derived_id(PROJECT, "a1")

# Each sends all that a server would lose otherwise, and never both of context and configurable.
EDITS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "context": {"context": {"model": "by hand"}, "config": {"tags": ["a1"]}},
    "tags": {"context": {"model": "one"}, "config": {"tags": ["by hand"]}},
    "name": {"name": "by hand", "context": {"model": "one"}, "config": {"tags": ["a1"]}},
    "metadata": {"metadata": {"team": "other"}, "context": {"model": "one"}, "config": {"tags": ["a1"]}},
    "no context": {"name": "by hand"},
}


def write(project: ConformanceProject, key: str, model: str = "one") -> None:
    project.manifest(key, context={"model": model}, config={"tags": [key]}, metadata={"team": "cx"})


def arrange(project: ConformanceProject) -> str | None:
    """Assistants that are live as their manifests want them, a1 with two versions; the version that doctor measured."""
    for number in range(6):
        write(project, f"a{number}")
    write(project, "a1", "two")
    project.repository.commit()
    project.repository.apply()
    document = project.repository.run("doctor", "--probe", "--format", "json").expect(0).json
    version: str | None = document["measured_version"]
    recorded = {} if version is None else {"measured_version": version}
    project.repository.configure(project.wire.url, schema="off", activation=document["activation"], **recorded)
    write(project, "a1")
    project.repository.commit()
    project.repository.apply()
    return version


def upgraded(request: Request, forward: Forward) -> Answer | None:
    """The server reports another version than was measured."""
    answer = forward(request)
    if request.path != "/info":
        return answer
    return Answer(200, json.dumps({**json.loads(answer.body), "version": "another"}).encode())


def planned(project: ConformanceProject) -> tuple[Any, bool]:
    """The plan as JSON without its time, and whether it was made of a light listing alone."""
    document = project.repository.run("plan", "--format", "json").json
    del document["created_at"]
    return document, all("select" in body for body in searches(project.wire))


def searches(wire: Proxy) -> list[Any]:
    bodies = [json.loads(one.body) for one in wire.requests if one.path == "/assistants/search"]
    return [body for body in bodies if body.get("metadata")]


def check_same(project: ConformanceProject, *, is_light: bool) -> None:
    project.wire.reset()
    light = planned(project)
    project.wire.reset()
    project.wire.meddle = upgraded
    whole = planned(project)
    assert light == (whole[0], is_light)
    assert whole[1] is False


def test_the_plan_is_the_one_that_whole_rows_give(project: ConformanceProject) -> None:
    is_light = arrange(project) is not None
    for edit in EDITS.values():
        if edit:
            project.deployment.patch(OWN, **edit)
        check_same(project, is_light=is_light)
        write(project, "a1", "two")
        check_same(project, is_light=is_light)
        write(project, "a1")


@pytest.mark.parametrize("number", [1, 2])
def test_a_pointer_that_somebody_moves_is_seen(project: ConformanceProject, number: int) -> None:
    is_light = arrange(project) is not None
    project.deployment.set_latest(OWN, number)
    check_same(project, is_light=is_light)
    write(project, "a1", "two")
    check_same(project, is_light=is_light)
