"""A project as an editor opens it: with the schema of a graph that is kept, and what ``schema`` makes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from assistant_sync.manifests.graph_schemas.files import FOLDER, file_name, schema_text
from assistant_sync.operations.editor_schemas import editor_schemas
from assistant_sync.operations.workspace import Settings
from tests.manifests.json_schema.graphs import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

LINE = "# yaml-language-server: $schema=../schemas/editor/manifest.json\n"
OVERLAY_LINE = "# yaml-language-server: $schema=../../schemas/editor/overlay.json\n"
CHECK_LINE = "# yaml-language-server: $schema=../schemas/editor/check.json\n"
PROJECT_LINE = "# yaml-language-server: $schema=schemas/editor/project.json\n"

MANIFEST = "assistants/support.yaml"
OVERLAY = "overlays/production/support.yaml"
CHECK = "checks/support.yaml"
PROJECT = "assistant-sync.yaml"

WRONG = f"""\
{LINE}graph_id: agent
context:
  system_prompt: {{$file: ../prompts/support.md}}
  temperature: warm
  depth: deeper
  modelname: openai/gpt-4.1
config:
  recursion_limit: 0
"""
"""A manifest with a wrong type, a wrong option, an unknown key and a value out of range."""


def make_project(folder: Path) -> None:
    """Write a project into a folder, and its schemas as the command does."""
    (folder / FOLDER).mkdir(parents=True)
    (folder / "assistant-sync.yaml").write_text("version: 1\nproject: acme\n", "utf-8")
    for one in SCHEMAS.values():
        (folder / FOLDER / str(file_name(one.graph_id))).write_text(schema_text(one), "utf-8")
    editor_schemas(Settings(environ=dict(os.environ), folder=folder))
