"""The plan as text: what stops it first, then deletes, then the other changes, and the count as the last line."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action, Op
from assistant_sync.model.progress import EVERY, in_steps
from assistant_sync.report.text.lines import StyledLine, escaped, indented, joined, label, message, more
from assistant_sync.report.text.selection import selection_lines
from assistant_sync.report.text.styles import ACTION_STYLES, CAUTION, QUIET, TROUBLE
from assistant_sync.report.view.plan import PlanStatus, change_view, ignored_lines, plan_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.text import Text

    from assistant_sync.model.change import Change
    from assistant_sync.model.plan import GuardViolation, MissingGraph, Plan
    from assistant_sync.report.view.plan import ChangeView, PlanView, WarningView

_LONG = 40  # lines of changes of several kinds; beyond that their keys are repeated at the end
_MANY = 10  # writes from which on their keys are repeated, too
_NAMES = 20  # keys of one kind that are repeated


def plan_text(plan: Plan, *, verbose: bool = False) -> Text:
    """Render a plan for a terminal or a log.

    Args:
        plan: Masked already.
        verbose: Whether to show what is kept, ids and digests, and to cut no value.

    Returns:
        A text without a trailing line feed, to be printed without wrapping.
    """
    view = plan_view(plan)
    fields = _fields_of(plan, verbose=verbose)

    def changes(views: Sequence[ChangeView]) -> list[list[StyledLine]]:
        counted = in_steps("rendering", views) if len(views) > EVERY else views
        return [_change(one, fields, verbose=verbose) for one in counted]

    sections = [_header(plan, verbose=verbose), *changes(view.refusals), *map(_guard, view.guards)]
    written = changes((*view.deletes, *view.writes))
    sections += [*written, *changes(view.orphans)]
    if verbose:
        sections.append([line for change in view.kept for line in _kept(change)])
    if view.warnings:
        sections.append([[("Warnings", CAUTION)], *_warnings(view.warnings, verbose=verbose)])
    if _needs_recap(view, sum(map(len, written))):
        sections.append(list(_recap(view, verbose=verbose)))
    sections.append(list(_footer(view, is_narrow=plan.selection.is_narrow)))
    return joined(_with_blank_lines(sections))


def _fields_of(plan: Plan, *, verbose: bool) -> Callable[[ChangeView], Iterable[StyledLine]]:
    """What renders the fields of a change; loaded only if one has any."""
    if not any(change.fields for change in plan.changes):
        return lambda _: ()
    from assistant_sync.report.linediff.hunks import DiffBudget
    from assistant_sync.report.text.fields import field_lines

    budget = DiffBudget()
    return lambda view: field_lines(view.change.fields, is_whole=view.is_whole, verbose=verbose, budget=budget)


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
        line += [(", commit ", ""), *escaped(plan.commit.sha[:12])]
        if plan.commit.dirty:
            line.append((" with uncommitted changes", CAUTION))
    lines = [line]
    lines += map(_missing_graph, plan.missing_graphs)
    lines += selection_lines(plan.selection)
    if verbose:
        lines.append([("Digest ", QUIET), *escaped(plan.digest, QUIET)])
    return lines


def _missing_graph(graph: MissingGraph) -> StyledLine:
    near: StyledLine = [] if graph.nearest is None else [("; did you mean ", ""), *label(graph.nearest), ("?", "")]
    return [("! This deployment does not serve graph ", TROUBLE), *label(graph.graph_id, TROUBLE), *near]


def _kept(change: Change) -> Iterator[StyledLine]:
    yield _head(change_view(change), verbose=True)
    yield from indented(_ignored(change))


def _guard(violation: GuardViolation) -> list[StyledLine]:
    head = [(f"{Action.REFUSE.symbol} guard ", TROUBLE), *escaped(violation.guard, TROUBLE)]
    return [head, *indented(message(violation.message))]


def _change(
    view: ChangeView, fields: Callable[[ChangeView], Iterable[StyledLine]], *, verbose: bool
) -> list[StyledLine]:
    details = [*_causes(view.causes), *_details(view), *fields(view), *_ignored(view.change)]
    return [_head(view, verbose=verbose), *indented(details)]


def _causes(causes: Sequence[Cause]) -> Iterator[StyledLine]:
    if causes:
        style = TROUBLE if Cause.BEHIND in causes else CAUTION if Cause.OUTSIDE in causes else "cyan"
        yield [(", and ".join(cause.words for cause in causes), style)]


def _head(view: ChangeView, *, verbose: bool) -> StyledLine:
    change = view.change
    line: StyledLine = [
        (f"{change.action.symbol} {change.action.value} ", ACTION_STYLES[change.action]),
        *label(change.key, "bold"),
    ]
    facts: list[StyledLine] = []
    name = _live_name(change)
    if name is not None and name != change.key:
        facts.append(label(f'"{name}"'))
    if all(field.path[0] != "graph_id" for field in change.fields):
        facts.append([("graph ", ""), *label(change.graph_id)])
    if verbose:
        facts.append(escaped(change.assistant_id, QUIET))
    for number, fact in enumerate(facts):
        line += [(", " if number else " (", ""), *fact]
    return [*line, (")" if facts else "", ""), *_versions(view)]


def _live_name(change: Change) -> str | None:
    """The name that people know the assistant by; None if the fields below show the only one."""
    for field in change.fields:
        if field.path == ("name",):
            return field.before if isinstance(field.before, str) and field.op is Op.CHANGED else None
    return change.name


def _versions(view: ChangeView) -> StyledLine:
    if len(view.versions) <= 1:
        return [(f" {version}", QUIET) for version in view.versions]
    first, *others = view.versions
    return [(f": {first}", ""), *((f", {other}", QUIET) for other in others)]


def _details(view: ChangeView) -> Iterator[StyledLine]:
    change = view.change
    style = {Action.REFUSE: TROUBLE, Action.ORPHAN: CAUTION}.get(change.action, QUIET)
    first, *further = message(change.reason, style)
    if change.source:
        first = [*label(change.source, QUIET), (": " if change.reason else "", QUIET), *first]
    if any(text for text, _ in first):
        yield first
    yield from further
    if view.note:
        yield [(view.note, QUIET)]
    if change.deferred is not None:
        yield from message(f"apply will not send this: {change.deferred}", CAUTION)


def _ignored(change: Change) -> Iterator[StyledLine]:
    for line in ignored_lines(change):
        yield escaped(line, QUIET)


def _warnings(warnings: Iterable[WarningView], *, verbose: bool) -> Iterator[StyledLine]:
    for warning in warnings:
        first, *further = message(warning.message)
        yield [("  ", ""), *_about(warning.keys, verbose=verbose), *first]
        yield from indented(further)


def _about(keys: Sequence[str], *, verbose: bool) -> StyledLine:
    """The assistants of a warning, as the beginning of its line."""
    shown = keys if verbose else keys[:_NAMES]
    line: StyledLine = []
    for number, key in enumerate(shown):
        line += [(", " if number else "", ""), *label(key, "bold")]
    rest = len(keys) - len(shown)
    line += [(f", {more(rest, 'key')}", QUIET)] if rest else []
    return [*line, (": ", "")] if line else []


def _needs_recap(view: PlanView, lines: int) -> bool:
    """Whether the changes take so many lines that nobody remembers at the end which came first."""
    actions = [one.change.action for one in (*view.deletes, *view.writes)]
    return len(actions) >= _MANY or (len(set(actions)) > 1 and lines > _LONG)


def _recap(view: PlanView, *, verbose: bool) -> Iterator[StyledLine]:
    """The keys by kind."""
    for action in (Action.REFUSE, Action.DELETE, Action.CREATE, Action.UPDATE, Action.ACTIVATE, Action.ADOPT):
        keys = [one.change.key for one in view.shown if one.change.action is action]
        if keys:
            line = [(f"{action.symbol} {action.value}:", ACTION_STYLES[action])]
            limit = len(keys) if verbose else _NAMES
            for number, key in enumerate(keys[:limit]):
                line += [(", " if number else " ", ""), *label(key)]
            rest = len(keys) - limit
            yield [*line, (f", {more(rest, 'key')}", QUIET)] if rest > 0 else line


def _footer(view: PlanView, *, is_narrow: bool) -> Iterator[StyledLine]:
    match view.status:
        case PlanStatus.NO_CHANGES:
            orphaned = len(view.orphans)
            also = f"; {orphaned} {'is' if orphaned == 1 else 'are'} orphaned" if orphaned else ""
            yield [(f"No changes. {_matching(len(view.kept), is_narrow=is_narrow)}{also}.", "bold")]
            return
        case PlanStatus.REFUSED:
            yield [(f"Nothing will be applied: {view.refusal}.", TROUBLE)]
        case PlanStatus.CHANGES:
            pass
        case _:
            assert_never(view.status)
    yield [(f"Plan: {_counts(view)}", "bold")]


def _matching(kept: int, *, is_narrow: bool) -> str:
    if kept == 0:
        return "No manifest is selected" if is_narrow else "There are no manifests to compare"
    return f"{kept:,} assistants match their manifests" if kept > 1 else "1 assistant matches its manifest"


def _counts(view: PlanView) -> str:
    tail = (
        f"; {view.deferred} of these changes {'is' if view.deferred == 1 else 'are'} deferred" if view.deferred else ""
    )
    further = {"orphaned": len(view.orphans), "refused": len(view.refusals)}
    tail += "".join(f"; {count} {word}" for word, count in further.items() if count)
    return f"{view.counts} ({len(view.kept):,} unchanged){tail}"
