"""The options that select assistants, of every command that is about many."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from assistant_sync.cli.options import is_quiet, option
from assistant_sync.cli.output import print_status
from assistant_sync.cli.parameters import Group
from assistant_sync.model.selection import Selection
from assistant_sync.report.text.selection import selection_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

F = TypeVar("F", bound=Callable[..., Any])

_ONLY = "Select only assistants whose key matches; can be repeated."
_GRAPH = "Select only assistants whose graph matches; can be repeated."
_CHANGED_SINCE = "Select only assistants whose manifest has changed since the merge base of HEAD and REF."


def selection_options(function: F) -> F:
    """Add the options that select assistants; the command gets ``only``, ``graph`` and ``changed_since``."""
    for add in reversed(
        (
            option("--only", group=Group.SELECTION, multiple=True, metavar="GLOB", help=_ONLY),
            option("--graph", group=Group.SELECTION, multiple=True, metavar="GLOB", help=_GRAPH),
            option("--changed-since", group=Group.SELECTION, metavar="REF", help=_CHANGED_SINCE),
        )
    ):
        function = add(function)
    return function


def selection_of(keys: Sequence[str], only: Sequence[str], graph: Sequence[str]) -> Selection:
    """The selection that arguments and options make, but for what changed."""
    return Selection(globs=(*keys, *only), graphs=tuple(graph))


def print_selection(ctx: click.Context, selection: Selection) -> None:
    """Print what narrows a command whose result does not show it."""
    if selection.is_narrow and not is_quiet(ctx):
        print_status(selection_text(selection))
