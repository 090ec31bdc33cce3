"""What assistant-sync is compared with: each is the text of a program that runs in a process of its own."""

from __future__ import annotations

from benchmarks.plan import FLOOR

LISTING = FLOOR.split("for path in glob")[0] + "assert len(rows) == int(sys.argv[2]), len(rows)\n"
"""The pages of the floor alone."""

HOLDING = FLOOR.replace(
    "    with open(path", "    files = globals().setdefault('files', [])\n    with open(path"
).replace(
    "        yaml.load(file, Loader=yaml.CSafeLoader)", "        files.append(yaml.load(file, Loader=yaml.CSafeLoader))"
)
"""The floor, with all pages and files held until its end."""

SDK = """
import sys
from pathlib import Path
import yaml
from langgraph_sdk import get_sync_client
client = get_sync_client(url=sys.argv[1])
live = {}
while True:
    page = client.assistants.search(metadata={"assistant_sync": {"project": "benchmark"}}, limit=1000, offset=len(live))
    live.update((row["name"], row) for row in page)
    if len(page) < 1000:
        break
changed = 0
for path in Path("assistants").glob("*.yaml"):
    wanted, row = yaml.safe_load(path.read_text()), live.get(path.stem)
    fields = {"graph_id": row["graph_id"], "context": row["context"]} if row else {}
    changed += fields != {"graph_id": wanted["graph_id"], "context": wanted["context"]}
assert len(live) == int(sys.argv[2]), len(live)
print(changed, "to update")
"""
"""What a user would write: the SDK, and PyYAML as its tutorial has it."""

CREATES = """
import asyncio, json, sys
import httpx

async def main(url):
    waiting, ids = iter(json.load(open("bodies.json"))), []
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        async def work():
            for body in waiting:
                ids.append((await client.post("/assistants", json=body)).raise_for_status().json()["assistant_id"])
        await asyncio.gather(*(work() for _ in range(8)))
    json.dump(ids, open("ids.json", "w"))

asyncio.run(main(sys.argv[1]))
"""
"""POST the same bodies, eight at a time, and nothing else."""

UPDATES = """
import asyncio, json, sys
import httpx

async def main(url):
    waiting = iter(list(zip(json.load(open("ids.json")), json.load(open("bodies.json")))))
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        async def work():
            for own, body in waiting:
                (await client.post(f"/assistants/{own}/versions", json={"limit": 1000})).raise_for_status().json()
                (await client.get(f"/assistants/{own}")).raise_for_status().json()
                (await client.patch(f"/assistants/{own}", json=body)).raise_for_status().json()
        await asyncio.gather(*(work() for _ in range(8)))

asyncio.run(main(sys.argv[1]))
"""
"""Ask for the versions, GET and PATCH, eight assistants at a time, and nothing else."""
