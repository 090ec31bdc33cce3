"""One cell of the fault table: an apply that a fault meets, the applies after it, and what the server has to show.

Each cell has a project of its own, so that cells may be measured beside each other on one server. Versions are counted
by plain requests to the server, past the proxy and past the program.
"""

from __future__ import annotations

import json
import signal
import tempfile
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from assistant_sync.model.frozen import replace
from assistant_sync.model.identity import derived_id
from tests.project_fixture import ProjectFixture
from tests.servers.faults import FAULTS, NONE, Scene, before_the_write
from tests.servers.forkserver import running_forkserver
from tests.servers.official import LOCK, Deployment
from tests.servers.proxy import READ_POSTS, running_proxy, untouched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tests.project_fixture import Run
    from tests.servers.faults import Fault
    from tests.servers.forkserver import ForkServer, Running
    from tests.servers.proxy import Answer, Forward, Proxy, Request

KEY = "bot"
BY_HAND = "By hand"

SPEED = 4.0
"""How much faster the clock of the program runs, which shortens its waits; the server's time is real."""

TIMEOUT, SHORT_TIMEOUT = 40.0, 4.0
"""Real seconds for one request: so that a busy machine does not reach it, and where a timeout is the fault."""

LEASE = 4
"""Seconds that the lock holds where its holder is killed: the next apply waits for its end."""

WORKERS = 12
MOST_RUNS = 5


class CellProject:
    """One project, its deployment, and what there is to see of it.

    Args:
        bench: What all cells share.
        proxy: Between the program and the server.
        folder: An empty folder.
        project: The owner.
    """

    def __init__(self, bench: Bench, proxy: Proxy, folder: Path, project: str) -> None:
        self.deployment = bench.deployment
        self.repository = ProjectFixture(folder, proxy.url, project=project)
        self.project = project
        self.own = derived_id(project, KEY)
        self.outside = 0
        self.needs_rows = False
        self._bench = bench
        self._proxy = proxy
        self.repository.manifest("kept-a")

    def configure(self, **target: Any) -> None:
        """Write the project file anew."""
        self.repository.configure(self._proxy.url, project=self.project, **target)

    def want(self, model: str, tag: str = "x", **fields: Any) -> None:
        """Write the manifest."""
        self.repository.manifest(KEY, **_fields(model, tag), **fields)

    def start(self, *arguments: str, timeout: float = TIMEOUT, speed: float = SPEED) -> Running:
        """Start an apply, with a timeout in real seconds."""
        words = ("apply", "--yes", "--format", "json", "--timeout", str(timeout * speed), *arguments)
        return self._bench.forkserver.start(self.repository.folder, *words, speed=speed)

    def prepare(self, *arguments: str) -> None:
        """Apply while nothing goes wrong."""
        self.start(*arguments).wait().expect(0)

    def write_by_hand(self) -> None:
        """Let somebody else write the assistant, or take its id."""
        self.outside += 1
        if self.deployment.exists(self.own):
            self.deployment.patch(self.own, name=BY_HAND)
        else:
            self.deployment.create(assistant_id=self.own, name=BY_HAND)

    def rows(self) -> list[dict[str, Any]]:
        """All assistants that say to be of this project."""
        rows = self.deployment.all()
        return [row for row in rows if (row["metadata"].get("assistant_sync") or {}).get("project") == self.project]

    def locks(self) -> list[dict[str, Any]]:
        """The locks of this project."""
        return [row for row in self.deployment.locks() if row["metadata"][LOCK]["project"] == self.project]


def _fields(model: str, tag: str) -> dict[str, Any]:
    return {
        "name": "Bot",
        "description": "Answers.",
        "context": {"model_name": model},
        "config": {"recursion_limit": 9, "tags": [tag]},
        "metadata": {"team": "cx"},
    }


@dataclass(frozen=True)
class Kind:
    """One kind of change.

    Attributes:
        name: Short, and unique.
        label: As the documents call it.
        prepare: Makes a project in which the next apply makes this one change.
        mints: The versions that the change makes.
        goal: What is to be seen when it is made.
        hits: Tells the write that a fault strikes.
        arguments: What apply is told.
        activation: What the project file says of it.
        next_like: The kind that the next apply is left with where this one was begun only; the same if empty.
    """

    name: str
    label: str
    prepare: Callable[[CellProject], None]
    mints: int = 1
    goal: str = "1"
    hits: Callable[[Request], bool] = lambda request: request.is_write
    arguments: tuple[str, ...] = ()
    activation: str = "safe"
    next_like: str = ""


def _prepare_others(project: CellProject) -> None:
    """Make what is left alone, where the one to be changed is not among the project's rows."""
    if project.needs_rows:
        project.repository.manifest("kept-b")
    project.prepare()


def _create(project: CellProject) -> None:
    _prepare_others(project)
    project.want("a")


def _update(project: CellProject) -> None:
    project.want("b")
    project.prepare()
    project.want("a")


def _activate(project: CellProject) -> None:
    for tag in "xy":
        project.want("a", tag)
        project.prepare()
    project.want("a")


def _adopt(project: CellProject) -> None:
    _prepare_others(project)
    project.own = project.deployment.create(name="Made in the UI", context={"model_name": "b"})["assistant_id"]
    project.want("a", assistant_id=project.own)


def _delete(project: CellProject) -> None:
    project.want("a")
    project.prepare()
    project.repository.remove(KEY)


def _heal(project: CellProject) -> None:
    for model in "ab":
        project.want(model)
        project.prepare()
    project.want("a")


KINDS = (
    Kind("create", "create", _create),
    Kind("update", "update", _update),
    Kind("activate", "activate", _activate, mints=0, goal="moved"),
    Kind("adopt", "adopt", _adopt),
    Kind("delete", "delete", _delete, mints=0, goal="gone", arguments=("--prune",)),
    Kind("heal-move", "heal: its activation", _heal, activation="full"),
    Kind(
        "heal-update",
        "heal: its update",
        _heal,
        hits=lambda request: request.is_write and request.method == "PATCH",
        activation="full",
        next_like="update",
    ),
)

CELLS = tuple((fault, kind) for fault in FAULTS for kind in KINDS if fault.only is None or kind.name in fault.only)


def pairwise(number: int) -> tuple[tuple[Fault, Kind], ...]:
    """A part of the cells in which every fault and every kind of change is met.

    Args:
        number: Which of the many: others meet each other where it is another.
    """
    of_faults = [[cell for cell in CELLS if cell[0] is fault] for fault in FAULTS]
    of_kinds = [[cell for cell in CELLS if cell[1] is kind and cell[0] is not NONE] for kind in KINDS]
    chosen = [
        cells[(number + place) % len(cells)] for group in (of_faults, of_kinds) for place, cells in enumerate(group)
    ]
    return tuple(dict.fromkeys(chosen))


@dataclass(frozen=True)
class Sight:
    """What the server shows of the assistant.

    Attributes:
        versions: Their number.
        active: The active one; None where there is no assistant.
        by_hand: How many of the versions somebody else wrote so far.
    """

    versions: int
    active: int | None
    by_hand: int

    @classmethod
    def of(cls, project: CellProject) -> Sight:
        versions = project.deployment.versions(project.own)
        active = project.deployment.get(project.own)["version"] if project.deployment.exists(project.own) else None
        return cls(len(versions), active, project.outside)


@dataclass(frozen=True)
class Step:
    """One apply, or what came about by itself between two of them.

    Attributes:
        minted: Versions that are not by somebody else's hand.
        effect: That number, or what became of the assistant without a version: moved, gone.
        code: The exit code; None where the program was killed, or none ran.
        words: What the report said.
    """

    minted: int
    effect: str
    code: int | None
    words: tuple[str, ...] = ()

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing left to do."""
        return (self.code, self.effect, self.words) == (0, "0", ("nothing to do",))


def _step(before: Sight, after: Sight, run: Run | None) -> Step:
    if after.active is None:
        minted, effect = 0, "0" if before.active is None else "gone"
    else:
        minted = after.versions - before.versions - (after.by_hand - before.by_hand)
        is_moved = after.active != before.active and before.active is not None and after.active <= before.versions
        effect = "moved" if is_moved and not minted else str(minted)
    if run is None or run.code < 0:
        return Step(minted, effect, None)
    return Step(minted, effect, run.code, _words(run))


def _words(run: Run) -> tuple[str, ...]:
    """What the report said: of the assistant, and of the apply as a whole."""
    report = run.json
    if "error" in report:
        return ("refused" if report["error"]["kind"] == "PlanRefused" else "stopped",)
    if not report["outcomes"]:
        return ("nothing to do",)
    (outcome,) = report["outcomes"]
    status = outcome["status"]
    if status == "failed" and outcome["error"]["kind"] == "Conflict":
        status = "conflict"
    said = [status] if status in ("failed", "conflict", "unconfirmed", "not_attempted") else ["done"]
    if outcome["outside_versions"]:
        said.append("outside")
    if report["differences"]:
        said.append("differs")
    if report["unread"] is not None:
        said.append("unread")
    return tuple(said)


@dataclass
class Cell:
    """What was measured.

    Attributes:
        fault: What went wrong.
        kind: What was to be done.
        first: The apply that met the fault.
        late: What came about by itself afterwards.
        others: The applies after it, until one had nothing to do.
        wrongs: What should not be, in words; empty where the change was made exactly once.
        requests_before: How many requests the first apply made before its write.
    """

    fault: Fault
    kind: Kind
    first: Step
    late: Step
    others: list[Step]
    wrongs: list[str] = field(default_factory=list)
    requests_before: int = 0


CellName: TypeAlias = tuple[str, str]


def wrongs_of(cell: Cell) -> Iterator[str]:
    """What the applies of a cell show that should not be."""
    steps = [cell.first, cell.late, *cell.others]
    total = sum(step.minted for step in steps)
    if total != cell.kind.mints:
        yield f"{total} versions, not {cell.kind.mints}"
    if any(step.minted > 1 for step in steps):
        yield "more than one version at once"
    if not cell.others[-1].is_idle:
        yield f"does not converge: {cell.others}"
    said = set(cell.first.words)
    is_made = cell.first.effect == cell.kind.goal
    if "done" in said and not is_made:
        yield "the report says done, and it is not"
    if said & _UNDONE and is_made:
        yield f"it was made, and the report says {sorted(said)}"
    if cell.first.code == 0 and said & (_UNDONE | {"unconfirmed", "outside", "differs", "unread"}):
        yield f"exit 0, and the report says {sorted(said)}"
    if cell.first.code not in (0, None) and not said:
        yield f"exit {cell.first.code}, and the report says nothing"


_UNDONE = {"failed", "conflict", "not_attempted", "refused", "stopped", "nothing to do"}


@dataclass(frozen=True)
class Bench:
    """What all cells share: the server, and the program kept forkserver."""

    deployment: Deployment
    forkserver: ForkServer

    def measure(self, wanted: Iterable[tuple[Fault, Kind]]) -> dict[CellName, Cell]:
        """Measure cells, several at a time; those without a fault always, because they tell when to strike."""
        calm = [(NONE, kind) for kind in KINDS]
        rest = [cell for cell in wanted if cell not in calm]
        rest.sort(key=lambda cell: cell[0].name != "reads-endless")  # which takes longest
        with ThreadPoolExecutor(WORKERS) as pool:
            found = list(pool.map(lambda cell: self._cell(cell[0], cell[1], {}), calm))
            before = {cell.kind.name: cell.requests_before for cell in found}
            found += pool.map(lambda cell: self._cell(cell[0], cell[1], before), rest)
        return {(cell.fault.name, cell.kind.name): cell for cell in found}

    def _cell(self, fault: Fault, kind: Kind, before: Mapping[str, int]) -> Cell:
        name = f"{fault.name}-{kind.name}"
        with (
            tempfile.TemporaryDirectory(prefix="cell-") as folder,
            running_proxy(self.deployment.url) as proxy,
        ):
            project = CellProject(self, proxy, Path(folder), name)
            try:
                return _Play(project, fault, kind, proxy, before).cell()
            except Exception as error:
                error.add_note(f"in the cell {name}")
                raise
            finally:
                for row in (*project.rows(), {"assistant_id": project.own}):
                    if self.deployment.exists(row["assistant_id"]):
                        self.deployment.delete(row["assistant_id"])


@contextmanager
def bench(url: str) -> Iterator[Bench]:
    """Keep a bench for as long as the block lasts."""
    deployment = Deployment(url)
    try:
        with running_forkserver() as forkserver:
            yield Bench(deployment, forkserver)
    finally:
        deployment.close()


class _Play:
    """One cell from its beginning to its end."""

    def __init__(self, project: CellProject, fault: Fault, kind: Kind, proxy: Proxy, before: Mapping[str, int]) -> None:
        self._project = project
        self._fault = fault
        self._kind = kind
        self._proxy = proxy
        self._client: Future[Running] = Future()
        self._requests: list[list[Request]] = []
        self._before_next = before.get(kind.next_like or kind.name, 0)
        self._scene = Scene(
            proxy,
            hits=kind.hits,
            requests_before=before.get(kind.name, 0),
            outside=project.write_by_hand,
            signal=self._signal,
        )

    def cell(self) -> Cell:
        """Play it."""
        project, fault, kind = self._project, self._fault, self._kind
        project.needs_rows = fault.needs_rows
        project.configure(lock="off")  # with less traffic for what is not measured
        kind.prepare(project)
        project.configure(lock=LEASE if fault.kills else "on", activation=kind.activation)
        bystanders = {row["assistant_id"]: row for row in project.rows() if row["assistant_id"] != project.own}
        self._proxy.reset()
        sights = [Sight.of(project)]
        self._proxy.meddle = fault.meddle(self._scene)
        first = self._step(sights, self._first)
        hit = next((number for number, one in enumerate(self._requests[0]) if kind.hits(one)), 0)
        self._proxy.meddle = untouched
        project.configure(activation=kind.activation)
        if not fault.lands_in_next:
            self._scene.release()
        late = self._step(sights, lambda: None)
        cell = Cell(fault, kind, first, late, list(self._others(sights)), requests_before=hit)
        cell.wrongs = [*wrongs_of(cell), *self._sent(), *self._seen(bystanders)]
        if not self._scene.struck.is_set():
            cell.wrongs.append("the fault did not come about")
        return cell

    def _signal(self, number: signal.Signals) -> None:
        client = self._client.result(10)
        if number is signal.SIGKILL:
            client.kill()
        else:
            client.send(number)

    def _first(self) -> Run:
        timeout = SHORT_TIMEOUT if self._fault.is_hang else TIMEOUT
        speed = 1.0 if self._fault.is_race else SPEED
        self._client.set_result(self._project.start(*self._kind.arguments, timeout=timeout, speed=speed))
        return self._client.result().wait()

    def _others(self, sights: list[Sight]) -> Iterator[Step]:
        """Apply without the fault until nothing is left to do."""
        if self._fault.lands_in_next:
            self._proxy.meddle = before_the_write(self._land)(replace(self._scene, requests_before=self._before_next))
        for _ in range(MOST_RUNS):
            step = self._step(sights, lambda: self._project.start(*self._kind.arguments).wait())
            yield step
            if step.is_idle:
                return
            if step.words == ("refused",):
                # The refusal prints the line that takes the assistant over.
                self._project.want("a", assistant_id=self._project.own)

    def _land(self, request: Request, forward: Forward, scene: Scene) -> Answer | None:
        scene.release()
        return forward(request)

    def _step(self, sights: list[Sight], run: Callable[[], Run | None]) -> Step:
        self._proxy.requests.clear()
        done = run()
        self._requests.append(list(self._proxy.requests))
        sights.append(Sight.of(self._project))
        return _step(sights[-2], sights[-1], done)

    def _sent(self) -> Iterator[str]:
        """What the program sent that it should not have sent."""
        writes = [request for request in self._requests[0] if request.is_write]
        own = self._project.own.encode()
        strange = [f"{one.method} {one.path}" for one in writes if own not in one.path.encode() + one.body]
        if strange:
            yield f"something else was written: {', '.join(strange)}"
        once = Counter(
            (one.method, one.path) for one in writes if one.method == "PATCH" or one.path.endswith("/latest")
        )
        if not self._fault.is_limit and max(once.values(), default=0) > 1:
            yield f"sent again: {once}"
        if any(one.method != "GET" and not one.path.endswith(READ_POSTS) for one in self._requests[-1]):
            yield "it wrote although there was nothing to do"

    def _seen(self, bystanders: dict[str, dict[str, Any]]) -> Iterator[str]:
        """What the server shows at the end that should not be."""
        project, deployment = self._project, self._project.deployment
        # An apply with nothing to do writes nothing: the lock of a killed one stays until it is in somebody's way.
        if not self._fault.kills and project.locks():
            yield "its lock was left"
        rows = {row["assistant_id"]: row for row in project.rows()}
        own = rows.pop(project.own, None)
        if rows != bystanders:
            yield f"others were touched or came to be: {sorted(rows)}, not {sorted(bystanders)}"
        if any(len(deployment.versions(one)) != 1 for one in bystanders):
            yield "others have new versions"
        if self._kind.name == "delete":
            if own is not None or deployment.exists(project.own):
                yield "it is still there"
            return
        by_hand = [row for row in deployment.versions(project.own) if row["name"] == BY_HAND]
        if len(by_hand) != project.outside:
            yield f"{len(by_hand)} versions by hand are left of {project.outside}"
        wanted = _fields("a", "x") | {"graph_id": "support_agent"}
        if own is None or not _is_as_wanted(own, wanted):
            yield f"it is not as wanted: {json.dumps(own)}"


def _is_as_wanted(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    plain = {name: row[name] for name in ("name", "description", "context", "graph_id")}
    config = {**wanted["config"], "configurable": wanted["context"]}
    stamp = row["metadata"]["assistant_sync"]
    return (
        plain == {name: wanted[name] for name in plain}
        and row["config"] == config
        and row["metadata"]["team"] == wanted["metadata"]["team"]
        and (stamp["key"], stamp["id"]) == (KEY, row["assistant_id"])
    )
