"""A check beside a bare loop that makes the same requests, on the dev server with the example graphs.

    python benchmarks/check.py [--rounds 5]

Ten assistants, five questions each, both sides: 100 runs, four at a time. Whole processes in turn; each figure is the
median, and the ratio that of the pairs. The loop makes the requests of the questions alone: thread, stream, delete.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from examples.dev_server import running_server  # noqa: E402 - found by the line above

ASSISTANTS, QUESTIONS, CONCURRENCY = 10, 5, 4

LOOP = f"""
import asyncio, sys, uuid
import httpx

async def main(url):
    slots = asyncio.Semaphore({CONCURRENCY})
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        async def ask(number, side):
            thread = str(uuid.uuid4())
            body = {{
                "assistant_id": "support_agent",
                "input": {{"question": f"Question {{number % {QUESTIONS}}}"}},
                "context": {{"system_prompt": f"Prompt {{number}} {{side}}"}},
                "config": {{}},
                "stream_mode": ["values"],
            }}
            async with slots:
                (await client.post("/threads", json={{"thread_id": thread, "if_exists": "raise"}})).raise_for_status()
                async with client.stream("POST", f"/threads/{{thread}}/runs/stream", json=body) as answer:
                    async for _ in answer.aiter_bytes():
                        pass
                (await client.delete(f"/threads/{{thread}}")).raise_for_status()

        await asyncio.gather(*(ask(n, side) for n in range({ASSISTANTS * QUESTIONS}) for side in "ab"))

asyncio.run(main(sys.argv[1]))
"""


def make_project(folder: Path, url: str) -> None:
    """A project whose ten assistants are live, and changed in git."""
    (folder / "assistants").mkdir()
    (folder / "checks").mkdir()
    (folder / "assistant-sync.yaml").write_text(
        f"version: 1\nproject: bench\ntargets:\n  local: {{url: '{url}'}}\n", "utf-8"
    )
    cases = [
        {"name": f"case {n}", "ask": f"Question {n}", "expect": [{"contains": "prompted"}]} for n in range(QUESTIONS)
    ]
    (folder / "checks/all.yaml").write_text(json.dumps({"assistants": "*", "cases": cases}), "utf-8")
    write_manifests(folder, "first")
    for words in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "b"],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S607, RUF100
    assistant_sync(folder, "apply", "--yes", "--quiet")
    write_manifests(folder, "second")


def write_manifests(folder: Path, prompt: str) -> None:
    for number in range(ASSISTANTS):
        text = f"graph_id: support_agent\ncontext: {{system_prompt: Prompt {number} {prompt}}}\n"
        (folder / f"assistants/a{number}.yaml").write_text(text, "utf-8")


def assistant_sync(folder: Path, *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "assistant_sync", *words],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
        env=environment(),
    )


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def timed(command: list[str], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    )
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name, running_server() as url:
        folder = Path(name)
        make_project(folder, url)
        check = [sys.executable, "-m", "assistant_sync", "check", "--quiet", "--concurrency", str(CONCURRENCY)]
        loop = [sys.executable, "-c", LOOP, url]
        pairs = [(timed(check, folder), timed(loop, folder)) for _ in range(rounds)]
    ours, bare = zip(*pairs, strict=True)
    ratios = [one / other for one, other in pairs]
    print(f"check     {statistics.median(ours):6.2f} s")
    print(f"bare loop {statistics.median(bare):6.2f} s")
    print(f"ratio     {statistics.median(ratios):6.2f}  (of {min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
