"""The plan in Markdown, for a pull request: what stops it and what it deletes first, then a table, then all fields.

Whatever has an end is cut in this order: the fields, the rows of the table, the reasons of deletes and refusals; names
come last. What is cut is counted.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action
from assistant_sync.report.markdown.change import details, list_item, table_row
from assistant_sync.report.markdown.count import Work
from assistant_sync.report.markdown.escape import message, name, size
from assistant_sync.report.markdown.fields import Fields
from assistant_sync.report.markdown.fit import SEPARATOR, Fitted, Item, first_names, fitted, short_size
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.change import Change
    from assistant_sync.model.plan import Plan, PlanWarning
    from assistant_sync.report.markdown.change import Details

LEAST = 4_096
"""The smallest page."""

_FIXED = 1_200  # characters that headings and notes take at most
_HEADINGS = 400  # characters of these that stand above what stops the plan, and of notes there
_WARNINGS = 2_000  # characters that warnings may take at least, where names leave room
_BEHIND = 800  # characters of the names of what a branch would undo
_GLOBS = 300
_FEWEST = 600  # characters that the section of a change is not begun with
_SHARE = 2_400  # characters that a section may take where there are many

_OTHERS = (Action.CREATE, Action.UPDATE, Action.ACTIVATE, Action.ADOPT, Action.ORPHAN)
_MARKS = ("[-", "{+", "·")
_SEE = "`assistant-sync plan -v` shows all"
_LEGEND = (
    "In the diffs `[-…-]` and `{+…+}` mark the words that differ, and `·` stands for a blank at the end of a line.\n\n"
)


def plan_markdown(plan: Plan, *, limit: int = 65_536, title_note: str = "") -> str:
    """Render a plan.

    Args:
        plan: Masked already.
        limit: The characters that it may take, at least 4,096; those beyond U+FFFF count twice.
        title_note: A few words to put behind the title.

    Returns:
        Markdown in which no text from manifests or servers is anything but text.

    Raises:
        ValueError: The limit is too small to name anything.
    """
    if limit < LEAST:
        raise ValueError(f"a page of {limit} characters has no room for a plan; {LEAST} are the least")
    work = Work()
    page = _head(plan, title_note)
    changes = _in_order(plan)
    others = [Item(name(change.key), str) for change in changes if change.action in _OTHERS]
    room = limit - size(page) - _FIXED
    page += _first(plan, changes, room, short_size(others) + _HEADINGS)
    room = limit - size(page) - _FIXED
    warnings = _warnings(plan.warnings, min(room, max(_WARNINGS, (room - short_size(others)) // 4)))
    page += _table(plan, changes, room - size(warnings), work) + warnings
    page += _sections(plan, changes, limit - size(page), Fields(work))
    return page.rstrip("\n") + "\n"


def _in_order(plan: Plan) -> list[Change]:
    """All but what is kept: what stops the plan, deletes, other writes, orphans; each as the plan has them."""
    ranks = {Action.REFUSE: 0, Action.DELETE: 1, Action.ORPHAN: 3}
    changes = [change for change in plan.changes if change.action is not Action.KEEP]
    return sorted(changes, key=lambda change: ranks.get(change.action, 2))


def _head(plan: Plan, title_note: str) -> str:
    note = f" ({name(title_note)})" if title_note else ""
    facts = [f"Deployment {name(plan.url)}", _commit(plan)]
    if plan.base is not None:
        facts.append(f"compared with {name(plan.base[:12])}")
    facts.append(f"digest {name(plan.digest)}")
    lines = [f"## Plan for {name(plan.project)} on {name(plan.target)}: {_status(plan)}{note}", _behind(plan)]
    if plan.is_refused:
        lines.append(f"> [!CAUTION]\n> **Nothing will be applied: {_causes_of_refusal(plan)}.**")
    lines += [_counts(plan), ", ".join(facts)]
    if plan.selection:
        lines.append(f"Only keys like {name(SEPARATOR.join(plan.selection), _GLOBS)}")
    return "\n\n".join(line for line in lines if line) + "\n\n"


def _status(plan: Plan) -> str:
    if plan.is_refused:
        return "refused"
    return plural(len(plan.writes), "change") if plan.writes else "no changes"


def _causes_of_refusal(plan: Plan) -> str:
    refused = plan.summary[Action.REFUSE]
    causes = [f"{plural(refused, 'change')} refused"] if refused else []
    return ", ".join([*causes, f"{plural(len(plan.guards), 'guard')} tripped"] if plan.guards else causes)


def _commit(plan: Plan) -> str:
    if plan.commit is None:
        return "no git commit"
    return f"commit {name(plan.commit.sha[:12])}{' **with uncommitted changes**' if plan.commit.dirty else ''}"


def _behind(plan: Plan) -> str:
    """What a branch would undo that lacks what was applied from others."""
    undone = [change for change in plan.changes if Cause.BEHIND in _causes(plan, change)]
    if not undone:
        return ""
    named, left_out = first_names([name(change.key) for change in undone], _BEHIND)
    told = SEPARATOR.join(named) + (f" and {left_out:,} more" if left_out else "")
    return (
        "> [!CAUTION]\n> **This branch is behind: applying it would undo what was applied from commits that it does "
        f"not have.** Bring it up to date first. It is about {plural(len(undone), 'assistant')}: {told}."
    )


def _counts(plan: Plan) -> str:
    counts = plan.summary
    orphaned = f"; {counts[Action.ORPHAN]:,} orphaned" if counts[Action.ORPHAN] else ""
    if not (plan.writes or plan.is_refused):
        return f"**No changes.** {plural(counts[Action.KEEP], 'assistant')} unchanged{orphaned}"
    told = (Action.CREATE, Action.UPDATE, Action.ACTIVATE, Action.DELETE)
    listed = [f"{counts[action]:,} to {action.value}" for action in told]
    if counts[Action.ADOPT]:
        listed.append(f"{counts[Action.ADOPT]:,} to adopt")
    deferred = len(plan.deferred)
    tail = f"; {deferred:,} of these deferred" if deferred else ""
    refused = f"; {counts[Action.REFUSE]:,} refused" if counts[Action.REFUSE] else ""
    return f"**{', '.join(listed)}** ({counts[Action.KEEP]:,} unchanged){tail}{orphaned}{refused}"


def _first(plan: Plan, changes: Sequence[Change], room: int, names: int) -> str:
    """What stops the plan and what it deletes: in full, or at least by name, before all others are."""
    kinds: list[str] = []
    items: list[Item] = []
    for change in changes:
        if change.action in (Action.REFUSE, Action.DELETE):
            kinds.append("Refused" if change.action is Action.REFUSE else "To be deleted")
            items.append(Item(name(change.key), partial(list_item, change, _causes(plan, change))))
    refused = kinds.count("Refused")
    kinds[refused:refused] = ["Guards"] * len(plan.guards)
    items[refused:refused] = [
        Item(
            name(violation.guard),
            partial("- {} {}: {}\n".format, "`!`", name(violation.guard), message(violation.message)),
        )
        for violation in plan.guards
    ]
    fit = fitted(items, room - names if short_size(items) <= room - names else room)
    texts = [(kind, number) for number, kind in enumerate(kinds)]
    return "".join(
        f"### {kind}\n\n{_group(fit, [number for _, number in group])}\n"
        for kind, group in groupby(texts, key=lambda text: text[0])
    )


def _group(fit: Fitted, numbers: Sequence[int]) -> str:
    """The items of one kind: in full, by name, and counted."""
    end = len(fit.full)
    full = [fit.full[number] for number in numbers if number < end]
    named = [fit.named[number - end] for number in numbers if end <= number < end + len(fit.named)]
    left_out = len(numbers) - len(full) - len(named)
    text = "".join(full)
    if named:
        text += f"- {'without their reasons, for want of room: ' if full or not left_out else ''}"
        text += f"{SEPARATOR.join(named)}\n"
    return text + (f"- {left_out:,} more without room for their names; {_SEE}\n" if left_out else "")


def _warnings(warnings: Sequence[PlanWarning], room: int) -> str:
    items = [Item("", partial(_warning, warning)) for warning in warnings]
    fit = fitted(items, room)
    left_out = len(items) - len(fit.full)
    more = f"- {plural(left_out, 'more warning')} without room; {_SEE}\n" if left_out else ""
    return f"### Warnings\n\n{''.join(fit.full)}{more}\n" if warnings else ""


def _warning(warning: PlanWarning) -> str:
    about = "" if warning.key is None else f"{name(warning.key)}: "
    return f"- {about}{message(warning.message)}\n"


def _table(plan: Plan, changes: Sequence[Change], room: int, work: Work) -> str:
    """One row for each change, else at least its key, else how many there are."""
    if not changes:
        return ""
    has_causes = plan.base is not None
    items = [
        Item(
            name(change.key) if change.action in _OTHERS else "",
            partial(table_row, change, _causes(plan, change) if has_causes else None, work),
        )
        for change in changes
    ]
    fit = fitted(items, room)
    columns = ["", "Assistant", "Graph", "Fields", "Lines", *(["Comes from"] if has_causes else [])]
    text = ""
    if fit.full:
        text = f"| {' | '.join(columns)} |\n|{' --- |' * 3} ---: | ---: |{' --- |' * has_causes}\n"
        text += "".join(fit.full) + "\n"
    named = [short for short in fit.named if short]
    if named:
        text += f"{'Also changed' if fit.full else 'Changed'}: {SEPARATOR.join(named)}\n\n"
    if fit.left_out:
        text += f"{fit.left_out:,} more changed assistants have no room for their names here; {_SEE}.\n\n"
    return text


def _sections(plan: Plan, changes: Sequence[Change], room: int, fields: Fields) -> str:
    """A section for each change as far as there is room; what is cut is taken up again with the room left over."""
    waiting = [change for change in changes if change.action is not Action.REFUSE or change.fields]
    room -= _FIXED // 2
    sections: dict[int, Details] = {}
    for number, change in enumerate(waiting):
        if room < _FEWEST:
            break
        share = max(_SHARE, room // (len(waiting) - number))
        made = details(change, _causes(plan, change), min(room, share), fields)
        if made is not None:
            sections[number] = made
            room -= size(made.text)
    for number, change in enumerate(waiting):
        had = sections.get(number)
        own = 0 if had is None else size(had.text)
        if room < _FEWEST:
            break
        if had is not None and had.is_whole:
            continue
        made = details(change, _causes(plan, change), room + own, fields)
        if made is not None:
            sections[number] = made
            room -= size(made.text) - own
    text = "".join(sections[number].text for number in sorted(sections))
    if len(waiting) == 1:
        text = text.replace("<details>", "<details open>", 1)
    missing = len(waiting) - len(sections)
    partly = sum(not section.is_whole for section in sections.values())
    return f"{_LEGEND if any(mark in text for mark in _MARKS) else ''}{text}{_cut(missing, partly)}"


def _cut(missing: int, partly: int) -> str:
    told = [f"{plural(missing, 'assistant')} without details"] if missing else []
    told += [f"{plural(partly, 'assistant')} with a part of them"] if partly else []
    return f"**Cut here** for want of room: {' and '.join(told)}; {_SEE}.\n" if told else ""


def _causes(plan: Plan, change: Change) -> tuple[Cause, ...]:
    return tuple(plan.causes.get(change.assistant_id, ()))
