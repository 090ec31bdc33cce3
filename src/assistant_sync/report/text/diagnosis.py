"""What ``doctor`` found, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.diagnosis import State
from assistant_sync.report.text.lines import indented, joined, label, message
from assistant_sync.report.text.styles import ADDED, CAUTION, QUIET, TROUBLE
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from assistant_sync.model.diagnosis import Check, Diagnosis, Inventory
    from assistant_sync.report.text.lines import StyledLine

_SYMBOLS = {State.OK: ("ok  ", ADDED), State.WARNING: ("warn", CAUTION), State.FAILED: ("FAIL", TROUBLE)}
_WIDTH = 15


def diagnosis_text(diagnosis: Diagnosis, *, verbose: bool = False) -> Text:
    """Render a diagnosis: a line for each check with its hint below it, and the verdict last.

    Args:
        diagnosis: What was found.
        verbose: Whether to list the unmanaged assistants.
    """
    lines: list[StyledLine] = [
        [("Target ", ""), *label(diagnosis.target, "bold"), (" of ", ""), *label(diagnosis.project, "bold")],
        [],
    ]
    for check in diagnosis.checks:
        lines += _check(check)
    if verbose and diagnosis.inventory is not None:
        lines += _unmanaged(diagnosis.inventory)
    return joined([*lines, [], [_verdict(diagnosis)]])


def _unmanaged(inventory: Inventory) -> Iterator[StyledLine]:
    """The assistants that git does not own, by graph and name."""
    if inventory.unmanaged_assistants:
        yield []
        yield [("Unmanaged", "bold"), (" ('assistant-sync pull --unmanaged' writes their manifests)", QUIET)]
    for one in inventory.unmanaged_assistants:
        yield [
            ("  ", ""),
            *label(one.graph_id),
            ("  ", ""),
            *label(one.name, "bold"),
            ("  ", ""),
            *label(one.assistant_id),
        ]


def _check(check: Check) -> Iterator[StyledLine]:
    symbol, style = _SYMBOLS[check.state]
    first, *further = message(check.message, "" if check.state is State.OK else style)
    yield [(f"{symbol}  ", style), (check.name.ljust(_WIDTH), "bold"), *first]
    yield from indented(further, " " * (_WIDTH + 6))
    if check.hint is not None:
        yield from indented(message(check.hint, QUIET), " " * (_WIDTH + 6))


def _verdict(diagnosis: Diagnosis) -> tuple[str, str]:
    failed = [check for check in diagnosis.checks if check.state is State.FAILED]
    warnings = sum(check.state is State.WARNING for check in diagnosis.checks)
    if failed:
        return f"Failed: {failed[0].name}.", TROUBLE
    if warnings:
        return f"All checks passed, with {plural(warnings, 'warning')}.", CAUTION
    return "All checks passed.", ADDED
