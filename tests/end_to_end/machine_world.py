"""The world of the state machine: a server, a repository, and a record of what goes between them."""

from __future__ import annotations

import json
import shutil
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from tests.end_to_end.machine_truth import is_lock, is_owned
from tests.fast_time import fast_time
from tests.project_fixture import PROJECT, ProjectFixture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.project_fixture import Run
    from tests.servers.forkserver import ForkServer, Running
    from tests.servers.official import Deployment, Row
    from tests.servers.proxy import Answer, Forward, Meddle, Proxy, Request

SPEED = 50.0
"""How much faster the program's clock runs."""

UNHURRIED = 900.0
"""Seconds by that clock for one request: enough for a server that is busy."""

PLAN = ("plan", "--format", "json", "--prune", "--allow-deletes", "99")
APPLY = ("apply", "--format", "json", "--prune", "--allow-deletes", "99")


@dataclass(frozen=True)
class Sight:
    """All that a server holds at a moment.

    Attributes:
        rows: Every assistant by its id.
        versions: The versions of those that the project owns, owned, or is to own, highest first.
        locks: The project's locks.
    """

    rows: dict[str, Row]
    versions: dict[str, list[Row]]
    locks: list[Row]

    def count(self, assistant_id: str) -> int:
        """How many versions an assistant has."""
        return len(self.versions.get(assistant_id, ()))

    @property
    def owned(self) -> dict[str, Row]:
        """The project's assistants by their ids."""
        return {one: row for one, row in self.rows.items() if is_owned(row, PROJECT)}


@dataclass
class Record:
    """What went over a wire during one command.

    Attributes:
        exchanges: Each request with the answer that the command got; None where its connection was ended.
        outside: The numbers of versions that somebody else wrote meanwhile, by assistant.
        touched: The assistants that somebody else wrote, made or deleted meanwhile.
        is_anytime: Whether they did so at any time, after the last look of the command perhaps.
    """

    exchanges: list[tuple[Request, Answer | None]] = field(default_factory=list)
    outside: dict[str, list[int]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    is_anytime: bool = False

    @property
    def writes(self) -> list[Request]:
        """What was sent that may change an assistant."""
        return [request for request, _ in self.exchanges if request.is_write]


def target_of(request: Request) -> str:
    """The id of the assistant that a write is about."""
    if request.method == "POST" and request.path == "/assistants":
        return str(json.loads(request.body)["assistant_id"])
    return request.path.split("/")[2]


class _Dumper(yaml.SafeDumper):
    """Quotes every text: YAML 1.1, which the library writes, has other numbers than 1.2."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


_Dumper.add_representer(str, _quoted)


class World:
    """A repository and a server.

    Args:
        folder: An empty one.
        deployment: The server; is wiped.
        wire: What commands go through.
        forkserver: Starts commands that are to be killed.
    """

    def __init__(self, folder: Path, deployment: Deployment, wire: Proxy, forkserver: ForkServer) -> None:
        folder.mkdir(parents=True)
        deployment.wipe()
        wire.reset()
        self.deployment = deployment
        self.wire = wire
        self.project = ProjectFixture(folder, wire.url, archive="archive")
        self.project.allow_any_context()
        self.project.write("assistants/.gitkeep", "")
        self.known: set[str] = set()
        self._forkserver = forkserver
        self._busy = 0
        self._lock = threading.Lock()

    def close(self) -> None:
        """Remove the repository: hundreds would fill the disk."""
        shutil.rmtree(self.project.folder)

    def look(self) -> Sight:
        """What the server holds now."""
        rows = self.deployment.all()
        self.known |= {row["assistant_id"] for row in rows if is_owned(row, PROJECT)}
        return Sight(
            rows={row["assistant_id"]: row for row in rows},
            versions={one: self.deployment.versions(one) for one in self.known},
            locks=[row for row in self.deployment.locks() if is_lock(row, PROJECT)],
        )

    def run(
        self,
        *arguments: str,
        meddle: Meddle | None = None,
        afterwards: Callable[[], None] = lambda: None,
        timeout: float = UNHURRIED,
    ) -> tuple[Run, Record]:
        """Run a command here, its clock running fast.

        Args:
            arguments: What follows the program's name.
            meddle: What is done to its requests.
            afterwards: Called when it has ended, to end what is still on its way.
            timeout: Seconds by its own clock that a request may take.
        """
        record = self._begin(meddle)
        with fast_time(SPEED):
            run = self.project.run(*arguments, "--timeout", str(timeout))
        afterwards()
        self._end()
        return run, record

    def run_apart(self, *arguments: str, meddle: Meddle, started: Callable[[Running], None]) -> tuple[Run, Record]:
        """Run a command in a process of its own, its clock running fast.

        Args:
            arguments: What follows the program's name.
            meddle: What is done to its requests.
            started: Is given the process, to end it.
        """
        record = self._begin(meddle)
        running = self._forkserver.start(self.project.folder, *arguments, "--timeout", str(UNHURRIED), speed=SPEED)
        started(running)
        run = running.wait()
        self._end()
        return run, record

    def write(self, key: str, manifest: dict[str, Any] | None) -> None:
        """Write a manifest; remove it where there is none."""
        if manifest is not None:
            text = yaml.dump(manifest, Dumper=_Dumper, sort_keys=False, width=1000)
            self.project.write(f"assistants/{key}.yaml", text)
        elif (self.project.folder / f"assistants/{key}.yaml").exists():
            self.project.remove(key)

    def commit(self) -> None:
        """Commit everything."""
        self.project.git("add", "-A")
        self.project.git("commit", "-q", "--allow-empty", "-m", "edit")

    def _begin(self, meddle: Meddle | None) -> Record:
        record = Record()
        self.wire.reset()

        def noted(request: Request, forward: Forward) -> Answer | None:
            with self._lock:
                self._busy += 1
            got: Answer | None = None
            try:
                got = meddle(request, forward) if meddle is not None else forward(request)
                return got
            finally:
                with self._lock:
                    record.exchanges.append((request, got))
                    self._busy -= 1

        self.wire.meddle = noted
        return record

    def _end(self) -> None:
        """Wait until nothing is on its way any more."""
        until = time.monotonic() + 30
        while self._busy and time.monotonic() < until:
            time.sleep(0.002)
        assert not self._busy
        self.wire.reset()
