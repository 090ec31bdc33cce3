from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.report.linediff.myers import Budget, common_start, find_gaps


def test_equal_sequences_have_no_gaps_and_cost_nothing() -> None:
    budget = Budget(10)

    assert find_gaps("abc", "abc", budget) == ([], True)
    assert budget.steps == 10


def test_what_is_only_added_or_removed_costs_nothing() -> None:
    budget = Budget(10)

    assert find_gaps("ad", "a" + "bc" * 1000 + "d", budget) == ([(1, 1, 1, 2001)], True)
    assert find_gaps("a" + "bc" * 1000 + "d", "ad", budget) == ([(1, 2001, 1, 1)], True)
    assert budget.steps == 10


def test_a_search_leaves_the_budget_smaller() -> None:
    budget = Budget(1000)

    assert find_gaps("abcde", "xbcdy", budget) == ([(0, 1, 0, 1), (4, 5, 4, 5)], True)
    assert 900 < budget.steps < 1000


def test_beyond_the_budget_all_between_the_common_ends_is_one_gap() -> None:
    budget = Budget(10)

    assert find_gaps("(abcdefgh)", "(ABcdEFGH)", budget) == ([(1, 9, 1, 9)], False)
    assert budget.steps == 0


@given(st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_the_common_start_is_as_long_as_it_can_be(first: str, second: str) -> None:
    count = common_start(first, second)

    assert first[:count] == second[:count]
    assert first[: count + 1] != second[: count + 1] or count == min(len(first), len(second))
