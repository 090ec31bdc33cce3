"""How a selection is shown: one line for each kind of condition that narrows what a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from assistant_sync.model.selection import Selection

_MOST_KEYS = 20


class Condition(NamedTuple):
    """One kind of condition.

    Attributes:
        words: What it is about, such as "Only keys that match".
        names: The globs, or the keys; none if the words are the whole line.
        left_out: How many further names there are.
    """

    words: str
    names: tuple[str, ...] = ()
    left_out: int = 0


def conditions(selection: Selection) -> tuple[Condition, ...]:
    """Decide how a selection is shown; nothing if it selects all."""
    shown = []
    if selection.globs:
        shown.append(Condition("Only keys that match", selection.globs))
    if selection.graphs:
        shown.append(Condition("Only graphs that match", selection.graphs))
    if selection.changed is not None:
        keys = sorted(selection.changed)
        since = () if selection.since is None else (selection.since,)
        shown.append(Condition("Only manifests that changed since", since))
        changed = Condition("Changed:", tuple(keys[:_MOST_KEYS]), len(keys[_MOST_KEYS:]))
        shown.append(changed if keys else Condition("No manifest has changed"))
    return tuple(shown)
