"""Graphs that read ``config.configurable``: a manifest fills it instead of ``context``, and a run sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject

OLD: dict[str, Any] = {"config": {"configurable": {"model": "old", "tools": ["a"]}, "tags": ["c"]}}
NEW: dict[str, Any] = {"config": {"configurable": {"model": "new", "temperature": 0.5}, "tags": ["c"]}}
CLEARED: dict[str, Any] = {"config": {"tags": ["c"]}}


def proved(project: ConformanceProject, own: str, manifest: dict[str, Any]) -> None:
    """The server says what the manifest does, and so does a run."""
    assert project.state(own) == project.reached("support", **manifest)
    if seen := project.seen(own):
        wanted = project.wanted("support", **manifest)
        assert seen["configurable"] == (wanted["configurable"] or None)
        assert seen["context"] == (wanted["context"] or None)
        assert seen["tags"] == wanted["config"]["tags"]


def test_it_is_created_updated_cleared_and_filled_again_by_one_version_each(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", **OLD)
    assert project.repository.statuses() == {"support": "created"}
    proved(project, own, OLD)
    for number, manifest in enumerate((NEW, CLEARED, OLD, CLEARED, NEW), start=2):
        project.repository.configure(project.wire.url, activation="never")
        project.repository.manifest("support", **manifest)
        assert project.repository.statuses() == {"support": "updated"}
        assert project.deployment.numbers(own)[0] == number
        proved(project, own, manifest)


@pytest.mark.parametrize("edit", [{"model": "hand"}, {}], ids=["changed", "emptied"])
def test_an_edit_of_it_by_hand_is_found_and_put_right(edit: dict[str, Any], project: ConformanceProject) -> None:
    own = project.repository.manifest("support", **OLD)
    project.repository.apply()
    project.deployment.patch(own, config={"configurable": edit, "tags": ["c"]})
    (change,) = project.repository.plan()["changes"]
    assert change["action"] == "update"
    assert any(field["path"][:2] == ["config", "configurable"] for field in change["fields"])
    assert project.repository.statuses() == {"support": "updated"}
    assert project.deployment.numbers(own) == [3, 2, 1]
    proved(project, own, OLD)


def test_an_edit_of_the_context_beside_it_is_found_and_put_right(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", **OLD)
    project.repository.apply()
    project.deployment.patch(own, context={"model": "hand"})
    assert project.repository.actions() == {"support": "update"}
    assert project.repository.statuses() == {"support": "updated"}
    assert project.deployment.numbers(own) == [3, 2, 1]
    proved(project, own, OLD)


def test_a_manifest_may_go_from_context_to_configurable_and_back(project: ConformanceProject) -> None:
    in_context = {"context": OLD["config"]["configurable"], "config": {"tags": ["c"]}}
    own = project.repository.manifest("support", **in_context)
    project.repository.apply()
    for manifest in (OLD, in_context):
        before = project.deployment.numbers(own)
        project.repository.manifest("support", **manifest)
        wanted = project.wanted("support", **manifest)
        differs = project.deployment.content(own) != wanted
        assert project.repository.actions() == {"support": "update" if differs else "keep"}
        project.repository.apply()
        assert len(project.deployment.numbers(own)) == len(before) + differs
        proved(project, own, manifest)
    # Where the server copies the one into the other, both say the same and nothing is written.
    assert project.deployment.numbers(own) == ([1] if project.can.mirrors else [3, 2, 1])


def test_an_assistant_made_by_hand_with_it_is_adopted_as_it_is(project: ConformanceProject) -> None:
    own = project.deployment.create(name="support", **OLD)["assistant_id"]
    project.repository.manifest("support", assistant_id=own, **OLD)
    (change,) = project.repository.plan()["changes"]
    assert (change["action"], change["fields"]) == ("adopt", [])
    assert project.repository.statuses() == {"support": "adopted"}
    proved(project, own, OLD)


def test_context_and_configurable_in_one_manifest_are_refused_before_anything_is_sent(
    project: ConformanceProject,
) -> None:
    project.repository.manifest("support", context={"model": "a"}, config={"configurable": {"model": "a"}})
    assert "configurable" in project.repository.run("apply").expect(3).err
    assert project.wire.requests == []
