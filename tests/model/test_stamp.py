from __future__ import annotations

import pytest

from assistant_sync.model.stamp import STAMP_KEY, Stamp
from tests.builders import make_stamp


def test_no_stamp_is_read_off_metadata_without_one() -> None:
    assert Stamp.read({}) is None
    assert Stamp.read({STAMP_KEY: {"project": "p", "key": "k"}}) is None


def test_a_stamp_is_read_as_it_was_written() -> None:
    for stamp in (make_stamp(), make_stamp(prevent_delete=True)):
        assert Stamp.read({STAMP_KEY: stamp.as_json()}) == stamp


def test_a_protection_is_written_only_if_it_is_set() -> None:
    assert "prevent_delete" not in make_stamp().as_json()
    assert make_stamp(prevent_delete=True).as_json()["prevent_delete"] is True


@pytest.mark.parametrize(("value", "expected"), [(None, False), (False, False), ("true", True), (1, True), ({}, False)])
def test_a_protection_of_another_type_still_protects(value: object, expected: bool) -> None:
    stamp = Stamp.read({STAMP_KEY: {**make_stamp().as_json(), "prevent_delete": value}})  # type: ignore[dict-item] # a hand edit
    assert stamp is not None
    assert stamp.prevent_delete is expected
