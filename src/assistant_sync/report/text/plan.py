"""The plan as text: what stops it first, then deletes, then the other changes, and the count as the last line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action, Activate, Adopt, Op, Update
from assistant_sync.report.linediff.hunks import Work
from assistant_sync.report.text.fields import field_lines
from assistant_sync.report.text.lines import (
    ACTION_STYLES,
    CAUTION,
    QUIET,
    TROUBLE,
    StyledLine,
    indented,
    joined,
    label,
    message,
    more,
    shown,
)
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.text import Text

    from assistant_sync.model.change import Change
    from assistant_sync.model.plan import Plan, PlanWarning

_OTHER_WRITES = (Action.CREATE, Action.UPDATE, Action.ACTIVATE, Action.ADOPT)
_WHOLE = (Action.CREATE, Action.DELETE)
_LONG = 40  # lines of changes of several kinds, beyond which their keys are repeated at the end
_MANY = 10  # writes from which on they are, too
_NAMES = 20  # keys of one kind that are repeated


def plan_text(plan: Plan, *, verbose: bool = False) -> Text:
    """Render a plan for a terminal or a log.

    Args:
        plan: Masked already.
        verbose: Whether to show what is kept, ids and digests, and to cut no value.

    Returns:
        A text without a trailing line feed, to be printed without wrapping.
    """
    work = Work()
    sections = [_header(plan, verbose=verbose), *_refusals(plan, work, verbose=verbose)]
    kinds = ((Action.DELETE,), _OTHER_WRITES)
    changes = [section for actions in kinds for section in _changes(plan, actions, work, verbose=verbose)]
    sections += changes
    sections += _changes(plan, (Action.ORPHAN,), work, verbose=verbose)
    if verbose:
        kept = [change for change in plan.changes if change.action is Action.KEEP]
        sections.append([_head(change, verbose=True) for change in kept])
    if plan.warnings:
        sections.append([[("Warnings", CAUTION)], *_warnings(plan.warnings)])
    has_kinds = len({change.action for change in plan.writes}) > 1
    if len(plan.writes) >= _MANY or (has_kinds and sum(map(len, changes)) > _LONG):
        sections.append(list(_recap(plan, verbose=verbose)))
    sections.append(list(_footer(plan)))
    return joined(_with_blank_lines(sections))


def _with_blank_lines(sections: Iterable[list[StyledLine]]) -> Iterator[StyledLine]:
    is_first = True
    for section in sections:
        if section and not is_first:
            yield []
        yield from section
        is_first = False


def _header(plan: Plan, *, verbose: bool) -> list[StyledLine]:
    line: StyledLine = [
        ("Plan for ", ""),
        *label(plan.project, "bold"),
        (" on ", ""),
        *label(plan.target, "bold"),
        (" (", ""),
        *label(plan.url),
        (")", ""),
    ]
    if plan.commit is None:
        line.append((", no git commit", QUIET))
    else:
        line += [(", commit ", ""), *shown(plan.commit.sha[:12])]
        if plan.commit.dirty:
            line.append((" with uncommitted changes", CAUTION))
    lines = [line]
    if plan.selection:
        lines.append([("Only ", CAUTION), *label(", ".join(plan.selection), CAUTION)])
    if verbose:
        lines.append([("Digest ", QUIET), *shown(plan.digest, QUIET)])
    return lines


def _refusals(plan: Plan, work: Work, *, verbose: bool) -> list[list[StyledLine]]:
    sections = list(_changes(plan, (Action.REFUSE,), work, verbose=verbose))
    for violation in plan.guards:
        head = [(f"{Action.REFUSE.symbol} guard ", TROUBLE), *shown(violation.guard, TROUBLE)]
        sections.append([head, *indented(message(violation.message))])
    return sections


def _changes(plan: Plan, actions: tuple[Action, ...], work: Work, *, verbose: bool) -> Iterator[list[StyledLine]]:
    for change in plan.changes:
        if change.action in actions:
            details = [*_causes(plan.causes.get(change.assistant_id, ())), *_details(change, work, verbose=verbose)]
            yield [_head(change, verbose=verbose), *indented(details)]


def _causes(causes: tuple[Cause, ...]) -> Iterator[StyledLine]:
    if causes:
        style = TROUBLE if Cause.BEHIND in causes else CAUTION if Cause.OUTSIDE in causes else "cyan"
        yield [(", and ".join(cause.words for cause in causes), style)]


def _head(change: Change, *, verbose: bool) -> StyledLine:
    style = ACTION_STYLES[change.action]
    line: StyledLine = [(f"{change.action.symbol} {change.action.value} ", style), *label(change.key, "bold")]
    told = {field.path[0] for field in change.fields}
    facts: list[StyledLine] = []
    name = _live_name(change)
    if name is not None and name != change.key:
        facts.append(label(f'"{name}"'))
    if "graph_id" not in told:
        facts.append([("graph ", ""), *label(change.graph_id)])
    if verbose:
        facts.append(shown(change.assistant_id, QUIET))
    for number, fact in enumerate(facts):
        line += [(", " if number else " (", ""), *fact]
    return [*line, (")" if facts else "", ""), *_version(change)]


def _live_name(change: Change) -> str | None:
    """The name that people know the assistant by; None where the fields below tell the only one."""
    for field in change.fields:
        if field.path == ("name",):
            return field.before if isinstance(field.before, str) and field.op is Op.CHANGED else None
    return change.name


def _version(change: Change) -> StyledLine:
    if isinstance(change, Activate):
        return [(f": version {change.to_version} is identical", ""), (f", active is {change.base_version}", QUIET)]
    if change.base_version is None:
        return []
    word = "from" if isinstance(change, Update | Adopt) else "at"
    return [(f" {word} version {change.base_version}", QUIET)]


def _details(change: Change, work: Work, *, verbose: bool) -> Iterator[StyledLine]:
    style = {Action.REFUSE: TROUBLE, Action.ORPHAN: CAUTION}.get(change.action, QUIET)
    first, *further = message(change.reason, style)
    if change.source:
        first = [*label(change.source, QUIET), (": " if change.reason else "", QUIET), *first]
    if any(text for text, _ in first):
        yield first
    yield from further
    if change.deferred is not None:
        yield from message(f"apply will not send this: {change.deferred}", CAUTION)
    yield from field_lines(change.fields, is_whole=change.action in _WHOLE, verbose=verbose, work=work)


def _warnings(warnings: Iterable[PlanWarning]) -> Iterator[StyledLine]:
    for warning in warnings:
        about = [] if warning.key is None else [*label(warning.key, "bold"), (": ", "")]
        first, *further = message(warning.message)
        yield [("  ", ""), *about, *first]
        yield from indented(further)


def _recap(plan: Plan, *, verbose: bool) -> Iterator[StyledLine]:
    """The keys by kind: after long diffs nobody remembers what came first."""
    for action in (Action.REFUSE, Action.DELETE, *_OTHER_WRITES):
        keys = [change.key for change in plan.changes if change.action is action]
        if keys:
            line = [(f"{action.symbol} {action.value}:", ACTION_STYLES[action])]
            limit = len(keys) if verbose else _NAMES
            for number, key in enumerate(keys[:limit]):
                line += [(", " if number else " ", ""), *label(key)]
            rest = len(keys) - limit
            yield [*line, (f", {more(rest, 'key')}", QUIET)] if rest > 0 else line


def _footer(plan: Plan) -> Iterator[StyledLine]:
    counts = plan.summary
    refused, kept, orphaned = counts[Action.REFUSE], counts[Action.KEEP], counts[Action.ORPHAN]
    if plan.is_refused:
        causes = [f"{plural(refused, 'change')} refused"] if refused else []
        causes += [f"{plural(len(plan.guards), 'guard')} tripped"] if plan.guards else []
        yield [(f"Nothing will be applied: {', '.join(causes)}.", TROUBLE)]
    elif not plan.writes:
        also = f"; {orphaned} {'is' if orphaned == 1 else 'are'} orphaned" if orphaned else ""
        yield [(f"No changes. {_as_wanted(kept)}{also}.", "bold")]
        return
    yield [(f"Plan: {_counts(plan)}", "bold")]


def _as_wanted(kept: int) -> str:
    if kept == 0:
        return "There are no manifests to compare"
    return (
        f"{kept} assistants are as the manifests want them" if kept > 1 else "1 assistant is as the manifest wants it"
    )


def _counts(plan: Plan) -> str:
    counts = plan.summary
    listed = [f"{counts[a]} to {a.value}" for a in (Action.CREATE, Action.UPDATE, Action.ACTIVATE, Action.DELETE)]
    if counts[Action.ADOPT]:
        listed.append(f"{counts[Action.ADOPT]} to adopt")
    deferred = len(plan.deferred)
    tail = f"; {deferred} of these changes {'is' if deferred == 1 else 'are'} deferred" if deferred else ""
    further = {"orphaned": counts[Action.ORPHAN], "refused": counts[Action.REFUSE]}
    tail += "".join(f"; {count} {word}" for word, count in further.items() if count)
    return f"{', '.join(listed)} ({counts[Action.KEEP]} unchanged){tail}"
