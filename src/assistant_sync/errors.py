"""The errors of assistant-sync, each with the exit code that it ends the program with.

AssistantSyncError                 1
├── InvalidFiles(problems)         3   project file or manifests, every problem of every file
│   └── SchemaNotServed            3   manifests that fit schemas/, but not yet the deployment's graphs
├── UnknownName                   64   a target, key or option value that does not exist, or does not fit
├── NotConfirmed                  64   nobody agreed to a write, and nobody can be asked
├── RepositoryError                1   git, or a file of the repository, cannot be read or written
├── ExistingFile                   1   a file that would have been overwritten
├── RemoteError                    1   an answer, or none, from the deployment
│   ├── Unreachable                5   no connection, or no answer in time
│   ├── Denied                     4   401, 403, or a key that is missing
│   ├── NotFound                   1   404
│   ├── Taken                      7   409
│   ├── Rejected                   1   another 4xx: the same request will never succeed
│   ├── RateLimited                5   429, and the budget for waiting is spent
│   ├── ServerFault                5   5xx
│   ├── BadAnswer                  5   not what a LangGraph server answers
│   │   └── TooLarge               5   an answer larger than any that is read
│   └── IncompleteListing          5   the pages of the listing do not add up
├── PlanRefused                    6   a guard or an ownership rule
├── ConditionFailed               10   a condition that was demanded does not hold; nothing was written
│   └── ChecksFailed(report)      10   an answer is not as the checks expect, so nothing is applied
├── StalePlan                      7   the saved plan is no longer what apply would do
├── Locked                         7   another apply holds the lock of the deployment
├── LockRefused                    1   the deployment keeps no lock; caught, an apply goes on without one
├── ForgeError                     1   GitHub; caught, and shown as a warning: a plan does not depend on it
├── BadDocument                    3   a plan file or archive that is not ours or is damaged
└── Interrupted                  130   Ctrl-C
    └── Terminated               143   SIGTERM
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.problem import Problem


class ExitCode(IntEnum):
    """How the program ends (docs/exit-codes.md); frozen within a major version."""

    OK = 0
    FAILURE = 1
    CHANGES = 2
    INVALID = 3
    DENIED = 4
    UNREACHABLE = 5
    REFUSED = 6
    STALE = 7
    """Somebody else wrote meanwhile, or what would be done has changed."""
    PARTLY_APPLIED = 8
    NOT_CONVERGED = 9
    CONDITION = 10
    """A condition that was demanded, such as ``--fail-on drift``, does not hold; nothing was written."""
    CHECK_FAILED = 11
    """Applied, and a check failed afterwards."""
    USAGE = 64
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


class AssistantSyncError(Exception):
    """What every expected failure is.

    Args:
        message: What happened, the object first, then the cause.
        hint: The way out, if there is a usual one.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILURE

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidFiles(AssistantSyncError):
    """The project file or manifests have problems; all of them are in ``problems``."""

    exit_code = ExitCode.INVALID

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = sum(problem.is_error for problem in problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'} in the project's files")
        self.problems = tuple(problems)


class SchemaNotServed(InvalidFiles):
    """Manifests fit the schemas that git keeps, but not yet the graphs that the deployment serves.

    Attributes:
        graphs: Those graphs, sorted.
    """

    def __init__(self, problems: Sequence[Problem], graphs: Sequence[str]) -> None:
        super().__init__(problems)
        self.graphs = tuple(graphs)


class UnknownName(AssistantSyncError):
    """A target, key or option value that does not exist, or does not fit the target."""

    exit_code = ExitCode.USAGE


class NotConfirmed(AssistantSyncError):
    """Nobody agreed to a write, and nobody can be asked."""

    exit_code = ExitCode.USAGE


class RepositoryError(AssistantSyncError):
    """Git, or a file of the repository, cannot be read or written."""


class ExistingFile(AssistantSyncError):
    """A file that would have been overwritten."""


class RemoteError(AssistantSyncError):
    """The deployment answered with an error, or not at all.

    Args:
        message: What happened.
        method: The HTTP method of the request.
        path: The request's path below the deployment's URL.
        status: The answer's status, if there was an answer.
        sent: Whether bytes of the request may have reached the server.
        hint: The way out, if there is a usual one.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        path: str = "",
        status: int | None = None,
        sent: bool = True,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.method = method
        self.path = path
        self.status = status
        self.sent = sent

    @property
    def may_have_landed(self) -> bool:
        """Whether a write that ended in this error may have taken effect."""
        return self.sent and isinstance(self, Unreachable | ServerFault | BadAnswer)


class Unreachable(RemoteError):
    """No connection, or no answer in time."""

    exit_code = ExitCode.UNREACHABLE


class Denied(RemoteError):
    """The deployment does not accept the key (401), or the key may not do this (403)."""

    exit_code = ExitCode.DENIED


class NotFound(RemoteError):
    """404: which thing is missing depends on the request."""


class Taken(RemoteError):
    """409: the id, or a value that must be unique, is in use."""

    exit_code = ExitCode.STALE


class Rejected(RemoteError):
    """A 4xx that will not change however often the request is sent."""


class RateLimited(RemoteError):
    """429, and the budget for waiting is spent."""

    exit_code = ExitCode.UNREACHABLE


class ServerFault(RemoteError):
    """A 5xx answer."""

    exit_code = ExitCode.UNREACHABLE


class BadAnswer(RemoteError):
    """An answer that no LangGraph server gives, such as HTML."""

    exit_code = ExitCode.UNREACHABLE


class TooLarge(BadAnswer):
    """An answer larger than any that is read (docs/safety.md)."""


class IncompleteListing(RemoteError):
    """The pages of a listing do not add up, so nothing may be concluded from them."""

    exit_code = ExitCode.UNREACHABLE


class PlanRefused(AssistantSyncError):
    """A guard or an ownership rule stops the plan before the first write."""

    exit_code = ExitCode.REFUSED


class ConditionFailed(AssistantSyncError):
    """A condition that the command line demanded does not hold; nothing was written."""

    exit_code = ExitCode.CONDITION


class ChecksFailed(ConditionFailed):
    """The checks do not let a plan through.

    Args:
        message: What happened.
        report: What they found, a ``CheckReport``.
    """

    def __init__(self, message: str, *, report: object, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.report = report


class StalePlan(AssistantSyncError):
    """The saved plan is no longer what apply would do.

    Args:
        message: What happened.
        differences: One line for each change that differs between the two plans.
    """

    exit_code = ExitCode.STALE

    def __init__(self, message: str, *, differences: Sequence[str] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.differences = tuple(differences)


class BadDocument(AssistantSyncError):
    """A plan file or an archive that is not ours, is damaged, or has a newer format."""

    exit_code = ExitCode.INVALID


class Locked(AssistantSyncError):
    """Another apply of this project holds the lock of the deployment, and held it as long as was waited."""

    exit_code = ExitCode.STALE


class LockRefused(AssistantSyncError):
    """The deployment does not let a lock be made, or does not show it; an apply goes on without."""


class ForgeError(AssistantSyncError):
    """GitHub refused or did not answer; the command goes on without it.

    Args:
        message: What happened.
        status: The answer's status, if there was an answer.
        in_doubt: Whether a write may have been done all the same.
        hint: The way out, if there is a usual one.
    """

    def __init__(
        self, message: str, *, status: int | None = None, in_doubt: bool = False, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.in_doubt = in_doubt


class Interrupted(AssistantSyncError):
    """Ctrl-C, or SIGINT, before anything was written."""

    exit_code = ExitCode.INTERRUPTED


class Terminated(Interrupted):
    """SIGTERM before anything was written."""

    exit_code = ExitCode.TERMINATED
