"""What a plan costs as a project grows: requests, bytes, memory and CPU time, against a deployment that is simulated.

    python -m benchmarks.scale [--most 100000]

The planning code is the real one; the deployment makes its rows when they are asked for (generated.py), in the same
process, and its CPU time is taken off. Requests and bytes do not depend on the machine; quote the rest with it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant_sync.cli.main import main as program
from assistant_sync.operations.plan import plan
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.workspace import Settings
from benchmarks.generated import GeneratedDeployment, git, key_of, manifest_of, write_project
from benchmarks.measuring import Sample, measured

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 2_500, 10_000, 100_000)
VERSIONS = (1, 100, 1_000)
HEAD = "| what | requests | read | peak memory | CPU |\n| --- | --- | --- | --- | --- |"


@dataclass(frozen=True, slots=True)
class Situation:
    """A project and its deployment.

    Attributes:
        managed: Assistants with a manifest.
        versions: Of each.
        unmanaged: Assistants of nobody.
        changes: Manifests that differ from what is live.
    """

    managed: int
    versions: int = 1
    unmanaged: int = 0
    changes: int = 0

    @property
    def name(self) -> str:
        """For the table."""
        parts = [f"{self.managed:,} unchanged" if not self.changes else f"{self.changes} changed of {self.managed:,}"]
        parts += [f"{self.versions:,} versions each"] if self.versions > 1 else []
        parts += [f"among {self.unmanaged:,} others"] if self.unmanaged else []
        return ", ".join(parts)


def planned(folder: Path, situation: Situation) -> dict[str, Any]:
    """Plan in this process; returns what the deployment counted."""
    managed, versions, unmanaged = situation.managed, situation.versions, situation.unmanaged
    commit = git(folder, "rev-parse", "HEAD")
    deployment = GeneratedDeployment(managed, versions=versions, unmanaged=unmanaged, commit=commit)
    settings = Settings(environ={}, folder=folder, transport=deployment)
    made = asyncio.run(plan(PlanRequest(settings=settings))).plan
    actions = Counter(one.action.value for one in made.changes)
    expected = Counter(keep=situation.managed - situation.changes, update=situation.changes)
    assert actions == +expected, actions
    return {"asked": deployment.asked, "bytes": deployment.bytes, "cpu": deployment.cpu}


def in_a_child(folder: Path, situation: Situation) -> tuple[Sample, dict[str, Any]]:
    """Plan in a process of its own, whose memory nobody else has grown."""
    for number in range(situation.changes):
        text = manifest_of(number, situation.versions + 1)
        (folder / f"assistants/{key_of(number)}.yaml").write_text(text, "utf-8")
    counts = folder / ".git" / "counts.json"
    numbers = [situation.managed, situation.versions, situation.unmanaged, situation.changes]
    command = [sys.executable, "-m", "benchmarks.scale", "--plan", str(folder), *map(str, numbers)]
    sample = measured(command, ROOT)
    return sample, json.loads(counts.read_text("utf-8"))


def row_of(situation: Situation, sample: Sample, counted: dict[str, Any]) -> str:
    """A row of the table."""
    requests, megabytes = sum(counted["asked"].values()), counted["bytes"] / 1e6
    cpu = sample.cpu - counted["cpu"]
    return f"| {situation.name} | {requests:,} | {megabytes:,.1f} MB | {sample.peak:,.0f} MiB | {cpu:,.1f} s |"


def situations(most: int) -> list[Situation]:
    """All that is simulated."""
    sizes = [Situation(size) for size in SIZES if size <= most]
    changed = [Situation(1, versions=versions, changes=1) for versions in VERSIONS]
    return [*sizes, *changed, Situation(100, unmanaged=1_000_000), Situation(100, unmanaged=1_000_000, changes=1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="leave larger projects out")
    parser.add_argument("--plan", nargs=5, metavar="ARGUMENT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plan is not None:
        program(["--version"])  # it sets the collector of unused objects as it does for a command
        folder, *numbers = options.plan
        counted = planned(Path(folder), Situation(*map(int, numbers)))
        (Path(folder) / ".git" / "counts.json").write_text(json.dumps(counted), "utf-8")
        return
    print(HEAD)
    for situation in situations(options.most):
        with tempfile.TemporaryDirectory() as name:
            write_project(Path(name), situation.managed, situation.versions)
            print(row_of(situation, *in_a_child(Path(name), situation)), flush=True)


if __name__ == "__main__":
    main()
