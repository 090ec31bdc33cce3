"""What a manifest no longer says is gone from the server, and stays so."""

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
def test_a_field_that_is_taken_away_is_cleared_by_one_version(cleared: str, project: ConformanceProject) -> None:
    before, path = CLEARED[cleared]
    after = without(before, path)
    own = project.repository.manifest("support", **before)
    project.repository.apply()
    assert project.deployment.content(own) == project.wanted("support", **before)
    project.repository.manifest("support", **after)
    assert project.repository.statuses() == {"support": "updated"}
    assert project.deployment.numbers(own) == [2, 1]
    assert project.state(own) == project.reached("support", **after)
    if seen := project.seen(own):
        wanted = project.wanted("support", **after)
        assert seen["context"] == (wanted["context"] or None)
        assert seen["configurable"] == (wanted["configurable"] or None)
        assert seen["tags"] == (wanted["config"].get("tags") or None)
    project.wire.reset()
    assert project.repository.apply()["outcomes"] == []
    assert project.wire.writes == []


@pytest.mark.parametrize("full", [FULL, IN_CONFIGURABLE], ids=["context", "configurable"])
def test_all_fields_are_cleared_at_once_but_what_tells_it_from_the_default_assistant(
    full: dict[str, Any], project: ConformanceProject
) -> None:
    """One tag stays: a server may want the config of a graph's assistants to differ."""
    own = project.repository.manifest("support", **full)
    project.repository.apply()
    project.repository.manifest("support", config={"tags": ["cx"]})
    assert project.repository.statuses() == {"support": "updated"}
    assert project.deployment.numbers(own) == [2, 1]
    assert project.state(own) == project.reached("support", config={"tags": ["cx"]})


def test_a_cleared_metadata_key_takes_no_other_along_and_comes_back(project: ConformanceProject) -> None:
    context = {"model": "a"}
    own = project.repository.manifest("support", context=context, metadata={"team": "cx", "tier": 1})
    project.repository.apply()
    project.deployment.patch(own, metadata={"note": "ann's"}, context=context)
    project.repository.manifest("support", context=context, metadata={"tier": 1})
    project.repository.apply()
    assert project.state(own) == project.reached("support", context=context, metadata={"tier": 1, "note": "ann's"})
    project.repository.manifest("support", context=context, metadata={"tier": 1, "team": "back"})
    project.repository.apply()
    assert project.state(own) == project.reached(
        "support", context=context, metadata={"tier": 1, "team": "back", "note": "ann's"}
    )
    assert project.deployment.numbers(own) == [4, 3, 2, 1]
