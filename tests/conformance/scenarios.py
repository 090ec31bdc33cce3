"""The scenarios against one server, as a run of pytest of its own, and what came of each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tests.conformance.installing import TOP

if TYPE_CHECKING:
    from collections.abc import Sequence

STOP_SECONDS = 20.0
"""How long a run may take to stop its server."""

STOPS = 3
"""How often it is told to: what a scenario is testing may take the first for its own."""

NO_TESTS = 5
"""Pytest's exit code where it found none."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of the scenarios.

    Attributes:
        passed: How many passed.
        failed: Which did not.
        left_out: How many were left out, by reason.
    """

    passed: int
    failed: tuple[str, ...]
    left_out: dict[str, int]


def run(kind: str, more: Sequence[str] = ()) -> Outcomes:
    """Run all scenarios against a server that they start themselves; their progress is printed.

    Args:
        kind: A name of ``kinds.KINDS``.
        more: Further arguments for pytest.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", str(Path(__file__).parent), "-q", "-m", "server"]
        command += ["-p", "no:cacheprovider", "--no-header", f"--junitxml={report}", *more]
        code = _run(command, os.environ | {"CONFORMANCE_SERVERS": kind, "TEST_DEPTH": "full"})
        if not report.exists():
            return Outcomes(0, (f"pytest ended with code {code}",), {})
        found = outcomes(report.read_text("utf-8"))
    if code and not found.failed:
        reason = "no scenario was found" if code == NO_TESTS else f"pytest ended with code {code}"
        return Outcomes(found.passed, (reason,), found.left_out)
    return found


def outcomes(report: str) -> Outcomes:
    """What a JUnit report tells."""
    passed, failed, left_out = 0, [], Counter[str]()
    for case in ET.fromstring(report).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(f"{case.get('classname')}::{case.get('name')}")
        elif skipped is not None:
            left_out[skipped.get("message", "")] += 1
        else:
            passed += 1
    # A scenario that fails and whose clean-up fails, too, is there twice.
    return Outcomes(passed, tuple(dict.fromkeys(failed)), dict(left_out))


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run pytest to its end, and have it stop its server where this program is ended before."""
    process = subprocess.Popen(command, cwd=TOP, env=environment)
    try:
        return process.wait()
    finally:
        for _ in range(STOPS):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_SECONDS)
        process.kill()
        process.wait()
