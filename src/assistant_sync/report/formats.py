"""The output formats, and what each can render. A format's modules load when it renders something."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.text import Text

Subject: TypeAlias = Literal[
    "plan", "result", "problems", "diagnosis", "locks", "files",
    "drift", "pulled", "history", "show", "diff", "outputs",
    "rollback", "undelete", "archives", "schema_files", "checks",
    "run",
]  # fmt: skip
"""What a command shows: a plan, the result of an apply, a validation, a diagnosis, removed locks, written files; drift,
a pull, the versions of an assistant, one of them as a manifest, two compared, what applications need of all; a
rollback, a restored assistant, the files of the archive; the schemas for editors; what a check found; the answer to a
question."""

Rendered: TypeAlias = "Text | Mapping[str, Any]"
"""A text to print, or a document to print as JSON."""

_EVERYTHING: tuple[Subject, ...] = get_args(Subject)

FORMATS: Mapping[str, tuple[Subject, ...]] = {
    "text": _EVERYTHING,
    "json": _EVERYTHING,
    "markdown": ("plan", "drift", "history", "checks"),
    "junit": ("checks",),
}
"""What each format can render. The folder of that name has a module ``api`` with a function for each subject."""


def renderer(name: str, subject: Subject) -> Callable[..., Rendered]:
    """Load what renders a subject in a format.

    Args:
        name: One of ``FORMATS``.
        subject: One of those that the format can render.

    Returns:
        A function that takes what is shown, and the options if it is a plan or a result; alike in all formats.
    """
    function: Callable[..., Rendered] = getattr(import_module(f"assistant_sync.report.{name}.api"), subject)
    return function
