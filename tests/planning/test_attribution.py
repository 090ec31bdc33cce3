from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.change import Op
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import Attribution
from assistant_sync.planning.attribution import Attributor, numbers_between
from assistant_sync.planning.own_version import own_version
from tests.builders import PROJECT, make_assistant, make_create, make_delete, make_desired, make_stamp
from tests.planning.rows import edited, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import FieldChange

ATTRIBUTOR = Attributor(PROJECT, Mirroring.YES)
FIRST = make_desired(context={"m": 1})
SECOND = make_desired(context={"m": 2})
BASE = stored(FIRST)


def told(fields: tuple[FieldChange, ...]) -> list[tuple[str, Op, Any, Any]]:
    return [(".".join(map(str, one.path)), one.op, one.before, one.after) for one in fields]


def by_hand(row: Assistant, value: Any, **fields: Any) -> Assistant:
    """A hand edit of the context, which a server that mirrors copies."""
    return edited(row, context={"m": value}, config={"configurable": {"m": value}}, **fields)


def test_where_nobody_wrote_there_is_nothing_to_tell() -> None:
    assert numbers_between([BASE], above=1, below=None) == ()
    assert ATTRIBUTOR.attribute_versions([BASE], BASE, above=1) == ()


def test_only_what_lies_between_base_and_ours_is_counted() -> None:
    rows = [stored(FIRST, version=number) for number in (7, 1, 4, 2, 3, 5)]
    assert numbers_between(rows, above=2, below=5) == (3, 4)
    assert numbers_between(rows, above=4, below=None) == (5, 7)
    assert [one.version for one in ATTRIBUTOR.attribute_versions(rows, BASE, above=2, below=5)] == [3, 4]


def test_each_version_is_told_with_what_it_changed_in_the_one_before() -> None:
    second = by_hand(BASE, 2)
    third = by_hand(second, 3, name="By hand")
    first, last = ATTRIBUTOR.attribute_versions([third, second, BASE], BASE, above=1)
    assert (first.version, first.created_at) == (2, second.created_at)
    assert told(first.fields) == [("context.m", Op.CHANGED, 1, 2)]
    assert told(last.fields) == [("name", Op.CHANGED, "support", "By hand"), ("context.m", Op.CHANGED, 2, 3)]


def test_the_first_is_compared_with_what_was_active_and_not_with_the_number_below() -> None:
    older, newer = stored(SECOND, version=2), stored(make_desired(context={"m": 9}), version=3)
    (one,) = ATTRIBUTOR.attribute_versions([BASE, older, newer, by_hand(replace(BASE, version=3), 5)], BASE, above=3)
    assert (one.version, told(one.fields)) == (4, [("context.m", Op.CHANGED, 1, 5)])


def test_a_version_below_ours_does_not_hide_what_the_next_one_changed() -> None:
    rows = [by_hand(replace(BASE, version=number - 1), number) for number in range(2, 25)]
    last = ATTRIBUTOR.attribute_versions(rows, BASE, above=1)[0]
    assert last.version == 5
    assert told(last.fields) == [("context.m", Op.CHANGED, 4, 5)]


def test_another_apply_is_known_by_the_lowest_version_that_carries_its_write() -> None:
    theirs = stored(SECOND, version=2, write="theirs", commit="abc-dirty")
    carried = by_hand(theirs, 3)
    first, last = ATTRIBUTOR.attribute_versions([carried, theirs, BASE], BASE, above=1)
    assert (first.attribution, first.commit) == (Attribution.APPLY, "abc-dirty")
    assert (last.attribution, last.commit) == (Attribution.OUTSIDE, None)


def test_a_hand_edit_of_what_git_does_not_own_is_nobodys_apply_either() -> None:
    theirs = stored(SECOND, version=2, write="theirs")
    touched = edited(theirs, metadata={**theirs.metadata, "ui": 1})
    found = ATTRIBUTOR.attribute_versions([touched, theirs], BASE, above=1)
    assert [one.attribution for one in found] == [Attribution.APPLY, Attribution.OUTSIDE]


def test_an_edit_of_an_older_version_that_was_made_active_is_nobodys_apply() -> None:
    later = stored(SECOND, version=2)
    on_top_of_the_first = replace(by_hand(BASE, 3), version=3)
    (one,) = ATTRIBUTOR.attribute_versions([on_top_of_the_first, later, BASE], later, above=2)
    assert one.attribution is Attribution.OUTSIDE


@pytest.mark.parametrize(
    "stamp",
    [{"project": "another"}, {"id": "11111111-2222-4333-8444-555555555555"}, {"write": None}, {"digest": "c1:other"}],
)
def test_a_stamp_that_is_not_ours_or_does_not_fit_makes_no_apply(stamp: dict[str, Any]) -> None:
    members: dict[str, Any] = {"key": "support", "write": "theirs", "digest": None, "version": 2}
    row = replace(stored(SECOND, version=2), metadata={"assistant_sync": make_stamp(**members).as_json()})
    fits = ATTRIBUTOR.attribute_versions([BASE, row], BASE, above=1)[0]
    assert fits.attribution is Attribution.APPLY
    other = replace(row, metadata={"assistant_sync": make_stamp(**{**members, **stamp}).as_json()})
    assert ATTRIBUTOR.attribute_versions([BASE, other], BASE, above=1)[0].attribution is Attribution.OUTSIDE


def test_an_apply_is_known_by_what_it_wrote_as_the_deployment_keeps_it() -> None:
    for mirrored in (True, False):
        row = stored(SECOND, version=2, write="theirs", mirrored=mirrored)
        for mirroring, fits in ((Mirroring.YES, mirrored), (Mirroring.NO, not mirrored), (Mirroring.UNKNOWN, True)):
            (one,) = Attributor(PROJECT, mirroring).attribute_versions([BASE, row], BASE, above=1)
            assert one.attribution is (Attribution.APPLY if fits else Attribution.OUTSIDE), (mirrored, mirroring)


def test_an_unstamped_version_is_somebody_elses() -> None:
    (one,) = ATTRIBUTOR.attribute_versions([make_assistant(version=2)], BASE, above=1)
    assert one.attribution is Attribution.OUTSIDE


def test_unowned_metadata_is_told_and_the_stamp_is_not() -> None:
    after = edited(BASE, metadata={"assistant_sync": {"id": "x"}, "note": 1})
    assert told(ATTRIBUTOR.changed(BASE, after)) == [("metadata.note", Op.ADDED, None, 1)]
    assert told(ATTRIBUTOR.changed(after, BASE)) == [("metadata.note", Op.REMOVED, 1, None)]


def test_what_looks_like_a_credential_is_masked() -> None:
    after = edited(BASE, context={"api_key": "x1y2", "note": "lsv2_pt_" + "0a1b" * 8}, config={}, metadata={})
    fields = Attributor(PROJECT, Mirroring.NO).changed(replace(BASE, context={}, config={}), after)
    assert [(one.after, one.sensitive) for one in fields] == [(None, True), (None, True)]
    secret = stored(SECOND, version=2, write="theirs", commit="sk-" + "a1" * 20)
    assert ATTRIBUTOR.attribute_versions([secret], BASE, above=1)[0].commit == "(masked)"


@pytest.mark.parametrize(
    ("mirroring", "reads_configurable", "paths"),
    [
        (Mirroring.YES, False, ["context.m"]),
        (Mirroring.UNKNOWN, False, ["context.m"]),
        (Mirroring.YES, True, ["config.configurable.m"]),
        (Mirroring.NO, False, ["context.m", "config.configurable.m"]),
    ],
)
def test_a_mirror_is_told_once_as_the_manifest_would_say_it(
    mirroring: Mirroring, reads_configurable: bool, paths: list[str]
) -> None:
    found = Attributor(PROJECT, mirroring, reads_configurable).changed(BASE, by_hand(BASE, 2))
    assert [path for path, *_ in told(found)] == paths


def test_a_mirror_that_was_taken_away_is_told() -> None:
    after = edited(BASE, config={"configurable": {}})
    assert told(ATTRIBUTOR.changed(BASE, after)) == [("config.configurable", Op.REMOVED, {"m": 1}, None)]


def test_the_attributor_of_a_change_shows_the_side_that_its_manifest_fills() -> None:
    one_sided = make_create(desired=make_desired(configurable={"m": 1}))
    expected = Attributor(PROJECT, Mirroring.YES, reads_configurable=True)
    assert Attributor.of(one_sided, PROJECT, Mirroring.YES) == expected
    assert not Attributor.of(make_create(), PROJECT, Mirroring.YES).reads_configurable
    assert not Attributor.of(make_delete(), PROJECT, Mirroring.YES).reads_configurable


def test_of_an_assistant_that_was_not_there_everything_is_told_once() -> None:
    (one,) = ATTRIBUTOR.attribute_versions([stored(FIRST)], None, above=0)
    paths = [(path, after) for path, _, _, after in told(one.fields)]
    assert paths == [("graph_id", "agent"), ("name", "support"), ("context.m", 1)]


def test_since_the_plan_the_versions_are_told_that_came() -> None:
    now = by_hand(BASE, 2)
    (one,) = ATTRIBUTOR.attribute_since([now, BASE], BASE, now, above=1)
    assert (one.version, one.attribution) == (2, Attribution.OUTSIDE)


@pytest.mark.parametrize("versions", [[], [BASE]])
def test_a_version_that_is_not_new_was_made_active_by_whomever(versions: list[Assistant]) -> None:
    older = replace(BASE, updated_at="later")
    active = stored(SECOND, version=3)
    (one,) = ATTRIBUTOR.attribute_since(versions, active, older, above=3)
    assert (one.version, one.created_at, one.attribution, one.commit) == (1, "later", Attribution.ACTIVATED, None)
    assert told(one.fields) == [("context.m", Op.CHANGED, 2, 1)]


def test_a_new_version_that_is_not_the_active_one_is_told_beside_the_active_one() -> None:
    new = by_hand(BASE, 2)
    back = replace(BASE, name="mixture")
    found = ATTRIBUTOR.attribute_since([new, BASE], BASE, back, above=1)
    assert [(one.version, one.attribution) for one in found] == [(2, Attribution.OUTSIDE), (1, Attribution.ACTIVATED)]


def test_our_version_is_the_lowest_that_carries_our_write() -> None:
    mine = stored(FIRST, version=3, write="mine")
    carried = stored(FIRST, version=5, write="mine")
    assert own_version([carried, stored(FIRST, version=4, write="other"), mine], "mine") == mine
    assert own_version([carried], "another") is None


def test_the_write_of_a_former_name_was_an_apply() -> None:
    row = stored(FIRST, project="old")
    assert ATTRIBUTOR.attribute_versions([row], None, above=0)[0].attribution is Attribution.OUTSIDE
    known = replace(ATTRIBUTOR, former_projects=("old",))
    assert known.attribute_versions([row], None, above=0)[0].attribution is Attribution.APPLY
