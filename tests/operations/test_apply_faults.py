"""Each kind of fault on each kind of write, through a whole apply: what it reports is true, and a second ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from assistant_sync.errors import RemoteError
from assistant_sync.model.identity import derived_id
from assistant_sync.model.outcome import Status
from tests.applying.memory_deployment import ALL, ONE, THREADS, landed, landed_as, late, lost, refused, status
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.outcome import ApplyResult
    from tests.operations.memory_project import MemoryProject
    from tests.servers.recording import Fault

OWN = derived_id(PROJECT, "support")

MANY = 9
"""More often than any request is sent."""

WRITES = {
    "create": ("POST", ALL),
    "update": ("PATCH", ONE),
    "activate": ("POST", f"{ONE}/latest"),
    "delete": ("DELETE", ONE),
}

IN_THE_END: dict[str, tuple[list[int], int | None]] = {
    "create": ([1], 1),
    "update": ([1, 2], 2),
    "activate": ([1, 2], 1),
    "delete": ([], None),
}
"""The versions that the assistant has when the write was made once, and the active one."""

FAULTS: dict[str, Callable[[str, str], Fault]] = {
    "lost": lambda method, path: lost(method, path, MANY),
    "landed": lambda method, path: landed(method, path, MANY),
    "late": lambda method, path: late(method, path, after_reads=1),
    "500": lambda method, path: status(500, method, path, MANY),
    "403": lambda method, path: status(403, method, path),
    "refused": refused,
    "landed as 502": lambda method, path: landed_as(lambda: httpx.Response(502), method, path),
    "landed as a web page": lambda method, path: landed_as(lambda: httpx.Response(200, html="<p>"), method, path),
}


UNDONE = {"lost": Status.UNCONFIRMED, "500": Status.UNCONFIRMED, "403": Status.FAILED}
"""What becomes of a write that does not land; all others are done."""


@pytest.fixture(params=WRITES)
def kind(request: pytest.FixtureRequest, project: MemoryProject) -> str:
    """The kind of the one change that the project's plan has."""
    kind = str(request.param)
    project.manifest("other")
    if kind == "create":
        project.settle()
    for tag in {"create": [], "update": ["a"], "activate": ["new", "b"], "delete": ["a"]}[kind]:
        project.manifest("support", config={"tags": [tag]})
        project.settle()
    if kind == "delete":
        project.remove("support")
    else:
        project.manifest("support", config={"tags": ["new"]})
    return kind


def state(project: MemoryProject) -> tuple[list[int], int | None]:
    """The versions of the assistant, and the active one."""
    numbers = project.numbers(OWN)
    return numbers, project.deployment.get(OWN)["version"] if numbers else None


def applied(project: MemoryProject, *faults: Fault) -> ApplyResult:
    result = project.applied(*faults, prune=True).result
    assert result is not None
    return result


@pytest.mark.parametrize("fault", FAULTS)
def test_a_write_that_meets_a_fault_is_made_once_and_reported_as_it_is(
    fault: str, kind: str, project: MemoryProject
) -> None:
    before = state(project)
    (outcome,) = applied(project, project.beside_the_lock(FAULTS[fault](*WRITES[kind]))).outcomes
    assert outcome.action.value == kind
    if fault in UNDONE:
        assert (outcome.status, state(project)) == (UNDONE[fault], before)
    else:
        assert outcome.status.is_done
        assert (state(project), outcome.version_after) == (IN_THE_END[kind], IN_THE_END[kind][1])
    assert applied(project).converged
    assert (state(project), project.lock_rows) == (IN_THE_END[kind], [])


def test_a_write_that_lands_after_its_apply_has_ended_is_not_made_again(kind: str, project: MemoryProject) -> None:
    (outcome,) = applied(project, project.beside_the_lock(lost(*WRITES[kind], MANY))).outcomes
    assert outcome.status is Status.UNCONFIRMED
    late_one = project.sent[-1]
    project.deployment.answer(late_one.method, late_one.path, late_one.body)
    assert applied(project).outcomes == ()
    assert (state(project), project.sent) == (IN_THE_END[kind], [])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_lock_that_meets_a_fault_is_held_or_nothing_is_written_and_in_the_end_it_is_gone(
    fault: str, project: MemoryProject
) -> None:
    project.manifest("support")
    meets = project.on_the_lock(FAULTS[fault]("POST", THREADS))
    if UNDONE.get(fault) is Status.UNCONFIRMED:
        with pytest.raises(RemoteError):
            applied(project, meets)
        assert project.sent == []
    else:
        result = applied(project, meets)
        assert (result.converged, len(result.warnings)) == (True, 1 if fault in UNDONE else 0)
    assert project.lock_rows == []
