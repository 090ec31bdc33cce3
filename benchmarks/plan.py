"""Time plan and apply, and the minimum that any tool has to do, in one run on the real dev server.

    python benchmarks/plan.py [--assistants 1000] [--rounds 5]

The minimum (floor) of a plan is to fetch the same pages with plain httpx and to parse the same files with libyaml, in a
separate process; that of an apply is a plain httpx loop that only POSTs. Quote the ratios: machines differ, and are
noisy.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from examples.dev_server import running_server

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = "benchmark"
UNCHECKED = "unchecked.yaml"
"""The same project, with no check of contexts against the schemas of their graphs."""

FLOOR = """
import glob, sys
import httpx, yaml
url, rows = sys.argv[1], []
with httpx.Client(timeout=60, trust_env=False) as client:
    while True:
        body = {"limit": 1000, "offset": len(rows), "sort_by": "assistant_id", "sort_order": "asc"}
        body["metadata"] = {"assistant_sync": {"project": "benchmark"}}
        page = client.post(url + "/assistants/search", json=body).json()
        rows += page
        if len(page) < 1000:
            break
for path in glob.glob("assistants/*.yaml"):
    with open(path, "rb") as file:
        yaml.load(file, Loader=yaml.CSafeLoader)
assert len(rows) == int(sys.argv[2]), len(rows)
"""
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
    "before",
    "language",
    "quote",
    "source",
    "date",
]


def write_project(folder: Path, url: str, count: int) -> list[dict[str, Any]]:
    """Write a project with assistants of about 2 KB each; return their manifests."""
    source = random.Random(1)  # noqa: S311 - not a secret
    (folder / "assistants").mkdir()
    target = {"url": url}
    document = {"version": 1, "project": PROJECT, "targets": {"local": target}}
    (folder / "assistant-sync.yaml").write_text(yaml.safe_dump(document))
    unchecked = document | {"targets": {"local": target | {"schema": "off"}}}
    (folder / UNCHECKED).write_text(yaml.safe_dump(unchecked))
    manifests = []
    for number in range(count):
        lines = [" ".join(source.choices(WORDS, k=12)) for _ in range(20)]
        context = {"model_name": "model", "temperature": 0.2, "system_prompt": "\n".join(lines), "tools": ["a", "b"]}
        manifest = {"graph_id": "support_agent", "context": context, "config": {"tags": ["t"]}}
        (folder / f"assistants/a{number:05}.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False))
        manifests.append(manifest)
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "b"],
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)  # noqa: S607, RUF100
    return manifests


def seconds(command: list[str], folder: Path) -> float:
    """Run a process; return its wall time."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def post_all(url: str, manifests: list[dict[str, Any]]) -> float:
    """POST the same bodies, eight at a time, and nothing else; return the wall time."""

    async def run() -> None:
        waiting = iter(manifests)

        async def work(client: httpx.AsyncClient) -> None:
            for manifest in waiting:
                (await client.post("/assistants", json=manifest)).raise_for_status()

        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            await asyncio.gather(*(work(client) for _ in range(8)))

    start = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - start


def compared(
    name: str, rounds: int, ours: Callable[[], float], floor: Callable[[], float], *, what: str = "floor"
) -> None:
    """Run both in turn; print the medians, and the median of the ratios."""
    pairs = [(ours(), floor()) for _ in range(rounds)]
    one, other = (statistics.median(values) for values in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{name}: {one:.2f} s, {what} {other:.2f} s, ratio {ratio:.2f} (medians of {rounds})")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time plan and apply against their floors.")
    parser.add_argument("--assistants", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    tool = [sys.executable, "-m", "assistant_sync"]
    with running_server() as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifests = write_project(folder, url, options.assistants)
        applied = seconds([*tool, "apply", "--yes", "-q"], folder)
        plan = [*tool, "plan", "-q"]
        floor = [sys.executable, "-c", FLOOR, url, str(options.assistants)]
        size = options.assistants
        compared(f"no-op plan of {size}", options.rounds, lambda: seconds(plan, folder), lambda: seconds(floor, folder))
        unchecked = [*plan, "--config", UNCHECKED]
        compared(
            f"the same plan of {size}",
            options.rounds,
            lambda: seconds(plan, folder),
            lambda: seconds(unchecked, folder),
            what="with schema: off",
        )
    with running_server() as url:
        bare = post_all(url, manifests)
    print(f"apply of {size} creates: {applied:.2f} s, bare POST loop {bare:.2f} s, rate {bare / applied:.2f} of it")


if __name__ == "__main__":
    os.environ.pop("CI", None)
    main()
