from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.report.markdown.count import PageBudget
from tests.builders import added, changed, make_update, masked, removed

DIFFERENT = [str(number) for number in range(5_000)], [str(-number) for number in range(1, 5_000)]


def test_a_change_without_fields_has_no_lines() -> None:
    assert PageBudget().total(make_update())[:3] == (0, 0, True)


@pytest.mark.parametrize(
    ("field", "lines"),
    [
        (changed("a", 1, 2), (1, 1)),
        (changed("a", "x", ""), (0, 1)),
        (changed("a", "x\ny\nz\n", "x\nz\n"), (0, 1)),
        (changed("a", "x\ny", "x\ny\n"), (1, 1)),
        (changed("a", None, "x\ny\n"), (2, 1)),
        (changed("a", [1], [1, 2]), (2, 1)),
        (changed("a", "x", [1, 2]), (4, 1)),
        (added("a", "x\ny"), (2, 0)),
        (added("a", {"b": "x\ny", "c": 1, "d": {}}), (4, 0)),
        (removed("a", [1, [2]]), (0, 6)),
    ],
)
def test_lines_are_counted_by_what_is_shown(field: Any, lines: tuple[int, int]) -> None:
    assert PageBudget().count(field)[:2] == lines


def test_masked_fields_are_not_counted() -> None:
    assert PageBudget().total(make_update("a", masked("x"), added("y", 1)))[:2] == (1, 0)


def test_a_field_is_compared_once() -> None:
    budget = PageBudget()
    field = changed("a", "1\n2\n3\n", "1\n3\n4\n")

    first = budget.count(field)
    budget.lines.steps = 0

    assert budget.count(field) is first
    assert first.is_exact


def test_what_was_not_compared_to_the_end_counts_as_replaced_and_is_not_exact() -> None:
    budget = PageBudget()
    budget.lines.steps = 0

    assert budget.count(changed("a", *map("\n".join, DIFFERENT)))[:3] == (4_999, 5_000, False)


def test_values_beyond_the_work_are_not_compared() -> None:
    budget = PageBudget()
    field = changed("a", list(range(60_000)), list(range(60_001)))

    assert budget.count(field) == (60_003, 60_002, False, ())


def test_no_text_uses_up_the_work_of_the_others() -> None:
    budget = PageBudget()
    for _ in range(20):
        budget.count(changed("a", *map("\n".join, DIFFERENT)))

    assert budget.count(changed("b", "1\n2\n3\n4\n", "0\n2\n3\n5\n"))[:3] == (2, 2, True)
