from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.full
@pytest.mark.server
def test_the_demo_passes_its_checks_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path), "CI": "true", "GIT_DIR": "/nowhere", "HTTP_PROXY": "http://x"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"All \d+ checks passed \(\d+ s\)\.", done.stdout.splitlines()[-1])
    assert "\033" not in done.stdout
    assert list(tmp_path.iterdir()) == []
