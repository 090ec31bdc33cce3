"""Problems in files, errors, and differences between two plans as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant_sync.errors import InvalidFiles, StalePlan
from assistant_sync.report.text.lines import StyledLine, escaped, indented, joined, message
from assistant_sync.report.text.styles import CAUTION, TROUBLE
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

    from assistant_sync.errors import AssistantSyncError
    from assistant_sync.problem import Problem

_FIRST_WORD = re.compile(r"[a-z]+(?='s |[,;]? |$)")
_COMMANDS = frozenset({"export", "git", "pip"})


def problems_text(problems: Sequence[Problem], documents: int | None = None) -> Text:
    """Render problems in files, each as ``file:line:column: message``.

    Args:
        problems: In the order to show them in.
        documents: How many manifests were checked, for a last line with the verdict; None if the command is not a
            validation.
    """
    lines = list(_problems(problems))
    if documents is not None:
        lines.append(_verdict(problems, documents))
    return joined(lines)


_FEW = 3
"""Equal warnings that are shown each by itself."""

_PLACES = 20
"""Places that one warning names."""


def _problems(problems: Sequence[Problem]) -> Iterator[StyledLine]:
    """Each problem; more than a few equal warnings are one, with the places."""
    places: dict[str, list[Problem]] = {}
    for problem in problems:
        if not problem.is_error:
            places.setdefault(problem.message, []).append(problem)
    for problem in problems:
        equal = places.get(problem.message, []) if not problem.is_error else []
        if len(equal) <= _FEW:
            yield from _problem(problem)
        elif equal[0] is problem:
            first, *further = message(problem.message)
            yield [("warning: ", CAUTION), *first, (f" ({len(equal):,} places)", "dim")]
            yield from indented(further)
            yield from ([("    ", ""), *escaped(_place(one), "bold")] for one in equal[:_PLACES])
            if len(equal) > _PLACES:
                yield [(f"    ... {len(equal) - _PLACES:,} more: see --format json", "dim")]


def _verdict(problems: Sequence[Problem], documents: int) -> StyledLine:
    errors = sum(problem.is_error for problem in problems)
    warnings = len(problems) - errors
    counts = [plural(count, noun) for count, noun in ((errors, "error"), (warnings, "warning")) if count]
    checked = [plural(documents, "manifest")] if documents or not errors else []
    verdict = f"{'Invalid' if errors else 'Valid'} ({': '.join([*checked, *([', '.join(counts)] if counts else [])])})"
    return [(verdict, TROUBLE if errors else "bold green")]


def plan_difference_text(differences: Sequence[str]) -> Text:
    """Render how a plan that was made now differs from a saved one."""
    return joined(_listed(differences))


def error_text(error: AssistantSyncError) -> Text:
    """Render an expected failure: everything it lists, what happened, and the hint."""
    lines: list[StyledLine] = []
    if isinstance(error, InvalidFiles):
        lines += [line for problem in error.problems if problem.is_error for line in _problem(problem)]
        warnings = sum(not problem.is_error for problem in error.problems)
        if warnings:
            lines.append([(f"({plural(warnings, 'warning')} not shown: see 'assistant-sync validate')", "dim")])
    if isinstance(error, StalePlan):
        lines += _listed(error.differences)
    first, *further = message(error.message)
    lines += [[("Error: ", TROUBLE), *first], *indented(further)]
    if error.hint is not None:
        first, *further = message(_capitalised(error.hint))
        lines += [[("Hint: ", CAUTION), *first], *indented(further)]
    return joined(lines)


def _capitalised(hint: str) -> str:
    """Begin with a capital letter, unless the hint begins with a command or a path."""
    word = _FIRST_WORD.match(hint)
    return hint if word is None or word[0] in _COMMANDS else hint[0].upper() + hint[1:]


def _problem(problem: Problem) -> Iterator[StyledLine]:
    first, *further = message(problem.message)
    severity = [] if problem.is_error else [("warning: ", CAUTION)]
    yield [*escaped(f"{_place(problem)}: ", "bold"), *severity, *first]
    yield from indented(further)


def _place(problem: Problem) -> str:
    return str(problem).removesuffix(problem.message).removesuffix("warning: ").removesuffix(": ")


def _listed(differences: Sequence[str]) -> Iterator[StyledLine]:
    for difference in differences:
        first, *further = message(difference)
        yield [("  ", ""), *first]
        yield from indented(further)
