"""Whatever fails, a change is made once or not at all, the report says which, and the next apply completes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.frozen import replace
from assistant_sync.model.identity import derived_id
from tests.depth import DEPTH, number_of_commit
from tests.end_to_end.fault_cells import CELLS, KINDS, Cell, Step, bench, pairwise, wrongs_of
from tests.end_to_end.fault_table import DOCUMENT, GROUPS, NOT_MEANT, cell_text, clean_environment, documented, table
from tests.servers.faults import FAULTS, NONE, Fault, at_writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.fault_cells import Bench, CellName, Kind
    from tests.servers.faults import Scene
    from tests.servers.proxy import Answer, Forward, Meddle, Request

IDS = {
    f"{fault.name}-{kind.name}": (fault, kind)
    for fault, kind in (CELLS if DEPTH.all_faults else pairwise(number_of_commit()))
}

of_all_cells = pytest.mark.parametrize("name", IDS)


@pytest.fixture(scope="module")
def table_bench(server_url: str) -> Iterator[Bench]:
    with clean_environment(), bench(server_url) as made:
        yield made


@pytest.fixture(scope="module")
def measured(table_bench: Bench, request: pytest.FixtureRequest) -> dict[CellName, Cell]:
    """The cells of the tests that were chosen: measured beside each other, because most of their time is waiting."""
    chosen = [item for item in request.session.items if isinstance(item, pytest.Function)]
    chosen = [item for item in chosen if item.path == request.path and "measured" in item.fixturenames]
    names = {item.callspec.params["name"] for item in chosen if hasattr(item, "callspec")}
    return table_bench.measure([cell for name, cell in IDS.items() if name in names])


@of_all_cells
def test_a_change_is_made_once_whatever_fails(name: str, measured: dict[CellName, Cell]) -> None:
    fault, kind = IDS[name]
    cell = measured[fault.name, kind.name]
    assert cell.wrongs == [], cell


def rows() -> dict[str, list[str]]:
    """The cells of the documented table by the names of their faults."""
    lines = [line.strip("|\n").split("|") for line in documented(DOCUMENT.read_text("utf-8")).splitlines()]
    cells = [[one.strip() for one in line] for line in lines[2:]]
    return {fault.name: row for fault, row in zip(FAULTS, [row for row in cells if any(row[1:])], strict=True)}


@of_all_cells
def test_the_table_of_the_document_is_what_was_measured(name: str, measured: dict[CellName, Cell]) -> None:
    fault, kind = IDS[name]
    column = 1 + [one.name for one in KINDS].index(kind.name)
    assert rows()[fault.name][column] == cell_text(measured[fault.name, kind.name])


def test_the_table_of_the_document_has_every_fault_and_kind() -> None:
    skeleton = table({}).splitlines()
    lines = documented(DOCUMENT.read_text("utf-8")).splitlines()
    assert [line.split("|")[1] for line in lines] == [line.split("|")[1] for line in skeleton]
    assert lines[:2] == skeleton[:2]
    assert [fault for _, faults in GROUPS for fault in faults] == list(FAULTS)
    for fault in FAULTS:
        without = [kind.name for kind, one in zip(KINDS, rows()[fault.name][1:], strict=True) if one == NOT_MEANT]
        assert without == [kind.name for kind in KINDS if (fault, kind) not in CELLS]


@pytest.mark.parametrize("number", range(12))
def test_a_part_of_the_table_has_every_fault_and_every_kind(number: int) -> None:
    cells = pairwise(number)
    assert {fault.name for fault, _ in cells} == {fault.name for fault in FAULTS}
    assert {kind.name for _, kind in cells} == {kind.name for kind in KINDS}
    assert len(cells) <= len(FAULTS) + len(KINDS)


# What the table would not hide


def twice(request: Request, forward: Forward, _: Scene) -> Answer | None:
    forward(request)
    return forward(request)


def misdirected(request: Request, forward: Forward, _: Scene) -> Answer | None:
    return forward(replace(request, path=f"/assistants/{derived_id('misdirected-update', 'kept-a')}"))


def never(_: Scene) -> Meddle:
    return lambda request, forward: forward(request)


def named(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.name == name)


def test_a_duplicate_would_be_seen(table_bench: Bench) -> None:
    found = table_bench.measure([(Fault("twice", "", at_writes(twice)), named("update"))])
    assert "2 versions, not 1" in found["twice", "update"].wrongs


def test_a_write_to_another_assistant_would_be_seen(table_bench: Bench) -> None:
    found = table_bench.measure([(Fault("misdirected", "", at_writes(misdirected)), named("update"))])
    assert "others have new versions" in found["misdirected", "update"].wrongs


def test_a_fault_that_does_not_come_about_would_be_seen(table_bench: Bench) -> None:
    found = table_bench.measure([(Fault("never", "", never), named("update"))])
    assert found["never", "update"].wrongs == ["the fault did not come about"]


IDLE = Step(0, "0", 0, ("nothing to do",))
NEVER = Step(0, "0", None)


@pytest.mark.parametrize(
    ("steps", "wrong"),
    [
        ([Step(1, "1", 0, ("done",)), NEVER, IDLE], None),
        ([Step(0, "0", 5, ("unconfirmed",)), NEVER, Step(1, "1", 0, ("done",)), IDLE], None),
        ([Step(0, "0", 5, ("unconfirmed",)), Step(1, "1", None), IDLE], None),
        ([Step(0, "0", None), NEVER, Step(1, "1", 0, ("done",)), IDLE], None),
        ([Step(1, "1", 5, ("unconfirmed",)), NEVER, IDLE], None),
        ([Step(2, "2", 0, ("done",)), NEVER, IDLE], "2 versions, not 1"),
        ([Step(1, "1", 0, ("done",)), NEVER, Step(1, "1", 0, ("done",)), IDLE], "2 versions, not 1"),
        ([Step(0, "0", 5, ("unconfirmed",)), Step(1, "1", None), Step(1, "1", 0, ("done",)), IDLE], "2 versions"),
        ([Step(0, "0", 7, ("conflict",)), NEVER, IDLE], "0 versions, not 1"),
        ([Step(1, "1", 0, ("done",)), NEVER, Step(0, "0", 5, ("stopped",))], "does not converge"),
        ([Step(0, "0", 0, ("done",)), NEVER, Step(1, "1", 0, ("done",)), IDLE], "says done, and it is not"),
        ([Step(1, "1", 5, ("failed",)), NEVER, IDLE], "it was made, and the report says"),
        ([Step(1, "1", 0, ("done", "outside")), NEVER, IDLE], "exit 0"),
        ([Step(0, "0", 0, ("unconfirmed",)), NEVER, Step(1, "1", 0, ("done",)), IDLE], "exit 0"),
        ([Step(1, "1", 5), NEVER, IDLE], "says nothing"),
    ],
)
def test_a_cell_is_wrong_where_a_version_is_too_many_or_lost_or_the_report_lies(
    steps: list[Step], wrong: str | None
) -> None:
    first, late, *others = steps
    wrongs = list(wrongs_of(Cell(NONE, named("update"), first, late, others)))
    assert any(wrong in one for one in wrongs) if wrong else wrongs == []
