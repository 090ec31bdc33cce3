"""What a manifest no longer says is gone from the server, and stays so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.site import Site

FULL: dict[str, Any] = {
    "name": "Support",
    "description": "Answers customers",
    "context": {"model": "a", "system_prompt": "Be kind.", "tools": ["search"]},
    "config": {"recursion_limit": 50, "tags": ["cx"]},
    "metadata": {"team": "cx", "tier": 1},
}
IN_CONFIGURABLE: dict[str, Any] = {
    **{field: value for field, value in FULL.items() if field != "context"},
    "config": {**FULL["config"], "configurable": FULL["context"]},
}
CLEARED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "name": (FULL, ("name",)),
    "description": (FULL, ("description",)),
    "context": (FULL, ("context",)),
    "one key of context": (FULL, ("context", "system_prompt")),
    "config": (FULL, ("config",)),
    "recursion_limit": (FULL, ("config", "recursion_limit")),
    "tags": (FULL, ("config", "tags")),
    "metadata": (FULL, ("metadata",)),
    "one key of metadata": (FULL, ("metadata", "tier")),
    "configurable": (IN_CONFIGURABLE, ("config", "configurable")),
    "one key of configurable": (IN_CONFIGURABLE, ("config", "configurable", "tools")),
    "all but configurable": (IN_CONFIGURABLE, ("config", "recursion_limit")),
}


def without(value: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """A copy that lacks what stands at the path."""
    first, *rest = path
    if not rest:
        return {key: inner for key, inner in value.items() if key != first}
    return value | {first: without(value[first], tuple(rest))}


@pytest.mark.parametrize("cleared", CLEARED)
def test_a_field_that_is_taken_away_is_cleared_by_one_version(cleared: str, site: Site) -> None:
    before, path = CLEARED[cleared]
    after = without(before, path)
    own = site.workshop.manifest("support", **before)
    site.workshop.apply()
    assert site.deployment.content(own) == site.wanted("support", **before)
    site.workshop.manifest("support", **after)
    assert site.workshop.statuses() == {"support": "updated"}
    assert site.deployment.numbers(own) == [2, 1]
    assert site.state(own) == site.reached("support", **after)
    if seen := site.seen(own):
        wanted = site.wanted("support", **after)
        assert seen["context"] == (wanted["context"] or None)
        assert seen["configurable"] == (wanted["configurable"] or None)
        assert seen["tags"] == (wanted["config"].get("tags") or None)
    site.wire.reset()
    assert site.workshop.apply()["outcomes"] == []
    assert site.wire.writes == []


@pytest.mark.parametrize("full", [FULL, IN_CONFIGURABLE], ids=["context", "configurable"])
def test_all_fields_are_cleared_at_once_but_what_tells_it_from_the_default_assistant(
    full: dict[str, Any], site: Site
) -> None:
    """One tag stays: a server may want the config of a graph's assistants to differ."""
    own = site.workshop.manifest("support", **full)
    site.workshop.apply()
    site.workshop.manifest("support", config={"tags": ["cx"]})
    assert site.workshop.statuses() == {"support": "updated"}
    assert site.deployment.numbers(own) == [2, 1]
    assert site.state(own) == site.reached("support", config={"tags": ["cx"]})


def test_a_cleared_metadata_key_takes_no_other_along_and_comes_back(site: Site) -> None:
    context = {"model": "a"}
    own = site.workshop.manifest("support", context=context, metadata={"team": "cx", "tier": 1})
    site.workshop.apply()
    site.deployment.patch(own, metadata={"note": "ann's"}, context=context)
    site.workshop.manifest("support", context=context, metadata={"tier": 1})
    site.workshop.apply()
    assert site.state(own) == site.reached("support", context=context, metadata={"tier": 1, "note": "ann's"})
    site.workshop.manifest("support", context=context, metadata={"tier": 1, "team": "back"})
    site.workshop.apply()
    assert site.state(own) == site.reached(
        "support", context=context, metadata={"tier": 1, "team": "back", "note": "ann's"}
    )
    assert site.deployment.numbers(own) == [4, 3, 2, 1]
