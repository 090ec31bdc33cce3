"""What one run of the program remembers: the common options that were given, and these keys."""

from __future__ import annotations

from typing import Any

import click

WRITES_BEGAN = "writes_began"
"""True once the command may have written."""

OUTPUT_FAILED = "output_failed"
"""True once the command's result could not be printed."""

NOT_TAKEN_APART = "not_taken_apart"
"""What the process ends with: taking 10,000 assistants apart would take as long as deciding about them."""

AT_THE_END = "at_the_end"
"""What is called when everything is reported; missing where there is nothing to do."""


def run_state() -> dict[str, Any]:
    """Return what the current run remembers; an empty one outside of a command."""
    context = click.get_current_context(silent=True)
    state = context.find_root().obj if context is not None else None
    return state if isinstance(state, dict) else {}
