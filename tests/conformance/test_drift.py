"""What somebody changes by hand is found, shown at its path, and put right by at most one version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject

FULL: dict[str, Any] = {
    "name": "Support",
    "description": "Answers customers",
    "context": {"model": "a", "system_prompt": "Be kind.", "tools": ["search"]},
    "config": {"recursion_limit": 50, "tags": ["cx"]},
    "metadata": {"team": "cx", "tier": 1},
}
EDITS: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "By hand"}, "name"),
    "no description": ({"description": ""}, "description"),
    "graph": ({"graph_id": "research_agent"}, "graph_id"),
    "context": ({"context": {"model": "hand"}}, "context"),
    "no context": ({"context": {}}, "context"),
    "recursion_limit": ({"config": {"recursion_limit": 7}}, "config"),
    "tags": ({"config": {"tags": ["hand"]}}, "config"),
    "configurable": ({"config": {"configurable": {"model": "hand"}}}, "config"),
    "metadata": ({"metadata": {"team": "hand"}}, "metadata"),
    "no metadata key": ({"metadata": {"tier": None}}, "metadata"),
    "all": (
        {
            "graph_id": "research_agent", "name": "X", "description": "x", "context": {"model": "x"},
            "config": {"tags": ["x"]}, "metadata": {"team": "x"},
        },
        "name",
    ),
}  # fmt: skip
"""Each as people send it, alone; what else the server changes with it is part of what must be put right."""


@pytest.mark.parametrize("activation", ["never", "safe"])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_by_hand_is_found_and_put_right(edit: str, activation: str, project: ConformanceProject) -> None:
    body, shown = EDITS[edit]
    project.repository.configure(project.wire.url, activation=activation)
    own = project.repository.manifest("support", **FULL)
    project.repository.apply()
    before, seen = project.deployment.content(own), project.seen(own)
    project.deployment.patch(own, **body)
    assert project.deployment.content(own) != before
    (change,) = project.repository.plan()["changes"]
    assert (change["action"], change["base_version"]) in {("update", 2), ("activate", 2)}
    assert shown in {field["path"][0] for field in change["fields"]}
    (outcome,) = project.repository.apply()["outcomes"]
    assert project.deployment.content(own) == before
    assert project.seen(own) == seen
    if activation == "never":
        assert outcome["status"] == "updated"
    minted = {"updated": [3, 2, 1], "activated": [2, 1]}
    assert project.deployment.numbers(own) == minted[outcome["status"]]
    assert project.state(own) == project.reached("support", **FULL)


@pytest.mark.parametrize("activation", ["never", "safe", "full"])
@pytest.mark.parametrize("differs", ["context", "tags", "graph"])
def test_a_pointer_moved_by_hand_is_found_and_put_right(
    differs: str, activation: str, project: ConformanceProject
) -> None:
    project.repository.configure(project.wire.url, activation=activation)
    newer = {
        "context": {**FULL, "context": {"model": "newer"}},
        "tags": {**FULL, "config": {"tags": ["newer"]}},
        "graph": {**FULL, "graph_id": "research_agent", "config": {"tags": ["newer"]}},
    }[differs]
    own = project.repository.manifest("support", **FULL)
    project.repository.apply()
    project.repository.manifest("support", **newer)
    project.repository.apply()
    seen = project.seen(own)
    project.deployment.set_latest(own, 1)
    if project.deployment.content(own) == project.wanted("support", **newer):  # nothing that differs was restored
        assert project.repository.actions() == {"support": "keep"}
        assert project.seen(own) == seen
        return
    (change,) = project.repository.plan()["changes"]
    assert change["base_version"] == 1
    (outcome,) = project.repository.apply()["outcomes"]
    assert project.seen(own) == seen
    assert project.deployment.numbers(own) == {"updated": [3, 2, 1], "activated": [2, 1]}[outcome["status"]]
    assert project.state(own) == project.reached("support", **newer)


def test_an_edit_that_says_the_same_is_no_drift(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", **FULL)
    project.repository.apply()
    project.deployment.patch(own, **FULL)
    before = project.deployment.all()
    assert project.repository.actions() == {"support": "keep"}
    assert project.repository.apply()["outcomes"] == []
    assert project.deployment.all() == before


def test_what_nobody_owns_may_be_edited_by_hand(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", **FULL)
    project.repository.apply()
    project.deployment.patch(own, **{**FULL, "metadata": {**FULL["metadata"], "note": {"by": "ann"}}})
    assert project.repository.actions() == {"support": "keep"}
    changed = {**FULL, "description": "New"}
    project.repository.manifest("support", **changed)
    project.repository.apply()
    assert project.state(own) == project.reached(
        "support", **{**changed, "metadata": {**FULL["metadata"], "note": {"by": "ann"}}}
    )
