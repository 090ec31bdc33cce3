"""Figures: what was measured, beside the bar that it must meet; as lines and as the table of docs/performance.md."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks.measuring import Pairs, Sample, median

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BEGIN, _END = "<!-- figures -->", "<!-- /figures -->"
_UNITS = {"wall": "s", "cpu": "s of CPU", "peak": "MiB"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    Attributes:
        name: What was measured.
        value: A ratio, a rate or a number.
        bar: What it must not exceed, or, for a rate, must reach; None if nothing is promised.
        detail: The medians behind it, with the spread of the ratios.
        is_rate: Whether more is better.
    """

    name: str
    value: float
    bar: float | None
    detail: str
    is_rate: bool = False

    @classmethod
    def of(cls, name: str, pairs: Pairs, figure: str, bar: float | None, *, than: str, extra: float = 0.0) -> Figure:
        """The ratio of two programs.

        Args:
            name: What was measured.
            pairs: Their runs.
            figure: ``wall``, ``cpu`` or ``peak``.
            bar: The most that the ratio may be.
            than: What the other program is.
            extra: Seconds that the bar allows beside the ratio.
        """
        ours, other = median(pairs.ours, figure), median(pairs.other, figure)
        limit = None if bar is None else bar + extra / other
        ratios, unit = pairs.ratios(figure), _UNITS[figure]
        detail = f"{ours:.2f} against {other:.2f} {unit} ({than}); {ratios[0]:.2f} to {ratios[-1]:.2f}"
        return cls(name if figure == "wall" else f"{name}, {figure}", pairs.ratio(figure), limit, detail)

    @classmethod
    def rate(cls, name: str, pairs: Sequence[tuple[Sample, Sample]], bar: float, *, than: str) -> Figure:
        """How fast ours is, as a part of the other's rate."""
        rates = sorted(other.wall / ours.wall for ours, other in pairs)
        ours, other = (statistics.median(one.wall for one in side) for side in zip(*pairs, strict=True))
        detail = f"{ours:.2f} against {other:.2f} s ({than}); {rates[0]:.2f} to {rates[-1]:.2f}"
        return cls(name, statistics.median(rates), bar, detail, is_rate=True)

    @classmethod
    def count(cls, name: str, number: int, bar: int | None) -> Figure:
        """A number that does not depend on the machine."""
        return cls(name, number, bar, "counted")

    @property
    def is_met(self) -> bool:
        """Whether the bar is met, or there is none."""
        if self.bar is None:
            return True
        return self.value >= self.bar if self.is_rate else self.value <= self.bar

    @property
    def line(self) -> str:
        """For the terminal."""
        return f"{'  ' if self.is_met else '! '}{self.name}: {self._value} ({self._bar}); {self.detail}"

    @property
    def row(self) -> str:
        """For the table."""
        return f"| {self.name} | {self._value} | {self._bar if self.is_met else f'**{self._bar}**'} | {self.detail} |"

    @property
    def _value(self) -> str:
        return f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:.2f}"

    @property
    def _bar(self) -> str:
        if self.bar is None:
            return "no bar"
        sign = "at least" if self.is_rate else "at most"
        return f"{sign} {self.bar:,}" if isinstance(self.bar, int) else f"{sign} {self.bar:.2f}"


def of_plan(name: str, pairs: Pairs, *, wall: float, cpu: float | None = None, extra: float = 0.0) -> Iterator[Figure]:
    """Wall and CPU time of a plan against the floor."""
    yield Figure.of(name, pairs, "wall", wall, than="the floor", extra=extra)
    yield Figure.of(name, pairs, "cpu", cpu, than="the floor")


def write(found: Sequence[Figure], document: Path) -> None:
    """Put a table between the marks of a document.

    Raises:
        ValueError: It does not have them.
    """
    text = document.read_text("utf-8")
    begin, end = text.index(_BEGIN) + len(_BEGIN), text.index(_END)
    head = "| what | measured | bar | medians; spread of the ratios |\n| --- | --- | --- | --- |"
    table = "\n".join([head, *(one.row for one in found)])
    document.write_text(f"{text[:begin]}\n{_machine()}\n\n{table}\n{text[end:]}", "utf-8")


def _machine() -> str:
    """The machine and the versions, as a sentence."""
    question = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(question, capture_output=True, text=True, check=True)
    versions = ", ".join(f"{name} {version(name)}" for name in ("langgraph-api", "httpx", "pyyaml", "langgraph-sdk"))
    cores = len(os.sched_getaffinity(0))
    return (
        f"At commit {commit.stdout.strip()}, {cores} cores ({platform.machine()}), Python {platform.python_version()}, "
        f"{versions}; the dev server on the same machine."
    )
