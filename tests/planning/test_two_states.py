from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.planning.two_states import differences
from tests.builders import PROJECT, make_desired
from tests.planning.rows import edited, stored

if TYPE_CHECKING:
    from assistant_sync.planning.two_states import State

ONE = make_desired(context={"m": 1}, metadata={"team": "cx"})
TWO = make_desired(context={"m": 2}, metadata={"team": "cx"})


def told(left: State, right: State, mirroring: Mirroring = Mirroring.YES) -> list[tuple[str, object, object]]:
    fields = differences(left, right, project=PROJECT, mirroring=mirroring)
    return [(".".join(map(str, one.path)), one.before, one.after) for one in fields]


@pytest.mark.parametrize(("left", "right"), [(ONE, ONE), (ONE, stored(ONE)), (stored(ONE), ONE), (stored(ONE),) * 2])
def test_equal_states_of_every_pairing_have_no_differences(left: State, right: State) -> None:
    assert told(left, right) == []


@pytest.mark.parametrize("mirroring", [Mirroring.YES, Mirroring.UNKNOWN])
@pytest.mark.parametrize(
    ("left", "right"), [(ONE, TWO), (ONE, stored(TWO)), (stored(ONE), TWO), (stored(ONE), stored(TWO))]
)
def test_what_differs_is_told_once_and_from_left_to_right(left: State, right: State, mirroring: Mirroring) -> None:
    assert told(left, right, mirroring) == [("context.m", 1, 2)]


def test_a_mirror_that_an_edit_left_behind_is_told() -> None:
    row = replace(stored(ONE), context={"m": 2})
    assert told(row, ONE) == [("context.m", 2, 1)]


def test_metadata_that_git_does_not_own_differs_between_rows_alone() -> None:
    row = stored(ONE)
    noted = edited(row, metadata={**row.metadata, "note": 1})
    assert told(noted, ONE) == []
    assert told(row, noted) == [("metadata.note", None, 1)]


def test_metadata_that_a_stamp_lists_is_ours_although_the_manifest_has_it_no_more() -> None:
    assert told(stored(ONE), make_desired(context={"m": 1})) == [("metadata.team", "cx", None)]


def test_what_looks_like_a_credential_is_masked_unless_it_was_declared_harmless() -> None:
    left, right = make_desired(context={"api_key": "a1b2c3"}), make_desired(context={"api_key": "x9y8z7"})
    for one, other in ((left, right), (stored(left), right), (stored(left), stored(right))):
        (masked,) = differences(one, other, project=PROJECT, mirroring=Mirroring.YES)
        assert (masked.before, masked.after, masked.sensitive) == (None, None, True)
        harmless = [("context", "api_key")]
        (shown,) = differences(one, other, project=PROJECT, mirroring=Mirroring.YES, literals=harmless)
        assert (shown.before, shown.after) == ("a1b2c3", "x9y8z7")
