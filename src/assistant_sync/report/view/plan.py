"""How a plan is shown: what stops it, the kinds of changes in their order, and what each change adds to its fields."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action, Activate, Adopt, Create, Delete, Keep, Op, Orphan, Refuse, Update
from assistant_sync.model.frozen import Frozen
from assistant_sync.report.escape import json_text, path_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant_sync.model.change import Change, FieldChange
    from assistant_sync.model.plan import GuardViolation, Plan, PlanWarning

STAMP_ONLY = "content is equal; only the stamp is written"
_STAMP_ACTIVATED = "content is equal; only the stamp is another one"

_SHORT = 60  # characters of an ignored value

_COUNTED = (Action.CREATE, Action.UPDATE, Action.ACTIVATE, Action.DELETE)


class PlanStatus(Enum):
    """What apply does with a plan."""

    REFUSED = "refused"
    CHANGES = "changes"
    NO_CHANGES = "no changes"


class ChangeView(Frozen, frozen=True):
    """One change, and what is shown of it beside its own members.

    Attributes:
        change: The change.
        causes: Where it comes from; empty if that is not known.
        versions: The versions that it is about, in words: one phrase or two; empty if there is no version.
        is_whole: Whether the whole assistant comes or goes, so that a sign at each field would add nothing.
        note: What a reader might not expect; empty if there is nothing to note.
    """

    change: Change
    causes: tuple[Cause, ...] = ()
    versions: tuple[str, ...] = ()
    is_whole: bool = False
    note: str = ""


class WarningView(Frozen, frozen=True):
    """A warning, and the assistants that it is about; none if it is about the whole plan."""

    message: str
    keys: tuple[str, ...]


class PlanView(Frozen, frozen=True):
    """A plan by kinds of changes, each in the plan's order.

    Attributes:
        status: What apply does with it.
        refusals: The changes that are refused.
        guards: The guards that stop it.
        deletes: The deletes.
        writes: The other writes.
        orphans: The orphans.
        kept: The assistants that stay as they are.
        deferred: How many of the writes apply does not send.
        behind: Those that would undo what was applied from commits that the branch does not contain.
        is_compared: Whether changes were compared with a base, so that their causes are known.
        warnings: In the plan's order; equal ones are one with all their keys.
    """

    status: PlanStatus
    refusals: tuple[ChangeView, ...]
    guards: tuple[GuardViolation, ...]
    deletes: tuple[ChangeView, ...]
    writes: tuple[ChangeView, ...]
    orphans: tuple[ChangeView, ...]
    kept: tuple[Keep, ...]
    deferred: int
    behind: tuple[ChangeView, ...]
    is_compared: bool
    warnings: tuple[WarningView, ...]

    @property
    def shown(self) -> tuple[ChangeView, ...]:
        """All changes but what is kept: what stops the plan first, then deletes, other writes and orphans."""
        return (*self.refusals, *self.deletes, *self.writes, *self.orphans)

    @property
    def counts(self) -> str:
        """How many writes of each kind there are, such as ``1 to create, 0 to update, …``; adoptions only if any."""
        actions = [view.change.action for view in (*self.deletes, *self.writes)]
        counted = (*_COUNTED, *([Action.ADOPT] if Action.ADOPT in actions else []))
        return ", ".join(f"{actions.count(action):,} to {action.value}" for action in counted)

    @property
    def refusal(self) -> str:
        """What stops the plan, such as ``1 change refused, 2 guards tripped``; empty if nothing does."""
        causes = [f"{plural(len(self.refusals), 'change')} refused"] if self.refusals else []
        return ", ".join([*causes, f"{plural(len(self.guards), 'guard')} tripped"] if self.guards else causes)


def plan_view(plan: Plan) -> PlanView:
    """Decide how a plan is shown.

    Args:
        plan: Masked already.
    """
    refusals, deletes, writes, orphans, behind = (list[ChangeView]() for _ in range(5))
    kept: list[Keep] = []
    for change in plan.changes:
        match change:
            case Keep():
                kept.append(change)
                continue
            case Create() | Update() | Activate() | Adopt():
                group = writes
            case Delete():
                group = deletes
            case Orphan():
                group = orphans
            case Refuse():
                group = refusals
            case _:
                assert_never(change)
        view = change_view(change, plan.causes.get(change.assistant_id, ()))
        group.append(view)
        if Cause.BEHIND in view.causes:
            behind.append(view)
    return PlanView(
        status=_status(plan),
        refusals=tuple(refusals),
        guards=plan.guards,
        deletes=tuple(deletes),
        writes=tuple(writes),
        orphans=tuple(orphans),
        kept=tuple(kept),
        deferred=len(plan.deferred),
        behind=tuple(behind),
        is_compared=plan.base is not None,
        warnings=warning_views(plan.warnings),
    )


def warning_views(warnings: Iterable[PlanWarning]) -> tuple[WarningView, ...]:
    """Make one of equal warnings, in the order in which each comes first."""
    keys: dict[str, list[str]] = {}
    for warning in warnings:
        keys.setdefault(warning.message, []).extend([] if warning.key is None else [warning.key])
    return tuple(WarningView(message, tuple(own)) for message, own in keys.items())


def _status(plan: Plan) -> PlanStatus:
    if plan.is_refused:
        return PlanStatus.REFUSED
    return PlanStatus.CHANGES if plan.writes else PlanStatus.NO_CHANGES


def change_view(change: Change, causes: Sequence[Cause] = ()) -> ChangeView:
    """Decide how one change is shown.

    Args:
        change: Masked already.
        causes: Where it comes from, as far as that is known.
    """
    base = change.base_version
    match change:
        case Create() | Delete():
            return ChangeView(change, tuple(causes), _versions("at", base), is_whole=True)
        case Activate():
            versions = (f"version {change.to_version} is identical", f"active is {base}")
            return ChangeView(change, tuple(causes), versions, note="" if change.fields else _STAMP_ACTIVATED)
        case Update() | Adopt():
            note = "" if change.fields else STAMP_ONLY
            return ChangeView(change, tuple(causes), _versions("from", base), note=note)
        case Orphan() | Keep() | Refuse():
            return ChangeView(change, tuple(causes), _versions("at", base))
        case _:
            assert_never(change)


def ignored_lines(change: Change) -> tuple[str, ...]:
    """A line for each field that the manifest ignores and that differs, with its live value if that is short."""
    return tuple(_ignored(field) for field in change.ignored)


def _ignored(field: FieldChange) -> str:
    path = path_text(field.path)
    if field.sensitive or field.op is Op.ADDED:
        return f"{path} is ignored: it stays {'as it is' if field.sensitive else 'absent'}"
    live = json_text(field.before)
    shown = live if len(live) <= _SHORT else "as it is"
    return f"{path} is ignored: it stays {shown}"


def _versions(word: str, base: int | None) -> tuple[str, ...]:
    return () if base is None else (f"{word} version {base}",)
