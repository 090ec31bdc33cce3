"""A deployment whose rows are made when they are asked for, and the project that it matches.

It holds numbers only, so that a simulation of many rows measures the program and not the deployment. What a row has
follows from its number and its version: about 2 KB of content, which the deployment mirrors, as the official one does.
"""

from __future__ import annotations

import json
import subprocess
import time
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx

from assistant_sync.model.identity import derived_id
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.canonical import digest, make_content

if TYPE_CHECKING:
    from pathlib import Path

PROJECT, TARGET, URL = "scale", "local", "http://127.0.0.1:2024"
GRAPHS = ("support_agent", "research_agent")

_LINE = "answer briefly, quote the source of every figure, never promise a refund before you have seen the order"
_LINES = 19
_KINDS = {"search", "count", "schemas", "versions"}
_NOW = "2026-11-22T00:00:00+00:00"
_TYPES = {"model_name": "string", "temperature": "number", "system_prompt": "string", "tools": "array"}
_SCHEMA = {"type": "object", "properties": {name: {"type": kind} for name, kind in _TYPES.items()}}


def key_of(number: int) -> str:
    """The key of an assistant."""
    return f"a{number:06}"


def _prompt(number: int, version: int) -> str:
    return "\n".join([f"You are assistant {number}, revision {version}."] + [f"{number}: {_LINE}"] * _LINES)


def manifest_of(number: int, version: int) -> str:
    """A manifest as people write it; the row of this number and version matches it."""
    prompt = _prompt(number, version).replace("\n", "\n    ")
    return (
        f"name: {key_of(number)}\ngraph_id: {GRAPHS[number % len(GRAPHS)]}\ncontext:\n  model_name: model\n"
        f"  temperature: 0.2\n  tools: [search, orders]\n  system_prompt: |-\n    {prompt}\n"
        "config:\n  tags: [support]\nmetadata:\n  team: cx\n"
    )


def write_project(folder: Path, count: int, version: int) -> None:
    """Write and commit a project with a manifest of each assistant."""
    (folder / "assistants").mkdir()
    project = {"version": 1, "project": PROJECT, "targets": {TARGET: {"url": URL}}}
    (folder / "assistant-sync.yaml").write_text(json.dumps(project), "utf-8")
    for number in range(count):
        (folder / f"assistants/{key_of(number)}.yaml").write_text(manifest_of(number, version), "utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    alone = ["-c", "gc.auto=0", "-c", "maintenance.auto=false"]  # a collection would go on while the folder is removed
    git(folder, *alone, "-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "b")


def git(folder: Path, *arguments: str) -> str:
    """Run git there."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class GeneratedDeployment(httpx.AsyncBaseTransport):
    """A deployment that counts what it is asked.

    Args:
        managed: Assistants of the project, numbered from 0.
        versions: Of each of them; the last one is live.
        unmanaged: Assistants of nobody. There are no rows of them: a search that would give one fails.
        commit: The commit that the stamps name.

    Attributes:
        asked: How often each kind of request came.
        bytes: Of all answers.
        cpu: Seconds of CPU that the deployment itself took.
    """

    def __init__(self, managed: int, *, versions: int = 1, unmanaged: int = 0, commit: str | None = None) -> None:
        self.asked: Counter[str] = Counter()
        self.bytes = 0
        self.cpu = 0.0
        self._versions = versions
        self._commit = commit
        self._unmanaged = unmanaged
        self._in_order = array("I", sorted(range(managed), key=lambda number: derived_id(PROJECT, key_of(number))))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the official server does."""
        start = time.thread_time()
        kind = " ".join([request.method, *_KINDS.intersection(request.url.path.split("/"))])
        self.asked[kind] += 1
        body = json.loads(request.content) if request.content else {}
        found = self._answer(kind, request.url.path, body)
        content = json.dumps({"detail": "not found"} if found is None else found).encode()
        self.bytes += len(content)
        self.cpu += time.thread_time() - start
        status = httpx.codes.NOT_FOUND if found is None else httpx.codes.OK
        headers = {"content-type": "application/json"}
        return httpx.Response(status, content=content, headers=headers, request=request)

    def _answer(self, kind: str, path: str, body: dict[str, Any]) -> dict[str, Any] | list[dict[str, Any]] | int | None:
        is_ours = body.get("metadata") == {STAMP_KEY: {"project": PROJECT}}
        if kind == "POST count":
            return len(self._in_order) + (0 if is_ours else self._unmanaged)
        if kind == "POST search":
            assert is_ours or not self._unmanaged, "a search for rows that are not managed"
            return [self._live(number) for number in self._in_order[body["offset"] :][: body["limit"]]]
        own = path.split("/")[2]
        number = next((one for one in self._in_order if derived_id(PROJECT, key_of(one)) == own), None)
        if number is None:
            return None
        if kind == "GET schemas":
            return {"graph_id": GRAPHS[number % len(GRAPHS)], "context_schema": _SCHEMA}
        if kind == "POST versions":
            numbers = range(self._versions, 0, -1)[body["offset"] :][: body["limit"]]
            return [self._version(number, version) for version in numbers] or None
        return self._live(number)

    def _live(self, number: int) -> dict[str, Any]:
        return {**self._version(number, self._versions), "updated_at": _NOW}

    def _version(self, number: int, version: int) -> dict[str, Any]:
        key, prompt = key_of(number), _prompt(number, version)
        context = {"model_name": "model", "temperature": 0.2, "tools": ["search", "orders"], "system_prompt": prompt}
        fields: dict[str, Any] = {"graph_id": GRAPHS[number % len(GRAPHS)], "name": key, "context": context}
        config, metadata = {"tags": ["support"]}, {"team": "cx"}
        content = make_content(**fields, description="", config=config, metadata=metadata)
        own = derived_id(PROJECT, key)
        stamp = Stamp(
            project=PROJECT, target=TARGET, key=key, id=own, digest=digest(content), write=f"{own[:23]}-{version:012}",
            version=version, commit=self._commit, source=f"assistants/{key}.yaml", metadata_keys=("team",),
        )  # fmt: skip
        return {
            **fields, "assistant_id": own, "description": None, "config": {**config, "configurable": context},
            "metadata": {**metadata, STAMP_KEY: stamp.as_json()}, "version": version, "created_at": _NOW,
        }  # fmt: skip
