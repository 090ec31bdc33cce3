"""What ``doctor`` found out about a target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from assistant_sync.errors import ExitCode
from assistant_sync.model.deployment import Mirroring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.deployment import Server


class State(Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What it is about, in a word or two.
        state: How it ended.
        message: What was found.
        hint: The way out, if there is one.
        exit_code: What a failed check ends the program with.
    """

    name: str
    state: State
    message: str
    hint: str | None = None
    exit_code: int = ExitCode.OK


@dataclass(frozen=True, slots=True)
class UnmanagedAssistant:
    """One assistant that is nobody's.

    Attributes:
        graph_id: Its graph; masked.
        name: Its name; masked.
        assistant_id: Its id.
    """

    graph_id: str
    name: str
    assistant_id: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """The assistants that a key may see, by whose they are.

    Attributes:
        visible: All of them.
        owned: Ours.
        elsewhere: Those of ``owned`` that were written as another target.
        unmanaged: Nobody's; copies of ours among them.
        foreign: Other projects'.
        system: The graphs' default assistants.
        view: A digest over all visible ids: two keys that see the same give the same.
        unmanaged_assistants: Those that are nobody's, by graph and name.
    """

    visible: int
    owned: int
    elsewhere: int
    unmanaged: int
    foreign: int
    system: int
    view: str
    unmanaged_assistants: tuple[UnmanagedAssistant, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """What a deployment was measured to do with a scratch assistant.

    Attributes:
        restored: The fields that ``set_latest`` brought back.
        left: Those that it left as they were.
        unmeasured: Those that could not be measured, as the graph if there is only one.
        kept: The fields that a PATCH without them kept.
        dropped: Those that it emptied.
        mirroring: Whether ``context`` was copied into ``config.configurable``.
        lists_lightly: Whether a light listing showed the columns alone and as they are, and each write a higher number.
    """

    restored: tuple[str, ...]
    left: tuple[str, ...]
    unmeasured: tuple[str, ...]
    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    mirroring: Mirroring
    lists_lightly: bool = False

    @property
    def restores_all(self) -> bool:
        """Whether every field that could be measured came back."""
        return not self.left

    @property
    def allows_light_listings(self) -> bool:
        """Whether a plan may be made of light listings: what they do not show follows from what they show."""
        unseen = {"context", "config", "configurable"}
        is_measured = self.restores_all and not unseen.intersection(self.unmeasured)
        return self.lists_lightly and is_measured and self.mirroring is Mirroring.YES


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The whole examination.

    Attributes:
        project: The owner.
        target: The target's name.
        url: The deployment's URL.
        checks: In the order in which they were made; one that failed may have stopped the rest.
        server: What the deployment is; None if it did not get so far.
        page_size: Rows that one search gives.
        graphs: The graphs that it is seen to serve.
        inventory: Whose the assistants are.
        clock_skew: Seconds that the server's clock is ahead of this machine's.
        probe: What was measured, if that was asked for.
        activation: The target's setting that the measurement calls for.
        measured_version: The version to record on the target; None if light listings were not measured to be sound.
    """

    project: str
    target: str
    url: str
    checks: Sequence[Check]
    server: Server | None = None
    page_size: int | None = None
    graphs: tuple[str, ...] | None = None
    inventory: Inventory | None = None
    clock_skew: float | None = None
    probe: Probe | None = None
    activation: str | None = None
    measured_version: str | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether no check failed."""
        return self.exit_code == ExitCode.OK

    @property
    def exit_code(self) -> int:
        """That of the first check that failed; OK if none did."""
        return next((check.exit_code for check in self.checks if check.state is State.FAILED), ExitCode.OK)
