"""The answer to a question as JSON, with the whole state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.redaction import mask_values, redact_text

if TYPE_CHECKING:
    from assistant_sync.model.asked import AnsweredRun


def run_json(answered: AnsweredRun) -> dict[str, Any]:
    """Make the document; what looks like a credential is masked in it."""
    result = answered.result
    state, _ = mask_values(result.state)
    interrupts, _ = mask_values(list(result.interrupts))
    return {
        "format_version": "1.0",
        "key": answered.key,
        "target": {"name": answered.target, "url": answered.url},
        "graph_id": answered.graph_id,
        "assistant_id": answered.assistant_id,
        "version": answered.version,
        "status": result.status.value,
        "answer": None if answered.answer is None else redact_text(answered.answer),
        "error": None if result.reason is None else redact_text(result.reason),
        "interrupts": interrupts,
        "state": state,
        "thread_id": result.thread_id if answered.is_thread_kept else None,
        "run_id": result.run_id,
        "seconds": round(result.seconds, 3),
        "notes": list(answered.notes),
    }
