"""Making the change that was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.change import Action
from assistant_sync.model.deployment import Mirroring
from assistant_sync.planning.canonical import as_document
from assistant_sync.planning.changes import make_change
from assistant_sync.planning.decide import Decision
from assistant_sync.planning.digests import change_digest
from assistant_sync.planning.three_way import three_way, without_manifest
from tests.builders import make_desired
from tests.planning.rows import owned_row, stored

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonValue

WRITTEN, EDITED = make_desired(configurable={"m": 1}), make_desired(configurable={"m": 2})
UPDATE = three_way(EDITED, owned_row(stored(WRITTEN, version=3, mirrored=False)), Mirroring.NO, None)


@pytest.mark.parametrize(("action", "number"), [(Action.UPDATE, None), (Action.ACTIVATE, 2)])
def test_a_digest_covers_the_live_version_both_contents_and_the_version_to_activate(
    action: Action, number: int | None
) -> None:
    change = make_change(UPDATE, Decision(action, "why", number))
    wanted: JsonValue = [EDITED.key, as_document(EDITED.content), []]
    numbers: list[JsonValue] = [] if number is None else [number]
    assert change.digest == change_digest(
        action, EDITED.assistant_id, 3, as_document(WRITTEN.content), wanted, *numbers
    )


@pytest.mark.parametrize(
    ("one", "decision"),
    [
        (UPDATE, Decision(Action.CREATE, "why")),
        (UPDATE, Decision(Action.ACTIVATE, "why")),
        (UPDATE, Decision(Action.DELETE, "why")),
        (without_manifest(owned_row(stored(WRITTEN)), Mirroring.NO, None), Decision(Action.KEEP, "why")),
    ],
    ids=["create", "activate", "delete", "keep"],
)
def test_a_decision_that_does_not_fit_is_a_mistake(one: object, decision: Decision) -> None:
    with pytest.raises(ValueError, match=f"^{decision.action.value} does not fit assistant {EDITED.assistant_id}$"):
        make_change(one, decision)  # type: ignore[arg-type] # the parameters are of one kind
