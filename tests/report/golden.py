"""Golden renderings: the exact text of every output, kept as files that a reviewer can read.

``WRITE_GOLDEN=1 pytest tests/report`` rewrites them; the diff is then what users will see.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from rich.text import Text

_FOLDER = Path(__file__).parent / "golden"


def printed(text: Text, *, colours: bool = False) -> str:
    """What arrives at a pipe of 80 columns, or at a terminal with colours."""
    file = io.StringIO()
    terminal = {"force_terminal": True, "color_system": "standard"} if colours else {}
    console = Console(file=file, width=80, soft_wrap=True, **terminal)  # type: ignore[arg-type]  # two types of value
    console.print(text)
    return file.getvalue()


def assert_golden(name: str, output: str) -> None:
    path = _FOLDER / name
    if os.environ.get("WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(output, encoding="utf-8", newline="\n")
    assert output == path.read_bytes().decode("utf-8")
