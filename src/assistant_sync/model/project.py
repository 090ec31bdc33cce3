"""The project file's content: who owns the assistants, and where they live."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from assistant_sync.model.frozen import Frozen, field
from assistant_sync.model.lock import DEFAULT_LEASE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as FilePath

    from assistant_sync.model.values import Path

DEFAULT_MAX_RUNS = 200
"""Runs that one check may start unless something else is configured."""

DEFAULT_ARCHIVE = "archive"
"""The folder of archives if the project file names none."""


class Activation(Enum):
    """When an identical earlier version is activated instead of written again (docs/safety.md)."""

    SAFE = "safe"
    FULL = "full"
    NEVER = "never"


class SchemaMode(Enum):
    """What it means that a manifest does not fit the schema of its graph (docs/manifests.md)."""

    ERROR = "error"
    WARN = "warn"
    OFF = "off"


class Auth(Enum):
    """What authenticates requests beside the headers of the target."""

    KEY = "key"
    NONE = "none"
    """No API key is sent, whatever variables are set."""


class Limit(Frozen, frozen=True):
    """The most assistants that a plan may touch in one way.

    Attributes:
        amount: A count, or a percentage of the owned live assistants.
        is_percentage: Which of the two.
    """

    amount: int
    is_percentage: bool

    def of(self, owned: int) -> int:
        """The count that this limit allows among ``owned`` assistants.

        A percentage is rounded down but allows at least one; 0 % allows none.
        """
        if not self.is_percentage:
            return self.amount
        return max(1, owned * self.amount // 100) if self.amount else 0

    def __str__(self) -> str:
        return f"{self.amount}%" if self.is_percentage else str(self.amount)


DEFAULT_DELETE_LIMIT = Limit(10, is_percentage=True)


class Limits(Frozen, frozen=True):
    """The guards of a target; None for updates is no limit."""

    deletes: Limit = DEFAULT_DELETE_LIMIT
    updates: Limit | None = None


class Target(Frozen, frozen=True):
    """A deployment, and how to reach it.

    Attributes:
        name: Its name in the project file.
        url: Normalised: lower-case scheme and host, no default port, no trailing slash, no credentials.
        allow_http: Whether plain http may leave this machine.
        auth: Whether an API key is sent, even if none is named.
        api_key_env: The environment variable that holds the API key; None for the default ones.
        headers: Literal headers.
        headers_env: Header to environment variable.
        ca_file: A private CA's certificates, absolute.
        cert_file: A client certificate, absolute.
        key_file: The client certificate's key, absolute.
        overlay: Folder of what differs on this target, relative to the project file's folder.
        formerly: Names that it had before.
        limits: The guards.
        activation: When an identical earlier version is activated.
        measured_version: The server's version that was measured to restore versions whole; None if it was not recorded.
        prune: Whether a manifest that was removed is a delete.
        schema: What it means that a manifest does not fit the schema of its graph.
        lease: Seconds that the lock of an apply holds unless it is renewed; None takes no lock.
    """

    unshown: ClassVar = ("headers",)

    name: str
    url: str
    allow_http: bool = False
    auth: Auth = Auth.KEY
    api_key_env: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    headers_env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ca_file: FilePath | None = None
    cert_file: FilePath | None = None
    key_file: FilePath | None = None
    overlay: str | None = None
    formerly: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    activation: Activation = Activation.SAFE
    measured_version: str | None = None
    prune: bool = False
    schema: SchemaMode = SchemaMode.ERROR
    lease: float | None = DEFAULT_LEASE


class CheckTerms(Frozen, frozen=True):
    """Where and how the checks are asked; in a pull request's run they are those of the trusted commit.

    Attributes:
        target: The target that may be asked in a pull request; None to ask none there.
        gate: Whether every apply asks first.
        max_runs: The most runs that one check may start.
        allow_default_context: Whether values of a graph's default assistant may lie beneath both sides.
    """

    target: str | None = None
    gate: bool = False
    max_runs: int = DEFAULT_MAX_RUNS
    allow_default_context: bool = False


class Project(Frozen, frozen=True):
    """The project file.

    Attributes:
        name: The owner that is written on every assistant.
        folder: The project file's folder, absolute.
        file: The project file's name within it.
        manifests: The manifests' folder, relative to ``folder``.
        archive: Where deleted assistants are kept, relative to ``folder``; None if the file names none.
        default_target: The target that is used if none is named.
        targets: By name, in the file's order.
        allow_literals: Paths whose values are no credentials, although they look like some.
        former_projects: The names that the project had before, the oldest first.
        checks: Where and how the checks are asked.
    """

    name: str
    folder: FilePath
    file: str
    manifests: str
    archive: str | None
    default_target: str | None
    targets: Mapping[str, Target]
    allow_literals: tuple[Path, ...] = ()
    former_projects: tuple[str, ...] = ()
    checks: CheckTerms = field(default_factory=CheckTerms)

    @property
    def first_name(self) -> str:
        """The name that ids and the lock are derived from: they stay as they are when the project is renamed."""
        return self.former_projects[0] if self.former_projects else self.name

    @property
    def names(self) -> tuple[str, ...]:
        """All names whose stamps are ours, the current one last."""
        return (*self.former_projects, self.name)
