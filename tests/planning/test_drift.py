"""Whether a row is still as our stamp says that we wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.drift import is_as_written
from tests.builders import make_desired
from tests.planning.rows import desired_with, edited, stored
from tests.strategies import json_objects

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.values import JsonObject

WRITTEN = make_desired(context={"model_name": "a"}, metadata={"team": "cx"})


def answer(row: Assistant, mirroring: Mirroring = Mirroring.YES) -> bool | None:
    stamp = Stamp.read(row.metadata)
    assert stamp is not None
    return is_as_written(row, stamp, mirroring)


@given(json_objects())
def test_what_was_just_written_is_as_written(context: JsonObject) -> None:
    row = stored(desired_with(context), mirrored=False)
    assert answer(row, Mirroring.NO) is True


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Theirs"},
        {"description": "theirs"},
        {"context": {"model_name": "b"}},
        {"config": {"tags": ["theirs"]}},
        {"graph_id": "another_agent"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_any_field_that_git_owns_and_somebody_edited_is_drift(fields: dict[str, Any]) -> None:
    assert answer(edited(stored(WRITTEN), **fields)) is False


def test_metadata_that_git_does_not_own_is_no_drift() -> None:
    row = stored(WRITTEN)
    assert answer(edited(row, metadata={**row.metadata, "theirs": 1})) is True
    assert answer(edited(row, metadata={**row.metadata, "team": "other"})) is False


def test_a_mirror_is_drift_only_where_the_deployment_makes_none() -> None:
    row = stored(WRITTEN, mirrored=True)
    assert [answer(row, mirroring) for mirroring in (Mirroring.YES, Mirroring.UNKNOWN)] == [True, True]
    assert answer(row, Mirroring.NO) is False


@pytest.mark.parametrize("digest", [None, "sha256:of-another-canonical-form"])
def test_a_stamp_without_a_readable_digest_shows_nothing(digest: str | None) -> None:
    assert answer(stored(WRITTEN, digest=digest)) is None
