"""How many requests a plan sends as a project grows: the formulas of docs/performance.md, counted and not timed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from assistant_sync.operations.plan import plan
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.workspace import Settings
from benchmarks.generated import GRAPHS, GeneratedDeployment, key_of, manifest_of, write_project

if TYPE_CHECKING:
    from pathlib import Path

MILLION = 1_000_000


def planned(folder: Path, deployment: GeneratedDeployment) -> dict[str, int]:
    """The actions of a plan, each with its number."""
    settings = Settings(environ={}, folder=folder, transport=deployment)
    actions = [one.action.value for one in asyncio.run(plan(PlanRequest(settings=settings))).plan.changes]
    return {action: actions.count(action) for action in actions}


@pytest.mark.parametrize(("count", "pages"), [(1_000, 1), pytest.param(2_500, 3, marks=pytest.mark.full)])
def test_a_plan_without_changes_sends_a_count_the_pages_and_a_question_for_each_graph(
    count: int, pages: int, tmp_path: Path
) -> None:
    write_project(tmp_path, count, version=1)
    deployment = GeneratedDeployment(count)
    assert planned(tmp_path, deployment) == {"keep": count}
    assert deployment.asked == {"POST count": 1, "POST search": pages, "GET schemas": len(GRAPHS)}


@pytest.mark.parametrize(("versions", "pages"), [(1, 1), (999, 1), (1_000, 2)])
def test_one_change_adds_the_pages_of_the_versions_of_that_assistant(versions: int, pages: int, tmp_path: Path) -> None:
    write_project(tmp_path, 10, versions)
    (tmp_path / f"assistants/{key_of(0)}.yaml").write_text(manifest_of(0, versions + 1), "utf-8")
    deployment = GeneratedDeployment(10, versions=versions)
    assert planned(tmp_path, deployment) == {"update": 1, "keep": 9}
    assert deployment.asked == {"POST count": 1, "POST search": 1, "GET schemas": len(GRAPHS), "POST versions": pages}


def test_a_million_rows_of_others_add_nothing(tmp_path: Path) -> None:
    write_project(tmp_path, 20, version=1)
    alone, among = GeneratedDeployment(20), GeneratedDeployment(20, unmanaged=MILLION)
    assert planned(tmp_path, alone) == planned(tmp_path, among) == {"keep": 20}
    assert (among.asked, among.bytes) == (alone.asked, alone.bytes)


def test_new_manifests_beside_a_million_rows_are_looked_for_one_by_one(tmp_path: Path) -> None:
    write_project(tmp_path, 20, version=1)
    deployment = GeneratedDeployment(15, unmanaged=MILLION)
    assert planned(tmp_path, deployment) == {"keep": 15, "create": 5}
    assert deployment.asked == {"POST count": 2, "POST search": 1, "GET": 5, "GET schemas": len(GRAPHS)}
