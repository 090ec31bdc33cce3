"""The tables of docs/servers.md, made from what was measured.

python -m tests.conformance.page    # renders them anew from measured.json
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conformance.facts import GROUPS
from tests.conformance.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).parent
MEASURED = HERE / "measured.json"
DOCUMENT = HERE.parents[1] / "docs" / "servers.md"

SERVERS = ("<!-- servers -->\n", "<!-- end of servers -->\n")
FACTS = ("<!-- facts -->\n", "<!-- end of facts -->\n")

NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run found out about a server.

    Attributes:
        about: What ran, with its version and its storage.
        month: When.
        pins: The packages, by exact versions; empty for what was newest.
        passed: How many scenarios passed.
        left_out: How many were left out, by reason.
        cells: What was seen, by the name of the fact.
    """

    about: str
    month: str
    pins: list[str]
    passed: int
    left_out: dict[str, int] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)


def load(path: Path = MEASURED) -> dict[str, Measured]:
    """What was measured so far, by kind; nothing where there is no file."""
    if not path.exists():
        return {}
    return {kind: Measured(**told) for kind, told in json.loads(path.read_text("utf-8")).items()}


def save(measured: Mapping[str, Measured], path: Path = MEASURED) -> None:
    """Keep it, in the order of the kinds."""
    told = {kind: asdict(measured[kind]) for kind in KINDS if kind in measured}
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")


def rendered(text: str, measured: Mapping[str, Measured]) -> str:
    """The document with tables that say what was measured."""
    return _between(_between(text, SERVERS, servers(measured)), FACTS, facts(measured))


def write(measured: Mapping[str, Measured], path: Path = DOCUMENT) -> None:
    """Put the tables into the document."""
    path.write_text(rendered(path.read_text("utf-8"), measured), "utf-8")


def servers(measured: Mapping[str, Measured]) -> str:
    """Which servers, and how many scenarios passed on each."""
    lines = _heads(["server", "what ran", "measured", "scenarios passed", "left out"])
    for kind in KINDS.values():
        one = measured.get(kind.name)
        if one is None:
            lines.append(_line([kind.label, NOT_RUN, "", "", ""]))
            continue
        left_out = "; ".join(f"{count}: {reason}" for reason, count in sorted(one.left_out.items()))
        lines.append(_line([kind.label, one.about, one.month, str(one.passed), left_out or "none"]))
    return "\n".join(lines) + "\n"


def facts(measured: Mapping[str, Measured]) -> str:
    """What was seen on each, a table for each group."""
    blocks = []
    for heading, group in GROUPS.items():
        lines = _heads([heading, *(kind.label for kind in KINDS.values()), "assistant-sync"])
        for fact in group:
            cells = [measured[name].cells.get(fact.name, NOT_RUN) if name in measured else NOT_RUN for name in KINDS]
            lines.append(_line([fact.question, *cells, fact.does]))
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _heads(heads: Sequence[str]) -> list[str]:
    return [_line(heads), _line(["---"] * len(heads))]


def _line(cells: Sequence[str]) -> str:
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return "|" + "|".join(f" {cell} " if cell else " " for cell in escaped) + "|"


def _between(text: str, marks: tuple[str, str], new: str) -> str:
    before, begin, rest = text.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} lacks {marks[0].strip()} or {marks[1].strip()}")
    return f"{before}{begin}\n{new}\n{end}{after}"


if __name__ == "__main__":
    write(load())
    sys.exit(0)
