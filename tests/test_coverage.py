from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.full
def test_a_partial_run_needs_no_coverage(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--cov=assistant_sync", "tests/test_fast_time.py"],
        cwd=ROOT,
        env=kept | {"TEST_DEPTH": "full", "COVERAGE_FILE": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TOTAL" in done.stdout
