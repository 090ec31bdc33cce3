"""A revert commit brings back what was: by what the server says, and by a run of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.site import Site

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
def test_a_revert_brings_back_every_field_and_the_behaviour(case: str, activation: str, site: Site) -> None:
    old, new, changed = CASES[case]
    if site.can.mirrors and changed & MIRRORED:
        changed = changed | MIRRORED
    site.workshop.configure(site.wire.url, activation=activation)
    own = site.workshop.manifest("support", **old)
    site.workshop.commit("old")
    site.workshop.apply()
    before, seen = site.deployment.content(own), site.seen(own)
    site.workshop.manifest("support", **new)
    site.workshop.commit("new")
    site.workshop.apply()
    assert site.deployment.content(own) == site.wanted("support", **new)
    site.workshop.revert()
    site.wire.reset()
    (outcome,) = site.workshop.apply()["outcomes"]
    assert site.deployment.content(own) == before == site.wanted("support", **old)
    assert site.seen(own) == seen
    moves = activation == "full" or (activation == "safe" and not changed & NEVER_ALONE)
    if moves and changed <= site.can.restored:
        assert (outcome["status"], outcome["version_after"], outcome["healed_from"]) == ("activated", 1, None)
        assert (site.deployment.numbers(own), site.deployment.get(own)["version"]) == ([2, 1], 1)
        assert len(site.wire.writes) == 1
    else:
        # A pointer that brought back a part only is followed by one full update, and the setting is named.
        assert (outcome["status"], outcome["healed_from"]) == ("updated", 1 if moves else None)
        assert [note for note in outcome.get("notes", ()) if "activation" in note][:1] == outcome.get("notes", [])[:1]
        assert bool(outcome.get("notes")) == moves
        assert (site.deployment.numbers(own), site.deployment.get(own)["version"]) == ([3, 2, 1], 3)
    assert site.workshop.actions() == {"support": "keep"}


@pytest.mark.parametrize("activation", ["safe", "full"])
def test_a_revert_of_a_revert_goes_forth_again(activation: str, site: Site) -> None:
    site.workshop.configure(site.wire.url, activation=activation)
    own = site.workshop.manifest("support", **OLD)
    site.workshop.commit()
    site.workshop.apply()
    states = {"old": (site.deployment.content(own), site.seen(own))}
    site.workshop.manifest("support", **NEW)
    site.workshop.commit()
    site.workshop.apply()
    states["new"] = (site.deployment.content(own), site.seen(own))
    for expected in ("old", "new", "old"):
        site.workshop.revert()
        assert site.workshop.apply()["converged"]
        assert (site.deployment.content(own), site.seen(own)) == states[expected]
    minted = 2 if activation == "full" and site.can.restores_all else 5
    assert len(site.deployment.numbers(own)) == minted
