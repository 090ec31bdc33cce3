"""Runs: what is asked of a graph, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from assistant_sync.model.frozen import Frozen, field

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue

CHECK_KEY = "assistant_sync_check"
"""The metadata key of our threads and runs: it keeps their traces apart from those of users."""

DEFAULT_DEADLINE = 120.0
"""Seconds that one run may take: a model may need longer than any other request."""


class RunStatus(Enum):
    """How a run ended; the value is its name in every output."""

    SUCCESS = "success"
    ERROR = "error"
    """The graph raised an error."""
    INTERRUPTED = "interrupted"
    """The graph waits for somebody to go on."""
    TIMEOUT = "timeout"
    """It did not end in time, and was cancelled."""
    UNKNOWN = "unknown"
    """The deployment refused it, could not be reached or answered more than is read."""


class RunRequest(Frozen, frozen=True, kw_only=True):
    """One run.

    Attributes:
        assistant: A graph's name, or the id of an assistant.
        input: The graph's input.
        context: Inline context; None to send none.
        config: Inline config; None to send none.
        metadata: Of the run.
        modes: What is streamed; the final state needs ``values``.
        deadline: Seconds that the run may take, from the request on.
    """

    unshown: ClassVar = ("input", "context", "config")

    assistant: str
    input: JsonValue
    context: JsonObject | None = None
    config: JsonObject | None = None
    metadata: JsonObject = field(default_factory=dict)
    modes: tuple[str, ...] = ("values",)
    deadline: float = DEFAULT_DEADLINE


class RunResult(Frozen, frozen=True, kw_only=True):
    """How a run ended.

    Attributes:
        status: How.
        state: The last state that the graph showed, without its interrupts; None if it showed none.
        interrupts: What the graph waits for, as the server gives it.
        reason: Why there is no success, one sentence; None after a success. It may quote the server.
        seconds: From the request to the end.
        thread_id: The thread that it ran on.
        run_id: Its id; None if the server gave none.
    """

    unshown: ClassVar = ("state", "interrupts")

    status: RunStatus
    state: JsonObject | None = None
    interrupts: tuple[JsonValue, ...] = ()
    reason: str | None = None
    seconds: float = 0.0
    thread_id: str = ""
    run_id: str | None = None


def run_mark(project: str, key: str, what: str) -> JsonObject:
    """The metadata of a run of ours: one text, because Aegra takes nothing nested there (docs/servers.md).

    Args:
        project: The project's name.
        key: The assistant's.
        what: The case, for example.
    """
    return {CHECK_KEY: f"{project}/{key}: {what}"}


RunListener: TypeAlias = Callable[[str, "JsonValue"], None]
"""Gets each streamed event: its name and its data."""
