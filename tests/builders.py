"""Model values with sensible defaults, so that a test names only what it is about.

Everything follows from the key: ids as a manifest without ``assistant_id`` derives them, digests that differ from
key to key, and no clock.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from assistant_sync.model.assistant import Assistant, Content, Desired
from assistant_sync.model.change import (
    Action,
    Activate,
    Adopt,
    Create,
    Delete,
    FieldChange,
    Keep,
    Op,
    Orphan,
    Refuse,
    Update,
)
from assistant_sync.model.identity import derived_id
from assistant_sync.model.outcome import ApplyResult, Failure, Outcome, Status
from assistant_sync.model.plan import GuardViolation, Plan, PlanWarning
from assistant_sync.model.provenance import Commit
from assistant_sync.model.selection import Selection
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.digests import plan_digest

if TYPE_CHECKING:
    from assistant_sync.model.change import Change
    from assistant_sync.model.values import JsonObject, JsonValue, Path

PROJECT = "acme-support"
TARGET = "production"
URL = "https://acme.us.langgraph.app"
SHA = "3f9c2e1d7b8a4c5e6f70819293a4b5c6d7e8f901"
CREATED_AT = "2026-11-22T10:15:00+00:00"


def make_id(key: str) -> str:
    """The id that a manifest with this key gets; a key that UTF-8 cannot carry gets one too."""
    return derived_id(PROJECT, key.encode("utf-8", "backslashreplace").decode())


def make_content(
    *,
    graph_id: str = "agent",
    name: str = "support",
    description: str = "",
    context: JsonObject | None = None,
    config: JsonObject | None = None,
    configurable: JsonObject | None = None,
    metadata: JsonObject | None = None,
) -> Content:
    return Content(
        graph_id=graph_id,
        name=name,
        description=description,
        context=context or {},
        config=config or {},
        configurable=configurable or {},
        metadata=metadata or {},
    )


def make_desired(key: str = "support", *, assistant_id: str | None = None, **content: Any) -> Desired:
    """A manifest's wish; ``content`` is what ``make_content`` takes, the name being the key by default."""
    made = make_content(**{"name": key, **content})
    return Desired(
        key=key,
        assistant_id=assistant_id or make_id(key),
        id_is_named=assistant_id is not None,
        content=made,
        metadata_keys=tuple(sorted(made.metadata)),
        source=f"assistants/{key}.yaml",
    )


def make_stamp(key: str = "support", *, assistant_id: str | None = None, **members: Any) -> Stamp:
    defaults: dict[str, Any] = {
        "project": PROJECT,
        "target": TARGET,
        "key": key,
        "id": assistant_id or make_id(key),
        "digest": "c1:" + _hash(key),
        "write": f"write-of-{key}",
        "version": 1,
        "commit": SHA,
        "source": f"assistants/{key}.yaml",
        "metadata_keys": (),
    }
    return Stamp(**{**defaults, **members})


def make_assistant(
    key: str = "support",
    *,
    assistant_id: str | None = None,
    version: int = 1,
    stamp: Stamp | None = None,
    graph_id: str = "agent",
    name: str | None = None,
    description: str = "",
    context: JsonObject | None = None,
    config: JsonObject | None = None,
    metadata: JsonObject | None = None,
) -> Assistant:
    """A live row; it carries a stamp only where one is given."""
    stamped: JsonObject = {} if stamp is None else {STAMP_KEY: stamp.as_json()}
    return Assistant(
        assistant_id=assistant_id or make_id(key),
        graph_id=graph_id,
        name=key if name is None else name,
        description=description,
        context=context or {},
        config=config or {},
        metadata={**(metadata or {}), **stamped},
        version=version,
        created_at="2026-11-01T08:00:00+00:00",
        updated_at="2026-11-20T08:00:00+00:00",
    )


def changed(path: Path | str, before: JsonValue, after: JsonValue) -> FieldChange:
    """A field that has another value; a path may be given dotted."""
    return FieldChange(_path(path), Op.CHANGED, before, after)


def added(path: Path | str, after: JsonValue) -> FieldChange:
    return FieldChange(_path(path), Op.ADDED, None, after)


def removed(path: Path | str, before: JsonValue) -> FieldChange:
    return FieldChange(_path(path), Op.REMOVED, before, None)


def masked(path: Path | str, op: Op = Op.CHANGED) -> FieldChange:
    return FieldChange(_path(path), op, None, None, sensitive=True)


def make_create(key: str = "support", *fields: FieldChange, **members: Any) -> Create:
    defaults = {"reason": "the deployment does not have it yet", "base_version": None}
    return Create(**{**_common(key, fields), **defaults, "desired": make_desired(key), **members})


def make_update(key: str = "support", *fields: FieldChange, **members: Any) -> Update:
    defaults = {"reason": "the live assistant differs from the manifest", "highest_version": 3}
    return Update(**{**_common(key, fields), **_sides(key), **defaults, **members})


def make_activate(key: str = "support", *fields: FieldChange, **members: Any) -> Activate:
    to_version = members.get("to_version", 2)
    defaults = {
        "reason": f"version {to_version} has the manifest's content",
        "to_version": to_version,
        "highest_version": 3,
    }
    return Activate(**{**_common(key, fields), **_sides(key), **defaults, **members})


def make_adopt(key: str = "support", *fields: FieldChange, **members: Any) -> Adopt:
    defaults = {"reason": "the manifest names this unmanaged assistant, which has no stamp", "highest_version": 3}
    return Adopt(**{**_common(key, fields), **_sides(key), **defaults, **members})


def make_delete(key: str = "support", *fields: FieldChange, **members: Any) -> Delete:
    defaults = {"reason": "no manifest has this key any more, and pruning is on"}
    return Delete(**{**_common(key, fields), **defaults, "live": make_assistant(key, version=3), **members})


def make_orphan(key: str = "support", **members: Any) -> Orphan:
    reason = "no manifest has this key; restore the manifest, or delete the assistant with --prune"
    return Orphan(**{**_common(key, ()), "reason": reason, **members})


def make_keep(key: str = "support", **members: Any) -> Keep:
    return Keep(**{**_common(key, ()), "reason": "equal", **members})


def make_refuse(key: str = "support", **members: Any) -> Refuse:
    reason = "the assistant with this id is the default assistant of a graph"
    return Refuse(**{**_common(key, ()), "reason": reason, **members})


def make_plan(*changes: Change, **members: Any) -> Plan:
    """A plan of these changes, in the order given; warnings and violations may be texts."""
    defaults: dict[str, Any] = {
        "project": PROJECT,
        "target": TARGET,
        "url": URL,
        "commit": Commit(SHA, dirty=False),
        "changes": changes,
        "warnings": (),
        "guards": (),
        "selection": Selection(),
        "digest": plan_digest(TARGET, URL, changes),
    }
    return Plan(**{**defaults, **members})


def make_warning(message: str = "the graph is not registered", key: str | None = None) -> PlanWarning:
    return PlanWarning(message, key)


def make_violation(guard: str = "deletes", message: str | None = None) -> GuardViolation:
    usual = (
        "the plan would delete 3 of the 12 owned live assistants; the limit is 1. "
        "If this is intended, allow it for this run with --allow-deletes 3"
    )
    return GuardViolation(guard, usual if message is None else message)


_STATUSES = {
    Action.CREATE: Status.CREATED,
    Action.UPDATE: Status.UPDATED,
    Action.ACTIVATE: Status.ACTIVATED,
    Action.ADOPT: Status.ADOPTED,
    Action.DELETE: Status.DELETED,
}


def make_outcome(
    key: str = "support", action: Action = Action.UPDATE, status: Status | None = None, **members: Any
) -> Outcome:
    """What became of a change; that it succeeded, where no status is given."""
    reached = status or _STATUSES[action]
    is_gone = reached is Status.DELETED or not reached.is_done
    defaults: dict[str, Any] = {
        "action": action,
        "key": key,
        "assistant_id": make_id(key),
        "status": reached,
        "version_before": None if action is Action.CREATE else 3,
        "version_after": None if is_gone else 1 if action is Action.CREATE else 4,
        "error": None if reached.is_done else make_failure(),
    }
    return Outcome(**{**defaults, **members})


def make_failure(
    message: str = "the deployment answered 500 Internal Server Error",
    *,
    kind: str = "ServerFault",
    exit_code: int = 5,
) -> Failure:
    return Failure(kind, message, exit_code)


def make_result(*outcomes: Outcome, **members: Any) -> ApplyResult:
    return ApplyResult(outcomes, **members)


def _common(key: str, fields: tuple[FieldChange, ...]) -> dict[str, Any]:
    return {
        "key": key,
        "assistant_id": make_id(key),
        "graph_id": "agent",
        "name": key,
        "source": f"assistants/{key}.yaml",
        "base_version": 3,
        "fields": fields,
        "digest": "sha256:" + _hash(key, *(repr((f.path, f.before, f.after)) for f in fields)),
    }


def _sides(key: str) -> dict[str, Any]:
    return {"desired": make_desired(key), "live": make_assistant(key, version=3, stamp=make_stamp(key))}


def _path(path: Path | str) -> Path:
    return tuple(path.split(".")) if isinstance(path, str) else path


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
