"""The quick look says "equal" only where the whole comparison does, and says it of what a write of ours leaves."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.equality import same_content
from assistant_sync.planning.mirroring import align
from assistant_sync.planning.quick_look import surely_equal
from assistant_sync.planning.stamp_changes import stamp_differs
from assistant_sync.planning.three_way import owned_keys, three_way
from tests.builders import make_desired
from tests.planning.rows import content, owned_row, stored
from tests.strategies import json_objects, json_values

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.planning.ownership import Owned

WRITTEN = replace(
    make_desired(),
    content=content(context={"n": 1, "tools": ["a"]}, config={"tags": ["t"]}, metadata={"team": "cx"}),
    metadata_keys=("team",),
)
TWINS: list[Any] = [True, 1, 1.0, False, 0, None, "", [], {}, "1", 2**60, float("inf"), "\ud800"]


def whole_comparison(desired: Desired, live: Owned, mirroring: Mirroring) -> bool:
    found = live_content(live.row, owned_keys(desired, live))
    return same_content(*align(desired.content, found, mirroring)) and stamp_differs(desired, live.stamp) is None


@st.composite
def rows(draw: st.DrawFn, desired: Desired) -> Assistant:
    """The row that a write leaves, on any server, with up to two members replaced by others."""
    row = stored(desired, mirrored=draw(st.booleans()))
    values = st.sampled_from(TWINS) | json_values()
    for _ in range(draw(st.integers(0, 2))):
        field = draw(st.sampled_from(["context", "config", "configurable", "metadata", "name", "description"]))
        key = draw(st.sampled_from(["n", "tools", "tags", "team", "other"]))
        value = draw(values)
        match field:
            case "name" | "description":
                changed: dict[str, Any] = {field: "another"}
            case "configurable":
                mirror = draw(st.sampled_from([{**(row.config.get("configurable") or {}), key: value}, None, {}]))  # type: ignore[dict-item]  # it is a mapping
                changed = {"config": {**row.config, "configurable": mirror}}
            case _:
                changed = {field: {**getattr(row, field), key: value}}
        row = replace(row, **changed)
    return row


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Desired, Owned]:
    twins = st.sampled_from(TWINS[:-1]) | json_values()
    metadata = draw(st.dictionaries(st.sampled_from(["team", "other"]), twins, max_size=2))
    desired = replace(
        make_desired(),
        content=content(
            context=draw(st.dictionaries(st.sampled_from(["n", "tools", "other"]), twins, max_size=3)),
            config=draw(st.dictionaries(st.sampled_from(["tags", "n"]), twins, max_size=2)),
            metadata=metadata,
        ),
        metadata_keys=tuple(sorted(metadata)),
    )
    return desired, owned_row(draw(rows(desired)))


@given(pair=pairs(), mirroring=st.sampled_from(Mirroring))
def test_what_it_holds_equal_is_equal(pair: tuple[Desired, Owned], mirroring: Mirroring) -> None:
    desired, live = pair
    if surely_equal(desired, live, mirroring):
        assert whole_comparison(desired, live, mirroring)
    assert three_way(desired, live, mirroring, None).is_equal is whole_comparison(desired, live, mirroring)


@given(context=json_objects(), is_mirrored=st.booleans())
def test_what_a_write_leaves_is_equal(context: dict[str, Any], is_mirrored: bool) -> None:
    desired = replace(WRITTEN, content=replace(WRITTEN.content, context=context))
    mirroring = Mirroring.YES if is_mirrored else Mirroring.NO
    assert surely_equal(desired, owned_row(stored(desired, mirrored=is_mirrored)), mirroring)


@pytest.mark.parametrize("twin", [True, 1.0])
@pytest.mark.parametrize("field", ["context", "configurable", "both", "metadata", "config"])
def test_values_that_only_python_holds_equal_get_no_answer(field: str, twin: Any) -> None:
    desired = replace(
        WRITTEN, content=content(context={"n": 1}, config={"n": 1}, metadata={"n": 1}), metadata_keys=("n",)
    )
    row = stored(desired)
    other: dict[str, Any] = {"n": twin}
    changed: dict[str, Any] = {
        "context": {"context": other},
        "configurable": {"config": {**row.config, "configurable": other}},
        "both": {"context": other, "config": {**row.config, "configurable": other}},
        "metadata": {"metadata": {**row.metadata, **other}},
        "config": {"config": {**row.config, **other}},
    }
    assert not surely_equal(desired, owned_row(replace(row, **changed[field])), Mirroring.YES)
    assert surely_equal(desired, owned_row(row), Mirroring.YES)


@pytest.mark.parametrize(
    "changes",
    [
        {"ignored": (("context", "n"),)},
        {"metadata_keys": (), "content": replace(WRITTEN.content, metadata={})},
        {"key": "renamed"},
        {"prevent_delete": True},
        {"content": replace(WRITTEN.content, graph_id="other")},
        {"content": replace(WRITTEN.content, description="other")},
    ],
)
def test_what_another_rule_decides_gets_no_answer(changes: dict[str, Any]) -> None:
    assert not surely_equal(replace(WRITTEN, **changes), owned_row(stored(WRITTEN)), Mirroring.YES)


def test_a_row_that_was_not_read_whole_gets_no_answer() -> None:
    row = stored(WRITTEN)
    assert not surely_equal(WRITTEN, owned_row(replace(row, is_whole=False)), Mirroring.YES)


def test_a_mirror_on_a_deployment_that_does_not_mirror_gets_no_answer() -> None:
    live = owned_row(stored(WRITTEN, mirrored=True))
    assert not surely_equal(WRITTEN, live, Mirroring.NO)
    assert not whole_comparison(WRITTEN, live, Mirroring.NO)


def test_a_configurable_that_the_row_does_not_have_gets_no_answer() -> None:
    desired = replace(WRITTEN, content=content(config={"configurable": {"n": 1}}))
    row = replace(stored(desired), context={}, config={})
    assert not surely_equal(desired, owned_row(row), Mirroring.YES)


def test_an_infinite_number_is_not_null() -> None:
    desired = replace(WRITTEN, content=content(context={"n": None}), metadata_keys=())
    row = stored(desired, mirrored=False)
    assert surely_equal(desired, owned_row(row), Mirroring.NO)
    assert not surely_equal(desired, owned_row(replace(row, context={"n": math.inf})), Mirroring.NO)


def test_a_mapping_of_another_type_gets_no_answer() -> None:
    desired = replace(WRITTEN, content=replace(WRITTEN.content, context=MappingProxyType({"n": 1})))
    assert not surely_equal(desired, owned_row(stored(desired, mirrored=False)), Mirroring.NO)
