"""The whole story of a prompt in git, played against a real server on this machine: ``make demo``.

Everything happens in a throwaway repository beside a throwaway server. Each claim is checked against what the server
itself answers, by requests that share no code with assistant-sync; a claim that does not hold ends the program.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from examples.dev_server import ServerFailed, run_graph, running_server  # noqa: E402 - found by the line above

PROJECT = ("assistant-sync.yaml", "assistants", "prompts")
QUESTION = "Where is my order?"
CREDENTIALS = ("LANGSMITH_", "LANGGRAPH_", "LANGCHAIN_")
SAVED_PLAN = ".git/plan.json"
CLI_SECONDS = 120

OLD_PROMPT = "You are the support agent of Acme."
NEW_PROMPT = "You are the support agent of Acme, and you apologise first."


class ClaimFailed(Exception):
    """Something that the demo says is not so."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the server holds of one assistant: the active version, all versions, and the time of the last write."""

    active: int
    versions: tuple[int, ...]
    updated_at: str


class Screen:
    """Prints the story; in colours on a terminal only."""

    def __init__(self) -> None:
        self.is_colourful = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.claims = 0
        self._steps = 0

    def step(self, title: str, explanation: str) -> None:
        self._steps += 1
        print(f"\n{self._styled('1;36', f'{self._steps}. {title}')}")
        print(textwrap.fill(explanation, 100, initial_indent="   ", subsequent_indent="   "))

    def command(self, words: Sequence[str]) -> None:
        print(f"\n   {self._styled('1', '$ ' + ' '.join(words))}", flush=True)

    def output(self, text: str) -> None:
        print(textwrap.indent(text.rstrip(), "     "), flush=True)

    def claim(self, text: str, *, holds: bool, seen: object = None) -> None:
        """Say a thing that was checked.

        Raises:
            ClaimFailed: It is not so.
        """
        if not holds:
            raise ClaimFailed(text if seen is None else f"{text} (seen: {seen})")
        self.claims += 1
        print(f"   {self._styled('32', '✓')} {text}", flush=True)

    def _styled(self, style: str, text: str) -> str:
        return f"\033[{style}m{text}\033[0m" if self.is_colourful else text


@dataclass(frozen=True, slots=True)
class Repository:
    """The throwaway repository, and the two programs that a user has: git and assistant-sync."""

    folder: Path
    url: str
    screen: Screen
    environment: Mapping[str, str] = field(repr=False)

    def git(self, *words: str, shown: bool = True) -> None:
        if shown:
            self.screen.command(["git", *(f"'{word}'" if " " in word else word for word in words)])
        output = self._run(["git", *words])
        if shown and output.strip():
            self.screen.output(output)

    def assistant_sync(self, *words: str, from_line: str = "") -> None:
        """Run a command; ``from_line`` is the start of the first line to show, where the rest was just shown."""
        self.screen.command(["assistant-sync", *words])
        output = self._run([sys.executable, "-m", "assistant_sync", *words, "--url", self.url])
        self.screen.output(_shortened(output, from_line))

    def plan(self) -> dict[str, list[str]]:
        """Show the plan and save it; returns the keys that each action but keep is planned for."""
        self.assistant_sync("plan", "--out", SAVED_PLAN)
        actions: dict[str, list[str]] = {}
        for change in json.loads((self.folder / SAVED_PLAN).read_text("utf-8"))["changes"]:
            if change["action"] != "keep":
                actions.setdefault(change["action"], []).append(change["key"])
        return actions

    def apply_saved(self) -> None:
        """Apply what was just planned and shown."""
        self.assistant_sync("apply", SAVED_PLAN, "--yes", from_line="Plan: ")

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text("utf-8")
        if text.count(old) != 1:
            raise ClaimFailed(f"{file} says {old!r} once")
        path.write_text(text.replace(old, new), "utf-8")

    def _run(self, command: Sequence[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=CLI_SECONDS,
            check=False,
        )
        if done.returncode:
            raise ClaimFailed(f"{' '.join(command)} ended with exit code {done.returncode}:\n{done.stdout}")
        return done.stdout


def _shortened(output: str, from_line: str) -> str:
    lines = output.splitlines()
    start = next((number for number, line in enumerate(lines) if from_line in line), 0)
    return "\n".join(["[...]", *lines[start:]] if start else lines)


def look(url: str) -> dict[str, Row]:
    """Every assistant that carries a stamp, by its key, as the server tells it."""
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:

        def post(path: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = client.post(path, json=body).raise_for_status().json()
            return rows

        found = {}
        for row in post("/assistants/search", {"limit": 1000}):
            if stamp := row["metadata"].get("assistant_sync"):
                versions = post(f"/assistants/{row['assistant_id']}/versions", {"limit": 1000})
                numbers = tuple(sorted(version["version"] for version in versions))
                found[stamp["key"]] = Row(row["version"], numbers, row["updated_at"])
        return found


def ask(url: str, key: str) -> dict[str, Any]:
    """Run an assistant, found by the key that its stamp names."""
    body = {"metadata": {"assistant_sync": {"key": key}}}
    rows = httpx.post(f"{url}/assistants/search", json=body, timeout=30, trust_env=False).raise_for_status().json()
    return run_graph(url, rows[0]["assistant_id"], QUESTION)


def answers(url: str) -> bool:
    """Whether there is a server."""
    try:
        return httpx.get(f"{url}/ok", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def others(rows: Mapping[str, Row], key: str) -> dict[str, Row]:
    """All rows but one."""
    return {other: row for other, row in rows.items() if other != key}


def play(repository: Repository) -> None:
    """Tell the story from the first apply to the last revert."""
    first_answer = first_apply(repository)
    apply_again(repository)
    change_a_prompt(repository, first_answer)
    revert_the_prompt(repository, first_answer)
    revert_by_activation(repository)


def first_apply(repository: Repository) -> str:
    url, screen = repository.url, repository.screen
    screen.step("The first apply", "Manifests in git, nothing on the server: every one of them becomes an assistant.")
    screen.claim("the server holds no assistant of ours", holds=not look(url))
    repository.assistant_sync("apply", "--yes")
    rows = look(url)
    screen.claim(
        f"{len(rows)} assistants were created, each with one version: {', '.join(sorted(rows))}",
        holds=len(rows) >= 3 and all(row.versions == (1,) for row in rows.values()),
        seen=rows,
    )
    answer: str = ask(url, "support")["answer"]
    screen.claim(f"a run obeys the manifest: {answer}", holds=OLD_PROMPT in answer, seen=answer)
    return answer


def apply_again(repository: Repository) -> None:
    url, screen = repository.url, repository.screen
    screen.step(
        "Apply again", "Nothing changed in git, so nothing may be written: no version, not even a touched time."
    )
    before = look(url)
    repository.assistant_sync("apply", "--yes")
    screen.claim("all versions and times are what they were", holds=look(url) == before, seen=look(url))


def change_a_prompt(repository: Repository, first_answer: str) -> None:
    url, screen = repository.url, repository.screen
    screen.step("Change a prompt", "A commit with another prompt and model. The plan is what a reviewer reads.")
    repository.edit("prompts/support.md", OLD_PROMPT, NEW_PROMPT)
    repository.edit("assistants/support.yaml", "anthropic/claude-sonnet-4", "openai/gpt-4.1-mini")
    repository.git("commit", "--all", "--quiet", "--message", "Apologise first, on a smaller model")
    before = look(url)
    actions = repository.plan()
    screen.claim("the plan is one update, of support", holds=actions == {"update": ["support"]}, seen=actions)
    screen.claim("planning wrote nothing", holds=look(url) == before, seen=look(url))

    screen.step(
        "Apply the change",
        "One merge is one new version of the assistant that changed, and of no other. The reviewed plan goes along; if"
        " something else would be done now, nothing is.",
    )
    repository.apply_saved()
    after = look(url)
    screen.claim("support has exactly one new version", holds=after["support"].versions == (1, 2), seen=after)
    screen.claim("no other assistant was touched", holds=others(after, "support") == others(before, "support"))
    answer = ask(url, "support")["answer"]
    screen.claim(f"a run shows the new behaviour: {answer}", holds=NEW_PROMPT in answer and answer != first_answer)


def revert_the_prompt(repository: Repository, first_answer: str) -> None:
    url, screen = repository.url, repository.screen
    screen.step(
        "Roll back: revert the commit",
        "A revert is a commit like any other. This server cannot bring a context back by moving its pointer to an"
        " earlier version, so the old content becomes a new version.",
    )
    before = look(url)
    repository.git("revert", "--no-edit", "HEAD")
    actions = repository.plan()
    screen.claim("the plan is one update, of support", holds=actions == {"update": ["support"]}, seen=actions)
    repository.apply_saved()
    after = look(url)
    screen.claim("support has exactly one new version", holds=after["support"].versions == (1, 2, 3), seen=after)
    screen.claim("no other assistant was touched", holds=others(after, "support") == others(before, "support"))
    answer = ask(url, "support")["answer"]
    screen.claim(f"a run shows the old behaviour: {answer}", holds=answer == first_answer, seen=answer)


def revert_by_activation(repository: Repository) -> None:
    url, screen = repository.url, repository.screen
    screen.step(
        "Roll back without a new version",
        "A change that leaves graph and context alone, here a limit and the tags, can be undone by moving the pointer"
        " back to the version that is identical already.",
    )
    repository.edit("assistants/research.yaml", "recursion_limit: 60", "recursion_limit: 20")
    repository.edit("assistants/research.yaml", "tags: [research]", "tags: [research, frugal]")
    repository.git("commit", "--all", "--quiet", "--message", "Let research stop earlier")
    repository.assistant_sync("apply", "--yes")
    changed = look(url)
    screen.claim("research has one new version", holds=changed["research"].versions == (1, 2), seen=changed)
    limit = ask(url, "research")["seen"]["recursion_limit"]
    screen.claim(f"a run has the new limit: {limit}", holds=limit == 20, seen=limit)

    repository.git("revert", "--no-edit", "HEAD")
    actions = repository.plan()
    screen.claim("the plan is one activation, of research", holds=actions == {"activate": ["research"]}, seen=actions)
    repository.apply_saved()
    after = look(url)
    screen.claim(
        "the pointer is back on version 1, and no version was created",
        holds=(after["research"].active, after["research"].versions) == (1, (1, 2)),
        seen=after["research"],
    )
    screen.claim("no other assistant was touched", holds=others(after, "research") == others(changed, "research"))
    limit = ask(url, "research")["seen"]["recursion_limit"]
    screen.claim(f"a run has the old limit: {limit}", holds=limit == 60, seen=limit)


def make_repository(folder: Path, url: str, screen: Screen) -> Repository:
    """Copy the example project into a git repository of its own, which nothing on this machine configures."""
    for name in PROJECT:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    repository = Repository(folder, url, screen, environment(is_colourful=screen.is_colourful))
    repository.git("-c", "init.defaultBranch=main", "init", "--quiet", "--template=", shown=False)
    for name, value in {
        "user.name": "Demo",
        "user.email": "demo@example.com",
        "commit.gpgsign": "false",
        "core.autocrlf": "false",
    }.items():
        repository.git("config", name, value, shown=False)
    repository.git("add", "--all", shown=False)
    repository.git("commit", "--quiet", "--message", "Assistants as code", shown=False)
    return repository


def environment(*, is_colourful: bool) -> dict[str, str]:
    """What git and assistant-sync inherit: no settings of this machine's, and no credentials."""
    dropped = ("ASSISTANT_SYNC_", "GIT_", "FORCE_COLOR", "NO_COLOR", *CREDENTIALS)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(dropped) and not name.lower().endswith("_proxy")
    }
    colour = {"FORCE_COLOR": "1"} if is_colourful else {"NO_COLOR": "1"}
    return kept | colour | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PYTHONUTF8": "1"}


def main() -> int:
    """Play the story; returns the exit code."""
    if shutil.which("git") is None:
        print("Error: git is not installed, or not on the PATH", file=sys.stderr)
        return 1
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack a character
    screen = Screen()
    start = time.monotonic()
    print("Starting the LangGraph dev server on this machine; it needs no key and calls no model.", flush=True)
    try:
        with running_server() as url, tempfile.TemporaryDirectory(prefix="assistant-sync-demo-") as folder:
            print(f"It is {url}; every assistant-sync command below is told so with --url.")
            play(make_repository(Path(folder), url, screen))
        screen.step("The end", "Server and repository were there for this story only.")
        screen.claim("both are gone", holds=not (answers(url) or Path(folder).exists()))
    except ClaimFailed as error:
        sys.stdout.flush()
        print(f"\nThis does not hold: {error}", file=sys.stderr)
        return 1
    except (ServerFailed, RuntimeError, httpx.HTTPError, subprocess.TimeoutExpired) as error:
        sys.stdout.flush()
        print(f"\nError: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; everything was stopped and removed.", file=sys.stderr)
        return 130
    print(f"\nAll {screen.claims} claims hold ({time.monotonic() - start:.0f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
