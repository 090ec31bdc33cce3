"""Measure everything that DESIGN promises of speed, each as a ratio in one run: `make bench`.

    python -m benchmarks.performance [--assistants 10000] [--rounds 5] [--only plan] [--write docs/performance.md]

Whole processes run in turn, assistant-sync and what it is compared with; a figure is the median, a ratio the median of
the ratios of the pairs. Quote the ratios: machines differ, and are noisy.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import figures
from benchmarks.figures import Figure
from benchmarks.measuring import Pairs, Sample, in_turn, measured
from benchmarks.plan import FLOOR, write_project
from benchmarks.programs import CREATES, HOLDING, LISTING, SDK, UPDATES
from benchmarks.relay import running_relay
from examples.dev_server import running_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOOL = [sys.executable, "-m", "assistant_sync"]
LATENCY = 0.1
SMALL = 1000
HELP_ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Bench:
    """A deployment with a project that matches it.

    Attributes:
        url: The deployment's.
        folder: The project's.
        size: Its assistants.
        rounds: How often each pair is measured.
    """

    url: str
    folder: Path
    size: int
    rounds: int

    def tool(self, *words: str, url: str | None = None) -> Sample:
        return measured([*TOOL, *words, "-q", "--url", url or self.url], self.folder)

    def program(self, text: str, *, url: str | None = None) -> Sample:
        return measured([sys.executable, "-c", text, url or self.url, str(self.size)], self.folder)

    def compared(self, ours: Callable[[], Sample], text: str, *, rounds: int | None = None) -> Pairs:
        return in_turn(rounds or self.rounds, ours, lambda: self.program(text))

    @contextmanager
    def one_change(self) -> Iterator[None]:
        """One manifest is another one than what is live."""
        file = next(iter(sorted((self.folder / "assistants").iterdir())))
        text = file.read_text("utf-8")
        file.write_text(text.replace("temperature: 0.2", "temperature: 0.3"), "utf-8")
        try:
            yield
        finally:
            file.write_text(text, "utf-8")


@contextmanager
def deployed(size: int, rounds: int) -> Iterator[Bench]:
    """A dev server with so many assistants."""
    with running_server() as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, url, size)
        bench = Bench(url, folder, size, rounds)
        bench.tool("apply", "--yes")
        yield bench


def plans(bench: Bench) -> Iterator[Figure]:
    """Plans of many assistants that nothing has to be done for."""
    size = f"{bench.size:,}"
    first = bench.compared(lambda: bench.tool("plan", "--no-cache"), FLOOR)
    yield from figures.of_plan(f"no-op plan of {size}", first, wall=1.0, cpu=1.3)
    bench.tool("plan")
    again = bench.compared(lambda: bench.tool("plan"), FLOOR)
    yield from figures.of_plan(f"the same again, of {size}", again, wall=0.6)
    unchanged = lambda: bench.tool("plan", "--no-cache")  # noqa: E731 - named for the line below

    def changed() -> Sample:
        with bench.one_change():
            return bench.tool("plan", "--no-cache")

    yield Figure.of(f"a plan with one change among {size}", in_turn(bench.rounds, changed, unchanged), "wall", 1.1,
                    than="the no-op plan")  # fmt: skip
    held = bench.compared(unchanged, HOLDING, rounds=2)
    yield Figure.of(f"peak memory at {size}", held, "peak", 1.2, than="a script that holds pages and files")
    sdk = bench.compared(unchanged, SDK, rounds=1)
    yield Figure.of(f"no-op plan of {size}", sdk, "wall", None, than="a script with langgraph_sdk")


def wire(bench: Bench) -> Iterator[Figure]:
    """Requests and bytes of a plan, and what latency does to it."""
    size, most = f"{bench.size:,}", -(-bench.size // 1000) + 4
    with running_relay(bench.url) as relay:
        bench.tool("plan", url=relay.url)
        counts = relay.take()
    yield Figure.count(f"requests of a no-op plan of {size}", counts["requests"], most)
    yield Figure.count(f"bytes read by a no-op plan of {size}", counts["bytes"], None)
    with running_relay(bench.url, LATENCY) as relay:
        slow = in_turn(
            max(2, bench.rounds // 2),
            lambda: bench.tool("plan", "--no-cache", url=relay.url),
            lambda: bench.program(FLOOR, url=relay.url),
        )
        relay.take()
        bench.tool("plan", url=relay.url)
        requests = relay.take()["requests"]
        pages = in_turn(2, lambda: bench.tool("plan", url=relay.url), lambda: bench.program(LISTING, url=relay.url))
    name = f"no-op plan of {size}, 100 ms a request"
    yield Figure.of(name, slow, "wall", 1.1, than="the floor behind the same relay")
    yield Figure.of(f"{name}, again", pages, "wall", None, than="fetching the pages alone")
    yield Figure.count(f"requests of it, {size}, 100 ms a request", requests, most)


def small_plans(bench: Bench) -> Iterator[Figure]:
    """Plans of a size that most projects do not reach."""
    small = bench.compared(lambda: bench.tool("plan", "--no-cache"), FLOOR)
    yield from figures.of_plan(f"no-op plan of {bench.size:,}", small, wall=1.3, extra=0.2)
    sdk = bench.compared(lambda: bench.tool("plan"), SDK, rounds=max(1, bench.rounds // 2))
    yield Figure.of(f"no-op plan of {bench.size:,}, again", sdk, "wall", None, than="a script with langgraph_sdk")


def applies(rounds: int) -> Iterator[Figure]:
    """Creates and updates beside loops that send the least."""
    creates: list[tuple[Sample, Sample]] = []
    updates: list[tuple[Sample, Sample]] = []
    requests = 0
    for number in range(rounds):
        with running_server() as url, tempfile.TemporaryDirectory() as name:
            bench = Bench(url, Path(name), SMALL, 1)
            write_project(bench.folder, url, SMALL)
            created = bench.tool("apply", "--yes")
            _change_all(bench.folder)
            with running_relay(url) as relay:
                updated = bench.tool("apply", "--yes", url=relay.url if number == rounds - 1 else url)
                requests = relay.take()["requests"]
        with running_server() as url, tempfile.TemporaryDirectory() as name:
            bench = Bench(url, Path(name), SMALL, 1)
            (bench.folder / "bodies.json").write_text(json.dumps(write_project(bench.folder, url, SMALL)))
            creates.append((created, bench.program(CREATES)))
            other = bench.program(UPDATES)
            if number < rounds - 1 or rounds == 1:
                updates.append((updated, other))
    yield Figure.rate(f"rate of {SMALL:,} creates", creates, 0.9, than="a loop that only POSTs")
    yield Figure.rate(f"rate of {SMALL:,} updates", updates, 0.85, than="a loop of versions, GET and PATCH")
    yield Figure.count(f"requests of {SMALL:,} updates, the listings included", requests, 4 * SMALL + 20)


def _change_all(folder: Path) -> None:
    for file in (folder / "assistants").iterdir():
        file.write_text(file.read_text("utf-8").replace("temperature: 0.2", "temperature: 0.3"), "utf-8")
    commit = ["git", "-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qam", "c"]
    subprocess.run(commit, cwd=folder, check=True)


def help_text() -> Iterator[Figure]:
    """What everybody waits for who asks for help."""
    folder = Path.cwd()
    pairs = in_turn(
        HELP_ROUNDS,
        lambda: measured([*TOOL, "--help"], folder),
        lambda: measured([sys.executable, "-c", "import click"], folder),
    )
    yield Figure.of("--help", pairs, "wall", 1.3, than="import click")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assistants", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["help", "plan", "wire", "small", "apply"], action="append")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the marks of this document")
    options = parser.parse_args()
    wanted = options.only or ["help", "small", "plan", "wire", "apply"]
    found: list[Figure] = []
    for figure in _all(wanted, options.assistants, options.rounds):
        print(figure.line, flush=True)
        found.append(figure)
    if options.write is not None:
        figures.write(found, options.write)
    missed = [one for one in found if not one.is_met]
    print(f"{len(missed)} of {sum(one.bar is not None for one in found)} bars missed")
    raise SystemExit(1 if missed else 0)


def _all(wanted: list[str], size: int, rounds: int) -> Iterator[Figure]:
    if "help" in wanted:
        yield from help_text()
    if "small" in wanted:
        with deployed(SMALL, rounds) as bench:
            yield from small_plans(bench)
    if {"plan", "wire"} & {*wanted}:
        with deployed(size, rounds) as bench:
            yield from plans(bench) if "plan" in wanted else ()
            yield from wire(bench) if "wire" in wanted else ()
    if "apply" in wanted:
        yield from applies(max(2, rounds // 2 + 1))


if __name__ == "__main__":
    main()
