from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.frozen import replace
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.light_rows import (
    MOST_SAMPLES,
    confirmed,
    equal_by_stamp,
    samples,
    seen_in,
    with_content,
)
from tests.builders import make_desired, make_id
from tests.planning.rows import make_policy, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired

SUPPORT = make_desired(context={"model": "a"}, config={"tags": ["t"]}, metadata={"team": "cx", "tier": 1})
POLICY = make_policy()


def light(row: Assistant) -> Assistant:
    return replace(row, context={}, config={}, is_whole=False)


def stamped(row: Assistant, **members: Any) -> Assistant:
    """The row with other members in its stamp."""
    stamp = row.metadata[STAMP_KEY]
    assert isinstance(stamp, dict)
    return replace(row, metadata={**row.metadata, STAMP_KEY: {**stamp, **members}})


def is_known(desired: Desired, row: Assistant) -> bool:
    return equal_by_stamp([desired], [light(row)], POLICY) == {desired.assistant_id: desired}


# Which rows a stamp speaks for

LIVE = stored(SUPPORT, version=3)


def test_no_rows_are_known() -> None:
    assert equal_by_stamp([SUPPORT], [], POLICY) == {}
    assert samples({}, []) == ()


def test_a_row_as_our_write_made_it_is_known() -> None:
    assert is_known(SUPPORT, LIVE)


NOT_KNOWN = {
    "no manifest": (make_desired("other"), LIVE),
    "another number: somebody wrote": (SUPPORT, replace(LIVE, version=4)),
    "a lower number: the pointer was moved, or a restart": (SUPPORT, replace(LIVE, version=1)),
    "a stamp without a number": (SUPPORT, stamped(LIVE, version=None)),
    "a stamp without a write": (SUPPORT, stamped(LIVE, write=None)),
    "a rollback": (SUPPORT, stamped(LIVE, rollback={"to": 1})),
    "the stamp of a copy": (SUPPORT, stamped(LIVE, id=make_id("other"))),
    "another project": (SUPPORT, stamped(LIVE, project="other")),
    "another target": (SUPPORT, stamped(LIVE, target="staging")),
    "another key": (SUPPORT, stamped(LIVE, key="renamed")),
    "a protection that is new": (replace(SUPPORT, prevent_delete=True), LIVE),
    "a protection that is gone": (SUPPORT, stamped(LIVE, prevent_delete=True)),
    "other metadata keys": (SUPPORT, stamped(LIVE, metadata_keys=["team", "tier", "more"])),
    "ignored fields": (replace(SUPPORT, ignored=(("context", "model"),)), LIVE),
    "another digest": (SUPPORT, stamped(LIVE, digest="c1:" + "0" * 64)),
    "another form of digest": (SUPPORT, stamped(LIVE, digest="c0:" + "0" * 64)),
    "no digest": (SUPPORT, stamped(LIVE, digest=None)),
    "another context wanted": (replace(SUPPORT, content=replace(SUPPORT.content, context={"model": "b"})), LIVE),
    "another graph": (SUPPORT, replace(LIVE, graph_id="research")),
    "another name": (SUPPORT, replace(LIVE, name="x")),
    "another description": (SUPPORT, replace(LIVE, description="x")),
    "a metadata key that was stripped": (SUPPORT, replace(LIVE, metadata={STAMP_KEY: LIVE.metadata[STAMP_KEY]})),
    "another metadata value": (SUPPORT, replace(LIVE, metadata={**LIVE.metadata, "team": "x"})),
    "a metadata value of another type": (SUPPORT, replace(LIVE, metadata={**LIVE.metadata, "tier": True})),
    "a default assistant": (SUPPORT, replace(LIVE, metadata={**LIVE.metadata, "created_by": "system"})),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_KNOWN)
def test_any_other_row_is_read_whole(case: str) -> None:
    assert not is_known(*NOT_KNOWN[case])


def test_content_without_a_digest_is_never_known() -> None:
    odd = make_desired(context={"model": "\ud800"})
    assert not is_known(odd, stored(odd))


def test_metadata_of_others_does_not_count_and_null_is_absent() -> None:
    desired = replace(SUPPORT, metadata_keys=("team", "tier", "void"))
    row = stored(desired)
    assert is_known(desired, replace(row, metadata={**row.metadata, "void": None, "theirs": 1}))


def test_what_a_former_name_of_the_project_wrote_is_read_whole() -> None:
    row = light(stamped(LIVE, project="before"))
    assert equal_by_stamp([SUPPORT], [row], make_policy(former_projects=("before",))) == {}


# Which of them are read all the same


def fleet(
    *contexts: dict[str, Any], config: dict[str, Any] | None = None
) -> tuple[dict[str, Desired], list[Assistant]]:
    """Assistants, the oldest write first."""
    desired = [make_desired(f"a{at}", context=context, config=config) for at, context in enumerate(contexts)]
    rows = [replace(light(stored(one)), updated_at=f"2026-11-{at + 10}") for at, one in enumerate(desired)]
    return {one.assistant_id: one for one in desired}, rows[::-1]


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(make_id(f"a{number}") for number in numbers)


def test_the_oldest_write_is_a_sample() -> None:
    assert samples(*fleet({"m": 1}, {"m": 2}, {"m": 3})) == ids(0)


def test_each_name_has_a_sample_and_the_newest_write_with_most_of_them_goes_first() -> None:
    assert samples(*fleet({"m": 1}, {"x": 1, "y": 1}, {"x": 1, "z": 1}, {"m": 1, "x": 2})) == ids(0, 2, 1)


def test_a_name_in_config_is_another_one_than_in_context() -> None:
    known, rows = fleet({"tags": 1}, {"m": 1})
    known[make_id("a1")] = make_desired("a1", config={"tags": ["t"]})
    assert samples(known, rows) == ids(0, 1)


def test_rows_that_are_not_known_are_no_samples() -> None:
    known, rows = fleet({"m": 1}, {"x": 1})
    del known[make_id("a0")]
    assert samples(known, rows) == ids(1)


def test_rows_with_names_that_no_sample_has_are_not_known() -> None:
    known, rows = fleet(*({f"n{number}": 1} for number in range(MOST_SAMPLES + 3)), {"n0": 2})
    sampled = samples(known, rows)
    assert len(sampled) == MOST_SAMPLES + 1
    left = seen_in(known, sampled)
    assert left.keys() == {*sampled, *ids(MOST_SAMPLES + 3)}


# What the others are, and what the samples must be


def check(whole: Assistant, desired: Desired = SUPPORT, row: Assistant = LIVE) -> bool:
    own = row.assistant_id
    return confirmed({own: desired}, {own: light(row)}, [whole], POLICY)


@pytest.mark.parametrize("desired", [
    SUPPORT,
    make_desired(configurable={"model": "a"}, config={"tags": ["t"]}),
    make_desired(config={"tags": ["t"]}),
    make_desired(),
])  # fmt: skip
def test_a_row_gets_the_content_that_a_write_leaves_on_a_deployment_that_mirrors(desired: Desired) -> None:
    row = stored(desired)
    made = with_content(light(row), desired)
    assert (made.context, made.is_whole) == (row.context, True)
    assert {key: value for key, value in made.config.items() if value} == {k: v for k, v in row.config.items() if v}
    assert replace(made, context={}, config={}) == replace(row, context={}, config={})


def test_a_sample_as_it_was_written_confirms() -> None:
    assert check(LIVE)


def test_what_the_server_leaves_empty_confirms() -> None:
    assert check(replace(LIVE, config={**LIVE.config, "run_name": "", "metadata": None}))


@pytest.mark.parametrize("whole", [
    replace(LIVE, context={}, config={}),
    replace(LIVE, context={"model": "a", "more": 1}),
    replace(LIVE, config={**LIVE.config, "tags": []}),
    replace(LIVE, config={"tags": ["t"], "configurable": {}}),
    replace(LIVE, version=4),
    replace(LIVE, name="x"),
    replace(LIVE, metadata={**LIVE.metadata, "theirs": 1}),
    stored(SUPPORT, version=3, mirrored=False),
])  # fmt: skip
def test_any_other_sample_confirms_nothing(whole: Assistant) -> None:
    assert not check(whole)


def test_each_sample_must_confirm() -> None:
    other = make_desired("other", context={"model": "b"})
    row = stored(other)
    known, listed = {SUPPORT.assistant_id: SUPPORT, other.assistant_id: other}, [LIVE, row]
    by_id = {one.assistant_id: light(one) for one in listed}
    assert confirmed(known, by_id, [LIVE, row], POLICY)
    edited = replace(row, context={"model": "x"}, config={"configurable": {"model": "x"}})
    assert not confirmed(known, by_id, [LIVE, edited], POLICY)


def test_without_a_row_that_shows_a_mirror_nothing_is_confirmed() -> None:
    bare = make_desired()
    assert not check(stored(bare), bare, stored(bare))
    assert not confirmed({}, {}, [], POLICY)
