"""docs/ci.md is true: its tables and examples are held to the workflows and the action, its pictures to real runs."""

from __future__ import annotations

import html
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.text import Text

from assistant_sync.cli import main
from assistant_sync.operations.init import InitRequest, init
from assistant_sync.operations.workspace import Settings
from docs.pictures import draw
from tests.runner import read, step_named

if TYPE_CHECKING:
    from tests.servers.official import Deployment

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/ci.md").read_text("utf-8")
PICTURES = ("plan", "apply", "validate")


def blocks(info: str) -> list[str]:
    """The fenced blocks of this kind."""
    return re.findall(rf"^```{info}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def first_cells(heading: str) -> list[str]:
    """The words in the first column of the table with this heading."""
    table = re.search(rf"^\| {heading} \|.*\n\|[- |]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert table, heading
    return re.findall(r"^\| `([^`]+)`[^|]* \|", table[1], re.MULTILINE)


def test_the_tables_name_all_inputs_and_outputs_of_the_action() -> None:
    action = read(ROOT / "action.yml")
    assert first_cells("input") == list(action["inputs"])
    assert first_cells("output") == list(action["outputs"])


def test_the_table_of_workflows_tells_what_each_may(tmp_path: Path) -> None:
    settings = Settings(environ={}, folder=tmp_path, url="https://acme.us.langgraph.app")
    init(InitRequest(settings=settings, project="acme", queue=True, checks=True))
    written = {path.name: read(path) for path in (tmp_path / ".github/workflows").iterdir()}
    assert set(first_cells("file")) == set(written)
    rights = {"contents: read"}
    for name in first_cells("file"):
        (job,) = written[name]["jobs"].values()
        granted = {f"{what}: {right}" for what, right in job.get("permissions", written[name]["permissions"]).items()}
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}`"))
        told = set(re.findall(r"`([a-z-]+: (?:read|write))`", row)) | {"contents: read"}
        assert granted == (rights if "the same" in row else told), name
        rights = granted


@pytest.mark.parametrize(
    ("info", "schema"), [("yaml workflow", "vendor.github-workflows"), ("yaml gitlab", "vendor.gitlab-ci")]
)
def test_the_examples_are_accepted(info: str, schema: str, tmp_path: Path) -> None:
    (example,) = blocks(info)
    file = tmp_path / "example.yml"
    file.write_text(example, "utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_ten_minutes_edit_is_there_to_be_edited(tmp_path: Path) -> None:
    script = blocks("sh")[0]
    init(InitRequest(settings=Settings(environ={}, folder=tmp_path), project="acme"))
    (edit,) = (line for line in script.splitlines() if "perl" in line)
    subprocess.run(["bash", "-euc", edit], cwd=tmp_path, check=True)  # noqa: S607 - the reader's
    assert "at most three" in (tmp_path / "prompts/support.md").read_text("utf-8")


def test_what_the_ten_minutes_install_is_what_the_workflows_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = blocks("sh")[0].splitlines()
    (source,) = (line.removeprefix("from=").strip("'") for line in lines if line.startswith("from="))
    (command,) = (line for line in lines if line.startswith("assistant-sync init"))
    monkeypatch.chdir(tmp_path)
    assert main([source if word == "$from" else word for word in shlex.split(command)[1:]]) == 0
    for path in (tmp_path / ".github/workflows").iterdir():
        assert shlex.split(step_named(path, "Install")["run"]) == ["pip", "install", source]


def seen(picture: str) -> list[str]:
    """What a picture of a terminal says, line by line."""
    lines: dict[float, str] = {}
    for y, text in re.findall(r'<text [^>]*\by="([\d.]+)"[^>]*clip-path[^>]*>(.*?)</text>', picture):
        lines[float(y)] = lines.get(float(y), "") + html.unescape(text).replace("\xa0", " ")
    return [line.strip() for _, line in sorted(lines.items()) if line.strip()]


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_asks_nobody_for_anything_and_names_no_machine(name: str) -> None:
    picture = (ROOT / f"docs/pictures/{name}.svg").read_text("utf-8")
    assert set(re.findall(r"\bhttps?://[^\s\"<]+", html.unescape(picture))) <= {
        "http://www.w3.org/2000/svg", "https://www.textualize.io", f"{draw.SHOWN_URL}),\xa0commit\xa0",
        draw.SHOWN_URL, f"{draw.SHOWN_URL}),",
    }  # fmt: skip
    assert not re.search(r"127\.0\.0\.1|/tmp|/home|/root|@font-face", picture)


def test_pictures_and_comment_are_what_the_program_prints(deployment: Deployment, tmp_path: Path) -> None:
    texts = draw.run_all(deployment.url, tmp_path / "acme-agents")
    (shown,) = (match[0] for match in [draw.COMMENT.search(PAGE)] if match)
    assert neutral(texts.pop("comment")).strip() in neutral(shown)
    assert tuple(sorted(texts)) == tuple(sorted(PICTURES))
    for name, text in texts.items():
        lines = [" ".join(line.split()) for line in Text.from_ansi(neutral(text)).plain.splitlines() if line.strip()]
        picture = (ROOT / f"docs/pictures/{name}.svg").read_text("utf-8")
        assert [" ".join(neutral(line).split()) for line in seen(picture)] == lines, json.dumps(lines, indent=1)


def neutral(text: str) -> str:
    """A text without what follows from the example's content, which changes for other reasons."""
    return re.sub(r"\b[0-9a-f]{12,64}\b", "HASH", text)
