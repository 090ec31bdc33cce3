"""How a later plan differs from an earlier one, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from assistant_sync.model.change import Action
from assistant_sync.planning.digests import Digested

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.change import Change


class EarlierChange(Digested, Protocol):
    """What is compared of a change of the earlier plan, which may be a saved or a reviewed one."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def assistant_id(self) -> str: ...  # noqa: D102
    @property
    def base_version(self) -> int | None: ...  # noqa: D102


def compare_changes(earlier: Iterable[EarlierChange], later: Iterable[Change]) -> tuple[str, ...]:
    """Describe how the changes of a later plan differ from those of an earlier one, one line for each assistant."""
    before = {change.assistant_id: change for change in earlier}
    after = {change.assistant_id: change for change in later}
    lines = []
    for one, old in before.items():
        new = after.get(one)
        if new is None:
            lines.append(f"{old.key}: no longer in the plan (was {old.action.value})")
        elif old.action is not new.action:
            lines.append(f"{old.key}: was {old.action.value}, now {new.action.value}")
        elif old.digest != new.digest and new.action is not Action.KEEP:
            lines.append(f"{old.key}: {new.action.value}, {_moved(old, new.base_version)}")
    lines += [f"{new.key}: new in the plan ({new.action.value})" for one, new in after.items() if one not in before]
    return tuple(lines)


def _moved(old: EarlierChange, base: int | None) -> str:
    if old.base_version != base:
        return f"now from version {base} instead of {old.base_version}"
    return "now with different content"
