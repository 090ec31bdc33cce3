"""Measure the CPU time to render a plan of many long prompts, and the size of the result.

    python benchmarks/render.py [--changes 300] [--size 200000] [--rounds 3]

Each situation is a plan of updates, with a few deletes, whose prompts differ in one way. Quote CPU seconds together
with the machine.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assistant_sync.report.markdown.plan import plan_markdown
from tests.builders import changed, make_delete, make_plan, make_update, removed

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.plan import Plan

WORDS = [
    "refund",
    "invoice",
    "order",
    "customer",
    "answer",
    "briefly",
    "never",
    "promise",
    "ask",
    "always",
    "escalate",
    "polite",
    "price",
    "term",
]


def lines_of(size: int, seed: int) -> list[str]:
    """Text of about this many characters, in lines of ten words."""
    source = random.Random(seed)  # noqa: S311 - no secret
    lines: list[str] = []
    left = size
    while left > 0:
        lines.append(" ".join(source.choices(WORDS, k=10)))
        left -= len(lines[-1]) + 1
    return lines


def one_word(size: int, seed: int) -> tuple[str, str]:
    lines = lines_of(size, seed)
    after = list(lines)
    after[len(lines) // 2] += " please"
    return "\n".join(lines), "\n".join(after)


def both_ends(size: int, seed: int) -> tuple[str, str]:
    lines = lines_of(size, seed)
    return "\n".join(lines), "\n".join(["please", *lines[1:-1], "thanks"])


def rewritten(size: int, seed: int) -> tuple[str, str]:
    return "\n".join(lines_of(size, seed)), "\n".join(lines_of(size, seed + 100_000))


def every_line(size: int, seed: int) -> tuple[str, str]:
    lines = lines_of(size, seed)
    return "\n".join(lines), "\n".join(f"{line} please" for line in lines)


def every_tenth_line(size: int, seed: int) -> tuple[str, str]:
    lines = lines_of(size, seed)
    return "\n".join(lines), "\n".join(f"{line} please" if i % 10 == 0 else line for i, line in enumerate(lines))


def one_line_both_ends(size: int, seed: int) -> tuple[str, str]:
    before, after = both_ends(size, seed)
    return before.replace("\n", " "), after.replace("\n", " ")


def one_line_rewritten(size: int, seed: int) -> tuple[str, str]:
    before, after = rewritten(size, seed)
    return before.replace("\n", " "), after.replace("\n", " ")


SITUATIONS: list[Callable[[int, int], tuple[str, str]]] = [
    one_word,
    both_ends,
    every_tenth_line,
    every_line,
    rewritten,
    one_line_both_ends,
    one_line_rewritten,
]


def plan_of(make: Callable[[int, int], tuple[str, str]], changes: int, size: int) -> Plan:
    updates = [
        make_update(f"assistant-{i:04}", changed("context.system_prompt", *make(size, i))) for i in range(changes)
    ]
    deletes = [make_delete(f"zombie-{i}", removed("context.system_prompt", "x\n" * 1_000)) for i in range(5)]
    return make_plan(*updates, *deletes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=300)
    parser.add_argument("--size", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{options.changes} changes of {options.size:,} characters, median of {options.rounds}")
    for make in SITUATIONS:
        plan = plan_of(make, options.changes, options.size)
        times = []
        for _ in range(options.rounds):
            start = time.process_time()
            page = plan_markdown(plan)
            times.append(time.process_time() - start)
        assert page.index("zombie-4") < page.index("assistant-0000"), "deletes come first"
        sections = page.count("<details>")
        print(
            f"{make.__name__:20} {statistics.median(times):6.2f} s CPU, {len(page):6,} characters, {sections} sections"
        )


if __name__ == "__main__":
    main()
