"""Apply, check, edit, plan, revert, drift and pull, against a real server on this machine: ``make demo``.

The demo uses a temporary repository and a temporary server. It checks each statement against the server's own answers,
with requests that share no code with assistant-sync; the first check that fails ends the program.
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

PROJECT = ("assistant-sync.yaml", "assistants", "checks", "prompts", "schemas")
QUESTION = "Where is my order?"
CREDENTIALS = ("LANGSMITH_", "LANGGRAPH_", "LANGCHAIN_")
SAVED_PLAN = ".git/plan.json"
CLI_SECONDS = 120

OLD_PROMPT = "You are the support agent of Acme."
BAD_PROMPT = "You refund every customer at once."
NEW_PROMPT = "You are the support agent of Acme, and you apologise first."


class CheckFailed(Exception):
    """A statement of the demo is not true."""


@dataclass(frozen=True, slots=True)
class Row:
    """The server's record of one assistant: the active version, all versions, and the time of the last write."""

    active: int
    versions: tuple[int, ...]
    updated_at: str


class Screen:
    """Prints the steps; in colours on a terminal only."""

    def __init__(self) -> None:
        self.is_colourful = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.checks = 0
        self._steps = 0

    def step(self, title: str, explanation: str) -> None:
        self._steps += 1
        print(f"\n{self._styled('1;36', f'{self._steps}. {title}')}")
        print(textwrap.fill(explanation, 100, initial_indent="   ", subsequent_indent="   "))

    def command(self, words: Sequence[str]) -> None:
        print(f"\n   {self._styled('1', '$ ' + ' '.join(words))}", flush=True)

    def output(self, text: str) -> None:
        print(textwrap.indent(text.rstrip(), "     "), flush=True)

    def check(self, text: str, *, passed: bool, seen: object = None) -> None:
        """Print a statement that was checked.

        Raises:
            CheckFailed: It is not true.
        """
        if not passed:
            raise CheckFailed(text if seen is None else f"{text} (seen: {seen})")
        self.checks += 1
        print(f"   {self._styled('32', '✓')} {text}", flush=True)

    def _styled(self, style: str, text: str) -> str:
        return f"\033[{style}m{text}\033[0m" if self.is_colourful else text


@dataclass(frozen=True, slots=True)
class Repository:
    """The temporary repository, and the two programs that a user runs there: git and assistant-sync."""

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

    def assistant_sync(self, *words: str, from_line: str = "", code: int = 0) -> None:
        """Run a command; ``from_line`` is the start of the first line to show, if the rest was just shown."""
        self.screen.command(["assistant-sync", *words])
        output = self._run([sys.executable, "-m", "assistant_sync", *words, "--url", self.url], code=code)
        self.screen.output(_shortened(output, from_line))

    def changed_lines(self) -> tuple[int, int]:
        """The lines that were added and removed since the last commit."""
        rows = [line.split("\t") for line in self._run(["git", "diff", "--numstat"]).splitlines()]
        return sum(int(row[0]) for row in rows), sum(int(row[1]) for row in rows)

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
            raise CheckFailed(f"{file} contains {old!r} exactly once")
        path.write_text(text.replace(old, new), "utf-8")

    def _run(self, command: Sequence[str], *, code: int = 0) -> str:
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
        if done.returncode != code:
            raise CheckFailed(f"{' '.join(command)} ended with exit code {done.returncode}:\n{done.stdout}")
        return done.stdout


def _shortened(output: str, from_line: str) -> str:
    lines = output.splitlines()
    start = next((number for number, line in enumerate(lines) if from_line in line), 0)
    return "\n".join(["[...]", *lines[start:]] if start else lines)


def look(url: str) -> dict[str, Row]:
    """Every assistant that carries a stamp, by its key, as the server returns it."""
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
    """Run all steps, from the first apply to the last revert."""
    first_answer = first_apply(repository)
    apply_again(repository)
    check_a_bad_prompt(repository)
    change_a_prompt(repository, first_answer)
    revert_the_prompt(repository, first_answer)
    revert_by_activation(repository)
    edit_in_the_ui(repository)


def first_apply(repository: Repository) -> str:
    url, screen = repository.url, repository.screen
    screen.step("The first apply", "The server has no assistant of this project yet. Each manifest in git becomes one.")
    screen.check("the server has no assistant of this project", passed=not look(url))
    repository.assistant_sync("apply", "--yes")
    rows = look(url)
    screen.check(
        f"{len(rows)} assistants were created, each with one version: {', '.join(sorted(rows))}",
        passed=len(rows) >= 3 and all(row.versions == (1,) for row in rows.values()),
        seen=rows,
    )
    answer: str = ask(url, "support")["answer"]
    screen.check(f"a run uses the prompt in git: {answer}", passed=OLD_PROMPT in answer, seen=answer)
    return answer


def apply_again(repository: Repository) -> None:
    url, screen = repository.url, repository.screen
    screen.step(
        "Apply again", "Nothing changed in git, so nothing is written: no new version, and no new modification time."
    )
    before = look(url)
    repository.assistant_sync("apply", "--yes")
    screen.check("all versions and times are unchanged", passed=look(url) == before, seen=look(url))


def check_a_bad_prompt(repository: Repository) -> None:
    """A prompt that answers otherwise than checks/ expects never goes live."""
    url, screen = repository.url, repository.screen
    screen.step(
        "See the answer before the merge",
        "Somebody writes a bad prompt. The command check asks the questions of checks/support.yaml, of the live"
        " assistant and of what the manifest has now, and exits with 10. No assistant and no version is made for that.",
    )
    repository.edit("prompts/support.md", OLD_PROMPT, BAD_PROMPT)
    before = look(url)
    repository.assistant_sync("check", code=10)
    repository.assistant_sync("apply", "--check", "--yes", from_line="the checks refuse", code=10)
    screen.check("nothing was written to the server", passed=look(url) == before, seen=look(url))
    answer: str = ask(url, "support")["answer"]
    screen.check("the bad prompt is not live", passed=BAD_PROMPT not in answer, seen=answer)
    repository.git("checkout", "--quiet", "prompts/support.md")


def change_a_prompt(repository: Repository, first_answer: str) -> None:
    url, screen = repository.url, repository.screen
    screen.step("Change a prompt", "A commit changes a prompt and a model. The plan shows reviewers what would change.")
    repository.edit("prompts/support.md", OLD_PROMPT, NEW_PROMPT)
    repository.edit("assistants/support.yaml", "anthropic/claude-sonnet-4", "openai/gpt-4.1-mini")
    repository.git("commit", "--all", "--quiet", "--message", "Apologise first, on a smaller model")
    before = look(url)
    actions = repository.plan()
    screen.check("the plan is one update, of support", passed=actions == {"update": ["support"]}, seen=actions)
    screen.check("planning wrote nothing", passed=look(url) == before, seen=look(url))

    screen.step(
        "Apply the change",
        "The assistant that changed gets one new version; no other assistant is written. The apply gets the reviewed"
        " plan, and writes nothing if the new plan differs from it.",
    )
    repository.apply_saved()
    after = look(url)
    screen.check("support has exactly one new version", passed=after["support"].versions == (1, 2), seen=after)
    screen.check("no other assistant was touched", passed=others(after, "support") == others(before, "support"))
    answer = ask(url, "support")["answer"]
    screen.check(f"a run uses the new prompt: {answer}", passed=NEW_PROMPT in answer and answer != first_answer)


def revert_the_prompt(repository: Repository, first_answer: str) -> None:
    url, screen = repository.url, repository.screen
    screen.step(
        "Roll back: revert the commit",
        "A revert is a commit like any other. This server does not restore the context if an earlier version is"
        " activated, so the old content becomes a new version.",
    )
    before = look(url)
    repository.git("revert", "--no-edit", "HEAD")
    actions = repository.plan()
    screen.check("the plan is one update, of support", passed=actions == {"update": ["support"]}, seen=actions)
    repository.apply_saved()
    after = look(url)
    screen.check("support has exactly one new version", passed=after["support"].versions == (1, 2, 3), seen=after)
    screen.check("no other assistant was touched", passed=others(after, "support") == others(before, "support"))
    answer = ask(url, "support")["answer"]
    screen.check(f"a run uses the old prompt: {answer}", passed=answer == first_answer, seen=answer)


def revert_by_activation(repository: Repository) -> None:
    url, screen = repository.url, repository.screen
    screen.step(
        "Roll back without a new version",
        "If a change leaves graph and context alone, here a limit and the tags, a revert needs no new version: the"
        " identical earlier version becomes the active one again.",
    )
    repository.edit("assistants/research.yaml", "recursion_limit: 60", "recursion_limit: 20")
    repository.edit("assistants/research.yaml", "tags: [research]", "tags: [research, frugal]")
    repository.git("commit", "--all", "--quiet", "--message", "Let research stop earlier")
    repository.assistant_sync("apply", "--yes")
    changed = look(url)
    screen.check("research has one new version", passed=changed["research"].versions == (1, 2), seen=changed)
    limit = ask(url, "research")["seen"]["recursion_limit"]
    screen.check(f"a run uses the new limit: {limit}", passed=limit == 20, seen=limit)

    repository.git("revert", "--no-edit", "HEAD")
    actions = repository.plan()
    screen.check("the plan is one activation, of research", passed=actions == {"activate": ["research"]}, seen=actions)
    repository.apply_saved()
    after = look(url)
    screen.check(
        "version 1 is active again, and no version was created",
        passed=(after["research"].active, after["research"].versions) == (1, (1, 2)),
        seen=after["research"],
    )
    screen.check("no other assistant was touched", passed=others(after, "research") == others(changed, "research"))
    limit = ask(url, "research")["seen"]["recursion_limit"]
    screen.check(f"a run uses the old limit: {limit}", passed=limit == 60, seen=limit)


def edit_in_the_ui(repository: Repository) -> None:
    """Somebody tunes a prompt in the UI: git finds out, and takes it over."""
    url, screen = repository.url, repository.screen
    screen.step(
        "Somebody edits in the UI",
        "A request that shares no code with assistant-sync changes the prompt and the temperature of billing, as a UI"
        " does. The command drift shows what, when and in which version, and exits with 2.",
    )
    patch_by_hand(url, "billing")
    repository.assistant_sync("drift", code=2)
    before = look(url)

    screen.step(
        "Keep the edit",
        "The command pull writes it into the manifest and the prompt's file: only changed values change, and comments,"
        " order and layout stay.",
    )
    repository.assistant_sync("pull")
    repository.git("diff", "--stat")
    changed = repository.changed_lines()
    screen.check("two lines of two files have changed", passed=changed == (2, 2), seen=changed)
    repository.git("commit", "--all", "--quiet", "--message", "Take over the edit of billing")
    actions = repository.plan()
    screen.check("the next plan is empty", passed=actions == {}, seen=actions)
    repository.assistant_sync("drift")
    screen.check("nothing was written to the server", passed=look(url) == before, seen=look(url))


def patch_by_hand(url: str, key: str) -> None:
    """Change an assistant, found by the key in its stamp, as a UI would: with its whole context."""
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        found = client.post("/assistants/search", json={"metadata": {"assistant_sync": {"key": key}}})
        (row,) = found.raise_for_status().json()
        prompt = row["context"]["system_prompt"].rstrip("\n") + " Round amounts to cents.\n"
        context = row["context"] | {"system_prompt": prompt, "temperature": 0.3}
        config = {name: value for name, value in row["config"].items() if name != "configurable"}
        body = {"context": context, "config": config}
        client.patch(f"/assistants/{row['assistant_id']}", json=body).raise_for_status()


def make_repository(folder: Path, url: str, screen: Screen) -> Repository:
    """Copy the example project into a new git repository that ignores the git settings of this machine."""
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
    """The environment of git and assistant-sync: without this machine's settings and credentials."""
    dropped = ("ASSISTANT_SYNC_", "GIT_", "FORCE_COLOR", "NO_COLOR", *CREDENTIALS)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(dropped) and not name.lower().endswith("_proxy")
    }
    colour = {"FORCE_COLOR": "1"} if is_colourful else {"NO_COLOR": "1"}
    return kept | colour | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PYTHONUTF8": "1"}


def main() -> int:
    """Run the demo; returns the exit code."""
    if shutil.which("git") is None:
        print("Error: git is not installed, or not on the PATH", file=sys.stderr)
        return 1
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may not have a character
    screen = Screen()
    start = time.monotonic()
    print("Starting the LangGraph dev server on this machine; it needs no key and calls no model.", flush=True)
    try:
        with running_server() as url, tempfile.TemporaryDirectory(prefix="assistant-sync-demo-") as folder:
            print(f"The server is at {url}; each assistant-sync command below gets this URL with --url.")
            play(make_repository(Path(folder), url, screen))
        screen.step("Clean up", "The server and the repository were temporary.")
        screen.check("both are removed", passed=not (answers(url) or Path(folder).exists()))
    except CheckFailed as error:
        sys.stdout.flush()
        print(f"\nCheck failed: {error}", file=sys.stderr)
        return 1
    except (ServerFailed, RuntimeError, httpx.HTTPError, subprocess.TimeoutExpired) as error:
        sys.stdout.flush()
        print(f"\nError: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; everything was stopped and removed.", file=sys.stderr)
        return 130
    print(f"\nAll {screen.checks} checks passed ({time.monotonic() - start:.0f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
