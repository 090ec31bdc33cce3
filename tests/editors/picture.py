"""Draws the picture of docs/editors.md as the language server answers: ``python -m tests.editors.picture``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from docs.pictures.draw import COLUMNS, FORMAT
from tests.editors.editor_project import LINE, MANIFEST, WRONG, make_project
from tests.editors.language_server import LanguageServer

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "editor.svg"

BEFORE = f"{LINE}graph_id: agent\ncontext:\n  system_prompt: {{$file: ../prompts/support.md}}\n  "
"""What stands before the cursor when the editor is asked what fits there."""


def main() -> None:
    """Draw the picture again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        make_project(folder)
        with LanguageServer(folder) as server:
            PICTURE.write_text(drawn(shown(server)), "utf-8")


def shown(server: LanguageServer) -> list[Text]:
    """The lines of the picture: what is wrong with a manifest, and what is offered in another."""
    offered = server.completions(MANIFEST, f"{BEFORE}|\n")
    return [
        *_with_diagnostics(WRONG, server.reported(MANIFEST, WRONG)),
        Text(),
        *_numbered(BEFORE),
        *_offers(offered),
    ]


def drawn(lines: list[Text]) -> str:
    """The lines as a picture."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, color_system="truecolor")
        for line in lines:
            console.print(line, soft_wrap=False)
    return console.export_svg(title=MANIFEST, code_format=FORMAT, unique_id="assistant-sync-editor")


def _with_diagnostics(text: str, reported: list[dict[str, Any]]) -> Iterator[Text]:
    for number, line in enumerate(_numbered(text)):
        yield line
        for one in reported:
            start, end = one["range"]["start"], one["range"]["end"]
            if start["line"] == number:
                width = max(end["character"] - start["character"], 1) if end["line"] == number else 1
                yield Text(f"     {' ' * start['character']}{'~' * width} {one['message']}", "bold red")


def _numbered(text: str) -> Iterator[Text]:
    for number, line in enumerate(text.split("\n"), 1):
        if line:
            yield Text.assemble((f"{number:>3}  ", "dim"), (line, "dim" if line.startswith("#") else ""))


def _offers(offered: list[dict[str, Any]]) -> Iterator[Text]:
    """The keys that are offered, each with the first line of what it means."""
    width = max(len(one["label"]) for one in offered)
    for one in sorted(offered, key=lambda one: str(one["label"])):
        yield Text.assemble("       ", (f" {one['label']:<{width}} ", "on grey23"), f"  {_first_line(one)}")


def _first_line(offer: dict[str, Any]) -> str:
    documentation = offer.get("documentation") or ""
    text = documentation["value"] if isinstance(documentation, dict) else documentation
    return str(text).partition("\n")[0]


if __name__ == "__main__":
    main()
