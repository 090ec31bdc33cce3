"""What a plan costs, counted: requests, bytes, files, calls of Python functions and memory; no clock decides.

A bar is a tenth above what was counted when it was set. Whoever makes a plan cheaper lowers it (docs/performance.md).
"""

from __future__ import annotations

import gc
import sys
import threading
import tracemalloc
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import assistant_sync
from assistant_sync.operations.plan import plan
from assistant_sync.operations.plan_request import PlanRequest
from tests.operations.memory_project import URL, MemoryProject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from tests.locking.clock import Clock

pytestmark = pytest.mark.full

COUNT = 1_000
SOURCE = str(Path(assistant_sync.__file__).parent)
PROMPT = "Answer briefly, quote the source, never promise a refund before you have seen the order.\n" * 20


@dataclass
class Costs:
    """What was counted.

    Attributes:
        requests: Sent.
        kilobytes: Of all answers.
        opened: Files that this process opened.
        calls: Of this program's Python functions, per assistant.
        peak: Of traced memory, in KB per assistant.
    """

    requests: int = 0
    kilobytes: int = 0
    opened: int = 0
    calls: float = 0
    peak: float = 0

    def exceeds(self, bar: Costs) -> dict[str, tuple[float, float]]:
        """What is above the bar, each with the bar."""
        pairs = {one.name: (getattr(self, one.name), getattr(bar, one.name)) for one in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] > pair[1]}


@dataclass
class _Opened:
    count: int = 0
    is_on: bool = False


_opened = _Opened()


def _audit(event: str, _: tuple[Any, ...]) -> None:
    if event == "open" and _opened.is_on:
        _opened.count += 1


sys.addaudithook(_audit)


@dataclass
class _Calls:
    count: int = 0

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(SOURCE):
            self.count += 1

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count in this thread, and in those that begin meanwhile."""
        threading.setprofile(self)
        sys.setprofile(self)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)


@pytest.fixture
def many(project: MemoryProject) -> MemoryProject:
    """A thousand assistants that are live as their manifests want them."""
    for number in range(COUNT):
        context = {"model_name": "model", "temperature": 0.2, "system_prompt": f"{number}\n{PROMPT}", "tools": ["a"]}
        project.manifest(f"a{number:04}", context=context, config={"tags": ["t"]}, metadata={"team": "cx"})
    project.commit()
    project.settle()
    planned(project, Costs())
    return project


def planned(project: MemoryProject, costs: Costs, **settings: Any) -> None:
    """Plan, and count what that costs; nothing differs."""
    asked = PlanRequest(settings=project.settings(**settings))
    made = project.run_at_once(plan(asked)).plan
    assert {one.action.value for one in made.changes} == {"keep"}
    costs.requests = len(project.transport.requests)


def costs_of_plan(project: MemoryProject, **settings: Any) -> Costs:
    """What a plan costs: one run for the calls and files, one for the memory."""
    costs, calls = Costs(), _Calls()
    answered = project.deployment.handle_async_request

    async def weighed(request: Any) -> Any:
        answer = await answered(request)
        costs.kilobytes += len(answer.content)
        return answer

    project.deployment.handle_async_request = weighed  # type: ignore[method-assign]  # to weigh what it answers
    _opened.count, _opened.is_on = 0, True
    with calls.counted():
        planned(project, costs, **settings)
    _opened.is_on = False
    costs.opened, costs.calls = _opened.count, calls.count / COUNT
    costs.kilobytes //= 1000
    project.deployment.handle_async_request = answered  # type: ignore[method-assign]  # as before
    gc.collect()
    tracemalloc.start()
    planned(project, Costs(), **settings)
    costs.peak = tracemalloc.get_traced_memory()[1] / 1000 / COUNT
    tracemalloc.stop()
    return costs


def test_a_plan_of_a_thousand_equal_assistants_costs_no_more_than_it_did(many: MemoryProject) -> None:
    bar = Costs(requests=3, kilobytes=4_860, opened=1_030, calls=186, peak=13.0)
    costs = costs_of_plan(many)
    assert costs.exceeds(bar) == {}


def test_the_same_plan_again_parses_nothing(many: MemoryProject) -> None:
    first = costs_of_plan(many)
    planned(many, Costs(), keeps_built=True)
    again = costs_of_plan(many, keeps_built=True)
    assert again.exceeds(Costs(requests=3, kilobytes=4_860, opened=1_030, calls=107, peak=16.5)) == {}
    assert again.calls < first.calls


def test_a_plan_of_a_light_listing_reads_a_fraction_of_the_bytes(many: MemoryProject) -> None:
    many.configure(URL, activation="full", measured_version=many.deployment.version)
    bar = Costs(requests=5, kilobytes=677, opened=1_030, calls=221, peak=7.5)
    assert costs_of_plan(many).exceeds(bar) == {}


def test_what_a_plan_costs_grows_with_the_assistants_alone(many: MemoryProject, tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    small = MemoryProject(folder, clock)
    small.manifest("only", context={"system_prompt": PROMPT})
    small.commit()
    small.settle()
    planned(small, Costs())
    of_one, of_many = costs_of_plan(small), costs_of_plan(many)
    assert of_many.requests == of_one.requests
    assert of_many.opened - of_one.opened <= COUNT
