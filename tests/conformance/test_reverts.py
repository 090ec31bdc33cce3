"""A revert commit brings back what was: by what the server says, and by a run of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject

OLD: dict[str, Any] = {
    "graph_id": "support_agent",
    "name": "Old",
    "description": "old",
    "context": {"model": "old", "system_prompt": "Be kind.\nBe brief.\n", "tools": ["a"]},
    "config": {"recursion_limit": 11, "tags": ["old"]},
    "metadata": {"team": "old", "only_old": True},
}
NEW: dict[str, Any] = {
    "graph_id": "research_agent",
    "name": "New",
    "description": "new",
    "context": {"model": "new", "temperature": 0.5},
    "config": {"recursion_limit": 22, "tags": ["new"]},
    "metadata": {"team": "new", "only_new": [1]},
}
NEVER_ALONE = {"graph_id", "context", "configurable"}
"""What known servers do not bring back: ``safe`` moves no pointer where it differs."""

MIRRORED = {"context", "configurable"}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]] = {
    "all": (OLD, NEW, set(OLD)),
    **{field: (OLD, OLD | {field: NEW[field]}, {field}) for field in OLD},
    "configurable": (
        {"name": "C", "config": {"configurable": OLD["context"], "tags": ["c"]}},
        {"name": "C", "config": {"configurable": NEW["context"], "tags": ["c"]}},
        {"configurable"},
    ),
    "from context to configurable": (
        {"name": "C", "context": OLD["context"], "config": {"tags": ["c"]}},
        {"name": "C", "config": {"configurable": NEW["context"], "tags": ["c"]}},
        {"context", "configurable"},
    ),
}


@pytest.mark.parametrize("activation", ["safe", "full", "never"])
@pytest.mark.parametrize("case", CASES)
def test_a_revert_brings_back_every_field_and_the_behaviour(
    case: str, activation: str, project: ConformanceProject
) -> None:
    old, new, changed = CASES[case]
    if project.can.mirrors and changed & MIRRORED:
        changed = changed | MIRRORED
    project.repository.configure(project.wire.url, activation=activation)
    own = project.repository.manifest("support", **old)
    project.repository.commit("old")
    project.repository.apply()
    before, seen = project.deployment.content(own), project.seen(own)
    project.repository.manifest("support", **new)
    project.repository.commit("new")
    project.repository.apply()
    assert project.deployment.content(own) == project.wanted("support", **new)
    project.repository.revert()
    project.wire.reset()
    (outcome,) = project.repository.apply()["outcomes"]
    assert project.deployment.content(own) == before == project.wanted("support", **old)
    assert project.seen(own) == seen
    moves = activation == "full" or (activation == "safe" and not changed & NEVER_ALONE)
    if moves and changed <= project.can.restored:
        assert (outcome["status"], outcome["version_after"], outcome["healed_from"]) == ("activated", 1, None)
        assert (project.deployment.numbers(own), project.deployment.get(own)["version"]) == ([2, 1], 1)
        assert len(project.wire.writes) == 1
    else:
        # A pointer that brought back a part only is followed by one full update, and the setting is named.
        assert (outcome["status"], outcome["healed_from"]) == ("updated", 1 if moves else None)
        assert [note for note in outcome.get("notes", ()) if "activation" in note][:1] == outcome.get("notes", [])[:1]
        assert bool(outcome.get("notes")) == moves
        assert (project.deployment.numbers(own), project.deployment.get(own)["version"]) == ([3, 2, 1], 3)
    assert project.repository.actions() == {"support": "keep"}


@pytest.mark.parametrize("activation", ["safe", "full"])
def test_a_revert_of_a_revert_goes_forth_again(activation: str, project: ConformanceProject) -> None:
    project.repository.configure(project.wire.url, activation=activation)
    own = project.repository.manifest("support", **OLD)
    project.repository.commit()
    project.repository.apply()
    states = {"old": (project.deployment.content(own), project.seen(own))}
    project.repository.manifest("support", **NEW)
    project.repository.commit()
    project.repository.apply()
    states["new"] = (project.deployment.content(own), project.seen(own))
    for expected in ("old", "new", "old"):
        project.repository.revert()
        assert project.repository.apply()["converged"]
        assert (project.deployment.content(own), project.seen(own)) == states[expected]
    minted = 2 if activation == "full" and project.can.restores_all else 5
    assert len(project.deployment.numbers(own)) == minted
