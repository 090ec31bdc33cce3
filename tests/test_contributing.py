"""CONTRIBUTING.md is true: its targets, tiers, variables, order of packages and example are held to the code."""

from __future__ import annotations

import re
from pathlib import Path

from tests.depth import TIERS
from tests.test_structure import MAY_IMPORT

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """The cells of a table, by the first of each row."""
    table = re.search(rf"^\| {re.escape(heading)}.*\n\|[- |]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert table, heading
    cells = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1].splitlines())
    return {first: rest for first, *rest in cells}


def test_all_make_targets_are_in_the_table() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"`make ([a-z-]+)`", " ".join(rows("target")))
    assert sorted(named) == sorted(set(targets) - {"help"})


def test_the_tiers_are_those_of_the_tests() -> None:
    table = rows("| `everyday` | `full` | `nightly`")
    tiers = [TIERS[name] for name in ("everyday", "full", "nightly")]
    assert len(tiers) == len(TIERS)
    assert table["examples of a property"] == [str(tier.examples) for tier in tiers]
    assert table["examples of a law, on a server"] == [str(tier.laws) for tier in tiers]
    assert table["examples of the state machine"] == [str(tier.machine) for tier in tiers]
    assert table["killed processes"] == [str(tier.kills) for tier in tiers]
    assert table["rounds of two applies at once"] == [str(tier.rounds) for tier in tiers]
    assert table["conformance"] == [", ".join(tier.servers) for tier in tiers]
    assert table["tests marked `full`"] == ["yes" if tier.all_tests else "no" for tier in tiers]
    assert table["fault table"] == [
        "all cells" if tier.all_faults else "each fault and each kind of change once" for tier in tiers
    ]
    assert table["the same at every run"] == ["no, random" if tier.is_random else "yes" for tier in tiers]


def test_all_variables_of_the_tests_are_in_the_table() -> None:
    texts = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py")]
    variables = set(re.findall(r'"((?:TEST|CONFORMANCE|MUTANT)_[A-Z]+)"', "".join(texts)))
    named = {name.strip("`") for name in rows("variable")}
    assert named == variables - {"TEST_DEPTH"} | {"WORKERS"}


def test_the_order_names_all_packages() -> None:
    (order,) = re.findall(r"\n((?:    .*\n)+)\n\[tests/test_structure", PAGE)
    words = set(re.findall(r"[a-z]+", order))
    assert {name for name in MAY_IMPORT if not name.startswith("__")} - words == set()


def test_the_line_that_the_example_breaks_is_there_once() -> None:
    ((line, file),) = re.findall(r"^sed -i\.bak 's/(.*)/if False:/' (\S+)$", PAGE, re.MULTILINE)
    assert (ROOT / file).read_text("utf-8").count(line) == 1
