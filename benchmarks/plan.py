"""The project that is planned, and the least that any tool has to do for a plan of it (floor).

The floor fetches the same pages one after another with plain httpx, and parses the same files with libyaml.
"""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

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
