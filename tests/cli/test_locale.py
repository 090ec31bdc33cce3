"""A locale that cannot say a name: the message says so, and how to choose another."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LOCALE = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "assistant-sync.yaml").write_text("version: 1\nproject: acme\n")
    (tmp_path / "assistants").mkdir()
    return tmp_path


def validate(folder: Path, **environment: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "assistant_sync", "validate"]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    done = subprocess.run(command, cwd=folder, env=surroundings | environment, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


def test_a_manifest_whose_name_the_locale_cannot_say(project: Path) -> None:
    (project / "assistants/gr\u00f6\u00dfe.yaml").write_text("key: a\ngraph_id: agent\n")
    assert validate(project)[0] == 0
    code, output = validate(project, **LOCALE)
    assert code == 3
    assert "the locale cannot name it: set PYTHONUTF8=1" in output


def test_an_included_text_whose_name_the_locale_cannot_say(project: Path) -> None:
    (project / "gr\u00f6\u00dfe.md").write_text("text")
    manifest = 'key: a\ngraph_id: agent\ncontext: {p: {$file: "../gr\\u00f6\\u00dfe.md"}}\n'
    (project / "assistants/a.yaml").write_text(manifest)
    assert validate(project)[0] == 0
    code, output = validate(project, **LOCALE)
    assert code == 3
    assert "cannot be named in this locale" in output
    assert "PYTHONUTF8=1" in output
