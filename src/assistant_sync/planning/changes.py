"""Making the change that is shown and carried out: what differs, masked, and its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from assistant_sync.model.assistant import Desired
from assistant_sync.model.change import Action, Activate, Adopt, Create, Delete, Keep, Orphan, Refuse, Update
from assistant_sync.planning.canonical import as_document
from assistant_sync.planning.diff import all_added, all_removed, diff
from assistant_sync.planning.digests import change_digest, keep_digest
from assistant_sync.planning.mirroring import without_mirror
from assistant_sync.planning.ownership import Owned, Unmanaged
from assistant_sync.redaction import redact, redact_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.change import Change, FieldChange
    from assistant_sync.model.values import JsonValue, Path
    from assistant_sync.planning.decide import Decision
    from assistant_sync.planning.three_way import ThreeWay


class _Subject(TypedDict):
    """Which assistant a change is about; masked."""

    key: str
    assistant_id: str
    graph_id: str
    name: str
    source: str | None


class _Facts(_Subject):
    """What every change has; masked."""

    reason: str
    base_version: int | None
    fields: tuple[FieldChange, ...]
    digest: str
    ignored: tuple[FieldChange, ...]


class _OverLive(TypedDict):
    """What a write over a live assistant has beside that."""

    desired: Desired
    live: Assistant
    highest_version: int
    stamped_keys: tuple[str, ...]
    deferred: str | None


def make_change(
    one: ThreeWay, decision: Decision, deferred: str | None = None, *, literals: Collection[Path] = ()
) -> Change:
    """Make the change that was decided.

    Args:
        one: The assistant.
        decision: What happens to it.
        deferred: Why apply does not send it; None if it does.
        literals: Paths whose values are no credentials, although they look like some.

    Raises:
        ValueError: The decision does not fit the assistant, which is a mistake of the caller's.
    """
    if decision.action is Action.KEEP and one.desired is not None and isinstance(one.live, Owned):
        return _keep(one, one.desired, one.live, decision.reason, literals)
    facts = _facts(one, decision, literals)
    match decision.action, one.desired, one.live:
        case Action.CREATE, Desired() as desired, None:
            return Create(**facts, desired=desired, deferred=deferred)
        case Action.ADOPT, Desired() as desired, Unmanaged() as live:
            return Adopt(**facts, **_over_live(desired, live, deferred))
        case Action.UPDATE, Desired() as desired, Owned() as live:
            return Update(**facts, **_over_live(desired, live, deferred), renamed_from=_masked(one.renamed_from))
        case Action.ACTIVATE, Desired() as desired, Owned() as live if decision.to_version is not None:
            over = _over_live(desired, live, deferred)
            renamed_from = _masked(one.renamed_from)
            return Activate(**facts, **over, to_version=decision.to_version, renamed_from=renamed_from)
        case Action.DELETE, None, Owned(row=row):
            return Delete(**facts, live=row, crons=one.crons, threads=one.threads)
        case Action.ORPHAN, None, Owned():
            return Orphan(**facts)
        case Action.REFUSE, _, _:
            return Refuse(**facts)
    message = f"{decision.action.value} does not fit assistant {one.assistant_id}"
    raise ValueError(message)


def _keep(one: ThreeWay, desired: Desired, live: Owned, reason: str, literals: Collection[Path]) -> Keep:
    """What nearly all of a large plan is; the facts are those of other changes."""
    content, version = desired.content, live.row.version
    return Keep(
        key=one.key,
        assistant_id=one.assistant_id,
        graph_id=redact_text(content.graph_id),
        name=redact_text(content.name),
        source=desired.source,
        reason=redact_text(reason),
        base_version=version,
        digest=keep_digest(one.assistant_id, version),
        ignored=redact(one.ignored_fields, literals),
    )


def _masked(text: str | None) -> str | None:
    return None if text is None else redact_text(text)


def _over_live(desired: Desired, live: Owned | Unmanaged, deferred: str | None) -> _OverLive:
    return _OverLive(
        desired=desired,
        live=live.row,
        highest_version=live.highest_version,
        stamped_keys=live.stamp.metadata_keys if isinstance(live, Owned) else (),
        deferred=deferred,
    )


def _facts(one: ThreeWay, decision: Decision, literals: Collection[Path]) -> _Facts:
    fields, tells_apart = _difference(one, decision)
    return _Facts(
        **_subject(one),
        reason=redact_text(decision.reason),
        base_version=None if one.live is None else one.live.row.version,
        fields=redact(fields, literals),
        digest=change_digest(decision.action, one.assistant_id, *tells_apart),
        ignored=redact(one.ignored_fields, literals),
    )


def _subject(one: ThreeWay) -> _Subject:
    """The assistant as its manifest names it, or else as its stamp and row do."""
    if (desired := one.desired) is not None:
        graph_id, name = redact_text(desired.content.graph_id), redact_text(desired.content.name)
        return _Subject(key=one.key, assistant_id=one.assistant_id, graph_id=graph_id, name=name, source=desired.source)
    owned = one.owned
    assert owned is not None  # noqa: S101 - an assistant without a manifest is in a plan only if it is ours
    return _Subject(
        key=redact_text(one.key),
        assistant_id=one.assistant_id,
        graph_id=redact_text(owned.row.graph_id),
        name=redact_text(owned.row.name),
        source=_masked(owned.stamp.source),
    )


def _difference(one: ThreeWay, decision: Decision) -> tuple[tuple[FieldChange, ...], list[JsonValue]]:
    """The fields that differ; and what distinguishes the change from any other one of the same assistant, unmasked."""
    versions: list[JsonValue] = [None if one.live is None else one.live.row.version]
    if decision.action is Action.KEEP:
        return (), versions
    match decision.action:
        case Action.CREATE:
            return all_added(one.desired.content) if one.desired else (), _wanted(one)
        case Action.ADOPT | Action.UPDATE | Action.ACTIVATE if one.comparison is not None:
            number: list[JsonValue] = [] if decision.to_version is None else [decision.to_version]
            fields = diff(one.comparison.live, one.comparison.desired)
            return fields, [*versions, as_document(one.comparison.found), *_wanted(one), *number]
        case Action.DELETE if one.found is not None:
            # A saved plan is stale once other crons would go than it shows.
            crons: list[JsonValue] = [[cron.cron_id, cron.schedule] for cron in one.crons]
            document = as_document(one.found)
            return all_removed(without_mirror(one.found, one.mirroring)), [*versions, document, *crons]
        case Action.REFUSE if one.desired is not None:
            return (), [one.key, *versions]
    return (), versions


def _wanted(one: ThreeWay) -> list[JsonValue]:
    return [] if one.desired is None else [_desired_document(one.desired)]


def _desired_document(desired: Desired) -> JsonValue:
    """All that a manifest contains, for the digest."""
    protected: list[JsonValue] = ["prevent_delete"] if desired.prevent_delete else []
    return [desired.key, as_document(desired.content), list(desired.metadata_keys), *protected]
