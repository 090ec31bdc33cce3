"""Two assistants of one graph with equal config: both are kept, or the clash is named and the other one untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.site import Site

SAME: dict[str, Any] = {"context": {"model": "a"}, "config": {"tags": ["t"]}}


def test_two_new_ones(site: Site) -> None:
    """Where only one can be, it is said of the other that it clashes, and with what."""
    ids = {key: site.workshop.manifest(key, **SAME) for key in ("one", "two")}
    run = site.workshop.run("apply")
    rows = {row["assistant_id"]: row for row in site.deployment.users()}
    if site.can.keeps_equal_configs:
        assert run.code == 0
        for key, own in ids.items():
            assert site.deployment.content(own) == site.wanted(key, **SAME)
        assert set(site.workshop.actions().values()) == {"keep"}
        return
    assert run.code != 0
    assert len(rows) <= 1
    assert set(rows) <= set(ids.values())
    missing = [key for key, own in ids.items() if own not in rows]
    others = [key for key in ids if key not in missing] or list(ids)
    assert all(name in run.out + run.err for name in missing)
    assert any(other in run.out + run.err or ids[other] in run.out + run.err for other in others)
    assert all(site.deployment.numbers(own) == [1] for own in rows)


@pytest.mark.parametrize("by", ["create", "update", "adopt"])
def test_one_that_others_made_is_never_touched(by: str, site: Site) -> None:
    theirs = site.deployment.create(name="Theirs", **SAME)["assistant_id"]
    before = {row["assistant_id"]: row for row in site.deployment.all()}
    assistant: dict[str, Any] = {}
    if by == "adopt":
        assistant = {"assistant_id": site.deployment.create(name="Hand", context={"model": "x"})["assistant_id"]}
    elif by == "update":
        site.workshop.manifest("support", context={"model": "b"})
        site.workshop.apply()
    own = site.workshop.manifest("support", **SAME, **assistant)
    own = assistant.get("assistant_id", own)
    numbers = site.deployment.numbers(own)
    run = site.workshop.run("apply")
    assert {one: site.deployment.get(one) for one in before} == before
    assert site.deployment.numbers(theirs) == [1]
    if site.can.keeps_equal_configs:
        assert run.code == 0
        assert len(site.deployment.numbers(own)) == len(numbers) + 1
        assert site.deployment.content(own) == site.wanted("support", **SAME)
    else:
        assert run.code != 0
        assert theirs in run.out + run.err
        assert site.deployment.numbers(own) == numbers
    assert site.deployment.locks() == []


def test_one_with_an_empty_config_is_made_or_told_that_it_meets_the_default_assistant(site: Site) -> None:
    default = next(row for row in site.deployment.defaults.values() if row["graph_id"] == "support_agent")
    may_be = site.deployment.try_create(name="By hand").is_success
    site.deployment.wipe()
    own = site.workshop.manifest("support", description="no context, no config")
    run = site.workshop.run("apply")
    assert site.deployment.get(default["assistant_id"]) == default
    if may_be:
        assert run.code == 0
        assert site.state(own) == site.reached("support", description="no context, no config")
    else:
        assert run.code != 0
        assert default["assistant_id"] in run.out + run.err
        assert site.deployment.users() == []


def test_two_with_an_empty_config(site: Site) -> None:
    ids = {key: site.workshop.manifest(key, description="no context, no config") for key in ("one", "two")}
    run = site.workshop.run("apply")
    if site.can.keeps_equal_configs:
        assert run.code == 0
        assert [row["assistant_id"] for row in site.deployment.users()] == sorted(ids.values())
    else:
        assert run.code != 0
        assert len(site.deployment.users()) <= 1
        assert all(key in run.out + run.err for key in ids)


def test_two_that_swap_their_configs(site: Site) -> None:
    """The end is possible everywhere; where one cannot take the other's place first, nothing may be half done."""
    first, second = {"context": {"model": "a"}}, {"context": {"model": "b"}}
    ids = {"one": site.workshop.manifest("one", **first), "two": site.workshop.manifest("two", **second)}
    site.workshop.apply()
    site.workshop.manifest("one", **second)
    site.workshop.manifest("two", **first)
    run = site.workshop.run("apply")
    if site.can.keeps_equal_configs:
        assert run.code == 0
        assert site.deployment.content(ids["one"]) == site.wanted("one", **second)
        assert site.deployment.content(ids["two"]) == site.wanted("two", **first)
    else:
        assert run.code != 0
        assert {key: site.deployment.numbers(own) for key, own in ids.items()} == {"one": [1], "two": [1]}
        assert any(own in run.out + run.err for own in ids.values())


def test_a_free_config_is_taken_over_in_one_apply(site: Site) -> None:
    """One moves away, another takes its former config; whether that needs two applies, it ends as the manifests say."""
    first, second, third = ({"context": {"model": letter}} for letter in "abc")
    ids = {"one": site.workshop.manifest("one", **first), "two": site.workshop.manifest("two", **second)}
    site.workshop.apply()
    site.workshop.manifest("one", **third)
    site.workshop.manifest("two", **first)
    run = site.workshop.run("apply")
    if run.code:
        assert not site.can.keeps_equal_configs
        assert ids["one"] in run.out + run.err or "one" in run.out + run.err
        assert site.deployment.numbers(ids["two"]) == [1]
        site.workshop.run("apply", "--only", "one").expect(0)
        site.workshop.run("apply").expect(0)
    assert site.deployment.content(ids["one"]) == site.wanted("one", **third)
    assert site.deployment.content(ids["two"]) == site.wanted("two", **first)
    assert {key: site.deployment.numbers(own) for key, own in ids.items()} == {"one": [2, 1], "two": [2, 1]}
