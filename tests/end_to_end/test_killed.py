"""Commands that are killed, or asked to stop, at any moment: the next apply ends what they began."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.depth import DEPTH, SEED
from tests.end_to_end.machine_project import APPLY, MachineProject, lock_writes
from tests.servers.forkserver import running_forkserver
from tests.servers.official import Deployment
from tests.servers.proxy import running_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.end_to_end.machine_project import Change
    from tests.project_fixture import Run
    from tests.servers.forkserver import ForkServer, Running
    from tests.servers.proxy import Answer, Forward, Proxy, Request

STOPS = 15
"""For each signal."""

PROJECTS = 6
"""Projects at a time: while one waits for the lease of its dead holder, the others work."""

HASTY = "hasty.yaml"
LEASE = 2
"""The project file of applies that are to be killed, and the seconds that their locks hold: the least there may be."""


@pytest.fixture(scope="module")
def forkserver() -> Iterator[ForkServer]:
    with running_forkserver() as forkserver:
        yield forkserver


@dataclass(frozen=True)
class Moment:
    """When a command is ended.

    Attributes:
        how: ``after`` some seconds, or at the nth request: ``unsent``, before the server gets it; ``unanswered``, when
            the server has answered it; ``late``, before the server gets it, which it does some seconds after the end.
        nth: Which request.
        seconds: How long after the start, or how late.
        of_changes: Whether only requests are counted that may change an assistant.
    """

    how: str
    nth: int = 0
    seconds: float = 0.0
    of_changes: bool = False


@dataclass
class Hand:
    """Stands in a wire and ends a command at its moment.

    Attributes:
        wire: Where it stands.
        moment: When.
        number: By which signal.
        running: The command, once it is started.
        struck: Whether the moment has come.
    """

    wire: Proxy
    moment: Moment
    number: signal.Signals = signal.SIGKILL
    running: Running | None = None
    struck: bool = False
    _seen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request, forward: Forward) -> Answer | None:
        if not self._is_now(request):
            return forward(request)
        if self.moment.how == "unanswered":
            answer = forward(request)
            self._strike()
            return answer
        self._strike()
        if self.moment.how == "unsent" and self.number == signal.SIGKILL:
            return None
        time.sleep(self.moment.seconds)
        return forward(request)

    def end(self, running: Running) -> None:
        """End a command that was just started; returns at once where a request tells the moment."""
        self.running = running
        if self.moment.how == "after":
            time.sleep(self.moment.seconds)
            self._strike()

    def _is_now(self, request: Request) -> bool:
        if self.moment.how == "after" or (self.moment.of_changes and not request.is_write):
            return False
        with self._lock:
            self._seen += 1
            return self._seen == self.moment.nth

    def _strike(self) -> None:
        while self.running is None:
            time.sleep(0.001)
        self.struck = True
        self.running.send(self.number)
        if self.number == signal.SIGKILL:
            self.running.kill()


@dataclass(frozen=True)
class Interruption:
    """An apply that was ended, and what it was to do.

    Attributes:
        run: How it ended.
        moment: When.
        changes: What it was to do.
        struck: Whether the moment came.
    """

    run: Run
    moment: Moment
    changes: dict[str, Change]
    struck: bool

    @contextmanager
    def explained(self, project: str) -> Iterator[None]:
        """Say of a failure how it came about."""
        try:
            yield
        except BaseException as error:
            error.add_note(f"TEST_SEED={SEED}, project {project}, {self.moment}, {self.changes}")
            raise


class Story:
    """A project that goes through one interrupted apply after the other.

    Args:
        project: The project.
        forkserver: Starts the commands.
    """

    def __init__(self, project: MachineProject, forkserver: ForkServer) -> None:
        self.project = project
        self._forkserver = forkserver
        file = project.repository.folder / "assistant-sync.yaml"
        project.repository.write(HASTY, file.read_text("utf-8").replace("    url:", f"    lock: {LEASE}\n    url:"))
        start = time.monotonic()
        changes = project.change()
        self._finish(changes)
        self._usual = time.monotonic() - start
        self._requests = len(project.wire.requests)

    def interrupted(self, number: signal.Signals) -> Interruption:
        """Change something, and let an apply of it be ended at a random moment."""
        changes = self.project.change()
        moment = self._moment(len(changes), late=number == signal.SIGKILL)
        self.project.wire.reset()
        hand = self.project.wire.meddle = Hand(self.project.wire, moment, number)
        # Only who is killed leaves the lock behind. On a busy machine two seconds may be too short to renew it.
        config = ("--config", HASTY) if number == signal.SIGKILL else ()
        running = self._forkserver.start(self.project.repository.folder, *APPLY, *config)
        hand.end(running)
        return Interruption(running.wait(), moment, changes, hand.struck)

    def _moment(self, changes: int, *, late: bool) -> Moment:
        random = self.project.random
        how = random.choice(["after", "unsent", "unanswered", *(["late"] if late else [])])
        if how == "after":
            return Moment(how, seconds=random.uniform(0.01, self._usual))
        seconds = random.uniform(0, 0.3)
        if how == "late" or random.randint(0, 1):
            return Moment(how, nth=random.randint(1, changes), seconds=seconds, of_changes=True)
        return Moment(how, nth=random.randint(1, self._requests), seconds=seconds)

    def ended_by_the_next(self, changes: dict[str, Change]) -> None:
        """Another apply makes all of it true, each change once; a third finds nothing to do."""
        self._finish(changes)
        self.project.wire.reset()
        again = self._forkserver.run(self.project.repository.folder, *APPLY).expect(0)
        assert again.json["outcomes"] == []
        assert self.project.wire.writes == lock_writes(self.project.wire) == []

    def _finish(self, changes: dict[str, Change]) -> None:
        wire = self.project.wire
        wire.reset()
        done = self._forkserver.run(self.project.repository.folder, *APPLY).expect(0)
        assert done.json["converged"]
        if wire.writes:
            assert self.project.locks() == []
        self.project.check_changes(changes)
        self.project.check_state()
        for archive in (self.project.repository.folder / "archive").rglob("*.json"):
            json.loads(archive.read_text("utf-8"))


class Stories:
    """Several stories at a time, each in its own project, until enough applies were interrupted or one story fails.

    Args:
        url: The server's.
        folder: Where the repositories are made.
        name: What the projects' names begin with.
        forkserver: Starts the commands.
        enough: How many interruptions are wanted.
    """

    def __init__(self, url: str, folder: Path, name: str, forkserver: ForkServer, enough: int) -> None:
        self.interruptions = Counter[str]()
        self._url = url
        self._folder = folder
        self._name = name
        self._forkserver = forkserver
        self._enough = enough
        self._has_failed = False

    def tell(self, go_on: Callable[[Story], str | None]) -> None:
        """Tell them all.

        Args:
            go_on: One chapter; returns how an apply was interrupted, or None where none was.
        """

        def one(number: int) -> None:
            try:
                self._one(f"{self._name}-{number}", deployments[number], go_on)
            except BaseException:
                self._has_failed = True
                raise

        # Before any of them makes anything that the others would take for what was there.
        deployments = [Deployment(self._url) for _ in range(PROJECTS)]
        with ThreadPoolExecutor(PROJECTS) as pool:
            list(pool.map(one, range(PROJECTS)))

    def _one(self, name: str, deployment: Deployment, go_on: Callable[[Story], str | None]) -> None:
        (self._folder / name).mkdir()
        random = Random(f"{SEED}/{name}")  # noqa: S311 - no secret
        try:
            with running_proxy(self._url) as between:
                project = MachineProject(self._folder / name, deployment, between, name, random)
                story = Story(project, self._forkserver)
                while self.interruptions.total() < self._enough and not self._has_failed:
                    how = go_on(story)
                    self.interruptions.update([how] if how else [])
        finally:
            deployment.close()


@pytest.mark.server
def test_killed_at_any_moment_the_next_apply_makes_each_change_once(
    server_url: str, forkserver: ForkServer, tmp_path: Path
) -> None:
    def go_on(story: Story) -> str | None:
        ended = story.interrupted(signal.SIGKILL)
        with ended.explained(story.project.project):
            assert (
                ended.run.code in (0, -signal.SIGKILL) or "lock" in ended.run.out
            )  # a machine that is too slow for it
            story.ended_by_the_next(ended.changes)
        return ended.moment.how if ended.run.code == -signal.SIGKILL else None

    stories = Stories(server_url, tmp_path, "killed", forkserver, DEPTH.kills)
    stories.tell(go_on)
    assert stories.interruptions.total() >= DEPTH.kills


@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_at_any_moment_it_reports_in_full_and_gives_the_lock_back(
    number: signal.Signals, server_url: str, forkserver: ForkServer, tmp_path: Path
) -> None:
    def go_on(story: Story) -> str | None:
        before = story.project.counts()
        ended = story.interrupted(number)
        with ended.explained(story.project.project):
            assert story.project.locks() == []
            if ended.struck and ended.run.code:
                check_report(story.project, ended, number, before)
            else:
                ended.run.expect(0)
            story.ended_by_the_next(ended.changes)
        return ended.moment.how if ended.run.code else None

    stories = Stories(server_url, tmp_path, f"stopped-{number}", forkserver, STOPS)
    stories.tell(go_on)
    assert stories.interruptions.total() >= STOPS


def check_report(project: MachineProject, ended: Interruption, number: signal.Signals, before: dict[str, int]) -> None:
    """The code tells the signal, and the report tells of each change whether it was made."""
    run = ended.run
    # Before anything could have been written; right at the start it is not even known that JSON is wanted.
    if run.code == -number or not run.out or "outcomes" not in run.json:
        assert run.code in (-number, 128 + number)
        assert project.wire.writes == []
        return
    assert run.code == 128 + number, run
    assert {one["key"] for one in run.json["outcomes"]} == set(ended.changes)
    for one in run.json["outcomes"]:
        change = ended.changes[one["key"]]
        former = before.get(change.assistant_id, 1 if change.kind == "adopt" else 0)
        versions = {"not_attempted": former}.get(one["status"], change.versions)
        assert one["status"] in ("created", "updated", "activated", "adopted", "deleted", "not_attempted"), one
        assert len(project.deployment.versions(change.assistant_id)) == versions, one
