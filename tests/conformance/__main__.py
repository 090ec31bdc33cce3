"""The same scenarios against every real server, and the measured tables of docs/servers.md.

    python -m tests.conformance                  # all servers
    python -m tests.conformance js aegra         # some of them; the columns of the others stay
    python -m tests.conformance --no-page        # leaves docs/servers.md as it is
    python -m tests.conformance --require        # fails, too, where this machine cannot run one

Each server is installed once, below CONFORMANCE_HOME (.conformance). It ends with 1 if anything failed, or was
installed and did not start. What this machine cannot run is named, with the reason, and counts as neither.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.conformance import page, scenarios
from tests.conformance.facts import NOT_MEASURED, measure
from tests.conformance.kinds import KINDS, CannotRun, DoesNotStart, running
from tests.conformance.page import Measured
from tests.conformance.starting import termination_as_interrupt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.conformance.kinds import Kind

FAILED, INTERRUPTED = 1, 130


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one server.

    Attributes:
        line: What is told of it at the end.
        measured: What goes into the page; None where something went wrong.
        failed: Whether something did that this machine is not the reason of.
        ran: Whether it ran at all.
    """

    line: str
    measured: Measured | None = None
    failed: bool = False
    ran: bool = True


def conform(kind: Kind) -> Result:
    """Install a server, measure it, and run the scenarios on it."""
    began = time.monotonic()
    try:
        kind.install()
        _tell(f"{kind.name}: installed, {_since(began)}")
        began = time.monotonic()
        with running(kind.name) as server:
            _tell(f"{kind.name}: {server.about} started, {_since(began)}")
            cells = measure(server.url)
    except CannotRun as reason:
        return Result(f"{kind.name}: NOT RUN: {reason}", ran=False)
    except DoesNotStart as error:
        return Result(f"{kind.name}: NOT RUN, and it should: {error}", failed=True, ran=False)
    _tell(f"{kind.name}: {len(cells)} facts measured, {_since(began)}")
    found = scenarios.run(kind.name)
    wrongs = [f"{name}: {cell}" for name, cell in cells.items() if cell.startswith(NOT_MEASURED)]
    wrongs += found.failed or ([] if found.passed else ["no scenario passed"])
    line = (
        f"{kind.name}: {server.about}: {found.passed} passed, {len(found.failed)} failed, {_left_out(found.left_out)}"
    )
    line = "\n  ".join([f"{line}, {_since(began)}", *wrongs])
    if wrongs:
        return Result(line, failed=True)
    month = datetime.now(UTC).strftime("%B %Y")
    return Result(line, Measured(server.about, month, list(kind.pins), found.passed, found.left_out, cells))


def _left_out(reasons: Mapping[str, int]) -> str:
    told = "; ".join(f"{count}: {reason}" for reason, count in reasons.items())
    return f"{sum(reasons.values())} left out" + (f" ({told})" if told else "")


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.0f} s"


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def news(before: Mapping[str, Measured], after: Mapping[str, Measured]) -> list[str]:
    """Which cells say something else than they did."""
    lines = []
    for kind, one in after.items():
        old = before[kind].cells if kind in before else {}
        changed = [name for name, cell in one.cells.items() if name in old and old[name] != cell]
        lines += [f"{kind}: {name} was {old[name]}, and is {one.cells[name]}" for name in changed]
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it all; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance", description="Run the scenarios on real servers."
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"which: {', '.join(KINDS)}; all if none is named")
    parser.add_argument("--no-page", action="store_true", help="leave docs/servers.md as it is")
    parser.add_argument("--require", action="store_true", help="fail where this machine cannot run one")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.kinds) - set(KINDS)):
        parser.error(f"no such server: {', '.join(unknown)}; there are {', '.join(KINDS)}")
    results: dict[str, Result] = {}
    try:
        with termination_as_interrupt():
            for name in options.kinds or KINDS:
                results[name] = conform(KINDS[name])
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        _tell("\n" + "\n".join(result.line for result in results.values()))
    if not options.no_page:
        _keep(results)
    required = options.require and not all(result.ran for result in results.values())
    return FAILED if required or any(result.failed for result in results.values()) else 0


def _keep(results: Mapping[str, Result]) -> None:
    """Write what was measured into the page; where something failed, what it said before stays."""
    before = page.load()
    after = before | {name: result.measured for name, result in results.items() if result.measured}
    for line in news(before, after):
        _tell(line)
    page.save(after)
    page.write(after)


if __name__ == "__main__":
    sys.exit(main())
