from __future__ import annotations

import pytest

from assistant_sync.applying.readback import (
    has_moved,
    lost_metadata,
    unwanted_paths,
)
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from tests.builders import make_desired
from tests.planning.rows import stored

DESIRED = make_desired(context={"m": 1}, metadata={"team": "cx"})
ROW = stored(DESIRED)


def test_a_row_as_it_was_written_is_wanted_mirrored_or_not() -> None:
    assert unwanted_paths(DESIRED, ROW, Mirroring.UNKNOWN) == ()
    assert unwanted_paths(DESIRED, stored(DESIRED, mirrored=False), Mirroring.UNKNOWN) == ()


def test_a_stamp_that_protects_otherwise_than_the_manifest_is_named() -> None:
    protected = replace(DESIRED, prevent_delete=True)
    assert unwanted_paths(protected, stored(protected, prevent_delete=True), Mirroring.UNKNOWN) == ()
    assert unwanted_paths(protected, ROW, Mirroring.UNKNOWN) == ("metadata.assistant_sync",)
    assert unwanted_paths(DESIRED, stored(DESIRED, prevent_delete=True), Mirroring.UNKNOWN) == (
        "metadata.assistant_sync",
    )


def test_each_field_that_is_otherwise_is_named() -> None:
    wrong = replace(ROW, name="x", context={"m": 2}, metadata={})
    assert unwanted_paths(DESIRED, wrong, Mirroring.UNKNOWN) == (
        "name", "context.m", "metadata.team", "metadata.assistant_sync"
    )  # fmt: skip
    kept = replace(ROW, metadata={**ROW.metadata, "old": 1})
    assert unwanted_paths(DESIRED, kept, Mirroring.UNKNOWN, ["old"]) == ("metadata.old",)


def test_what_is_read_back_is_judged_by_what_the_deployment_was_seen_to_do() -> None:
    one_sided = stored(DESIRED, mirrored=False)
    assert unwanted_paths(DESIRED, one_sided, Mirroring.YES) == ("config.configurable",)
    assert unwanted_paths(DESIRED, ROW, Mirroring.NO) == ("config.configurable",)


def test_a_key_with_two_underscores_and_a_credential_in_a_key_are_named_and_masked() -> None:
    wanted = make_desired(context={"__flag": 1, "ghp_" + "a1B2" * 9: 1})
    found = stored(make_desired())
    assert unwanted_paths(wanted, found, Mirroring.NO) == ("context.__flag", "context.(masked)")


@pytest.mark.parametrize(
    "moved",
    [
        replace(ROW, version=2),
        replace(ROW, description="x"),
        replace(ROW, context={"m": True}),
        replace(ROW, config={}),
        replace(ROW, metadata={**ROW.metadata, "note": 1}),
    ],
)
def test_a_base_that_is_not_what_the_plan_saw_has_moved(moved: object) -> None:
    assert has_moved(ROW, moved)  # type: ignore[arg-type] # rows
    assert not has_moved(ROW, replace(ROW, updated_at="later"))


def test_unowned_metadata_that_a_write_lost_or_changed_is_named() -> None:
    before = replace(ROW, metadata={**ROW.metadata, "a": 1, "b": 2})
    after = replace(ROW, metadata={**ROW.metadata, "b": 3, "team": "new"})
    assert lost_metadata(before, after, ["team"]) == ("metadata.a", "metadata.b")
    assert lost_metadata(before, before, ["team"]) == ()
