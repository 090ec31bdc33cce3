"""Whatever people, the network and signals do in whatever order: a state machine against the real server.

Each step changes the manifests, or the deployment behind the program's back, and lets an apply go wrong. After each
apply the server and the wire are asked whether the promises were kept, and the program's own report is held to what
they say.
"""

from __future__ import annotations

import signal
from itertools import count
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from assistant_sync.model.frozen import replace
from tests.depth import DEPTH
from tests.end_to_end.machine_checks import MINTS, SENDS, Attempt, Manifest, check_plan, check_state, id_of
from tests.end_to_end.machine_faults import BY_OTHERS, OF_READS, OF_WRITES, Hand, Nth, Outsider
from tests.end_to_end.machine_operations import BODIES, DONE, EDITED, Operation, edit, meddle
from tests.end_to_end.machine_truth import LOCK, content, own_id, same
from tests.end_to_end.machine_world import APPLY, PLAN, Record, Sight, World
from tests.end_to_end.test_laws import KEYS, MANIFESTS
from tests.project_fixture import PROJECT
from tests.servers.faults import Fault, Scene
from tests.servers.forkserver import running_forkserver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.project_fixture import Run
    from tests.servers.forkserver import ForkServer
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy, Request

STEPS = 6

PARTS = 4
"""The examples are drawn in so many parts, which may be played beside each other."""

HASTY = 20.0
"""Seconds for a request that can only end so."""

NTH = st.integers(0, 5)


class Machine(RuleBasedStateMachine):
    """People, a network, and assistant-sync.

    Attributes:
        states: The manifests of each commit, by key.
        proven: For each commit what was there when an apply of it had converged; None where none did.
        restores: The commit that the newest one goes back to.
        is_proven: Whether nothing has happened since an apply converged.
        open: What was there, and what the plan said, when the first apply after the last operation of people began.

    Args:
        world: Makes an empty repository and an empty deployment.
    """

    def __init__(self, world: Callable[[], World]) -> None:
        super().__init__()
        self.world = world()
        self.world.commit()
        self.states: list[dict[str, Manifest]] = [{}]
        self.proven: list[dict[str, Any] | None] = [None]
        self.restores: int | None = None
        self.is_proven = False
        self.open: tuple[Sight, dict[str, str]] | None = None

    @property
    def manifests(self) -> dict[str, Manifest]:
        """What the newest commit says, by key."""
        return self.states[-1]

    @initialize(state=st.dictionaries(st.sampled_from(KEYS), MANIFESTS, min_size=1, max_size=len(KEYS)))
    def begin(self, state: dict[str, Manifest]) -> None:
        self._write(state)
        self.apply()

    @rule(operations=DONE)
    def people(self, operations: list[Operation]) -> None:
        """People do something, and nobody applies it yet."""
        state = dict(self.manifests)
        for operation in operations:
            former = dict(state)
            if not edit(self.world, self.states, state, operation):
                meddle(self.world, operation)
                self.open, self.is_proven = None, False
            if len({id_of(key, manifest) for key, manifest in state.items()}) < len(state):
                state = former  # two manifests of one assistant are none of these files' business
        self._write(state)

    @precondition(lambda self: len(self.states) > 2)  # noqa: PLR2004, RUF100 - the first commit has no manifests
    @rule()
    def revert(self) -> None:
        self.world.project.git("revert", "--no-edit", "HEAD")
        self._note(dict(self.states[-2]), restores=len(self.states) - 2)

    @precondition(lambda self: not self.is_proven)
    @rule()
    def apply(self) -> None:
        """Nothing goes wrong, and all that went wrong before is made good."""
        attempt = self._attempt(lambda _: self.world.run(*APPLY))
        if attempt.is_refused:
            return
        attempt.run.expect(0)
        assert attempt.run.json["converged"]
        check_state(attempt.after, self.manifests)
        self._check_restored(attempt.after)
        again, record = self.world.run(*APPLY)
        assert again.expect(0).json["outcomes"] == []
        assert not any(request.is_write or is_lock_write(request) for request, _ in record.exchanges)
        self.is_proven = True

    @rule(operations=DONE, name=st.sampled_from(sorted(OF_WRITES)), nth=NTH)
    def a_write_goes_wrong(self, operations: list[Operation], name: str, nth: int) -> None:
        self.people(operations)
        self._apply_with(OF_WRITES[name], nth)

    @rule(operations=EDITED, name=st.sampled_from(sorted(OF_READS)), nth=NTH)
    def reads_go_wrong(self, operations: list[Operation], name: str, nth: int) -> None:
        self.people(operations)
        self._apply_with(OF_READS[name], nth, sees_all=False)

    @rule(operations=EDITED, name=st.sampled_from(sorted(BY_OTHERS)), nth=NTH, before=st.integers(1, 20), body=BODIES)
    def somebody_else_writes(
        self, operations: list[Operation], name: str, nth: int, before: int, body: dict[str, Any]
    ) -> None:
        self.people(operations)
        self._apply_with(BY_OTHERS[name], nth, sees_all=False, before=before, body=body)

    @rule(operations=DONE, name=st.sampled_from(sorted(OF_WRITES)), nth=NTH)
    def the_lock_goes_wrong(self, operations: list[Operation], name: str, nth: int) -> None:
        self.people(operations)
        self._apply_with(OF_WRITES[name], nth % 2, is_lock_write)

    @rule(
        operations=DONE,
        number=st.sampled_from([signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM]),
        nth=st.integers(0, 25),
        is_answered=st.booleans(),
        of_writes=st.booleans(),
    )
    def it_is_ended(
        self, operations: list[Operation], number: signal.Signals, nth: int, is_answered: bool, of_writes: bool
    ) -> None:
        """It is killed, or asked to stop, at its nth request or write."""
        self.people(operations)

        def run(writes: int) -> tuple[Run, Record]:
            which = 1 + (nth % writes if of_writes else nth)
            hand = Hand(number, which, is_answered=is_answered, of_writes=of_writes)
            return self.world.run_apart(*APPLY, meddle=hand, started=hand.hold)

        self._attempt(run)

    @rule(operations=EDITED, lease=st.integers(2, 3600))
    def somebody_else_has_the_lock(self, operations: list[Operation], lease: int) -> None:
        self.people(operations)
        lock = {"project": PROJECT, "generation": 1, "holder": "x", "lease": lease, "by": "x", "commit": None}
        self.world.deployment.create_thread(thread_id=own_id(PROJECT, "lock/x/1"), metadata={LOCK: lock})
        planned, before = self._plan()
        run, record = self.world.run(*APPLY, "--lock-timeout", "1")
        is_waiting = any(action in SENDS for action in planned.values())
        assert run.code == (6 if "refuse" in planned.values() else 7 if is_waiting else 0), run
        assert record.writes == []
        after = self.world.look()
        assert (after.rows, after.versions) == (before.rows, before.versions)
        self._unlock(after)

    def teardown(self) -> None:
        try:
            if not self.is_proven and len(self.states) > 1:
                self.apply()
        finally:
            self.world.close()

    def _apply_with(
        self,
        fault: Fault,
        nth: int,
        counts: Callable[[Request], bool] = lambda request: request.is_write,
        *,
        sees_all: bool = True,
        before: int = 1,
        body: Any = None,
    ) -> None:
        """A fault strikes the nth of the requests that count, or, where it goes by all of them, that number of them."""
        scene = Scene(proxy=self.world.wire, requests_before=before)
        outsider = Outsider(self.world, body or {})
        scene.outside = outsider.write
        timeout = {"timeout": HASTY} if fault.is_hang else {}

        def run(writes: int) -> tuple[Run, Record]:
            scene.hits = Nth(1 + nth % writes, counts, outsider)
            ended, record = self.world.run(*APPLY, meddle=fault.meddle(scene), afterwards=scene.release, **timeout)
            seen = outsider.record
            return ended, replace(record, outside=seen.outside, touched=seen.touched, is_anytime=seen.is_anytime)

        self._attempt(run, sees_all=sees_all, is_blind=fault.hides_all)

    def _attempt(
        self, run: Callable[[int], tuple[Run, Record]], *, sees_all: bool = True, is_blind: bool = False
    ) -> Attempt:
        """Plan, apply, and hold both to the server.

        Args:
            run: Applies; is told how many writes are planned, at least one.
            sees_all: Whether the apply sees what the plan saw.
            is_blind: Whether the apply sees an empty deployment.
        """
        planned, before = self._plan()
        if self.open is None:
            self.open = before, planned
        ended, record = run(max(1, sum(action in SENDS for action in planned.values())))
        after = self.world.look()
        is_killed = ended.code < 0
        assert not is_killed or ended.code == -signal.SIGKILL or not record.writes  # before it began to write
        attempt = Attempt(self.manifests, planned, ended, record, before, after, sees_all, is_killed, is_blind)
        attempt.check()
        if record.touched or (is_blind and record.writes):
            self.open = None
        elif ended.code == 0 and sees_all:
            self._check_once(attempt)
        self._unlock(after)
        return attempt

    def _plan(self) -> tuple[dict[str, str], Sight]:
        """What the plan says of each assistant, and what the server held then; planning changes nothing."""
        self.world.known |= {id_of(key, manifest) for key, manifest in self.manifests.items()}
        before = self.world.look()
        run, record = self.world.run(*PLAN)
        assert not any(request.is_write or is_lock_write(request) for request, _ in record.exchanges)
        planned = {change["assistant_id"]: change["action"] for change in run.json["changes"]}
        assert run.code == (6 if "refuse" in planned.values() else 0), run
        check_plan(planned, before, self.manifests)
        return planned, before

    def _check_once(self, attempt: Attempt) -> None:
        """Since people last did anything, each change has made exactly its versions, whatever went wrong meanwhile."""
        assert self.open is not None
        before, planned = self.open
        for assistant_id, action in planned.items():
            grown = attempt.after.count(assistant_id) - before.count(assistant_id)
            if action == "delete":
                assert assistant_id not in attempt.after.rows
            else:
                assert grown == MINTS.get(action, 0), (assistant_id, action, grown)
        self.open = None

    def _check_restored(self, now: Sight) -> None:
        """What was proven is kept for a revert to this commit; after a revert it is what is there again."""
        found = {
            key: content(now.rows[id_of(key, manifest)], manifest.get("metadata") or {})
            for key, manifest in self.manifests.items()
        }
        former = None if self.restores is None else self.proven[self.restores]
        assert former is None or same(former, found), (former, found)
        self.proven[-1] = found

    def _unlock(self, now: Sight) -> None:
        """Do not wait for the lease of who is dead."""
        if now.locks:
            self.world.run("unlock", "--yes")[0].expect(0)
            assert self.world.look().locks == []

    def _write(self, state: dict[str, Manifest]) -> None:
        if repr(state) == repr(self.manifests):
            return
        for key in KEYS:
            self.world.write(key, state.get(key))
        self.world.commit()
        self._note(state)

    def _note(self, state: dict[str, Manifest], restores: int | None = None) -> None:
        self.states.append(state)
        self.proven.append(None)
        self.restores, self.is_proven, self.open = restores, False, None


def is_lock_write(request: Request) -> bool:
    """Whether a request may change a lock row."""
    return request.is_lock and (request.method == "DELETE" or request.path == "/threads")


@pytest.fixture(scope="module")
def forkserver() -> Iterator[ForkServer]:
    with running_forkserver() as forkserver:
        yield forkserver


@pytest.mark.parametrize("part", range(PARTS))
def test_no_order_of_edits_faults_and_kills_breaks_a_promise(
    part: int, deployment: Deployment, proxy: Proxy, forkserver: ForkServer, tmp_path: Path
) -> None:
    numbers = count()

    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(lambda: World(tmp_path / str(next(numbers)), deployment, proxy, forkserver))

    run_state_machine_as_test(
        Here if DEPTH.is_random else seed(part)(Here),
        settings=settings(
            max_examples=ceil(DEPTH.machine / PARTS),
            stateful_step_count=STEPS,
            deadline=None,  # a real server answers
            derandomize=False,  # a part of its own is drawn for each seed
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
