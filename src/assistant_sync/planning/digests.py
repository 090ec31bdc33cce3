"""The digests by which a saved plan is compared with what would be done now."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Protocol

import msgspec

from assistant_sync.model.change import Action
from assistant_sync.model.values import MAX_EXACT_INTEGER
from assistant_sync.planning.canonical import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.values import JsonValue

_PREFIX = "sha256:"
_KEEP = Action.KEEP.value


def change_digest(action: Action, assistant_id: str, *facts: JsonValue) -> str:
    """The digest of one change.

    Args:
        action: Its kind.
        assistant_id: What it is about.
        facts: All that distinguishes it from another change of the same assistant: numbers and both contents, unmasked.
    """
    return _sha256([action.value, assistant_id, list(facts)])


def keep_digest(assistant_id: str, version: int) -> str:
    """``change_digest`` of an assistant that is kept, of which a large plan has thousands.

    Args:
        assistant_id: Its id.
        version: The one that is active.
    """
    if abs(version) > MAX_EXACT_INTEGER or not assistant_id.isascii():
        return change_digest(Action.KEEP, assistant_id, version)
    # msgspec writes other texts, and integers up to there, as RFC 8785 does.
    text = msgspec.json.encode((_KEEP, assistant_id, (version,)))
    return _PREFIX + hashlib.sha256(text).hexdigest()


class Digested(Protocol):
    """A change, planned or saved."""

    @property
    def action(self) -> Action: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102


def plan_digest(target: str, url: str, changes: Iterable[Digested]) -> str:
    """The digest of a plan: of its target and of all its changes but ``keep``, in their order."""
    digests = [change.digest for change in changes if change.action is not Action.KEEP]
    return _sha256([target, url, digests])


def _sha256(value: JsonValue) -> str:
    text = canonical_json(value)
    if text is None:
        # Somebody else stored a value that RFC 8785 cannot express; any stable text will do.
        text = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return _PREFIX + hashlib.sha256(text).hexdigest()
