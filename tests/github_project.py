"""A user's repository on GitHub, with the workflows that ``init`` writes, and what happens to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from assistant_sync.operations.init import InitRequest, init
from assistant_sync.operations.workspace import Settings
from tests.runner import Runner, step_named
from tests.servers.fake_github import REPOSITORY, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.fake_actions import FakeActions

KEY = "lsv2_pt_made_up"


def edit(file: Path, old: str, new: str) -> None:
    """Replace the one place that says so."""
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


class GithubProject:
    """A repository on GitHub with the workflows of ``init``, and the runner that checks it out.

    Args:
        folder: An empty folder.
        github: The API.
        url: The deployment's URL.
        checks: Whether pull requests ask the checks.
    """

    def __init__(self, folder: Path, github: FakeActions, url: str, *, checks: bool = False) -> None:
        self.github = github
        self.folder = folder / "checkout"
        self.folder.mkdir()
        asked = Settings(environ={}, folder=self.folder, url="https://acme.us.langgraph.app")
        init(InitRequest(settings=asked, project="acme", graph="support_agent", queue=True, checks=checks))
        edit(self.folder / "assistant-sync.yaml", "https://acme.us.langgraph.app", url)
        self.event = folder / "event.json"
        self.repository: dict[str, Any] = {"private": True, "visibility": "private"}
        self.runner = Runner(
            self.folder,
            folder / "scratch",
            LANGSMITH_API_KEY=KEY,
            ASSISTANT_SYNC_TARGET="production",
            GITHUB_API_URL=github.url,
            GITHUB_SERVER_URL="https://github.com",
            GITHUB_REPOSITORY=REPOSITORY,
            GITHUB_RUN_ID="1",
            GITHUB_TOKEN=TOKEN,
            GITHUB_EVENT_PATH=str(self.event),
            PROJECT="acme",
        )
        self.runner.git("init", "--quiet")
        self.main = self.merged()

    def merged(self) -> str:
        """Commit the files to the default branch; returns the commit."""
        # Within one second, the same files with the same message would be the branch's own commit.
        self.main = self.runner.commit("merged")
        self.runner.git("update-ref", "refs/remotes/origin/main", self.main)
        return self.main

    def branch(self) -> str:
        """Commit the files to a branch and check out the result of its merge; returns the branch's head."""
        self.runner.git("checkout", "--quiet", "-B", "feature")
        head = self.runner.commit()
        self.runner.git("checkout", "--quiet", "--detach", self.main)
        self.runner.git("merge", "--quiet", "--no-ff", "--message", "merge", head)
        return head

    def squash(self, head: str, number: int = 7) -> str:
        """Merge a branch as one new commit; returns the commit."""
        self.runner.git("checkout", "--quiet", "main")
        self.runner.git("merge", "--quiet", "--squash", head)
        self.github.pull(number, head, self.merged())
        return self.main

    def planned(self, *, code: int = 0, number: int = 7) -> str:
        """The plan of a pull request; returns the log."""
        self.start({"pull_request": {"number": number}})
        return self.run("plan", "Plan", code=code, GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="main")

    def checked(self, head: str, *, code: int = 0, number: int = 7) -> str:
        """The checks of a pull request; returns the log."""
        self.start({"pull_request": {"number": number, "head": {"sha": head}}})
        # This workflow names no target: the trusted commit does.
        named = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main", "ASSISTANT_SYNC_TARGET": ""}
        return self.run("check", "Check", code=code, **named)

    def upload(self, head: str, **fields: Any) -> int:
        """Keep the plan, as the workflow does."""
        files = {"plan.json": (self.runner.temp / "plan.json").read_text("utf-8")}
        return self.github.artifact(f"assistant-sync-plan-acme-production-{head}", head, files, **fields)

    def find(self, *, code: int = 0) -> str:
        """Find the plan that was reviewed, for what is now the default branch's commit; returns the log."""
        pushed = {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": self.main, "GITHUB_REF": "refs/heads/main"}
        return self.run("apply", "Find", code=code, **pushed)

    def applied(self, *, code: int = 0, event: str = "push") -> str:
        """Apply what was merged; returns the log."""
        self.start({})
        found = self.find()
        log = self.run("apply", "Apply", code=code, GITHUB_EVENT_NAME=event)
        return found + log + self.run("apply", "Show")

    def queued(self, number: int = 7, *, code: int = 0) -> str:
        """Check what is checked out as a group of a merge queue; returns the log."""
        self.start({"merge_group": {"base_ref": "refs/heads/main"}})
        ref = f"refs/heads/gh-readonly-queue/main/pr-{number}-{self.main}"
        named = {
            "GITHUB_EVENT_NAME": "merge_group",
            "GITHUB_REF": ref,
            "GITHUB_SHA": self.main,
            "BASE": "refs/heads/main",
        }
        self.runner.output.unlink(missing_ok=True)
        found = self.run("queue", "Find", **named)
        digest = self.runner.outputs().get("digest", "")
        return found + self.run("queue", "Check", code=code, DIGEST=digest, **named)

    def looked_at(self) -> str:
        """The nightly look at the deployment; returns the log."""
        self.start({})
        log = self.run("drift", "Drift", GITHUB_EVENT_NAME="schedule")
        return log + self.run("drift", "Open", EXIT_CODE=self.runner.outputs()["exit_code"])

    def start(self, event: dict[str, Any]) -> None:
        """Write the event that starts a run, which always has the repository."""
        self.event.write_text(json.dumps({**event, "repository": self.repository}))

    def run(self, workflow: str, step: str, **named: Any) -> str:
        """Run one step of a workflow."""
        path = self.folder / f".github/workflows/assistant-sync-{workflow}.yml"
        return self.runner.run(step_named(path, step), **named)
