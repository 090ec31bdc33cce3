"""Whether a live row is just what our last write made, so that what differs is the server's doing."""

from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.model.change import Action
from assistant_sync.model.frozen import replace
from assistant_sync.model.provenance import Ancestry
from assistant_sync.planning.own_version import is_untouched
from tests.builders import make_desired
from tests.planning.plans import actions, plan
from tests.planning.rows import edited, stored

DESIRED = make_desired(context={"m": 1}, metadata={"team": "CX"})
SENT = stored(DESIRED)
TAKEN = replace(SENT, metadata={**SENT.metadata, "team": "cx"})
"""What a server made of it that writes teams in lower case."""


def test_the_row_that_our_write_made_is_untouched() -> None:
    assert is_untouched(SENT, [SENT])
    assert is_untouched(TAKEN, [TAKEN])


@pytest.mark.parametrize(
    "members", [{"graph_id": "x"}, {"name": "x"}, {"description": "x"}, {"context": {}}, {"config": {}},
                {"metadata": {**SENT.metadata, "team": "cx"}}], ids=str,
)  # fmt: skip
def test_a_row_that_is_not_as_its_version_is_a_mixture(members: dict[str, Any]) -> None:
    assert not is_untouched(replace(SENT, **members), [SENT])


def test_a_row_that_somebody_wrote_over_or_whose_history_is_unknown_is_not() -> None:
    after = edited(TAKEN)
    assert not is_untouched(after, [after, TAKEN])
    assert not is_untouched(after, [after])  # its history was cut, and the stamp was carried forward
    assert not is_untouched(TAKEN, [])
    nameless = stored(DESIRED, write=None)
    assert not is_untouched(nameless, [nameless])


def test_metadata_that_the_server_normalised_is_kept_with_a_notice_and_blames_nobody() -> None:
    made = plan([DESIRED], [TAKEN])
    (change,) = made.changes
    assert (change.action, change.reason) == (
        Action.KEEP, "equal but for metadata that the server changed when it was written",
    )  # fmt: skip
    (notice,) = made.warnings
    assert notice.key == DESIRED.key
    assert notice.message.startswith("the server changed metadata.team when it took the last write")
    assert (made.edited, made.is_refused, made.writes) == (frozenset(), False, ())


def test_it_has_the_digest_of_a_plan_without_differences() -> None:
    assert plan([DESIRED], [TAKEN]).digest == plan([DESIRED], [SENT]).digest


@pytest.mark.parametrize(
    "row",
    [
        edited(TAKEN),
        replace(TAKEN, context={"m": 2}, config={"configurable": {"m": 2}}),
        replace(TAKEN, name="by hand"),
    ],
    ids=["somebody wrote", "the context differs", "the name differs"],
)
def test_anything_else_that_differs_is_an_update(row: Any) -> None:
    before = [TAKEN] if row.version > TAKEN.version else []
    assert actions(plan([DESIRED], [row], versions=before)) == {DESIRED.key: "update"}


def test_a_manifest_that_has_changed_is_written_and_nobody_is_blamed() -> None:
    (change,) = plan([make_desired(context={"m": 2}, metadata={"team": "CX"})], [TAKEN]).writes
    assert change.reason == "the manifest has changed since it was last applied"


def test_who_edited_what_was_normalised_is_still_blamed() -> None:
    after = edited(TAKEN, name="by hand")
    (change,) = plan([DESIRED], [after], versions=[TAKEN]).writes
    assert change.reason == "it was edited outside git (version 2 of 2026-11-20 08:00 UTC); this undoes that edit"


def test_two_keys_that_were_normalised_are_both_named() -> None:
    desired = make_desired(metadata={"team": "CX", "zone": "EU"})
    sent = stored(desired)
    (notice,) = plan([desired], [replace(sent, metadata={**sent.metadata, "team": "cx", "zone": "eu"})]).warnings
    assert notice.message.startswith("the server changed metadata.team, metadata.zone when it took")


def test_what_is_only_normalised_is_not_protected_against_an_older_commit() -> None:
    """Nothing would be written."""
    sent = stored(DESIRED, commit="newer")
    taken = replace(sent, metadata={**sent.metadata, "team": "cx"})
    made = plan([DESIRED], [taken], ancestry={"newer": Ancestry.DESCENDANT})
    assert actions(made) == {DESIRED.key: "keep"}
