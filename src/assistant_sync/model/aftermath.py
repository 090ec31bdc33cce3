"""What is left to do after a command that changed an assistant without asking its manifest."""

from __future__ import annotations

from dataclasses import dataclass
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
    git: GitView | None = None


@dataclass(frozen=True, slots=True)
class CronCommand:
    """A cron that went with a deleted assistant, and how to make it again.

    Attributes:
        cron_id: The id that it had.
        schedule: When it ran.
        command: A command line of curl; keys are references to variables.
        is_masked: Whether values that look like a credential were left out of it.
    """

    cron_id: str
    schedule: str
    command: str
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class RestoredManifest:
    """The manifest of a restored assistant.

    Attributes:
        path: The file that was written, relative to the repository's top; None if none was.
        because: Why none was written; None if one was.
    """

    path: str | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeleteReport:
    """An assistant that was restored from the archive, or that was live already.

    Attributes:
        result: As that of an apply.
        key: The assistant's key.
        assistant_id: Its id.
        archive: The file that it was restored from.
        versions: How many versions the archive has; only the live content could be restored.
        crons: Those that went with it; None if the archive does not have them.
        manifest: What became of its manifest; None if the assistant was not restored.
        git: What git wants now; None if the assistant was not restored.
    """

    result: ApplyResult
    key: str
    assistant_id: str
    archive: str
    versions: int
    crons: tuple[CronCommand, ...] | None = ()
    manifest: RestoredManifest | None = None
    git: GitView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveEntry:
    """One file of the archive.

    Attributes:
        file: Relative to the project file's folder.
        key: The assistant's key.
        assistant_id: Its id.
        archived_at: When, in UTC.
        versions: How many versions it has.
        crons: How many crons it has; None if they could not be read then.
    """

    file: str
    key: str
    assistant_id: str
    archived_at: str
    versions: int
    crons: int | None
