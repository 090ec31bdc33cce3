"""More assistants than fit on a page of any server: none is overlooked, none is made twice."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.identity import derived_id
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject

FEW_MORE = 8
"""Requests of a plan beside the pages: counts, graphs, a page of a size that is refused, an empty one at the end."""


@pytest.mark.parametrize("number", [110, pytest.param(1100, marks=pytest.mark.full)])
def test_many_assistants_are_all_created_once_and_then_left_alone(number: int, project: ConformanceProject) -> None:
    repository = project.repository
    ids = {f"a{nth:04}": "" for nth in range(number)}
    for key in ids:
        ids[key] = repository.manifest(key, context={"model": key})
    repository.commit()
    statuses = repository.statuses()
    assert statuses == dict.fromkeys(ids, "created")
    rows = {row["assistant_id"]: row for row in project.deployment.users()}
    assert {key: rows[own]["context"] for key, own in ids.items()} == {key: {"model": key} for key in ids}
    assert len(rows) == number
    project.wire.reset()
    assert repository.actions() == dict.fromkeys(ids, "keep")
    asked = len(project.wire.requests)
    assert asked <= ceil((number + len(project.deployment.defaults)) / project.can.page) + FEW_MORE
    assert repository.apply()["outcomes"] == []
    assert project.wire.writes == []
    repository.manifest("a0007", context={"model": "changed"})
    repository.remove("a0009")
    repository.commit()
    assert repository.statuses("--prune") == {"a0007": "updated", "a0009": "deleted"}
    now = {row["assistant_id"]: row for row in project.deployment.users()}
    gone, changed = derived_id(PROJECT, "a0009"), derived_id(PROJECT, "a0007")
    assert set(now) == set(rows) - {gone}
    assert {own: row for own, row in now.items() if own != changed} == {
        own: row for own, row in rows.items() if own not in (gone, changed)
    }
