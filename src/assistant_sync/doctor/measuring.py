"""What the rows of a scratch assistant show about a deployment: which fields a write changed; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.diagnosis import Probe
from assistant_sync.model.frozen import replace
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.values import JsonValue

FIELDS = ("graph_id", "name", "description", "context", "config", "configurable", "metadata")
"""What is compared; ``config`` is the rest of it beside ``configurable``."""


def measured(
    first: Assistant,
    second: Assistant,
    restored: Assistant,
    whole: Assistant,
    part: Assistant,
    listed: Assistant | None = None,
) -> Probe:
    """Measure what a deployment does.

    Args:
        first: Version 1.
        second: Version 2, another one in every field that can differ.
        restored: The row after version 1 was made active over version 2.
        whole: The row after a PATCH with all fields.
        part: The row after a PATCH with the name alone over ``whole``.
        listed: That row in a light listing; None if there is none.
    """
    one, two, back = _fields(first), _fields(second), _fields(restored)
    differing = [field for field in FIELDS if not same_json(one[field], two[field])]
    before, after = _fields(whole), _fields(part)
    others = [field for field in FIELDS if field != "name"]
    kept = tuple(field for field in others if same_json(before[field], after[field]))
    return Probe(
        restored=tuple(field for field in differing if same_json(back[field], one[field])),
        left=tuple(field for field in differing if not same_json(back[field], one[field])),
        unmeasured=tuple(field for field in FIELDS if field not in differing),
        kept=kept,
        dropped=tuple(field for field in others if field not in kept),
        mirroring=Mirroring.YES if same_json(one["context"], one["configurable"]) else Mirroring.NO,
        lists_lightly=_is_light(listed, part) and _numbers_rise(first, second, restored, whole, part),
    )


def _is_light(listed: Assistant | None, row: Assistant) -> bool:
    """Whether a light listing showed a row without context and config, and all else as it is."""
    if listed is None or listed.is_whole:
        return False
    shown = replace(listed, context=row.context, config=row.config, user_id=row.user_id, is_whole=True)
    return shown == row


def _numbers_rise(first: Assistant, second: Assistant, restored: Assistant, whole: Assistant, part: Assistant) -> bool:
    """Whether each write had a number that no version had before, and the pointer's was the version's own."""
    is_restored = restored.version == first.version
    return is_restored and first.version < second.version < whole.version < part.version


def _fields(row: Assistant) -> dict[str, JsonValue]:
    return {
        "graph_id": row.graph_id,
        "name": row.name,
        "description": row.description,
        "context": row.context,
        "config": {key: value for key, value in row.config.items() if key != "configurable"},
        "configurable": row.config.get("configurable") or {},
        "metadata": row.metadata,
    }
