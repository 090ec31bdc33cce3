"""Changes: what a plan intends for each assistant. Eight kinds, closed (docs/exit-codes.md)."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.cron import Cron
    from assistant_sync.model.thread import ThreadCounts
    from assistant_sync.model.values import JsonObject, JsonValue, Path

_NO_METADATA: JsonObject = MappingProxyType({})


class Action(Enum):
    """The kind of a change; the value is its name in every output."""

    CREATE = "create"
    UPDATE = "update"
    ACTIVATE = "activate"
    ADOPT = "adopt"
    DELETE = "delete"
    ORPHAN = "orphan"
    KEEP = "keep"
    REFUSE = "refuse"

    @property
    def symbol(self) -> str:
        """The sign that stands for it in text."""
        return _SYMBOLS[self]


_SYMBOLS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.ACTIVATE: "<-",
    Action.ADOPT: "@",
    Action.DELETE: "-",
    Action.ORPHAN: "?",
    Action.KEEP: "=",
    Action.REFUSE: "!",
}


class Op(Enum):
    """What happens to one field."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class FieldChange(Frozen, frozen=True):
    """One field that differs.

    Attributes:
        path: From the top of the assistant.
        op: ``added`` and ``removed`` distinguish an absent value from a null one.
        before: The live value; None if it is absent or masked.
        after: The desired value; None if it is absent or masked.
        sensitive: Whether the values look like credentials and were masked.
    """

    unshown: ClassVar = ("before", "after")

    path: Path
    op: Op
    before: JsonValue
    after: JsonValue
    sensitive: bool = False


class _Change(Frozen, frozen=True, kw_only=True):
    """What all changes have.

    Attributes:
        key: The manifest's key, or the stamp's if there is no manifest.
        assistant_id: The assistant's id.
        graph_id: The desired graph, or the live one if there is no manifest.
        name: The desired name, or the live one.
        source: The manifest's path, or the stamp's if there is no manifest.
        reason: Why, for people; never read by apply.
        base_version: The active version that the plan saw; None if the assistant is absent.
        fields: What differs, masked if it looks like a credential.
        digest: Distinguishes this change from any other one, masked values included.
        deferred: Why apply does not send it although it is planned; None if it does, or if nothing is written.
        ignored: From the live values to the manifest's, in fields that the manifest ignores; masked, never written.
    """

    action: ClassVar[Action]

    key: str
    assistant_id: str
    graph_id: str
    name: str
    source: str | None
    reason: str
    base_version: int | None
    fields: tuple[FieldChange, ...] = ()
    digest: str
    deferred: str | None = None
    ignored: tuple[FieldChange, ...] = ()


class Create(_Change, frozen=True, kw_only=True):
    """The id is confirmed absent: make the assistant.

    Attributes:
        desired: What the manifest wants.
        unowned: Metadata that the assistant gets beside that and that no manifest will own; only what is restored has
            any.
    """

    unshown: ClassVar = ("desired", "unowned")

    action = Action.CREATE

    desired: Desired
    unowned: JsonObject = _NO_METADATA


class _OverLive(_Change, frozen=True, kw_only=True):
    """A write over an assistant that is there.

    Attributes:
        desired: What the manifest wants.
        live: The row that the plan saw.
        highest_version: The highest number among all versions that the plan saw.
        stamped_keys: The metadata keys that the live stamp lists as ours.
        renamed_from: The key that the live stamp has, if the manifest has another one by now; masked.
    """

    unshown: ClassVar = ("desired", "live")

    desired: Desired
    live: Assistant
    highest_version: int
    stamped_keys: tuple[str, ...] = ()
    renamed_from: str | None = None


class Update(_OverLive, frozen=True, kw_only=True):
    """Write the whole content as one new version.

    Attributes:
        rollback_to: The version that it goes back to on purpose, whatever the manifest wants; None if it makes the
            assistant what the manifest wants.
    """

    action = Action.UPDATE

    rollback_to: int | None = None


class Activate(_OverLive, frozen=True, kw_only=True):
    """Move the pointer to an identical earlier version; a partial restoration is healed with an update.

    Attributes:
        to_version: The version to make active.
    """

    action = Action.ACTIVATE

    to_version: int


class Adopt(_OverLive, frozen=True, kw_only=True):
    """Take over an unmanaged assistant that a manifest names by id: one version, for the stamp."""

    action = Action.ADOPT


class Delete(_Change, frozen=True, kw_only=True):
    """Owned, without a manifest, and pruning was asked for.

    Attributes:
        live: The row that the plan saw.
        crons: Those that go with it, so far as they could be read.
        threads: Those that stay without it, in numbers; None if they are unknown.
    """

    unshown: ClassVar = ("live",)

    action = Action.DELETE

    live: Assistant
    crons: tuple[Cron, ...] = ()
    threads: ThreadCounts | None = None


class Orphan(_Change, frozen=True, kw_only=True):
    """Owned, without a manifest, and not pruned: shown, not touched."""

    action = Action.ORPHAN


class Keep(_Change, frozen=True, kw_only=True):
    """Equal: no write."""

    action = Action.KEEP


class Refuse(_Change, frozen=True, kw_only=True):
    """Foreign, in conflict or protected: apply stops before the first write."""

    action = Action.REFUSE


DesiredWrite: TypeAlias = Create | Update | Activate | Adopt
"""The writes that a manifest wants."""

Write: TypeAlias = DesiredWrite | Delete
"""The changes that apply sends."""

Change: TypeAlias = Write | Orphan | Keep | Refuse
