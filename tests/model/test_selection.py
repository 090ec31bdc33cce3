from __future__ import annotations

import pytest

from assistant_sync.model.selection import Selection


def test_without_conditions_everything_is_selected() -> None:
    assert not Selection().is_narrow
    assert Selection().selects("support", "agent")


@pytest.mark.parametrize(
    ("selection", "selected"),
    [
        (Selection(("sup*",)), True),
        (Selection(("x", "sup*")), True),
        (Selection(("x",)), False),
        (Selection(("SUP*",)), False),
        (Selection(graphs=("ag*",)), True),
        (Selection(graphs=("x", "agent")), True),
        (Selection(graphs=("x",)), False),
        (Selection(changed=frozenset({"support", "x"})), True),
        (Selection(changed=frozenset({"x"})), False),
        (Selection(changed=frozenset()), False),
        (Selection(("support",), ("agent",), frozenset({"support"})), True),
        (Selection(("x",), ("agent",), frozenset({"support"})), False),
        (Selection(("support",), ("x",), frozenset({"support"})), False),
        (Selection(("support",), ("agent",), frozenset()), False),
    ],
)
def test_all_kinds_of_conditions_must_match_and_within_one_kind_any(selection: Selection, selected: bool) -> None:
    assert selection.is_narrow
    assert selection.selects("support", "agent") is selected


def test_one_of_two_graphs_is_enough_and_an_unknown_graph_may_be_any() -> None:
    selection = Selection(("support",), ("agent",))
    assert selection.selects("support", "other", "agent")
    assert selection.selects("support")
    assert not selection.selects("other")
