from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from assistant_sync.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which the command is started in."""
    folder = tmp_path / "acme"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


EDITOR = [f"schemas/editor/{kind}.json" for kind in ("project", "manifest", "overlay", "check")]
WRITTEN = [
    "assistant-sync.yaml",
    "assistants/support.yaml",
    "prompts/support.md",
    *EDITOR,
    ".gitattributes",
    ".gitignore",
]


def test_an_existing_file_is_exit_1_and_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "assistant-sync.yaml").touch()
    assert main(["init"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Error: assistant-sync.yaml already exists")
    assert [path.name for path in folder.iterdir()] == ["assistant-sync.yaml"]


def test_what_was_written_goes_to_stdout_and_what_follows_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--no-workflows"]) == 0
    out, err = capsys.readouterr()
    assert out == "".join(f"wrote {path}\n" for path in WRITTEN)
    assert err.split("\n") == [
        "",
        "Next:",
        "  git init && git add .gitattributes .gitignore assistant-sync.yaml assistants prompts schemas/editor",
        "  assistant-sync validate",
        '  git commit -m "Add assistant-sync"',
        "  assistant-sync plan",
        "  assistant-sync apply",
        "",
    ]


def test_the_commands_that_follow_work_as_they_are_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    below = folder / "it's below"
    below.mkdir()
    command = ["git", "init", "--quiet"]
    subprocess.run(command, cwd=folder, check=True)
    os.chdir(below)
    assert main(["init"]) == 0
    _, add, validate, commit, *_ = (line.strip() for line in capsys.readouterr().err.split("\n")[2:])
    subprocess.run(["sh", "-c", add], check=True)  # noqa: S607 - the shell that a user has
    assert main(validate.split()[1:]) == 0
    assert capsys.readouterr().out == "Valid (1 manifest)\n"
    person = {f"GIT_{who}_{what}": "ann@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["sh", "-c", commit], check=True, env={**os.environ, **person}, stdout=subprocess.DEVNULL)  # noqa: S607 - likewise
    status = ["git", "status", "--porcelain"]
    assert subprocess.run(status, check=True, capture_output=True).stdout == b""


def test_quiet_leaves_the_advice_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (10, "")


def test_json_lists_what_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--format", "json", "--project", "x"]) == 0
    out, err = capsys.readouterr()
    workflow = ".github/workflows/assistant-sync-validate.yml"
    assert json.loads(out) == {"format_version": "1.0", "project": "x", "written": [*WRITTEN, workflow]}
    assert err == ""


def test_a_value_that_cannot_be_used_is_a_usage_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--project", "Acme Inc"]) == 64
    assert "a project's name is 1 to 63 characters" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_options_can_come_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_SYNC_PROJECT", "from-environment")
    monkeypatch.setenv("ASSISTANT_SYNC_WORKFLOWS", "0")
    monkeypatch.setenv("ASSISTANT_SYNC_URL", "https://acme.example")
    assert main(["init"]) == 0
    text = (folder / "assistant-sync.yaml").read_text()
    assert "project: from-environment" in text
    assert "url: https://acme.example" in text
    assert not (folder / ".github").exists()


def test_what_follows_names_the_secret_and_what_is_to_be_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".gitignore").write_text("build\n")
    assert main(["init", "--url", "https://acme.example", "--api-key-env", "ACME_KEY"]) == 0
    lines = [line.strip() for line in capsys.readouterr().err.split("\n")]
    assert lines[2].startswith("echo /archive/ >> .gitignore")
    assert lines[3] == "# Replace the step 'Install', which fails, in .github/workflows"
    assert lines[4].startswith("# The workflows run for the branch main; ")
    assert lines[6].startswith("gh secret set ACME_KEY ")
    assert lines[9].startswith("git push ")
    assert "assistant-sync apply" not in lines
    assert main(["init", "--workflows-only", "--queue", "--install", "assistant-sync==0.1.0"]) == 0
    lines = [line.strip() for line in capsys.readouterr().err.split("\n")]
    assert "assistant-sync apply" not in lines
    assert 'git commit -m "Add workflows"' in lines
    assert not any("Replace" in line for line in lines)


def test_what_follows_names_the_environment_whose_reviewers_let_graphs_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--url", "https://acme.example", "--target", "staging", "--checks"]) == 0
    out, err = capsys.readouterr()
    assert "wrote checks/support.yaml\n" in out
    assert "give staging-checks required reviewers" in err
    assert (folder / ".github/workflows/assistant-sync-check.yml").exists()


def test_workflows_alone_and_none_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--workflows-only", "--no-workflows"]) == 64
    assert "exclude each other" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [["--queue"], ["--queue", "--url", "https://acme.example", "--no-workflows"],
     ["--workflows-only", "--url", "https://acme.example"], ["--workflows-only", "--api-key-env", "KEY"]],
)  # fmt: skip
def test_options_that_would_do_nothing_are_refused(
    options: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", *options]) == 64
    assert options[0] in capsys.readouterr().err
    assert list(folder.iterdir()) == []
