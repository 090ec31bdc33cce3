"""More assistants than fit on a page of any server: none is overlooked, none is made twice."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.identity import derived_id
from tests.workshop import PROJECT

if TYPE_CHECKING:
    from tests.conformance.site import Site

FEW_MORE = 8
"""Requests of a plan beside the pages: counts, graphs, a page of a size that is refused, an empty one at the end."""


@pytest.mark.parametrize("number", [110, pytest.param(1100, marks=pytest.mark.full)])
def test_many_assistants_are_all_created_once_and_then_left_alone(number: int, site: Site) -> None:
    workshop = site.workshop
    ids = {f"a{nth:04}": "" for nth in range(number)}
    for key in ids:
        ids[key] = workshop.manifest(key, context={"model": key})
    workshop.commit()
    statuses = workshop.statuses()
    assert statuses == dict.fromkeys(ids, "created")
    rows = {row["assistant_id"]: row for row in site.deployment.users()}
    assert {key: rows[own]["context"] for key, own in ids.items()} == {key: {"model": key} for key in ids}
    assert len(rows) == number
    site.wire.reset()
    assert workshop.actions() == dict.fromkeys(ids, "keep")
    asked = len(site.wire.requests)
    assert asked <= ceil((number + len(site.deployment.defaults)) / site.can.page) + FEW_MORE
    assert workshop.apply()["outcomes"] == []
    assert site.wire.writes == []
    workshop.manifest("a0007", context={"model": "changed"})
    workshop.remove("a0009")
    workshop.commit()
    assert workshop.statuses("--prune") == {"a0007": "updated", "a0009": "deleted"}
    now = {row["assistant_id"]: row for row in site.deployment.users()}
    gone, changed = derived_id(PROJECT, "a0009"), derived_id(PROJECT, "a0007")
    assert set(now) == set(rows) - {gone}
    assert {own: row for own, row in now.items() if own != changed} == {
        own: row for own, row in rows.items() if own not in (gone, changed)
    }
