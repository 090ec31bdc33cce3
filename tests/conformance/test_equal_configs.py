"""Two assistants of one graph with equal config: both are kept, or the clash is named and the other one untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject

SAME: dict[str, Any] = {"context": {"model": "a"}, "config": {"tags": ["t"]}}


def test_two_new_ones(project: ConformanceProject) -> None:
    """Where only one can be, it is said of the other that it clashes, and with what."""
    ids = {key: project.repository.manifest(key, **SAME) for key in ("one", "two")}
    run = project.repository.run("apply")
    rows = {row["assistant_id"]: row for row in project.deployment.users()}
    if project.can.keeps_equal_configs:
        assert run.code == 0
        for key, own in ids.items():
            assert project.deployment.content(own) == project.wanted(key, **SAME)
        assert set(project.repository.actions().values()) == {"keep"}
        return
    assert run.code != 0
    assert len(rows) <= 1
    assert set(rows) <= set(ids.values())
    missing = [key for key, own in ids.items() if own not in rows]
    others = [key for key in ids if key not in missing] or list(ids)
    assert all(name in run.out + run.err for name in missing)
    assert any(other in run.out + run.err or ids[other] in run.out + run.err for other in others)
    assert all(project.deployment.numbers(own) == [1] for own in rows)


@pytest.mark.parametrize("by", ["create", "update", "adopt"])
def test_one_that_others_made_is_never_touched(by: str, project: ConformanceProject) -> None:
    theirs = project.deployment.create(name="Theirs", **SAME)["assistant_id"]
    before = {row["assistant_id"]: row for row in project.deployment.all()}
    assistant: dict[str, Any] = {}
    if by == "adopt":
        assistant = {"assistant_id": project.deployment.create(name="Hand", context={"model": "x"})["assistant_id"]}
    elif by == "update":
        project.repository.manifest("support", context={"model": "b"})
        project.repository.apply()
    own = project.repository.manifest("support", **SAME, **assistant)
    own = assistant.get("assistant_id", own)
    numbers = project.deployment.numbers(own)
    run = project.repository.run("apply")
    assert {one: project.deployment.get(one) for one in before} == before
    assert project.deployment.numbers(theirs) == [1]
    if project.can.keeps_equal_configs:
        assert run.code == 0
        assert len(project.deployment.numbers(own)) == len(numbers) + 1
        assert project.deployment.content(own) == project.wanted("support", **SAME)
    else:
        assert run.code != 0
        assert theirs in run.out + run.err
        assert project.deployment.numbers(own) == numbers
    assert project.deployment.locks() == []


def test_one_with_an_empty_config_is_made_or_told_that_it_meets_the_default_assistant(
    project: ConformanceProject,
) -> None:
    default = next(row for row in project.deployment.defaults.values() if row["graph_id"] == "support_agent")
    may_be = project.deployment.try_create(name="By hand").is_success
    project.deployment.wipe()
    own = project.repository.manifest("support", description="no context, no config")
    run = project.repository.run("apply")
    assert project.deployment.get(default["assistant_id"]) == default
    if may_be:
        assert run.code == 0
        assert project.state(own) == project.reached("support", description="no context, no config")
    else:
        assert run.code != 0
        assert default["assistant_id"] in run.out + run.err
        assert project.deployment.users() == []


def test_two_with_an_empty_config(project: ConformanceProject) -> None:
    ids = {key: project.repository.manifest(key, description="no context, no config") for key in ("one", "two")}
    run = project.repository.run("apply")
    if project.can.keeps_equal_configs:
        assert run.code == 0
        assert [row["assistant_id"] for row in project.deployment.users()] == sorted(ids.values())
    else:
        assert run.code != 0
        assert len(project.deployment.users()) <= 1
        assert all(key in run.out + run.err for key in ids)


def test_two_that_swap_their_configs(project: ConformanceProject) -> None:
    """The end is possible everywhere; where one cannot take the other's place first, nothing may be half done."""
    first, second = {"context": {"model": "a"}}, {"context": {"model": "b"}}
    ids = {"one": project.repository.manifest("one", **first), "two": project.repository.manifest("two", **second)}
    project.repository.apply()
    project.repository.manifest("one", **second)
    project.repository.manifest("two", **first)
    run = project.repository.run("apply")
    if project.can.keeps_equal_configs:
        assert run.code == 0
        assert project.deployment.content(ids["one"]) == project.wanted("one", **second)
        assert project.deployment.content(ids["two"]) == project.wanted("two", **first)
    else:
        assert run.code != 0
        assert {key: project.deployment.numbers(own) for key, own in ids.items()} == {"one": [1], "two": [1]}
        assert any(own in run.out + run.err for own in ids.values())


def test_a_free_config_is_taken_over_in_one_apply(project: ConformanceProject) -> None:
    """One moves away, another takes its former config; whether that needs two applies, it ends as the manifests say."""
    first, second, third = ({"context": {"model": letter}} for letter in "abc")
    ids = {"one": project.repository.manifest("one", **first), "two": project.repository.manifest("two", **second)}
    project.repository.apply()
    project.repository.manifest("one", **third)
    project.repository.manifest("two", **first)
    run = project.repository.run("apply")
    if run.code:
        assert not project.can.keeps_equal_configs
        assert ids["one"] in run.out + run.err or "one" in run.out + run.err
        assert project.deployment.numbers(ids["two"]) == [1]
        project.repository.run("apply", "--only", "one").expect(0)
        project.repository.run("apply").expect(0)
    assert project.deployment.content(ids["one"]) == project.wanted("one", **third)
    assert project.deployment.content(ids["two"]) == project.wanted("two", **first)
    assert {key: project.deployment.numbers(own) for key, own in ids.items()} == {"one": [2, 1], "two": [2, 1]}
