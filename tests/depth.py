"""How deep a run of the tests goes: three tiers in one table, and the variables that change a single number.

``TEST_DEPTH`` names the tier: *everyday* is what ``make test`` runs, *full* what a merge waits for, *nightly* what a
schedule runs. The first two are the same at every run; only nightly draws at random.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant_sync.model.frozen import replace

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Depth:
    """What one tier does.

    Attributes:
        name: The tier.
        examples: Hypothesis examples of a property. TEST_PROPERTIES overrides it.
        laws: Examples of a law that is played on a real server.
        machine: Examples of the state machine. TEST_EXAMPLES overrides it.
        kills: Processes that are killed. TEST_KILLS overrides it.
        rounds: How often two applies run at the same time, times what a test asks for. TEST_MORE overrides it.
        all_faults: Whether the fault table is measured whole; else each fault and each kind of change once.
        all_tests: Whether tests that are marked ``full`` run.
        is_random: Whether examples and moments differ from run to run. TEST_SEED fixes the moments.
        servers: What the conformance scenarios run on within this run. CONFORMANCE_SERVERS overrides it.
    """

    name: str
    examples: int
    laws: int
    machine: int
    kills: int
    rounds: int
    all_faults: bool
    all_tests: bool
    is_random: bool
    servers: tuple[str, ...]


_TIERS = (
    Depth("everyday", 25, 10, 15, 12, 1, False, False, False, ("fake",)),
    Depth("full", 100, 40, 150, 200, 1, True, True, False, ("fake", "python")),
    Depth("nightly", 500, 100, 5000, 2000, 10, True, True, True, ("fake", "python")),
)

TIERS = {tier.name: tier for tier in _TIERS}


def depth_of(environ: Mapping[str, str]) -> Depth:
    """The depth that the environment asks for.

    Raises:
        ValueError: TEST_DEPTH names no tier.
    """
    name = environ.get("TEST_DEPTH") or "everyday"
    if name not in TIERS:
        message = f"TEST_DEPTH is '{name}'; it must be one of {', '.join(TIERS)}"
        raise ValueError(message)
    tier = TIERS[name]
    servers = tuple(one.strip() for one in environ.get("CONFORMANCE_SERVERS", "").split(",") if one.strip())
    return replace(
        tier,
        examples=int(environ.get("TEST_PROPERTIES", tier.examples)),
        machine=int(environ.get("TEST_EXAMPLES", tier.machine)),
        kills=int(environ.get("TEST_KILLS", tier.kills)),
        rounds=int(environ.get("TEST_MORE", tier.rounds)),
        servers=servers or tier.servers,
    )


def number_of_commit() -> int:
    """A number that is another one for each commit, and 0 without git: what a part of many is chosen by."""
    asked = ["git", "rev-parse", "--short=8", "HEAD"]
    folder = Path(__file__).parent
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
    return int(done.stdout, 16) if done.returncode == 0 else 0


DEPTH = depth_of(os.environ)

SEED = os.environ.get("TEST_SEED") or (secrets.token_hex(4) if DEPTH.is_random else "0")
"""Where the changes and moments of the kill tests and of two applies come from."""
