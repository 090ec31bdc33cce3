"""The example at the top of the repository, which the README's first command applies."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant_sync.manifests.project.file import load_project
from assistant_sync.model.frozen import replace
from assistant_sync.operations.editor_schemas import editor_schemas
from assistant_sync.operations.schema_pull import pull_schemas
from assistant_sync.operations.validate import validate
from assistant_sync.operations.workspace import Settings, open_workspace

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Desired
    from tests.servers.official import Deployment

ROOT = Path(__file__).parent.parent

IDS = {
    "billing": "59b446ea-43b0-575c-8652-5c2b931a26ef",
    "escalation": "85f5f29f-cefb-5b5f-8111-3a5b15896d7f",
    "research": "e71c3e6a-5e0a-5f6c-92af-b3daa926f193",
    "support": "62b6de81-9bb7-5519-ba49-c1ad6055c141",
}
"""Known before the first apply, the same on every deployment, and for ever: they are what runs and threads refer to."""


@pytest.fixture(scope="module")
def desired() -> dict[str, Desired]:
    """What the manifests want, by key."""
    loaded = open_workspace(Settings(environ={}, folder=ROOT)).manifests
    return {one.key: one for one in loaded.desired}


@pytest.fixture
def copy(tmp_path: Path) -> Settings:
    """A copy of the project, in a folder of its own."""
    for name in ("assistant-sync.yaml", "assistants", "checks", "prompts", "schemas"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    return Settings(environ={"CI": "true"}, folder=tmp_path)


def test_it_is_valid_in_a_folder_of_its_own(copy: Settings) -> None:
    checked = validate(copy)
    assert (checked.problems, checked.documents) == ((), len(IDS))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("temperature: 0.2", "temperature: warm", "16: context.temperature must be a number"),
        ("temperature: 0.2", "temperatures: 0.2", "3: unknown key 'temperatures' in context"),
        ("- look_up_order", "- 7", "7: context.tools[1] must be a text"),
    ],
)
def test_a_wrong_edit_fails_without_a_server(before: str, after: str, expected: str, copy: Settings) -> None:
    manifest = copy.folder / "assistants/support.yaml"
    text = manifest.read_text("utf-8")
    assert text.count(before) == 1
    line = text[: text.index(before)].count("\n") + 1
    manifest.write_text(text.replace(before, after), "utf-8")
    (problem,) = validate(copy).problems
    assert str(problem).startswith(f"assistants/support.yaml:{line}:{expected}")


def test_the_kept_schemas_are_what_the_example_server_answers(copy: Settings, deployment: Deployment) -> None:
    settings = replace(copy, url=deployment.url)
    files = asyncio.run(pull_schemas(settings, is_check=True)).files
    assert [one.path for one in files.files] == ["schemas/research_agent.json", "schemas/support_agent.json"]
    assert files.stale == ()
    assert editor_schemas(settings, is_check=True).stale == ()


def test_ids_stay_what_they_are(desired: dict[str, Desired]) -> None:
    assert {key: one.assistant_id for key, one in desired.items()} == IDS


def test_every_graph_is_one_of_the_example_server(desired: dict[str, Desired]) -> None:
    graphs = json.loads((ROOT / "examples/langgraph.json").read_text("utf-8"))["graphs"]
    assert {one.content.graph_id for one in desired.values()} == set(graphs)


def test_every_prompt_is_included_by_one_manifest(desired: dict[str, Desired]) -> None:
    prompts = [path.read_text("utf-8") for path in (ROOT / "prompts").iterdir()]
    assert sorted(str(one.content.context["system_prompt"]) for one in desired.values()) == sorted(prompts)


def test_one_file_has_several_manifests(desired: dict[str, Desired]) -> None:
    assert {one.source for one in desired.values()} == {
        f"assistants/{name}.yaml" for name in ("research", "second-line", "support")
    }


def test_the_target_in_comments_is_valid_once_the_comments_are_gone(tmp_path: Path) -> None:
    text = (ROOT / "assistant-sync.yaml").read_text("utf-8")
    before, after = text.split("  # production:", 1)
    uncommented = "  production:" + re.sub(r"^  # ?", "  ", after, flags=re.MULTILINE)
    (tmp_path / "assistant-sync.yaml").write_text(before + uncommented, "utf-8")
    assert list(load_project(tmp_path / "assistant-sync.yaml").targets) == ["local", "production"]
