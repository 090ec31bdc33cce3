"""Graphs that read ``config.configurable``: a manifest fills it instead of ``context``, and a run sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.site import Site

OLD: dict[str, Any] = {"config": {"configurable": {"model": "old", "tools": ["a"]}, "tags": ["c"]}}
NEW: dict[str, Any] = {"config": {"configurable": {"model": "new", "temperature": 0.5}, "tags": ["c"]}}
CLEARED: dict[str, Any] = {"config": {"tags": ["c"]}}


def proved(site: Site, own: str, manifest: dict[str, Any]) -> None:
    """The server says what the manifest does, and so does a run."""
    assert site.state(own) == site.reached("support", **manifest)
    if seen := site.seen(own):
        wanted = site.wanted("support", **manifest)
        assert seen["configurable"] == (wanted["configurable"] or None)
        assert seen["context"] == (wanted["context"] or None)
        assert seen["tags"] == wanted["config"]["tags"]


def test_it_is_created_updated_cleared_and_filled_again_by_one_version_each(site: Site) -> None:
    own = site.workshop.manifest("support", **OLD)
    assert site.workshop.statuses() == {"support": "created"}
    proved(site, own, OLD)
    for number, manifest in enumerate((NEW, CLEARED, OLD, CLEARED, NEW), start=2):
        site.workshop.configure(site.wire.url, activation="never")
        site.workshop.manifest("support", **manifest)
        assert site.workshop.statuses() == {"support": "updated"}
        assert site.deployment.numbers(own)[0] == number
        proved(site, own, manifest)


@pytest.mark.parametrize("edit", [{"model": "hand"}, {}], ids=["changed", "emptied"])
def test_an_edit_of_it_by_hand_is_found_and_put_right(edit: dict[str, Any], site: Site) -> None:
    own = site.workshop.manifest("support", **OLD)
    site.workshop.apply()
    site.deployment.patch(own, config={"configurable": edit, "tags": ["c"]})
    (change,) = site.workshop.plan()["changes"]
    assert change["action"] == "update"
    assert any(field["path"][:2] == ["config", "configurable"] for field in change["fields"])
    assert site.workshop.statuses() == {"support": "updated"}
    assert site.deployment.numbers(own) == [3, 2, 1]
    proved(site, own, OLD)


def test_an_edit_of_the_context_beside_it_is_found_and_put_right(site: Site) -> None:
    own = site.workshop.manifest("support", **OLD)
    site.workshop.apply()
    site.deployment.patch(own, context={"model": "hand"})
    assert site.workshop.actions() == {"support": "update"}
    assert site.workshop.statuses() == {"support": "updated"}
    assert site.deployment.numbers(own) == [3, 2, 1]
    proved(site, own, OLD)


def test_a_manifest_may_go_from_context_to_configurable_and_back(site: Site) -> None:
    in_context = {"context": OLD["config"]["configurable"], "config": {"tags": ["c"]}}
    own = site.workshop.manifest("support", **in_context)
    site.workshop.apply()
    for manifest in (OLD, in_context):
        before = site.deployment.numbers(own)
        site.workshop.manifest("support", **manifest)
        wanted = site.wanted("support", **manifest)
        differs = site.deployment.content(own) != wanted
        assert site.workshop.actions() == {"support": "update" if differs else "keep"}
        site.workshop.apply()
        assert len(site.deployment.numbers(own)) == len(before) + differs
        proved(site, own, manifest)
    # Where the server copies the one into the other, both say the same and nothing is written.
    assert site.deployment.numbers(own) == ([1] if site.can.mirrors else [3, 2, 1])


def test_an_assistant_made_by_hand_with_it_is_adopted_as_it_is(site: Site) -> None:
    own = site.deployment.create(name="support", **OLD)["assistant_id"]
    site.workshop.manifest("support", assistant_id=own, **OLD)
    (change,) = site.workshop.plan()["changes"]
    assert (change["action"], change["fields"]) == ("adopt", [])
    assert site.workshop.statuses() == {"support": "adopted"}
    proved(site, own, OLD)


def test_context_and_configurable_in_one_manifest_are_refused_before_anything_is_sent(site: Site) -> None:
    site.workshop.manifest("support", context={"model": "a"}, config={"configurable": {"model": "a"}})
    assert "configurable" in site.workshop.run("apply").expect(3).err
    assert site.wire.requests == []
