from __future__ import annotations

from typing import Any

from hypothesis import given

from assistant_sync.model.change import FieldChange, Op
from assistant_sync.planning.canonical import as_document
from assistant_sync.planning.diff import all_added, all_removed, diff
from assistant_sync.planning.equality import same_content, same_json
from tests.planning.rows import content
from tests.strategies import json_objects


def test_equal_contents_have_no_difference() -> None:
    one = content(context={"a": 1, "b": [1, True]}, description="d")
    assert diff(one, content(context={"b": [1.0, True], "a": 1.0}, description="d")) == ()


def test_each_field_is_named_by_its_path_in_the_order_of_the_fields() -> None:
    before = content(description="old", context={"a": 1, "gone": 2}, config={"tags": ["x"]})
    after = content(graph_id="other", name="New", context={"a": "1", "new": None}, config={"tags": ["x", "y"]})
    assert diff(before, after) == (
        FieldChange(("graph_id",), Op.CHANGED, "agent", "other"),
        FieldChange(("name",), Op.CHANGED, "Support", "New"),
        FieldChange(("description",), Op.REMOVED, "old", None),
        FieldChange(("context", "a"), Op.CHANGED, 1, "1"),
        FieldChange(("context", "gone"), Op.REMOVED, 2, None),
        FieldChange(("context", "new"), Op.ADDED, None, None),
        FieldChange(("config", "tags", 1), Op.ADDED, None, "y"),
    )


def test_mappings_that_share_few_keys_are_compared_key_by_key() -> None:
    before = content(context={"prompt": "old"})
    after = content(context={"prompt": "new", "a": 1, "b": 2, "c": 3, "d": {"e": 1}})
    assert [change.path for change in diff(before, after)] == [
        ("context", "a"), ("context", "b"), ("context", "c"), ("context", "d"), ("context", "prompt")
    ]  # fmt: skip
    renamed = diff(content(context={"prompt": "x"}), content(context={"system_prompt": "x"}))
    assert [(change.path, change.op) for change in renamed] == [
        (("context", "prompt"), Op.REMOVED), (("context", "system_prompt"), Op.ADDED)
    ]  # fmt: skip
    filled = diff(content(config={}), content(config={"recursion_limit": 3, "tags": ["a"]}))
    assert [change.path for change in filled] == [("config", "recursion_limit"), ("config", "tags")]


def test_keys_may_hold_dots_brackets_and_quotes() -> None:
    (change,) = diff(content(context={"a.b['c']": {"": 1}}), content(context={"a.b['c']": {"": 2}}))
    assert change.path == ("context", "a.b['c']", "")


def test_keys_that_begin_with_underscores_are_no_exception() -> None:
    paths = [c.path for c in diff(content(context={"__a": 1, "_b": 1}), content(context={"__a": 2, "__c": 1}))]
    assert paths == [("context", "__a"), ("context", "__c"), ("context", "_b")]


def test_true_and_one_differ_inside_lists() -> None:
    (change,) = diff(content(context={"a": [True, 2]}), content(context={"a": [1, 2]}))
    assert (change.path, change.before, change.after) == (("context", "a", 0), True, 1)


def test_items_of_a_list_are_shown_in_their_order_and_not_in_that_of_texts() -> None:
    one, other = [{"n": number} for number in range(12)], [{"n": -number - 1} for number in range(12)]
    changes = diff(content(context={"a": one}), content(context={"a": other}))
    assert [change.path for change in changes] == [("context", "a", index, "n") for index in range(12)]


def test_a_create_adds_and_a_delete_removes_each_field() -> None:
    whole = content(context={"a": {"b": 1}}, config={"configurable": {"k": 1}, "tags": ["t"]})
    paths = [("graph_id",), ("name",), ("context", "a"), ("config", "tags"), ("config", "configurable", "k")]
    values = ["agent", "Support", {"b": 1}, ["t"], 1]
    assert [(change.path, change.op, change.before, change.after) for change in all_added(whole)] == [
        (path, Op.ADDED, None, value) for path, value in zip(paths, values, strict=True)
    ]
    assert [(change.path, change.op, change.before, change.after) for change in all_removed(whole)] == [
        (path, Op.REMOVED, value, None) for path, value in zip(paths, values, strict=True)
    ]


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        document = document[part]
    return document


@given(json_objects(), json_objects())
def test_the_difference_is_empty_exactly_for_equal_contents_and_names_true_values(one: Any, other: Any) -> None:
    before, after = content(context=one), content(context=other)
    changes = diff(before, after)
    assert (changes == ()) == same_content(before, after)
    for change in changes:
        if change.op is not Op.ADDED:
            assert same_json(at(as_document(before), change.path), change.before)
        if change.op is not Op.REMOVED:
            assert same_json(at(as_document(after), change.path), change.after)


def agent(name: str, prompt: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "prompt": prompt, **more}


def test_an_item_that_is_put_in_front_is_one_item_and_an_edit_behind_it_is_one_edit() -> None:
    before = content(context={"agents": [agent("research", "Find."), agent("critic", "Be stern.", tools=["web"])]})
    agents = [agent("writer", "Write."), agent("research", "Find."), agent("critic", "Be gentle.", tools=["web"])]
    assert diff(before, content(context={"agents": agents})) == (
        FieldChange(("context", "agents", 0), Op.ADDED, None, agents[0]),
        FieldChange(("context", "agents", 2, "prompt"), Op.CHANGED, "Be stern.", "Be gentle."),
    )


def test_an_item_that_moved_is_removed_and_added() -> None:
    before, after = (content(context={"a": order}) for order in (["x", "y", "z"], ["z", "x", "y"]))
    assert diff(before, after) == (
        FieldChange(("context", "a", 0), Op.ADDED, None, "z"),
        FieldChange(("context", "a", 2), Op.REMOVED, "z", None),
    )


def test_the_indices_above_a_removed_item_count_in_the_list_before() -> None:
    before = content(context={"a": [{"id": "x", "tools": ["t", "u"]}]})
    after = content(context={"a": [{"id": "w"}, {"id": "x", "tools": ["u"]}]})
    assert diff(before, after) == (
        FieldChange(("context", "a", 0), Op.ADDED, None, {"id": "w"}),
        FieldChange(("context", "a", 0, "tools", 0), Op.REMOVED, "t", None),
    )


def test_a_list_and_something_else_are_one_changed_value() -> None:
    for one, other in (([1], {"0": 1}), (["a"], "a"), ([], {}), ([], None)):
        (change,) = diff(content(context={"v": one}), content(context={"v": other}))
        assert (change.path, change.before, change.after) == (("context", "v"), one, other)


def test_a_live_key_that_begins_with_nul_is_a_key() -> None:
    """No manifest may have one, but a deployment may answer with it."""
    (change,) = diff(content(context={"\x00a": 1}), content(context={}))
    assert (change.path, change.before) == (("context", "\x00a"), 1)
