"""Words that are out: text that a user reads says report, show, return, remove and if."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
SOURCE = TOP / "src" / "assistant_sync"

OUT = re.compile(
    r"\b(anew|told|tells?|telling|said|saying|talks?|wish(es)?|strays?|mangled?|withheld|lacks|lacking|sorted out"
    r"|go ahead|goes ahead|(take|takes|taken|taking) away|(is|are|was) to be|to be seen|(is|be) meant|under way"
    r"|what is no)\b",
    re.IGNORECASE,
)
PAGES = [TOP / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "action.yml")]


def texts(module: Path) -> list[tuple[int, str]]:
    """The line and the text of every string of a module, docstrings included; parts of one f-string are joined."""
    found = []
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append((node.lineno, node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = (one.value if isinstance(one, ast.Constant) else "_" for one in node.values)
            found.append((node.lineno, "".join(map(str, parts))))
    return found


def out(text: str) -> list[str]:
    return [found[0] for found in OUT.finditer(" ".join(text.split()))]


@pytest.mark.parametrize("module", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_text_of_the_program_has_a_word_that_is_out(module: Path) -> None:
    assert [(line, words) for line, text in texts(module) if (words := out(text))] == []


@pytest.mark.parametrize(
    "page",
    [*PAGES, *sorted((TOP / "docs").rglob("*.md")), *sorted((SOURCE / "operations" / "templates").rglob("*.*"))],
    ids=lambda path: str(path.relative_to(TOP)),
)
def test_no_page_has_a_word_that_is_out(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    assert out(prose) == []


def test_a_word_that_is_out_is_found_over_a_line_break_and_in_an_f_string(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('f"nothing was\\ntold {1} is taken away"')
    assert out(texts(module)[0][1]) == ["told", "taken away"]
