"""The commands of docs/run-and-check.md, in its order, on a copy of this repository and a real server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.project_fixture import ProjectFixture

if TYPE_CHECKING:
    from tests.servers.official import Deployment

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/run-and-check.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(sh|python) run\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SHOWN = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
PROJECT = ("assistant-sync.yaml", "assistants", "prompts", "schemas", "checks")


@pytest.fixture
def copy(deployment: Deployment, tmp_path: Path) -> ProjectFixture:
    """A copy of this repository's project, applied."""
    project = ProjectFixture(tmp_path, deployment.url)
    for name in PROJECT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, dirs_exist_ok=True)
        else:
            shutil.copy(source, tmp_path / name)
    text = (tmp_path / "assistant-sync.yaml").read_text("utf-8")
    (tmp_path / "assistant-sync.yaml").write_text(re.sub(r"http://127\.0\.0\.1:2024", deployment.url, text))
    project.commit()
    project.run("apply", "--yes").expect(0)
    return project


def ran(kind: str, script: str, project: ProjectFixture, url: str) -> str:
    """Run a block as the page says."""
    programs = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": "."}
    environment |= {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a"}
    environment |= {"GIT_COMMITTER_EMAIL": "a@b.c"}
    words = (
        ["bash", "-euo", "pipefail", "-c", script]
        if kind == "sh"
        else [sys.executable, "-c", f"URL = {url!r}\n{script}"]
    )
    done = subprocess.run(
        words, cwd=project.folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.full
def test_every_command_does_what_the_page_says(copy: ProjectFixture, deployment: Deployment) -> None:
    threads = deployment.threads()
    (copy.folder / "assistant_sync_ids.py").write_text(copy.run("outputs", "--as", "python").expect(0).out)
    by_id, by_graph, runs, check, gate = (ran(kind, script, copy, deployment.url) for kind, script in BLOCKS)
    assert "You are the support agent of Acme" in by_id
    assert "You are in a hurry" in by_graph
    assert runs.count("You are the support agent of Acme") >= 5
    assert "the plan changes nothing" in check
    (shown,) = SHOWN
    for line in shown.splitlines():
        pattern = re.sub(r"\d+\\\.\d\\ s", r"\\d+\\.\\d s", re.escape(line))
        assert re.search(pattern, check), line
    assert "2 cases: 2 passed" in gate
    assert "Verified: the deployment matches" in gate
    assert deployment.threads() == threads
    assert copy.actions("support") == {"support": "keep"}


def test_the_page_names_the_commands_and_their_order() -> None:
    assert [kind for kind, _ in BLOCKS] == ["python", "python", "sh", "sh", "sh"]
