"""What strikes an apply while it is under way: the faults of the table, somebody else's writes, and signals."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

from tests.end_to_end.machine_world import SPEED, Record, World, target_of
from tests.servers.faults import LATER, LOST_AFTER, LOST_BEFORE, OTHERS, READS, Fault, Scene, at_writes
from tests.servers.proxy import RESET

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.forkserver import Running
    from tests.servers.proxy import Answer, Forward, Request

SOON = 1.5 / SPEED
"""Seconds after which a write is carried out whose sender has lost the connection, and looks for it."""


def carried_out_soon(request: Request, forward: Forward, scene: Scene) -> Answer | None:
    """The connection ends now; the server hears of it while the client looks for it."""
    timer = threading.Timer(SOON, forward, [request])
    timer.start()
    scene.late.append(timer)
    return RESET


# Not what races with a clock that runs fast, nor what lands in the next apply: so much later "once" is not promised.
OF_WRITES = {
    fault.name: fault
    for fault in (*LOST_BEFORE, *LOST_AFTER, *LATER, Fault("soon", "soon", at_writes(carried_out_soon)))
    if not (fault.is_race or fault.lands_in_next)
}
OF_READS = {fault.name: fault for fault in READS}
BY_OTHERS = {fault.name: fault for fault in OTHERS}


class Outsider:
    """Somebody who writes while an apply is under way.

    Attributes:
        record: What they wrote.
        struck: The request before or behind which they write; None where they write on their own.

    Args:
        world: Where.
        body: What they write.
    """

    def __init__(self, world: World, body: dict[str, Any]) -> None:
        self.record = Record()
        self.struck: Request | None = None
        self._world = world
        self._body = body

    def write(self) -> None:
        """Write the assistant that the struck request is about, or any other where it is about none."""
        deployment = self._world.deployment
        assistant_id = target_of(self.struck) if self.struck is not None else min(self._world.known, default=None)
        if assistant_id is None:
            return
        self.record.touched.add(assistant_id)
        self.record.is_anytime = self.struck is None
        if deployment.exists(assistant_id):
            version = deployment.patch(assistant_id, **self._body)["version"]
        elif self.struck is not None and self.struck.method == "POST":
            version = deployment.create(assistant_id=assistant_id, **self._body)["version"]
        else:
            return
        self.record.outside.setdefault(assistant_id, []).append(version)


class Nth:
    """Tells the nth request of its kind, and all that follow.

    Args:
        nth: Which.
        counts: Which requests are of the kind.
        outsider: Is told which it is.
    """

    def __init__(self, nth: int, counts: Callable[[Request], bool], outsider: Outsider) -> None:
        self._left = nth
        self._counts = counts
        self._outsider = outsider
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> bool:
        if not self._counts(request):
            return False
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._outsider.struck = request
            return self._left <= 0


class Hand:
    """Sends an apply a signal at its nth request.

    Args:
        number: Which signal.
        nth: Which request.
        is_answered: Whether the server has answered that before; otherwise it hears of it afterwards, or never where
            nobody is there any more to send it.
        of_writes: Whether only requests are counted that change an assistant.
    """

    def __init__(self, number: signal.Signals, nth: int, *, is_answered: bool, of_writes: bool) -> None:
        self._number = number
        self._left = nth
        self._is_answered = is_answered
        self._of_writes = of_writes
        self._running: Running | None = None
        self._is_held = threading.Event()
        self._lock = threading.Lock()

    def hold(self, running: Running) -> None:
        """Be given the process."""
        self._running = running
        self._is_held.set()

    def __call__(self, request: Request, forward: Forward) -> Answer | None:
        if not self._is_now(request):
            return forward(request)
        answer = forward(request) if self._is_answered else RESET
        self._is_held.wait()
        assert self._running is not None
        self._running.send(self._number)
        if self._number == signal.SIGKILL:
            self._running.kill()
            return RESET
        return answer if self._is_answered else forward(request)

    def _is_now(self, request: Request) -> bool:
        if self._of_writes and not request.is_write:
            return False
        with self._lock:
            self._left -= 1
            return self._left == 0
