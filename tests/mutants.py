"""Mutation testing: every mutant of the modules that decide is killed, or explained in MUTANTS.md beside this file.

    python -m tests.mutants [PATTERN...]     # all, or those with such a name: 'assistant_sync.locking.lock.*'

Exits with 1 where one survives that is not explained. MUTANT_WORKERS says how many are tested at a time (2).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

TOP = Path(__file__).parent.parent
EXPLAINED = Path(__file__).with_name("MUTANTS.md")
MUTMUT = Path(sys.executable).with_name("mutmut")

DETECTED = ("killed", "timeout")
"""A mutant that does not come to an end is found, too."""

_BETWEEN = "\N{LATIN LETTER LATERAL CLICK}"
"""What mutmut puts between class and method."""


def main(patterns: list[str]) -> int:
    """Run the mutants and compare the survivors with what is explained."""
    shutil.rmtree(TOP / "mutants", ignore_errors=True)  # mutmut keeps results although the tests have changed
    start = time.monotonic()
    workers = os.environ.get("MUTANT_WORKERS", "2")
    command = [str(MUTMUT), "run", "--max-children", workers, *patterns]
    done = subprocess.run(command, cwd=TOP, env=os.environ | {"TEST_DEPTH": "full"}, check=False)
    if done.returncode:
        return done.returncode
    results = _results()
    counts = Counter(status for status in results.values() if status != "not checked")
    survivors = [name for name, status in results.items() if status not in (*DETECTED, "not checked")]
    explained = explanations(EXPLAINED.read_text("utf-8"))
    told = [name for name in survivors if (_function(name), _change(name)) in explained]
    for name in survivors:
        if name not in told:
            _say(f"{results[name]}, not explained: {name}\n    {_function(name)}: {_change(name)}")
    numbers = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    _say(f"{counts.total()} mutants in {time.monotonic() - start:.0f} s: {numbers}; {len(told)} explained")
    return int(len(told) < len(survivors))


def explanations(text: str) -> set[tuple[str, str]]:
    """The mutants that a document explains: function, and the lines that are changed as they are then."""
    lines = [line for block in re.findall(r"^```mutants\n(.*?)^```$", text, re.M | re.S) for line in block.splitlines()]
    return {(function, change) for function, _, change in (line.partition(": ") for line in lines)}


def _results() -> dict[str, str]:
    """What became of each mutant, by its name."""
    lines = _asked("results", "--all", "true").splitlines()
    return {name: status for name, _, status in (line.strip().partition(": ") for line in lines)}


def _function(name: str) -> str:
    """The function of a mutant, without what all have in common."""
    module, _, mangled = name.rpartition("__mutmut_")[0].removeprefix("assistant_sync.").rpartition(".")
    return f"{module}.{'.'.join(mangled.split(_BETWEEN)[1:]) or mangled.removeprefix('x_')}"


def _change(name: str) -> str:
    """The lines that a mutant changes, as they are then; of lines that it only takes away, what they were."""
    diff = [line for line in _asked("show", name).splitlines() if not line.startswith(("+++", "---"))]
    added, removed = (
        " ".join(line[1:].strip() for line in diff if line.startswith(sign)).strip() for sign in ("+", "-")
    )
    return added or f"without {removed}"


def _asked(*arguments: str) -> str:
    return subprocess.run([MUTMUT, *arguments], cwd=TOP, check=True, capture_output=True, text=True).stdout


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
