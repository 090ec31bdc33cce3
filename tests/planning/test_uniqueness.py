from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.change import Action
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.project import Activation
from assistant_sync.planning.uniqueness import existing_holder
from tests.builders import make_assistant, make_desired
from tests.planning.plans import actions, plan
from tests.planning.rows import stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired

USER = "somebody"


def of_user(*rows: Assistant, user: str = USER) -> list[Assistant]:
    return [replace(row, user_id=user) for row in rows]


def default_row(graph: str = "agent") -> Assistant:
    row = make_assistant(graph, assistant_id=default_assistant_id(graph), graph_id=graph, config={}, context={})
    return replace(row, user_id="system", metadata={"created_by": "system"})


def refusals(desired: list[Desired], rows: list[Assistant], **more: Any) -> dict[str, str]:
    made = plan(desired, rows, everything=rows, **more)
    return {change.key: change.reason for change in made.changes if change.action is Action.REFUSE}


def test_different_configs_clash_with_nothing() -> None:
    desired = [make_desired(key, context={"m": key}) for key in "abc"]
    assert refusals(desired, [*of_user(stored(desired[0])), default_row()]) == {}


def test_a_create_that_equals_a_live_assistant_is_refused_and_names_it() -> None:
    live = stored(make_desired("a", context={"m": 1}))
    told = refusals([make_desired("a", context={"m": 1}), make_desired("b", context={"m": 1.0})], of_user(live))
    assert list(told) == ["b"]
    assert live.assistant_id in told["b"]
    assert "config: {tags: [...]}" in told["b"]


def test_an_unmanaged_assistant_counts_too() -> None:
    other = make_assistant("by-hand", context={"m": 1}, config={"configurable": {"m": 1}})
    assert other.assistant_id in refusals([make_desired("a", context={"m": 1})], of_user(other))["a"]


def test_two_creates_with_equal_configs_are_both_refused_and_name_each_other() -> None:
    told = refusals([make_desired(key, context={"m": 1}) for key in "ab"], [default_row()])
    assert ("'b'" in told["a"], "'a'" in told["b"]) == (True, True)


def test_an_update_towards_a_live_assistant_is_refused() -> None:
    rows = of_user(*(stored(make_desired(key, context={"m": key})) for key in "ab"))
    desired = [make_desired("a", context={"m": "a"}), make_desired("b", context={"m": "a"})]
    assert list(refusals(desired, rows)) == ["b"]


def test_a_swap_is_refused_with_the_way_out() -> None:
    rows = of_user(*(stored(make_desired(key, context={"m": key})) for key in "ab"))
    told = refusals([make_desired("a", context={"m": "b"}), make_desired("b", context={"m": "a"})], rows)
    assert list(told) == ["a", "b"]
    assert all("--only" in reason for reason in told.values())


def test_what_a_delete_gives_up_is_given_up_too_late() -> None:
    rows = of_user(stored(make_desired("gone", context={"m": 1})))
    told = refusals([make_desired("a", context={"m": 1})], rows, prune=True)
    assert "--only" in told["a"]


def test_an_activation_towards_a_live_assistant_is_refused() -> None:
    old, new = make_desired("b", context={"m": "a"}), make_desired("b", context={"m": "b"})
    rows = of_user(stored(make_desired("a", context={"m": "a"})), stored(new, version=2))
    desired = [make_desired("a", context={"m": "a"}), old]
    told = refusals(desired, rows, versions=[stored(old, version=1)], activation=Activation.FULL)
    assert list(told) == ["b"]


@pytest.mark.parametrize(
    "other", [make_desired("a", graph_id="other"), make_desired("a", config={"tags": ["x"]})], ids=["graph", "config"]
)
def test_another_graph_or_another_config_is_no_clash(other: Desired) -> None:
    assert refusals([other, make_desired("b")], of_user(stored(other))) == {}


def test_the_default_assistant_of_a_graph_does_not_count() -> None:
    default = replace(default_row(), config={"configurable": {}})
    assert refusals([make_desired("a")], [default]) == {}


def test_rows_that_do_not_say_whose_they_are_prove_no_such_rule() -> None:
    live = stored(make_desired("a", context={"m": 1}))
    assert refusals([make_desired(key, context={"m": 1}) for key in "ab"], [live]) == {}


def test_two_equal_assistants_of_one_user_prove_that_there_is_no_such_rule() -> None:
    rows = of_user(*(stored(make_desired(key)) for key in "ab"))
    assert refusals([make_desired(key) for key in "abc"], rows) == {}
    others = of_user(rows[1], user="another")
    assert list(refusals([make_desired("c")], [rows[0], *others])) == ["c"]


def test_a_deployment_that_does_not_mirror_compares_without_the_context() -> None:
    rows = of_user(stored(make_desired("a", context={"m": 1}), mirrored=False))
    desired = [make_desired("a", context={"m": 1}), make_desired("b", context={"m": 2})]
    assert list(refusals(desired, rows)) == ["b"]


def test_a_graph_that_reads_configurable_clashes_with_one_that_reads_context() -> None:
    rows = of_user(stored(make_desired("a", context={"m": 1})))
    desired = [make_desired("a", context={"m": 1}), make_desired("b", configurable={"m": 1})]
    assert list(refusals(desired, rows)) == ["b"]


def test_the_rest_of_the_plan_is_as_it_was() -> None:
    rows = of_user(stored(make_desired("a", context={"m": 1})))
    desired = [make_desired("a", context={"m": 1}), make_desired("b", context={"m": 1}), make_desired("c")]
    made = plan(desired, rows, everything=rows)
    assert actions(made) == {"a": "keep", "b": "refuse", "c": "create"}
    assert made.is_refused


def test_assistants_of_two_graphs_are_not_equal_although_their_configs_are() -> None:
    rows = of_user(*(stored(make_desired(graph, graph_id=graph)) for graph in ("agent", "other")))
    assert list(refusals([make_desired("c")], rows)) == ["c"]


def test_the_holder_of_a_config_is_another_one_that_is_not_the_servers_own() -> None:
    desired = make_desired("a", context={"m": 1})
    own, other = stored(desired), make_assistant("by-hand", context={"m": 1}, config={"configurable": {"m": 1}})
    system = replace(default_row(), config={"configurable": {"m": 1}})
    assert existing_holder(desired, [], Mirroring.YES) is None
    assert existing_holder(desired, [own, system], Mirroring.YES) is None
    assert existing_holder(desired, [own, system, other], Mirroring.YES) == other


def test_the_holder_of_a_config_is_found_as_the_deployment_stores_it() -> None:
    desired = make_desired("a", context={"m": 1})
    apart = make_assistant("by-hand", context={"m": 2}, config={"configurable": {}})
    assert existing_holder(desired, [apart], Mirroring.NO) == apart
    assert existing_holder(desired, [apart], Mirroring.YES) is None
