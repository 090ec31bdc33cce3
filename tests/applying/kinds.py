"""One change of each kind, planned on a deployment of its own."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from assistant_sync.model.project import Activation
from tests.applying.memory_deployment import ALL, LATEST, ONE, MemoryDeployment, the_write
from tests.builders import make_desired

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.change import Write
    from assistant_sync.model.plan import Plan

THEIR_ID = "62e209ca-9154-432a-b9e9-2d75c7a9219b"

OLD = make_desired(config={"tags": ["old"]}, metadata={"team": "cx"})
NEW = make_desired(config={"tags": ["new"]}, context={"m": 1}, metadata={"tier": 1})
TAGGED = make_desired(config={"tags": ["new"]}, metadata={"team": "cx"})
ADOPTED = make_desired(assistant_id=THEIR_ID, config={"tags": ["new"]})


@dataclass
class Case:
    """A plan of one change.

    Attributes:
        memory: Where.
        desired: The manifests; none for a delete.
        policy: What it was planned with.
        plan: The plan.
        before: The versions that its assistant has before it.
        write: Method and path of the request that a fault is to meet.
        minted: Versions that it makes: -1 for a delete, which takes all of them away.
        done: What its outcome is called.
    """

    memory: MemoryDeployment
    desired: tuple[Desired, ...]
    write: tuple[str, str]
    minted: int
    done: str
    policy: dict[str, Any] = field(default_factory=dict)
    plan: Plan = field(init=False)
    before: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.plan = self.memory.plan(*self.desired, **self.policy)
        self.before = self.numbers

    def again(self) -> Case:
        """The same on a deployment of its own: arranging it takes longer than what most tests do with it."""
        own = copy.copy(self)
        own.memory = MemoryDeployment(copy.deepcopy(self.memory.deployment))
        return own

    @property
    def change(self) -> Write:
        """The one change."""
        return the_write(self.plan)

    @property
    def numbers(self) -> list[int]:
        """The versions that its assistant has now."""
        return self.memory.numbers(self.change.assistant_id)

    @property
    def has_landed(self) -> bool:
        """Whether the deployment is as the change wants it, in so many versions as it makes."""
        if self.minted < 0:
            return not self.memory.deployment.exists(self.change.assistant_id)
        return len(self.numbers) - len(self.before) == self.minted and not self.memory.plan(*self.desired).writes


def _create() -> Case:
    return Case(MemoryDeployment(), (OLD,), ("POST", ALL), 1, "created")


def _update() -> Case:
    memory = MemoryDeployment()
    memory.settle(OLD)
    return Case(memory, (NEW,), ("PATCH", ONE), 1, "updated")


def _adopt() -> Case:
    memory = MemoryDeployment()
    memory.deployment.create(assistant_id=THEIR_ID, graph_id="agent", name="By hand", metadata={"theirs": 1})
    return Case(memory, (ADOPTED,), ("PATCH", ONE), 1, "adopted")


def _activate() -> Case:
    memory = MemoryDeployment()
    memory.settle(OLD)
    memory.settle(TAGGED)
    return Case(memory, (OLD,), ("POST", LATEST), 0, "activated")


def _heal() -> Case:
    """An activation that the server carries out in part, and whose healing the fault is to meet."""
    memory = MemoryDeployment()
    memory.settle(OLD)
    memory.settle(NEW)
    return Case(memory, (OLD,), ("PATCH", ONE), 1, "updated", {"activation": Activation.FULL})


def _delete() -> Case:
    memory = MemoryDeployment()
    memory.settle(OLD)
    return Case(memory, (), ("DELETE", ONE), -1, "deleted", {"prune": True})


_MAKERS: dict[str, Callable[[], Case]] = {
    "create": _create,
    "update": _update,
    "adopt": _adopt,
    "activate": _activate,
    "heal": _heal,
    "delete": _delete,
}

_made = cache(lambda kind: _MAKERS[kind]())


def _case(kind: str) -> Case:
    return _made(kind).again()


KINDS = {kind: partial(_case, kind) for kind in _MAKERS}
"""Each makes its case."""
