from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assistant_sync.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, which the command is started in."""
    (tmp_path / "assistant-sync.yaml").write_text("version: 1\nproject: acme\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_was_written_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "new       schemas/editor/check.json",
        "new       schemas/editor/manifest.json",
        "new       schemas/editor/overlay.json",
        "new       schemas/editor/project.json",
        "Wrote 4 files.",
    ]
    assert main(["schema"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Nothing to write: the schemas are up to date."


def test_a_check_exits_with_10_until_the_files_are_up_to_date(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--check"]) == 10
    assert "Without --check, the command writes them." in capsys.readouterr().out
    assert not (folder / "schemas").exists()
    assert main(["schema"]) == 0
    assert main(["schema", "--check"]) == 0


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--check", "--format", "json"]) == 10
    document = json.loads(capsys.readouterr().out)
    assert document["written"] is False
    assert document["files"][1] == {"path": "schemas/editor/manifest.json", "state": "new"}


def test_a_format_without_a_form_is_refused_before_anything_is_written(folder: Path) -> None:
    assert main(["schema", "--format", "markdown"]) == 64
    assert not (folder / "schemas").exists()


def test_a_command_that_is_none_is_refused(folder: Path) -> None:
    assert main(["schema", "pll"]) == 64
    assert not (folder / "schemas").exists()


def test_without_a_project_file_it_is_exit_3(folder: Path) -> None:
    (folder / "assistant-sync.yaml").unlink()
    assert main(["schema"]) == 3
