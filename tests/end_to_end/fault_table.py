"""The fault table of docs/safety.md: the outcome of each fault for each kind of change.

    python -m tests.end_to_end.fault_table            # measures all cells on a server of its own, and prints the table
    python -m tests.end_to_end.fault_table --write    # ... and puts it into the document
    python -m tests.end_to_end.fault_table late sigterm/update    # measures some cells

It ends with 1 if any change was lost or made twice, and with 0 otherwise.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.dev_server import running_server
from tests.conftest import NAMES, PREFIXES
from tests.end_to_end.fault_cells import CELLS, KINDS, bench
from tests.servers.faults import ENDS, LATER, LOST_AFTER, LOST_BEFORE, NONE, OTHERS, READS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.end_to_end.fault_cells import Cell, CellName, Step

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "safety.md"
BEGIN, END = "<!-- fault table -->\n", "<!-- end of fault table -->\n"

GROUPS = (
    ("Nothing goes wrong", (NONE,)),
    ("The write is not carried out, and the program gets", LOST_BEFORE),
    ("The write is carried out, and the program gets", LOST_AFTER),
    ("The connection is reset; the write is carried out", LATER),
    ("Reads fail or lie", READS),
    ("Somebody else", OTHERS),
    ("The program is ended by", ENDS),
)

NOT_MEANT = "-"
"""In a cell: this fault cannot meet this kind of change."""


def cell_text(cell: Cell) -> str:
    """What the table says of a cell."""
    parts = [_step_text(cell.first)]
    if cell.late.effect != "0":
        parts.append(f"late {cell.late.effect}")
    parts += [f"+{_step_text(step).removesuffix(' · 0')}" for step in cell.others if not step.is_idle]
    return ", ".join(parts)


def _step_text(step: Step) -> str:
    code = "killed" if step.code is None else str(step.code)
    return " ".join([f"{step.effect} · {code}", *(word for word in step.words if word != "done")])


def table(cells: Mapping[CellName, Cell]) -> str:
    """The Markdown of all cells."""
    lines = [_line(["", *(kind.label for kind in KINDS)]), _line(["---"] * (len(KINDS) + 1))]
    for heading, faults in GROUPS:
        if len(faults) > 1:
            lines.append(_line([f"**{heading}**", *[""] * len(KINDS)]))
        for fault in faults:
            label = f"**{heading}**" if len(faults) == 1 else fault.label
            found = [cells.get((fault.name, kind.name)) for kind in KINDS]
            lines.append(_line([label, *(NOT_MEANT if one is None else cell_text(one) for one in found)]))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def documented(text: str) -> str:
    """The table that stands in the document."""
    return text.partition(BEGIN)[2].partition(END)[0].strip("\n") + "\n"


def replaced(text: str, new: str) -> str:
    """The document with another table."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{DOCUMENT.name} lacks {BEGIN}"
    assert end, f"{DOCUMENT.name} lacks {END}"
    return f"{before}{begin}\n{new}\n{end}{after}"


@contextmanager
def clean_environment() -> Iterator[None]:
    """No settings of this machine, for as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(PREFIXES) or name in NAMES or name.lower().endswith("_proxy"):
                patch.delenv(name)
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description="Measure the outcome of each fault for each kind of change.")
    parser.add_argument("--write", action="store_true", help="put the table into docs/safety.md")
    parser.add_argument("cells", nargs="*", help="parts of the names of cells, FAULT/KIND; all if there are none")
    options = parser.parse_args(arguments)
    named = [(f"{fault.name}/{kind.name}", (fault, kind)) for fault, kind in CELLS]
    wanted = [cell for name, cell in named if not options.cells or any(part in name for part in options.cells)]
    with clean_environment(), running_server() as url, bench(url) as made:
        cells = made.measure(wanted)
    lines = [f"{fault}/{kind}: {cell_text(cell)}\n" for (fault, kind), cell in cells.items()]
    sys.stdout.write("".join(lines) if options.cells else table(cells))
    wrong = [
        f"WRONG {fault}/{kind}: {'; '.join(cell.wrongs)}\n" for (fault, kind), cell in cells.items() if cell.wrongs
    ]
    sys.stderr.write("".join(wrong))
    if options.write and not options.cells and not wrong:
        DOCUMENT.write_text(replaced(DOCUMENT.read_text("utf-8"), table(cells)), "utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
