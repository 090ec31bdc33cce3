"""What is shown of drift, decided once for text and Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.drift import DriftKind
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.drift import Drifted, DriftReport

_COMMIT = 12  # characters
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


def ways_out(one: Drifted) -> tuple[str, ...]:
    """How to keep what happened and how to undo it: sentences, with commands in quotes."""
    # A stamp that somebody wrote by hand may hold any key: none of it goes into a command that people copy.
    pull = f"'assistant-sync pull{f' {one.key}' if _KEY.fullmatch(one.key) else ''}'"
    only = f" --only {one.key}" if _KEY.fullmatch(one.key) else ""
    undo = f"To undo it, run 'assistant-sync apply{only}'."
    match one.kind:
        case DriftKind.EDITED | DriftKind.MOVED if one.is_mixed:
            back = f" {one.key} --to {one.version}" if _KEY.fullmatch(one.key) else ""
            return (
                f"The server restored only a part of version {one.version}: this is a mixture of two versions.",
                f"To have the whole version, run 'assistant-sync rollback{back}'.",
                undo,
            )
        case DriftKind.EDITED | DriftKind.MOVED if one.has_manifest:
            return (f"To keep it, run {pull}, and commit.", undo)
        case DriftKind.ROLLED_BACK:
            return (f"To make git agree, run {pull}, and commit.", undo)
        case DriftKind.EDITED | DriftKind.MOVED:
            return ("No manifest has this key: the next apply with pruning deletes it.",)
        case DriftKind.DELETED:
            return (f"To make it again, run 'assistant-sync apply{only}'.", "To let it go, remove its manifest.")
        case DriftKind.UNSTAMPED:
            line = f"assistant_id: {one.assistant_id}"
            return (
                f"To own it again, have this line in the manifest, and run 'assistant-sync apply{only}': {line}",
                "To let it go, remove its manifest.",
            )
        case DriftKind.GRAPH_GONE:
            return ("Deploy the graph, or name another one in the manifest.",)
        case DriftKind.SCHEMA_CHANGED:
            return ("Change the manifest to fit, or let the graph accept what it has.",)
        case _:
            assert_never(one.kind)


def written(one: Drifted) -> str:
    """Which version was applied last, and from which commit; "" if it is not known."""
    if one.written_version is None:
        return ""
    sha, dirty, _ = (one.commit or "").partition("-dirty")
    commit = f", from commit {sha[:_COMMIT]}{dirty}" if sha else ""
    return f"version {one.written_version}{commit}"


def heading(one: Drifted) -> str:
    """What stands above the whole difference."""
    since = written(one)
    return f"Since {since}" if since else "Compared with the manifest"


def shows_sum(one: Drifted) -> bool:
    """Whether the whole difference says more than the versions, each with its own."""
    return bool(one.fields) and not (len(one.versions) == 1 and one.versions[0].fields == one.fields)


def counted(report: DriftReport) -> str:
    """How many assistants have drifted, and how."""
    keys = {(one.key, one.assistant_id) for one in report.drifted}
    if not keys:
        return f"No drift: {plural(report.checked, 'owned assistant')} checked"
    kinds = ", ".join(f"{count} {kind.value}" for kind, count in report.summary.items() if count)
    return f"Drift: {plural(len(keys), 'assistant')} ({kinds})"


def notes(report: DriftReport) -> Iterator[str]:
    """What counts as no drift, but should be known."""
    if report.pending:
        count = plural(len(report.pending), "assistant")
        verb = "waits" if len(report.pending) == 1 else "wait"
        yield f"{count} {verb} for an apply: {_listed(report.pending)}"
    yield from report.warnings


def _listed(keys: tuple[str, ...], most: int = 20) -> str:
    more = len(keys) - most
    return ", ".join(keys[:most]) + (f" and {more} more" if more > 0 else "")
