"""One question that a person asked, with its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.run import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredRun:
    """A run that ``assistant-sync run`` started.

    Attributes:
        key: The assistant's.
        graph_id: The graph that ran.
        assistant_id: The live assistant that ran; None if its content was sent inline.
        version: The version that ran; None if it was the manifests' content.
        target: The target's name.
        url: The deployment's.
        result: How it ended.
        answer: The answer; None if there is none. The text of a message is not masked yet.
        is_thread_kept: Whether the thread stays.
        notes: What may make the answer another one than the assistant's own, a sentence each.
    """

    key: str
    graph_id: str
    assistant_id: str | None
    version: int | None
    target: str
    url: str
    result: RunResult
    answer: str | None = field(repr=False)
    is_thread_kept: bool = False
    notes: tuple[str, ...] = ()
