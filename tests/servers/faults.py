"""What can go wrong between an apply and its deployment, by name; the proxy makes it happen.

A fault strikes the first write of an apply, once, unless it says otherwise. Lock traffic is left alone.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

from assistant_sync.model.frozen import replace
from tests.servers.proxy import RESET, Answer

if TYPE_CHECKING:
    from tests.servers.proxy import Forward, Meddle, Proxy, Request

CARRIED_OUT_LATE = 1.5
"""Seconds after which a write that outlives its connection is carried out."""

REFUSING = 1.0
"""Seconds without anybody who listens: the client has tried again by then, and not yet given up."""

NOTICE = 0.3
"""Seconds for a client to notice a signal."""

LONGEST_HANG = 60.0


def _is_hit(request: Request) -> bool:
    return request.is_write


def _nothing(_: object = None) -> None:
    pass


@dataclass
class Scene:
    """The apply that a fault meets.

    Attributes:
        proxy: It passes through here.
        hits: Tells the write to strike.
        requests_before: How many requests it makes before that write; the last of them is the re-read.
        outside: Lets somebody else write the assistant, now.
        signal: Sends the client a signal.
        struck: Set when the fault has come about.
        released: Set to end what hangs.
        held: Writes that were held back, and may be carried out by ``release``.
        late: What will come about by itself.
    """

    proxy: Proxy
    hits: Callable[[Request], bool] = _is_hit
    requests_before: int = 0
    outside: Callable[[], None] = _nothing
    signal: Callable[[signal.Signals], None] = _nothing
    struck: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    held: list[Callable[[], object]] = field(default_factory=list)
    late: list[threading.Thread] = field(default_factory=list)

    def release(self) -> None:
        """Carry out what was held back, end what hangs, and wait for what is late."""
        self.released.set()
        while self.held:
            self.held.pop(0)()
        for thread in self.late:
            thread.join()


Strike: TypeAlias = Callable[["Request", "Forward", Scene], "Answer | None"]
"""What becomes of one request."""

Loss: TypeAlias = Callable[[Answer, Scene], "Answer | None"]
"""What the client gets, made from what the server answered."""

NO_ANSWER = Answer(204, b"")
"""Stands for the server's answer where the server was not asked."""


@dataclass(frozen=True)
class Fault:
    """One way in which things go wrong.

    Attributes:
        name: Short, and unique.
        label: As the documents call it.
        meddle: Makes it for one apply.
        is_hang: Whether it can only end by the client's own timeout.
        is_limit: Whether the server says that it has not begun, and that the client may come back.
        kills: Whether it ends the client, so that nobody gives the lock back.
        is_race: Whether it races with the client's clock, which must not run faster then.
        needs_rows: Whether the listing must have more than one row.
        lands_in_next: Whether what was held back is carried out in the midst of the next apply, not before it.
        hides_all: Whether the deployment seems to be empty, and nothing contradicts it.
        only: The kinds of change that it can meet; None for all.
    """

    name: str
    label: str
    meddle: Callable[[Scene], Meddle]
    is_hang: bool = False
    is_limit: bool = False
    kills: bool = False
    is_race: bool = False
    needs_rows: bool = False
    lands_in_next: bool = False
    hides_all: bool = False
    only: frozenset[str] | None = None


# What the client gets


def closed(_: Answer, __: Scene) -> Answer | None:
    return None


def reset(_: Answer, __: Scene) -> Answer | None:
    return RESET


def hung(_: Answer, scene: Scene) -> Answer | None:
    scene.released.wait(LONGEST_HANG)
    return RESET


def told(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Loss:
    answer = Answer(status, body, content_type, {name.replace("_", "-"): value for name, value in headers.items()})
    return lambda _, __: answer


def cut_off(real: Answer, _: Scene) -> Answer | None:
    """Half of the body that was announced; a server that has no body to give announces one, too."""
    half = len(real.body) // 2
    return replace(real, status=200, body=real.body[:half], missing=len(real.body) - half or 100)


def halved(real: Answer, _: Scene) -> Answer | None:
    """Half of the JSON, announced as if it were all."""
    return replace(real, status=200, body=(real.body or b'{"ok": true}')[: len(real.body) // 2 or 5])


def somebody_elses(real: Answer, _: Scene) -> Answer | None:
    row: dict[str, Any] = json.loads(real.body) if real.body else {"graph_id": "support_agent", "version": 1}
    return Answer(200, json.dumps({**row, "assistant_id": str(uuid4())}).encode())


PAGE = b"<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"

INTERNAL = told(500, b"Internal Server Error", "text/plain")
BAD_GATEWAY = told(502, PAGE, "text/html")
UNAVAILABLE = told(503, b'{"detail": "Service Unavailable"}')
GATEWAY_TIMEOUT = told(504, b"upstream request timeout", "text/plain")
LOGIN = told(200, b"<!doctype html><html><body>Please log in</body></html>", "text/html")
EMPTY = told(200, b"")


# What becomes of a request


def instead(loss: Loss) -> Strike:
    """The server never hears of it."""
    return lambda _, __, scene: loss(NO_ANSWER, scene)


def afterwards(loss: Loss) -> Strike:
    """The server carries it out, and its answer does not arrive as it was."""
    return lambda request, forward, scene: loss(forward(request), scene)


def held_back(request: Request, forward: Forward, scene: Scene) -> Answer | None:
    """The connection ends now; the server hears of it when the scene is released."""
    scene.held.append(lambda: forward(request))
    return RESET


def carried_out_late(request: Request, forward: Forward, scene: Scene) -> Answer | None:
    """The connection ends now; the server hears of it a little later."""

    def wait() -> None:
        time.sleep(CARRIED_OUT_LATE)
        forward(request)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    scene.late.append(thread)
    return RESET


def overtaken(request: Request, forward: Forward, scene: Scene) -> Answer | None:
    """Somebody else writes just before."""
    scene.outside()
    return forward(request)


def followed(request: Request, forward: Forward, scene: Scene) -> Answer | None:
    """Somebody else writes just behind."""
    answer = forward(request)
    scene.outside()
    return answer


def killed_before(_: Request, __: Forward, scene: Scene) -> Answer | None:
    scene.signal(signal.SIGKILL)
    return RESET


def killed_after(request: Request, forward: Forward, scene: Scene) -> Answer | None:
    forward(request)
    scene.signal(signal.SIGKILL)
    return RESET


def interrupted(number: signal.Signals) -> Strike:
    """The client is told to end while it waits for the answer."""

    def strike(request: Request, forward: Forward, scene: Scene) -> Answer | None:
        scene.signal(number)
        time.sleep(NOTICE)
        return forward(request)

    return strike


# Which requests


def at_writes(strike: Strike, times: int | None = 1) -> Callable[[Scene], Meddle]:
    """Strike the first writes; None for all."""

    def plot(scene: Scene) -> Meddle:
        count = 0

        def meddle(request: Request, forward: Forward) -> Answer | None:
            nonlocal count
            if not scene.hits(request) or count == times:
                return forward(request)
            count += 1
            scene.struck.set()
            return strike(request, forward, scene)

        return meddle

    return plot


def before_the_write(act: Callable[[Request, Forward, Scene], Answer | None]) -> Callable[[Scene], Meddle]:
    """Strike the last request before the write, found by its number; the connection ends with every answer."""

    def plot(scene: Scene) -> Meddle:
        count = 0

        def meddle(request: Request, forward: Forward) -> Answer | None:
            nonlocal count
            count += 1
            if count != scene.requests_before:
                return _last(forward(request))
            scene.struck.set()
            return act(request, forward, scene)

        return meddle

    return plot


def _last(answer: Answer) -> Answer:
    return replace(answer, headers={**answer.headers, "connection": "close"})


def refuse_the_next(request: Request, forward: Forward, scene: Scene) -> Answer | None:
    """Answer, and have nobody listen for a while, so that the next connection is never opened."""
    answer = _last(forward(request))
    scene.proxy.refuse()
    timer = threading.Timer(REFUSING, scene.proxy.listen)
    timer.start()
    scene.late.append(timer)
    return answer


def reads_behind(times: int | None) -> Callable[[Scene], Meddle]:
    """Every read behind the write fails so many times; None for as long as the apply lasts."""

    def plot(scene: Scene) -> Meddle:
        has_written = False
        failures: dict[tuple[str, str], int] = {}

        def meddle(request: Request, forward: Forward) -> Answer | None:
            nonlocal has_written
            if request.is_write:
                has_written = has_written or scene.hits(request)
            elif has_written and not request.is_lock:
                read = (request.method, request.path)
                failures[read] = failures.get(read, 0) + 1
                if times is None or failures[read] <= times:
                    scene.struck.set()
                    return UNAVAILABLE(NO_ANSWER, scene)
            return forward(request)

        return meddle

    return plot


def listings(distort: Callable[[str, Any], Any]) -> Callable[[Scene], Meddle]:
    """Distort what the listing of the project's assistants and its count say.

    Args:
        distort: Is told ``search`` or ``count`` and the true answer, and gives the one that the client gets.
    """

    def plot(scene: Scene) -> Meddle:
        def meddle(request: Request, forward: Forward) -> Answer | None:
            answer = forward(request)
            what = request.path.rpartition("/")[2]
            if what not in ("search", "count") or request.is_lock or "assistant_sync" not in _filter(request):
                return answer
            scene.struck.set()
            return Answer(200, json.dumps(distort(what, json.loads(answer.body))).encode())

        return meddle

    return plot


def _filter(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.body).get("metadata") or {}
    return found


def _of_one_row(scene: Scene) -> Meddle:
    """The first page of one row, whatever page is asked for."""

    def meddle(request: Request, forward: Forward) -> Answer | None:
        if request.path.endswith("/search") and "assistant_sync" in _filter(request) and not request.is_lock:
            scene.struck.set()
            body = {**json.loads(request.body), "offset": 0, "limit": 1}
            return forward(replace(request, body=json.dumps(body).encode()))
        return forward(request)

    return meddle


def unmeddled(scene: Scene) -> Meddle:
    """Nothing goes wrong."""
    scene.struck.set()
    return lambda request, forward: forward(request)


_UPDATES = frozenset({"update", "activate", "adopt", "delete", "heal-move", "heal-update"})
_PLANNED = frozenset({"create", "update", "activate", "adopt", "delete", "heal-move"})

NONE = Fault("none", "nothing", unmeddled)

LOST_BEFORE = (
    Fault("refused", "refused connections, for a moment", before_the_write(refuse_the_next), is_race=True),
    Fault("closed-before", "a closed connection", at_writes(instead(closed))),
    Fault("reset-before", "a reset connection", at_writes(instead(reset))),
    Fault("timeout-before", "no answer in time", at_writes(instead(hung)), is_hang=True),
    Fault("500-before", "500", at_writes(instead(INTERNAL))),
    Fault("502-before", "502 with a page of HTML", at_writes(instead(BAD_GATEWAY))),
    Fault("503-before", "503", at_writes(instead(UNAVAILABLE))),
    Fault("504-before", "504", at_writes(instead(GATEWAY_TIMEOUT))),
    Fault("html-before", "200 with a page of HTML", at_writes(instead(LOGIN))),
    Fault(
        "429-once",
        "429 with `Retry-After: 1`, once",
        at_writes(instead(told(429, b"{}", retry_after="1"))),
        is_limit=True,
    ),
    Fault("429-storm", "429, four times", at_writes(instead(told(429, b"{}")), times=4), is_limit=True),
    Fault(
        "429-endless",
        "429 without end, `Retry-After` beyond the budget",
        at_writes(instead(told(429, b"{}", retry_after="100")), times=None),
        is_limit=True,
    ),
)

LOST_AFTER = (
    Fault("closed-after", "a closed connection", at_writes(afterwards(closed))),
    Fault("reset-after", "a reset connection", at_writes(afterwards(reset))),
    Fault("timeout-after", "no answer in time", at_writes(afterwards(hung)), is_hang=True),
    Fault("500-after", "500", at_writes(afterwards(INTERNAL))),
    Fault("502-after", "502 with a page of HTML", at_writes(afterwards(BAD_GATEWAY))),
    Fault("503-after", "503", at_writes(afterwards(UNAVAILABLE))),
    Fault("504-after", "504", at_writes(afterwards(GATEWAY_TIMEOUT))),
    Fault("html-after", "200 with a page of HTML", at_writes(afterwards(LOGIN))),
    Fault("cut-off", "a connection that ends in mid-body", at_writes(afterwards(cut_off))),
    Fault("halved", "half of the JSON", at_writes(afterwards(halved))),
    Fault("empty", "200 with an empty body", at_writes(afterwards(EMPTY))),
    Fault("another", "the JSON of another assistant", at_writes(afterwards(somebody_elses))),
)

LATER = (
    Fault("late", "1.5 s later, while the program looks for it", at_writes(carried_out_late), is_race=True),
    Fault("given-up", "after the apply has ended", at_writes(held_back, times=None)),
    Fault(
        "next-apply",
        "during the next apply, before its last look",
        at_writes(held_back, times=None),
        lands_in_next=True,
    ),
)

READS = (
    Fault("reads-once", "503 for each read after the write, once", reads_behind(1)),
    Fault("reads-endless", "503 for every read after the write", reads_behind(None)),
    Fault(
        "empty-listing",
        "the listing is empty, its count is not",
        listings(lambda what, answer: [] if what == "search" else answer),
        only=_PLANNED,
    ),
    Fault(
        "lost-rows",
        "a row is missing from the listing",
        listings(lambda what, answer: answer[1:] if what == "search" else answer),
        only=_PLANNED,
    ),
    Fault("repeated-page", "every page of the listing is the first one", _of_one_row, needs_rows=True, only=_PLANNED),
    Fault(
        "wrong-count",
        "the count is one too high",
        listings(lambda what, answer: answer if what == "search" else answer + 1),
        only=_PLANNED,
    ),
    Fault(
        "nothing-there",
        "listing and count both say that there is nothing",
        listings(lambda what, _: [] if what == "search" else 0),
        hides_all=True,
        only=_PLANNED,
    ),
)

OTHERS = (
    Fault("squatter", "takes the id before our create (409)", at_writes(overtaken), only=frozenset({"create"})),
    Fault("moved-base", "writes between the plan and our last look", before_the_write(overtaken), only=_UPDATES),
    Fault("between", "writes between our last look and our write", at_writes(overtaken), only=_UPDATES),
    Fault("behind", "writes right after our write", at_writes(followed), only=(_UPDATES | {"create"}) - {"delete"}),
)

ENDS = (
    Fault("killed-before", "`kill -9` before the write is carried out", at_writes(killed_before), kills=True),
    Fault("killed-after", "`kill -9` after it was carried out", at_writes(killed_after), kills=True),
    Fault("ctrl-c", "Ctrl-C while it waits for the answer", at_writes(interrupted(signal.SIGINT))),
    Fault("sigterm", "SIGTERM while it waits for the answer", at_writes(interrupted(signal.SIGTERM))),
)

FAULTS = (NONE, *LOST_BEFORE, *LOST_AFTER, *LATER, *READS, *OTHERS, *ENDS)
