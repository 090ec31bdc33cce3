"""The styles of terminal output: which colour means what."""

from __future__ import annotations

from assistant_sync.model.change import Action

ADDED = "green"
REMOVED = "red"
CAUTION = "yellow"
TROUBLE = "bold red"
QUIET = "dim"
ESCAPED = "bold magenta"

ACTION_STYLES = {
    Action.CREATE: ADDED,
    Action.UPDATE: CAUTION,
    Action.ACTIVATE: "cyan",
    Action.ADOPT: "magenta",
    Action.DELETE: "bold red",
    Action.ORPHAN: CAUTION,
    Action.KEEP: QUIET,
    Action.REFUSE: TROUBLE,
}
