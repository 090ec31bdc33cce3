"""What the program loads before it does its work: each module is time that every command takes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HELP_NEEDS = {
    "assistant_sync",
    "assistant_sync.cli",
    "assistant_sync.cli.app",
    "assistant_sync.cli.main",
    "assistant_sync.cli.options",
    "assistant_sync.cli.parameters",
    "assistant_sync.cli.run_state",
    "assistant_sync.errors",
    "assistant_sync.model",
    "assistant_sync.model.timeout",
    "assistant_sync.report",
    "assistant_sync.report.formats",
    "assistant_sync.suggest",
    "gc",
    # What click loads for any help text.
    "click._textwrap",
    "textwrap",
    "locale",
    "_locale",
}
"""Beside what ``import click`` loads."""


def loaded(code: str, folder: Path) -> set[str]:
    """The modules of a process after it has run some code."""
    listing = "import json, sys; print(json.dumps([name for name, module in sys.modules.items() if module]))"
    code = f"{code}\nsys = __import__('sys'); sys.stdout = sys.stderr; {listing}"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    names: list[str] = json.loads(done.stderr.splitlines()[-1])
    return set(names)


def test_help_loads_click_and_the_command_line_and_nothing_else(tmp_path: Path) -> None:
    code = "from assistant_sync.cli import main; assert main(['--help']) == 0"
    assert loaded(code, tmp_path) - loaded("import click", tmp_path) <= HELP_NEEDS
