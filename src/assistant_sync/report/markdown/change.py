"""One change in Markdown: as a row of the table, as an item of a list, and with all its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action, Activate, Adopt, Update
from assistant_sync.report.markdown.escape import cell, code, fence, html_name, message, name, size
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.change import Change
    from assistant_sync.report.markdown.count import Work
    from assistant_sync.report.markdown.fields import Fields, Row

_WHOLE = (Action.CREATE, Action.DELETE)
_FENCE = 160  # characters that the fence of a diff takes at most, with a note of what is cut
_NOTE = 80  # characters of the note that fields are left out
_LEAST = 150  # characters that a field is not begun with
_FEWEST = 3  # lines of a diff that is cut


class Details(NamedTuple):
    """The section of one change, and whether all of it is there."""

    text: str
    is_whole: bool


def causes_text(causes: Sequence[Cause]) -> str:
    """Say where a change comes from."""
    return "; ".join(f"**{cause.words}**" if cause is Cause.BEHIND else cause.words for cause in causes)


def table_row(change: Change, causes: Sequence[Cause] | None, work: Work) -> str:
    """Render a change as a row of the table.

    Args:
        change: Any but one that is kept.
        causes: Where it comes from; None where nothing was compared with, so that the column is missing.
        work: What counting lines may cost.
    """
    action = f"{code(change.action.symbol)} {change.action.value}"
    if change.deferred is not None:
        action += " (deferred)"
    masked = sum(field.sensitive for field in change.fields)
    fields = f"{len(change.fields):,}{f' ({masked:,} masked)' if masked else ''}" if change.fields else ""
    key = name(change.key) if change.name == change.key else f"{name(change.key)} ({name(change.name)})"
    cells = [action, key, name(change.graph_id), fields, _lines(change, work)]
    if causes is not None:
        cells.append(causes_text(causes))
    return f"| {' | '.join(map(cell, cells))} |\n"


def list_item(change: Change, causes: Sequence[Cause]) -> str:
    """Render a change as an item of a list, without its fields."""
    facts = [f"graph {name(change.graph_id)}"]
    if change.base_version is not None:
        facts.append(f"version {change.base_version}")
    if change.source:
        facts.append(name(change.source))
    if causes:
        facts.append(causes_text(causes))
    reason = f": {message(change.reason)}" if change.reason else ""
    return f"- {code(change.action.symbol)} {name(change.key)} ({', '.join(facts)}){reason}\n"


def details(change: Change, causes: Sequence[Cause], room: int, fields: Fields) -> Details | None:
    """Render a change with its fields, as a section that opens.

    Args:
        change: Any but one that is kept.
        causes: Where it comes from, as far as that is known.
        room: The characters that it may take.
        fields: Renders them.

    Returns:
        The section, cut where it must be; None where there is not even room for its beginning.
    """
    head = f"<details><summary>{_summary(change, fields.work)}</summary>\n\n{_facts(change, causes)}\n\n"
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
        for row in fields.rows(field, is_whole=change.action in _WHOLE):
            text, fits = _row(row, room)
            parts.append(text)
            room -= size(text)
            is_whole &= fits
            if not is_whole:
                break
        whole += is_whole
    left = len(change.fields) - whole
    note = f"- … {plural(left, 'field')} not wholly shown here for want of room\n" if left else ""
    body = "".join([*parts, note]).rstrip("\n")
    return Details(f"{head}{body}\n{tail}" if body else head + tail.removeprefix("\n"), not left)


def _row(row: Row, room: int) -> tuple[str, bool]:
    """One path with its diff, as far as there is room."""
    head = f"- {row.head}\n"
    text = f"{head}\n{fence(row.below)}\n" if row.below else head
    if size(text) <= room:
        return text, True
    if size(head) > room or not row.below:
        return "", False
    left = room - size(head) - _FENCE
    kept = 0
    for line in row.below:
        left -= size(line) + 1
        if left < 0:
            break
        kept += 1
    if kept < _FEWEST:
        return head, False
    note = f"… {plural(len(row.below) - kept, 'line')} of this diff cut here"
    return f"{head}\n{fence([*row.below[:kept], note])}\n", False


def _summary(change: Change, work: Work) -> str:
    parts = [part for part in (plural(len(change.fields), "field"), _lines(change, work, " lines")) if part]
    symbol = html_name(change.action.symbol)
    told = f": {', '.join(parts)}" if change.fields else ""
    return f"{symbol} {change.action.value} {html_name(change.key)}{told}"


def _facts(change: Change, causes: Sequence[Cause]) -> str:
    facts = [name(change.source)] if change.source else []
    facts += [_version(change)] if change.base_version is not None else []
    facts += [causes_text(causes)] if causes else []
    lines = [", ".join(facts), message(change.reason)]
    if change.deferred is not None:
        lines.append(f"**apply will not send this**: {message(change.deferred)}")
    return "\\\n".join(line for line in lines if line)


def _version(change: Change) -> str:
    if isinstance(change, Activate):
        return f"version {change.to_version} is identical, active is {change.base_version}"
    return f"{'from' if isinstance(change, Update | Adopt) else 'at'} version {change.base_version}"


def _lines(change: Change, work: Work, unit: str = "") -> str:
    """How many lines come and go; at most so many where that was not compared to the end."""
    if all(field.sensitive for field in change.fields):
        return ""
    count = work.total(change)
    return f"{'' if count.is_exact else '≤ '}+{count.added:,} -{count.removed:,}{unit}"
