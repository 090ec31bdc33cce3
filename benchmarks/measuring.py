"""Whole processes, timed in turn: wall and CPU seconds of a process with its children, and its peak of memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_KIB_OF_MIB = 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one process.

    Attributes:
        wall: Seconds.
        cpu: Seconds, user and system, of the process and of the children that it waited for.
        peak: MiB of memory.
    """

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two programs that did the same job in turn.

    Attributes:
        ours: Runs of assistant-sync.
        other: Runs of what it is compared with, each right after the one of ours.
    """

    ours: tuple[Sample, ...]
    other: tuple[Sample, ...]

    def ratios(self, figure: str) -> list[float]:
        """Ours by the other's, pair by pair, sorted.

        Args:
            figure: ``wall``, ``cpu`` or ``peak``.
        """
        return sorted(
            getattr(one, figure) / getattr(two, figure) for one, two in zip(self.ours, self.other, strict=True)
        )

    def ratio(self, figure: str) -> float:
        """The median of the ratios."""
        return float(statistics.median(self.ratios(figure)))


def median(samples: Sequence[Sample], figure: str) -> float:
    """The median of one figure."""
    return float(statistics.median(getattr(one, figure) for one in samples))


def measured(command: Sequence[str], folder: Path) -> Sample:
    """Run a process to its end.

    Args:
        command: The program and its arguments.
        folder: Where it is started.

    Raises:
        RuntimeError: It did not end with 0.
    """
    # An installed program is compiled: without that, each run would compile what was edited since the last one.
    environ = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTHONDONTWRITEBYTECODE")}
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        message = f"{command[:4]} ended with {process.returncode}"
        raise RuntimeError(message)
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KIB_OF_MIB)


def in_turn(rounds: int, ours: Callable[[], Sample], other: Callable[[], Sample]) -> Pairs:
    """Run both in turn; the first pair only warms the caches of the file system and of Python."""
    ours(), other()
    pairs = [(ours(), other()) for _ in range(rounds)]
    return Pairs(tuple(one for one, _ in pairs), tuple(two for _, two in pairs))
