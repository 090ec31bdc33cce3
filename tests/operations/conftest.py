from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.locking.clock import Clock
from tests.operations.memory_project import MemoryProject

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time that passes only while all wait."""
    random.seed(0)  # pauses are shortened at random
    return Clock(monkeypatch, 1_000_000_000.0)


@pytest.fixture
def project(tmp_path: Path, clock: Clock) -> MemoryProject:
    """An empty project for an empty deployment in memory."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return MemoryProject(folder, clock)
