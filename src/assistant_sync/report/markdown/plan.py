"""The plan in Markdown, for a pull request: what stops it and what it deletes first, then a table, then all fields.

A page has a size limit. To keep to it, fields are cut first, then rows of the table, then the reasons of deletes and
refusals, and names last. What is cut is counted.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.change import Action
from assistant_sync.report.markdown.change import details, list_item, table_row
from assistant_sync.report.markdown.count import PageBudget
from assistant_sync.report.markdown.diff import legend
from assistant_sync.report.markdown.escape import message, name, size
from assistant_sync.report.markdown.fields import Fields
from assistant_sync.report.markdown.fit import (
    COMMENT_LIMIT,
    LEAST,
    SEPARATOR,
    Fitted,
    Item,
    first_names,
    fitted,
    short_size,
)
from assistant_sync.report.markdown.sections import shared
from assistant_sync.report.markdown.selection import selection_paragraphs
from assistant_sync.report.view.plan import PlanStatus, plan_view
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from assistant_sync.model.plan import GuardViolation, MissingGraph, Plan
    from assistant_sync.report.view.plan import ChangeView, PlanView, WarningView

_FIXED = 1_200  # characters that headings and notes take at most
_HEADINGS = 400  # characters of these that stand above what stops the plan, and of notes there
_MOST_KEYS = 20  # that one warning names
_WARNINGS = 2_000  # characters that warnings may take at least, if names leave room
_BEHIND = 800  # characters of the names of what a branch would revert

_SEE = "`assistant-sync plan -v` shows all"


def plan_markdown(plan: Plan, *, limit: int = COMMENT_LIMIT, title_note: str = "") -> str:
    """Render a plan.

    Args:
        plan: Masked already.
        limit: The characters that it may take, at least 4,096; those beyond U+FFFF count twice.
        title_note: A few words to put behind the title.

    Returns:
        Markdown in which text from manifests and servers is nothing but text.

    Raises:
        ValueError: The limit is too small.
    """
    if limit < LEAST:
        raise ValueError(f"a page of {limit} characters is too small for a plan; the minimum is {LEAST}")
    view = plan_view(plan)
    budget = PageBudget()
    page = _head(plan, view, title_note)
    others = short_size([Item(name(one.change.key), str) for one in (*view.writes, *view.orphans)])
    room = limit - size(page) - _FIXED
    page += _first(view, room, others + _HEADINGS)
    room = limit - size(page) - _FIXED
    warnings = _warnings(view.warnings, min(room, max(_WARNINGS, (room - others) // 4)))
    page += _table(view, room - size(warnings), budget) + warnings
    page += _sections(view, limit - size(page), Fields(budget))
    return page.rstrip("\n") + "\n"


def _head(plan: Plan, view: PlanView, title_note: str) -> str:
    note = f" ({name(title_note)})" if title_note else ""
    facts = [f"Deployment {name(plan.url)}", _commit(plan)]
    if plan.base is not None:
        facts.append(f"compared with {name(plan.base[:12])}")
    facts.append(f"digest {name(plan.digest)}")
    lines = [
        f"## Plan for {name(plan.project)} on {name(plan.target)}: {_status(view)}{note}",
        _behind(view),
        _missing(plan),
    ]
    if view.refusal:
        lines.append(f"> [!CAUTION]\n> **Nothing will be applied: {view.refusal}.**")
    lines += [_counts(view), ", ".join(facts)]
    lines += selection_paragraphs(plan.selection)
    return "\n\n".join(line for line in lines if line) + "\n\n"


def _status(view: PlanView) -> str:
    match view.status:
        case PlanStatus.REFUSED | PlanStatus.NO_CHANGES:
            return str(view.status.value)
        case PlanStatus.CHANGES:
            return plural(len(view.deletes) + len(view.writes), "change")
        case _:
            assert_never(view.status)


def _commit(plan: Plan) -> str:
    if plan.commit is None:
        return "no git commit"
    return f"commit {name(plan.commit.sha[:12])}{' **with uncommitted changes**' if plan.commit.dirty else ''}"


def _behind(view: PlanView) -> str:
    """What a branch would revert because it does not contain the commits that were applied."""
    if not view.behind:
        return ""
    named, left_out = first_names([name(one.change.key) for one in view.behind], _BEHIND)
    keys = SEPARATOR.join(named) + (f" and {left_out:,} more" if left_out else "")
    return (
        "> [!CAUTION]\n> **This branch is behind: applying it would revert changes from commits that it does not "
        f"contain.** Rebase or merge first. This affects {plural(len(view.behind), 'assistant')}: {keys}."
    )


def _missing(plan: Plan) -> str:
    """The graphs that are named and not served, each with the nearest one that is."""
    if not plan.missing_graphs:
        return ""
    named, left_out = first_names([_missing_graph(one) for one in plan.missing_graphs], _BEHIND)
    listed = SEPARATOR.join(named) + (f" and {left_out:,} more" if left_out else "")
    return f"> [!WARNING]\n> **This deployment does not serve {plural(len(plan.missing_graphs), 'graph')}**: {listed}"


def _missing_graph(graph: MissingGraph) -> str:
    near = "" if graph.nearest is None else f" (did you mean {name(graph.nearest)}?)"
    return f"{name(graph.graph_id)}{near}"


def _counts(view: PlanView) -> str:
    orphaned = f"; {len(view.orphans):,} orphaned" if view.orphans else ""
    if view.status is PlanStatus.NO_CHANGES:
        return f"**No changes.** {plural(len(view.kept), 'assistant')} unchanged{orphaned}"
    deferred = f"; {view.deferred:,} of these deferred" if view.deferred else ""
    refused = f"; {len(view.refusals):,} refused" if view.refusals else ""
    return f"**{view.counts}** ({len(view.kept):,} unchanged){deferred}{orphaned}{refused}"


def _first(view: PlanView, room: int, names: int) -> str:
    """What stops the plan and what it deletes: in full, or at least by name, before all others are."""
    kinds = ["Refused"] * len(view.refusals) + ["Guards"] * len(view.guards) + ["Deletes"] * len(view.deletes)
    items = [
        *map(_listed, view.refusals),
        *map(_guard, view.guards),
        *map(_listed, view.deletes),
    ]
    fit = fitted(items, room - names if short_size(items) <= room - names else room)
    return "".join(
        f"### {kind}\n\n{_group(fit, [number for number, _ in group])}\n"
        for kind, group in groupby(enumerate(kinds), key=lambda one: one[1])
    )


def _listed(view: ChangeView) -> Item:
    return Item(name(view.change.key), partial(list_item, view))


def _guard(violation: GuardViolation) -> Item:
    text = "- {} {}: {}\n".format
    return Item(name(violation.guard), partial(text, "`!`", name(violation.guard), message(violation.message)))


def _group(fit: Fitted, numbers: Sequence[int]) -> str:
    """The items of one kind: in full, by name, and counted."""
    end = len(fit.full)
    full = [fit.full[number] for number in numbers if number < end]
    named = [fit.named[number - end] for number in numbers if end <= number < end + len(fit.named)]
    left_out = len(numbers) - len(full) - len(named)
    text = "".join(full)
    if named:
        text += f"- {'reasons omitted (size limit): ' if full or not left_out else ''}"
        text += f"{SEPARATOR.join(named)}\n"
    return text + (f"- {left_out:,} more, names omitted (size limit); {_SEE}\n" if left_out else "")


def _warnings(warnings: Sequence[WarningView], room: int) -> str:
    items = [Item("", partial(_warning, warning)) for warning in warnings]
    fit = fitted(items, room)
    left_out = len(items) - len(fit.full)
    more = f"- {plural(left_out, 'more warning')} omitted (size limit); {_SEE}\n" if left_out else ""
    return f"### Warnings\n\n{''.join(fit.full)}{more}\n" if warnings else ""


def _warning(warning: WarningView) -> str:
    rest = len(warning.keys) - _MOST_KEYS
    keys = [*map(name, warning.keys[:_MOST_KEYS]), *([f"{rest:,} more"] if rest > 0 else [])]
    about = f"{', '.join(keys)}: " if keys else ""
    return f"- {about}{message(warning.message)}\n"


def _table(view: PlanView, room: int, budget: PageBudget) -> str:
    """One row for each change, else at least its key, else how many there are."""
    if not view.shown:
        return ""

    def row(one: ChangeView) -> Callable[[], str]:
        return partial(table_row, one, budget, has_causes=view.is_compared)

    # What stops the plan and what it deletes is named above already.
    listed = [*view.refusals, *view.deletes]
    items = [Item("", row(one)) for one in listed]
    items += [Item(name(one.change.key), row(one)) for one in (*view.writes, *view.orphans)]
    fit = fitted(items, room)
    columns = ["", "Assistant", "Graph", "Fields", "Lines", *(["Comes from"] if view.is_compared else [])]
    text = ""
    if fit.full:
        text = f"| {' | '.join(columns)} |\n|{' --- |' * 3} ---: | ---: |{' --- |' * view.is_compared}\n"
        text += "".join(fit.full) + "\n"
    named = [short for short in fit.named if short]
    if named:
        text += f"{'Also changed' if fit.full else 'Changed'}: {SEPARATOR.join(named)}\n\n"
    left_out = len(items) - max(len(items) - fit.left_out, len(listed))
    if left_out:
        text += f"{left_out:,} more changed assistants, names omitted (size limit); {_SEE}.\n\n"
    return text


def _sections(view: PlanView, room: int, fields: Fields) -> str:
    """A section for each change as far as there is room; what is cut is taken up again with the room left over."""
    waiting = [one for one in view.shown if one.change.action is not Action.REFUSE or one.change.fields]
    sections = shared([partial(details, one, fields=fields) for one in waiting], room - _FIXED // 2)
    text = "".join(section.text for section in sections)
    if len(waiting) == 1:
        text = text.replace("<details>", "<details open>", 1)
    missing = len(waiting) - len(sections)
    partly = sum(not section.is_whole for section in sections)
    return f"{legend(text)}{text}{_cut(missing, partly)}"


def _cut(missing: int, partly: int) -> str:
    cut = [f"{plural(missing, 'assistant')} without details"] if missing else []
    cut += [f"{plural(partly, 'assistant')} with only part of them"] if partly else []
    return f"**Truncated** (size limit): {' and '.join(cut)}; {_SEE}.\n" if cut else ""
