"""How tests are shared among the worker processes of pytest-xdist.

A file stays whole, because its fixtures start servers. What takes longest begins first, or a single worker would still
be busy with it when all others are done.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

_SERVER = re.compile(r"\[(fake|python|python-2025|js|langhost|aegra)\b")

_APART = ("tests/end_to_end/test_machine.py", "tests/end_to_end/test_killed.py")
"""Files whose tests may run beside each other: each of them takes minutes."""

_LONGEST = (
    "conformance on python",
    "tests/end_to_end/test_fault_table.py",
    "tests/end_to_end/test_machine.py",
    "tests/end_to_end/test_killed.py",
    "tests/end_to_end/test_failures.py",
    "conformance on",
    "tests/end_to_end/test_two_applies.py",
    "tests/end_to_end/",
    "tests/test_",
    "tests/cli/",
)
"""The longest first; what is not named takes seconds."""


def unit_of(nodeid: str) -> str:
    """What a test is scheduled with: its file, or all scenarios of one server."""
    file = nodeid.partition("::")[0]
    server = _SERVER.search(nodeid)
    if file.startswith("tests/conformance/") and server:
        return f"conformance on {server[1]}"
    return nodeid if file in _APART else file


def rank_of(unit: str) -> int:
    """The place of a unit in the queue."""
    return next((rank for rank, start in enumerate(_LONGEST) if unit.startswith(start)), len(_LONGEST))


class Scheduling(LoadScopeScheduling):
    """Gives each worker one unit after the other, in the order in which tests were collected."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        self.config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
