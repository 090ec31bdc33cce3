from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.planning.canonical import live_content, make_content
from assistant_sync.planning.diff import diff
from assistant_sync.planning.mirroring import (
    align,
    detect_mirroring,
    is_equal,
    rows_to_ask,
    shown_by_versions,
    without_mirror,
)
from assistant_sync.planning.triage import triage
from tests.builders import make_desired
from tests.planning.rows import edited, make_policy, owned_row, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Content, Desired

YES, NO, UNKNOWN = Mirroring.YES, Mirroring.NO, Mirroring.UNKNOWN
V, W = {"model": "a"}, {"model": "b"}


def content(context: dict[str, str], configurable: dict[str, str]) -> Content:
    return make_content(
        graph_id="agent", name="n", description="", context=context, config={"configurable": configurable}, metadata={}
    )


def test_nothing_is_known_without_rows() -> None:
    assert detect_mirroring([]) is UNKNOWN


@pytest.mark.parametrize("side", ["context", "configurable"])
def test_a_row_of_ours_tells_whether_its_server_mirrors(side: str) -> None:
    content_members: dict[str, Any] = {side: V}
    desired = make_desired(**content_members)
    assert detect_mirroring([owned_row(stored(desired, mirrored=True))]) is YES
    assert detect_mirroring([owned_row(stored(desired, mirrored=False))]) is NO


def test_rows_that_were_edited_moved_or_are_empty_tell_nothing() -> None:
    row = stored(make_desired(context=V))
    rows = [edited(row), replace(row, context=W), stored(make_desired()), stored(make_desired(context=V), digest=None)]
    assert detect_mirroring(map(owned_row, rows)) is UNKNOWN
    assert detect_mirroring(map(owned_row, [*rows, row])) is YES


def test_one_mirrored_row_outweighs_rows_that_a_partial_rollback_left_one_sided() -> None:
    one_sided = stored(make_desired("a", context=V), mirrored=False)
    mirrored = stored(make_desired("b", context=V), mirrored=True)
    assert detect_mirroring(map(owned_row, [one_sided, mirrored])) is YES
    assert detect_mirroring(map(owned_row, [mirrored, one_sided])) is YES


EQUAL = [
    # desired (context, configurable), live (context, configurable), equal where the server mirrors: yes, no, unknown
    (({}, {}), ({}, {}), (True, True, True)),
    ((V, {}), (V, V), (True, False, True)),
    ((V, {}), (V, {}), (False, True, True)),
    ((V, {}), (V, W), (False, False, False)),
    ((V, {}), (W, V), (False, False, False)),
    ((V, {}), ({}, V), (False, False, False)),
    ((V, {}), (W, W), (False, False, False)),
    (({}, {}), ({}, V), (False, False, False)),
    (({}, {}), (V, V), (False, False, False)),
    (({}, V), (V, V), (True, False, True)),
    (({}, V), ({}, V), (False, True, True)),
    (({}, V), (V, {}), (False, False, False)),
    (({}, V), (W, V), (False, False, False)),
]


@pytest.mark.parametrize(("desired", "live", "expected"), EQUAL)
def test_both_fields_are_compared_as_the_server_keeps_them(
    desired: tuple[dict[str, str], dict[str, str]],
    live: tuple[dict[str, str], dict[str, str]],
    expected: tuple[bool, bool, bool],
) -> None:
    found = tuple(is_equal(content(*desired), content(*live), mirroring) for mirroring in (YES, NO, UNKNOWN))
    assert found == expected


def test_a_change_is_shown_once_although_the_server_mirrors_it() -> None:
    wanted, found = align(content(W, {}), live_content(stored(make_desired(name="n", context=V)), ()), YES)
    assert [change.path for change in diff(found, wanted)] == [("context", "model")]


def test_without_a_telling_row_a_stale_configurable_is_taken_for_a_mirror_that_will_follow() -> None:
    wanted, found = align(content(V, {}), content(V, W), UNKNOWN)
    assert [(change.path, change.after) for change in diff(found, wanted)] == [
        (("config", "configurable", "model"), "a")
    ]
    wanted, found = align(content(V, {}), content(W, {}), UNKNOWN)
    assert [change.path for change in diff(found, wanted)] == [("context", "model")]


def test_a_stale_configurable_is_shown_where_it_stands() -> None:
    wanted, found = align(content(V, {}), content(V, W), YES)
    assert [change.path for change in diff(found, wanted)] == [("config", "configurable", "model")]


def test_a_change_of_a_configurable_is_shown_on_both_sides_where_they_differ() -> None:
    wanted, found = align(content({}, W), content(W, V), YES)
    assert [(change.path, change.before, change.after) for change in diff(found, wanted)] == [
        (("config", "configurable", "model"), "a", "b")
    ]


@pytest.mark.parametrize("mirroring", [YES, UNKNOWN])
def test_a_mirror_is_left_out_only_where_it_says_the_same_and_the_server_may_have_made_it(mirroring: Mirroring) -> None:
    assert without_mirror(content(V, V), mirroring) == content(V, {})
    assert without_mirror(content(V, W), mirroring) == content(V, W)
    assert without_mirror(content(V, V), NO) == content(V, V)


# What versions show if no row does


def history(desired: Desired, *, mirrored: bool) -> list[Assistant]:
    """Our version, and a hand edit that replaced the config as a whole: an update of ``config`` alone."""
    ours = stored(desired, mirrored=mirrored)
    return [edited(ours, config={"recursion_limit": 50}), ours]


@pytest.mark.parametrize(("mirrored", "shown"), [(True, YES), (False, NO)])
def test_the_version_that_we_wrote_shows_what_the_row_does_not(mirrored: bool, shown: Mirroring) -> None:
    rows = history(make_desired(context=V), mirrored=mirrored)
    live = owned_row(rows[0])
    assert detect_mirroring([live]) is UNKNOWN
    assert rows_to_ask([live]) == (live.row.assistant_id,)
    assert shown_by_versions(live, rows) is shown


def test_only_rows_with_one_of_the_two_fields_are_asked() -> None:
    whole, empty = stored(make_desired("whole", context=V)), stored(make_desired("empty"))
    unnamed = stored(make_desired("unnamed", context=V), write=None, mirrored=False)
    assert rows_to_ask(map(owned_row, [whole, empty, unnamed])) == ()
    in_configurable = edited(stored(make_desired(configurable=V)), context={})
    assert rows_to_ask([owned_row(in_configurable)]) == (in_configurable.assistant_id,)


def test_versions_that_do_not_hold_our_write_show_nothing() -> None:
    live, ours = history(make_desired(context=V), mirrored=True)
    assert shown_by_versions(owned_row(live), [live]) is UNKNOWN  # its history was cut: the lowest is no longer ours
    assert shown_by_versions(owned_row(live), []) is UNKNOWN
    assert shown_by_versions(owned_row(live), [live, replace(ours, context=W)]) is UNKNOWN


def test_a_mirror_that_somebody_took_away_is_a_difference_in_a_project_of_one_assistant() -> None:
    desired = make_desired(context=V, config={"recursion_limit": 50})
    live, ours = history(make_desired(context=V), mirrored=True)
    triaged = triage([desired], [live], make_policy())
    assert (triaged.open, triaged.mirroring_of) == ((), (live.assistant_id,))
    known = triage([desired], [live], make_policy(), mirroring=shown_by_versions(owned_row(live), [live, ours]))
    (one,) = known.open
    assert one.comparison is not None
    assert [change.path for change in diff(one.comparison.live, one.comparison.desired)] == [("config", "configurable")]
    assert known.mirroring_of == ()


def test_a_row_that_shows_nothing_takes_nothing_from_what_another_one_shows() -> None:
    shows = stored(make_desired("a", context=V), mirrored=False)
    empty = stored(make_desired("b"))
    assert detect_mirroring(map(owned_row, [shows, empty])) is NO
    assert detect_mirroring(map(owned_row, [empty, shows])) is NO


def test_a_write_without_an_id_is_in_no_version() -> None:
    live, ours = history(make_desired(context=V), mirrored=True)
    nameless = stored(make_desired(context=V), write=None)
    assert shown_by_versions(owned_row(replace(live, metadata=nameless.metadata)), [nameless, ours]) is UNKNOWN
