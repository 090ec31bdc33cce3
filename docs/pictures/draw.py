"""Draws the pictures of docs/ci.md from real runs: ``python docs/pictures/draw.py``, beside a dev server of its own.

Everything happens in a throwaway repository with the example manifests of this one. The server's URL, which differs
from run to run, is shown as that of a deployment; nothing else is made up.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from examples.dev_server import running_server  # noqa: E402 - found by the line above

PAGE = HERE.parent / "ci.md"
COMMENT = re.compile(r"(<!-- comment: begin -->\n).*?(\n<!-- comment: end -->)", re.DOTALL)
SHOWN_URL = "https://acme.us.langgraph.app"
COLUMNS = 112
# Without the fonts that rich would have a reader fetch from elsewhere.
FORMAT = re.sub(r" *@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
DATE = "2026-01-05T12:00:00+00:00"


def main() -> None:
    """Draw every picture again."""
    with running_server() as url, tempfile.TemporaryDirectory() as folder:
        texts = run_all(url, Path(folder) / "acme-agents")
    comment = texts.pop("comment")
    for name, text in texts.items():
        (HERE / f"{name}.svg").write_text(drawn(name, text), "utf-8")
    page, replaced = COMMENT.subn(lambda match: match[1] + comment.strip() + match[2], PAGE.read_text("utf-8"))
    if replaced != 1:
        sys.exit(f"{PAGE.name} has no place for the comment")
    PAGE.write_text(page, "utf-8")


def run_all(url: str, folder: Path) -> dict[str, str]:
    """Play the scenes against an empty deployment.

    Args:
        url: The deployment.
        folder: A folder that does not exist yet.

    Returns:
        What each picture shows, with colours, and the Markdown of the comment.
    """
    repository = _ExampleRepository(url, folder)
    repository.run("apply", "--yes")
    repository.edit("prompts/support.md", "at most five sentences", "at most three sentences")
    repository.edit("assistants/research.yaml", "recursion_limit: 60", "recursion_limit: 80")
    repository.commit("Answer in three sentences")
    texts = {"plan": repository.run("plan"), "comment": repository.run("plan", "--format", "markdown", colours=False)}
    texts["apply"] = repository.run("apply", "--yes")
    repository.edit("assistants/research.yaml", "graph_id:", "graph-id:")
    return texts | {"validate": repository.run("validate", code=3)}


def drawn(name: str, text: str) -> str:
    """A picture of a terminal."""
    console = Console(record=True, width=COLUMNS, file=Path(os.devnull).open("w"), color_system="truecolor")  # noqa: SIM115
    console.print(Text.from_ansi(text), soft_wrap=False)
    return console.export_svg(title=f"assistant-sync {name}", code_format=FORMAT, unique_id=f"assistant-sync-{name}")


class _ExampleRepository:
    """The example's repository, and the command line in it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        for name in ("assistants", "prompts"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy(ROOT / "assistant-sync.yaml", folder)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT") if name in os.environ}
        said = {"NAME": "Ann", "EMAIL": "ann@example.org", "DATE": DATE}
        git = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER") for what, text in said.items()}
        self.environment = {**kept, **git, "GIT_CONFIG_GLOBAL": os.devnull, "ASSISTANT_SYNC_URL": url}
        self.edit("assistant-sync.yaml", "default_target: local", "default_target: production")
        with (folder / "assistant-sync.yaml").open("a") as file:
            file.write(f"  production:\n    url: {SHOWN_URL}\n")
        self._call("git", "init", "--quiet", "--initial-branch=main")
        self.commit("Assistants as code")

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text("utf-8")
        if old not in text:
            sys.exit(f"{path} does not hold {old!r}")
        file.write_text(text.replace(old, new, 1), "utf-8")

    def commit(self, message: str) -> None:
        self._call("git", "add", "--all")
        self._call("git", "commit", "--quiet", "--message", message)

    def run(self, *arguments: str, code: int = 0, colours: bool = True) -> str:
        terminal = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)} if colours else {}
        text = self._call(sys.executable, "-m", "assistant_sync", *arguments, code=code, **terminal)
        shown = text.replace(self.url, SHOWN_URL)
        return f"\x1b[1m$ assistant-sync {' '.join(arguments)}\x1b[0m\n{shown}" if colours else shown

    def _call(self, *command: str, code: int = 0, **environment: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != code:
            sys.exit(f"{command}: exit {done.returncode}\n{done.stdout}")
        return done.stdout


if __name__ == "__main__":
    main()
