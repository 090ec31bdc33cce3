"""One assistant as base, desired and live have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.observations import Observations
from assistant_sync.planning.ownership import Owned, Unmanaged, judge
from assistant_sync.planning.three_way import complete, owned_keys, three_way, without_manifest
from tests.builders import PROJECT, make_assistant, make_desired
from tests.planning.rows import desired_with, edited, owned_row, stored
from tests.strategies import json_objects

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.values import JsonObject
    from assistant_sync.planning.three_way import ThreeWay

WRITTEN = make_desired(context={"model_name": "a"})
EDITED = make_desired(context={"model_name": "b"})


def held(desired: Desired, row: Assistant, mirroring: Mirroring = Mirroring.YES) -> ThreeWay:
    return three_way(desired, owned_row(row), mirroring, None)


@given(json_objects())
def test_a_manifest_and_the_row_that_it_wrote_are_equal_and_nothing_is_edited(context: JsonObject) -> None:
    desired = desired_with(context)
    one = held(desired, stored(desired, mirrored=False), Mirroring.NO)
    assert (one.is_equal, one.is_edited_outside) == (True, False)


def test_an_edit_of_the_manifest_is_a_difference_and_no_drift() -> None:
    one = held(EDITED, stored(WRITTEN))
    assert (one.is_equal, one.is_as_written, one.is_edited_outside) == (False, True, False)


def test_an_edit_of_the_row_is_a_difference_and_drift() -> None:
    one = held(WRITTEN, edited(stored(WRITTEN), context={"model_name": "c"}))
    assert (one.is_equal, one.is_as_written, one.is_edited_outside) == (False, False, True)


def test_an_edit_of_the_row_to_what_the_manifest_wants_is_equal() -> None:
    one = held(
        EDITED, edited(stored(WRITTEN), context={"model_name": "b"}, config={"configurable": {"model_name": "b"}})
    )
    assert one.is_equal


def test_a_row_that_is_not_ours_is_never_drift() -> None:
    live = judge(make_assistant("support", stamp=None), PROJECT)
    one = three_way(WRITTEN, live, Mirroring.YES, None)
    assert (one.owned, one.is_as_written, one.is_edited_outside) == (None, None, False)


def test_the_comparison_keeps_the_live_content_with_its_mirror() -> None:
    one = held(EDITED, stored(WRITTEN, mirrored=True))
    assert one.comparison is not None
    assert one.comparison.found.configurable == {"model_name": "a"}
    assert one.comparison.live.configurable == {}
    assert one.found == one.comparison.found


def test_the_metadata_keys_that_count_are_the_manifests_and_the_stamps() -> None:
    desired = make_desired(metadata={"team": "cx"})
    live = owned_row(stored(make_desired(metadata={"tier": 1, "team": "old"})))
    assert owned_keys(desired, live) == ("team", "tier")
    assert owned_keys(desired, Unmanaged(live.row, because="it has no stamp")) == ("team",)


def test_an_owned_row_without_a_manifest_shows_its_own_content() -> None:
    one = without_manifest(owned_row(stored(WRITTEN)), Mirroring.YES, None)
    assert (one.key, one.desired, one.is_equal) == ("support", None, False)
    assert one.found is not None
    assert one.found.context == {"model_name": "a"}


def test_observations_fill_in_versions_and_how_the_commit_relates() -> None:
    row = stored(WRITTEN, commit="abc")
    (one,) = complete(
        [held(EDITED, row)],
        Observations(versions={row.assistant_id: [row]}, ancestry={"abc": Ancestry.ANCESTOR}),
        PROJECT,
    )
    assert isinstance(one.live, Owned)
    assert (one.live.versions, one.relation) == ((row,), Ancestry.ANCESTOR)


def test_an_id_that_is_confirmed_is_held_against_the_row_that_has_it() -> None:
    row = make_assistant("support", assistant_id=WRITTEN.assistant_id, stamp=None)
    asked = three_way(WRITTEN, None, Mirroring.YES, None)
    (one,) = complete([asked], Observations(found={row.assistant_id: row}, versions={row.assistant_id: [row]}), PROJECT)
    assert one.live is not None
    assert (one.live.row, one.owned) == (row, None)
    (absent,) = complete([asked], Observations(found={row.assistant_id: None}), PROJECT)
    assert absent.live is None


def test_a_row_of_ours_that_only_its_id_found_is_unmanaged_and_keeps_its_stamp() -> None:
    row = stored(WRITTEN)
    asked = three_way(WRITTEN, None, Mirroring.YES, None)
    (one,) = complete([asked], Observations(found={row.assistant_id: row}, versions={row.assistant_id: [row]}), PROJECT)
    assert isinstance(one.live, Unmanaged)
    assert one.live.stamp == owned_row(row).stamp


@pytest.mark.parametrize(("mirroring", "is_equal"), [(Mirroring.YES, False), (Mirroring.NO, True)])
def test_a_row_that_only_its_id_found_is_compared_as_the_deployment_stores(
    mirroring: Mirroring, is_equal: bool
) -> None:
    row = stored(WRITTEN, mirrored=False)
    asked = three_way(WRITTEN, None, mirroring, None)
    (one,) = complete([asked], Observations(found={row.assistant_id: row}, versions={row.assistant_id: [row]}), PROJECT)
    assert one.is_equal == is_equal


def test_a_question_without_an_answer_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        complete([three_way(WRITTEN, None, Mirroring.YES, None)], Observations(), PROJECT)
    with pytest.raises(KeyError):
        complete([held(EDITED, stored(WRITTEN))], Observations(), PROJECT)


def test_the_versions_of_what_has_no_manifest_need_not_be_known() -> None:
    (one,) = complete([without_manifest(owned_row(stored(WRITTEN)), Mirroring.YES, None)], Observations(), PROJECT)
    assert isinstance(one.live, Owned)
    assert one.live.versions == ()


def test_the_contents_of_what_is_equal_and_ours_are_not_kept() -> None:
    one = held(WRITTEN, stored(WRITTEN))
    assert (one.is_equal, one.comparison, one.found) == (True, None, None)


def test_what_is_equal_needs_no_answer() -> None:
    one = held(WRITTEN, stored(WRITTEN))
    assert complete([one], Observations(), PROJECT) == (one,)
