"""One change in Markdown: as a row of the table, as an item of a list, and with all its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Activate, Update
from assistant_sync.report.markdown.escape import cell, code, html_name, message, name, size
from assistant_sync.report.markdown.sections import Details, fence_within
from assistant_sync.report.view.plan import ignored_lines
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.change import Change
    from assistant_sync.report.markdown.count import PageBudget
    from assistant_sync.report.markdown.fields import Fields, Row
    from assistant_sync.report.view.plan import ChangeView

_NOTE = 80  # characters of the note that fields are left out
_LEAST = 150  # characters without which no field is begun


def causes_text(causes: Sequence[Cause]) -> str:
    """Render where a change comes from."""
    return "; ".join(f"**{cause.words}**" if cause is Cause.BEHIND else cause.words for cause in causes)


def table_row(view: ChangeView, budget: PageBudget, *, has_causes: bool) -> str:
    """Render a change as a row of the table.

    Args:
        view: Any change but one that is kept.
        budget: What counting lines may cost.
        has_causes: Whether there is a column for where it comes from.
    """
    change = view.change
    action = f"{code(change.action.symbol)} {change.action.value}"
    if change.deferred is not None:
        action += " (deferred)"
    masked = sum(field.sensitive for field in change.fields)
    fields = f"{len(change.fields):,}{f' ({masked:,} masked)' if masked else ''}" if change.fields else ""
    key = name(change.key) if change.name == change.key else f"{name(change.key)} ({name(change.name)})"
    if isinstance(change, Update | Activate) and change.renamed_from is not None:
        key += f", renamed from {name(change.renamed_from)}"
    cells = [action, key, name(change.graph_id), fields, _lines(change, budget)]
    if has_causes:
        cells.append(causes_text(view.causes))
    return f"| {' | '.join(map(cell, cells))} |\n"


def list_item(view: ChangeView) -> str:
    """Render a change as an item of a list, without its fields."""
    change = view.change
    facts = [f"graph {name(change.graph_id)}"]
    if change.base_version is not None:
        facts.append(f"version {change.base_version}")
    if change.source:
        facts.append(name(change.source))
    if view.causes:
        facts.append(causes_text(view.causes))
    reason = f": {message(change.reason)}" if change.reason else ""
    return f"- {code(change.action.symbol)} {name(change.key)} ({', '.join(facts)}){reason}\n"


def details(view: ChangeView, room: int, fields: Fields) -> Details | None:
    """Render a change with its fields, as a section that opens.

    Args:
        view: Any change but one that is kept.
        room: The characters that it may take.
        fields: Renders its fields.

    Returns:
        The section, cut if it must be; None if there is not even room for its beginning.
    """
    change = view.change
    head = f"<details><summary>{_summary(change, fields.budget)}</summary>\n\n{_facts(view)}\n\n"
    tail = "\n</details>\n\n"
    room -= size(head) + size(tail) + _NOTE
    if room < 0 or (change.fields and room < _LEAST):
        return None
    parts: list[str] = []
    whole = 0
    for field in change.fields:
        if room < _LEAST:
            break
        is_whole = True
        for row in fields.rows(field, is_whole=view.is_whole):
            text, fits = _row(row, room)
            parts.append(text)
            room -= size(text)
            is_whole &= fits
            if not is_whole:
                break
        whole += is_whole
    left = len(change.fields) - whole
    note = f"- … {plural(left, 'field')} not fully shown (size limit)\n" if left else ""
    body = "".join([*parts, note]).rstrip("\n")
    return Details(f"{head}{body}\n{tail}" if body else head + tail.removeprefix("\n"), not left)


def _row(row: Row, room: int) -> tuple[str, bool]:
    """One path with its diff, as far as there is room, and whether that is all of it."""
    head = f"- {row.head}\n"
    if size(head) > room or not row.below:
        return (head, True) if size(head) <= room else ("", False)
    block, is_whole = fence_within(row.below, room - size(head) - 2, what="diff")
    return f"{head}\n{block}\n" if block else head, is_whole


def _summary(change: Change, budget: PageBudget) -> str:
    parts = [part for part in (plural(len(change.fields), "field"), _lines(change, budget, " lines")) if part]
    symbol = html_name(change.action.symbol)
    measure = f": {', '.join(parts)}" if change.fields else ""
    return f"{symbol} {change.action.value} {html_name(change.key)}{measure}"


def _facts(view: ChangeView) -> str:
    change = view.change
    facts = [name(change.source)] if change.source else []
    facts += view.versions
    facts += [causes_text(view.causes)] if view.causes else []
    lines = [", ".join(facts), message(change.reason)]
    if view.note:
        lines.append(view.note)
    lines += [message(line) for line in ignored_lines(change)]
    if change.deferred is not None:
        lines.append(f"**apply will not send this**: {message(change.deferred)}")
    return "\\\n".join(line for line in lines if line)


def _lines(change: Change, budget: PageBudget, unit: str = "") -> str:
    """How many lines are added and removed; at most so many if they were not compared to the end."""
    if all(field.sensitive for field in change.fields):
        return ""
    count = budget.total(change)
    return f"{'' if count.is_exact else '≤ '}+{count.added:,} -{count.removed:,}{unit}"
