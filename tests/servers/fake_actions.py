"""More of the small GitHub: pull requests of commits, the artifacts of runs, and issues by their label.

What it does follows docs.github.com, "REST API endpoints for commits", "... for pull requests" and "... for GitHub
Actions artifacts".
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.fake_github import REPOSITORY, FakeGitHub
from tests.servers.loopback import Asked, Reply, loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass
class FakeActions(FakeGitHub):
    """A repository on GitHub whose workflows run.

    Attributes:
        pulls: By number.
        pulls_of: The numbers of the pull requests that a commit belongs to.
        artifacts: As listed; their content is in ``zips``.
        zips: By the artifact's id.
        store: Where downloads are redirected to.
    """

    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    pulls_of: dict[str, list[int]] = field(default_factory=dict)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    zips: dict[int, bytes] = field(default_factory=dict)
    store: str = ""

    def pull(self, number: int, head: str, commit: str, **fields: Any) -> None:
        """Merge a pull request as a commit."""
        plain = {"number": number, "head": {"sha": head}, "base": {"ref": "main"}, "merge_commit_sha": commit}
        self.pulls[number] = {**plain, "merged_at": "2026-01-01T00:00:00Z", **fields}
        self.pulls_of.setdefault(commit, []).append(number)

    def artifact(self, name: str, head: str, files: Mapping[str, str], **fields: Any) -> int:
        """Upload files from a run for the commit; returns the artifact's id."""
        own = len(self.artifacts) + 1
        run = {"id": 1, "repository_id": 1, "head_repository_id": 1, "head_sha": head, **fields.pop("run", {})}
        plain = {"id": own, "name": name, "expired": False, "created_at": f"2026-01-{own:02}T00:00:00Z"}
        self.artifacts.append({**plain, "workflow_run": run, **fields})
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, text in files.items():
                archive.writestr(path, text)
        self.zips[own] = packed.getvalue()
        return own

    def serve(self, asked: Asked) -> Reply:
        """Answer as GitHub does where nothing is wrong."""
        url = urlsplit(asked.target)
        path = url.path.removeprefix(f"/repos/{REPOSITORY}")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if asked.method == "GET":
            if found := re.fullmatch(r"/commits/(\w+)/pulls", path):
                return _json([self.pulls[number] for number in self.pulls_of.get(found[1], [])])
            if found := re.fullmatch(r"/pulls/(\d+)", path):
                return _json(self.pulls[int(found[1])])
            if path == "/actions/artifacts" and "name" in query:
                named = [one for one in self.artifacts if one["name"] == query["name"]]
                return _json({"total_count": len(named), "artifacts": named})
            if found := re.fullmatch(r"/actions/artifacts/(\d+)/zip", path):
                return Reply(302, b"", {"location": f"{self.store}/{found[1]}"})
            if path == "/issues" and "labels" in query:
                open_ones = [one for one in self.issues if one["state"] == query["state"]]
                return _json([one for one in open_ones if query["labels"] in one.get("labels", [])])
        return super().serve(asked)

    def store_answer(self, asked: Asked) -> Reply:
        """Answer as the store that downloads are redirected to: a token is not for it."""
        if "authorization" in asked.headers:
            return Reply(400)
        return Reply(body=self.zips[int(asked.target.removeprefix("/"))])


def _json(value: Any) -> Reply:
    return Reply(200, json.dumps(value).encode(), {"content-type": "application/json"})


@contextmanager
def fake_actions() -> Iterator[FakeActions]:
    """Serve the API and the store of artifacts for as long as the block lasts."""
    fake = FakeActions()
    with loopback(fake.answer) as api, loopback(fake.store_answer) as store:
        fake.url, fake.store = api.url, store.url
        yield fake
