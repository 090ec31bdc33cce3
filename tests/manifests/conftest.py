from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.manifests.manifest_project import ManifestProject

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> ManifestProject:
    return ManifestProject(tmp_path / "project")
