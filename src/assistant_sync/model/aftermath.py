"""What is left to do after a command that changed an assistant without asking its manifest."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.outcome import ApplyResult


class GitState(Enum):
    """What git wants of an assistant, beside what is live."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NO_MANIFEST = "no_manifest"
    UNKNOWN = "unknown"
    """The manifests cannot be read."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """A command that makes git agree with what is live.

    Attributes:
        command: To be run as it stands; untrusted parts are quoted for a shell.
        effect: What it does.
    """

    command: str
    effect: str


@dataclass(frozen=True, slots=True)
class GitView:
    """What git wants of one assistant.

    Attributes:
        state: Whether that is what is live.
        source: The manifest's path; None if there is none, or it cannot be read.
        because: Why it is unknown; None if it is not.
        ways: How to make git agree.
    """

    state: GitState
    source: str | None = None
    because: str | None = None
    ways: tuple[WayOut, ...] = ()


@dataclass(frozen=True, slots=True)
class RollbackReport:
    """A rollback that was carried out, or for which there was nothing to do.

    Attributes:
        result: As that of an apply.
        key: The assistant's key.
        to: The version that it went back to.
        git: What git wants now; None if the rollback was not done.
    """

    result: ApplyResult
    key: str
    to: int
    git: GitView | None = field(default=None)
